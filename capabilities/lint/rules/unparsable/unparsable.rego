# METADATA
# title: The file does not parse
# description: >-
#   What cannot be read cannot be judged: a runtime that reads it another way runs something
#   nobody reviewed.
# custom:
#   id: CAP001
#   group: document
#   severity: error
#   confidence: certain
#   over: [problems]
#   risk: >-
#     part of the file was not judged
#   help: >-
#     mend the text where it breaks
#   false_positives: >-
#     None known: two independent parsers would have to agree that the text is YAML.
#   maestro: [L3-06]
#   cwe: [CWE-20]
package capcheck.rules.unparsable

import data.capcheck.lib

kinds := {"syntax", "json"}

report contains {
	"at": fact.at,
	"message": sprintf("the file does not parse: %s", [fact.text]),
	"help": lib.problem_help(fact, "mend the text where it breaks"),
} if {
	some fact in input.problems
	fact.kind in kinds
}
