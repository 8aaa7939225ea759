# METADATA
# title: A key stands twice
# description: >-
#   YAML forbids it and readers differ: some keep the first value, some the last. A reviewer may
#   read one and the runtime the other.
# custom:
#   id: CAP002
#   group: document
#   severity: error
#   confidence: certain
#   over: [problems]
#   risk: >-
#     the linter and the runtime may see different documents
#   help: >-
#     keep one of the two
#   false_positives: >-
#     Generated files sometimes repeat a key with the same value; it is still not YAML.
#   frequency: >-
#     No file of the corpus repeats a key: the tools that wrote them do not.
#   maestro: [L3-03]
#   cwe: [CWE-436]
package capcheck.rules.duplicate_key

import data.capcheck.lib

kinds := {"duplicate-key"}

report contains {
	"at": fact.at,
	"message": sprintf("%s", [fact.text]),
	"help": lib.problem_help(fact, "keep one of the two"),
} if {
	some fact in input.problems
	fact.kind in kinds
}
