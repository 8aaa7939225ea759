# METADATA
# title: The document is too large, too deep or refers to itself
# description: >-
#   Aliases that stand inside of what they name, or that multiply, exhaust a reader. No
#   capability needs them.
# custom:
#   id: CAP003
#   group: document
#   severity: error
#   confidence: certain
#   over: [problems]
#   risk: >-
#     a reader that expands it runs out of memory
#   help: >-
#     write it without nested aliases, and split what is too large
#   false_positives: >-
#     A generated document may exceed the limits honestly; split it.
#   frequency: >-
#     No file of the corpus does it. The rule is there against files made to harm a reader.
#   maestro: [L3-05]
#   cwe: [CWE-776, CWE-674]
package capcheck.rules.beyond_limits

import data.capcheck.lib

kinds := {"alias-cycle", "too-large", "too-deep", "too-many-documents", "several-documents"}

report contains {
	"at": fact.at,
	"message": sprintf("%s", [fact.text]),
	"help": lib.problem_help(fact, "write it without nested aliases, and split what is too large"),
} if {
	some fact in input.problems
	fact.kind in kinds
}
