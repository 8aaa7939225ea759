# METADATA
# title: The file is empty or was cut off
# description: >-
#   What follows the cut is unknown. A missing approval may stand there, or a second adapter.
# custom:
#   id: CAP005
#   group: document
#   severity: error
#   confidence: certain
#   over: [problems]
#   risk: >-
#     what is missing was not judged
#   help: >-
#     fetch the whole file
#   false_positives: >-
#     A comment near the end that mentions truncation by chance.
#   maestro: [L3-01]
#   cwe: [CWE-1286]
package capcheck.rules.truncated

import data.capcheck.lib

kinds := {"truncated", "empty", "no-capability"}

report contains {
	"at": fact.at,
	"message": sprintf("%s", [fact.text]),
	"help": lib.problem_help(fact, "fetch the whole file"),
} if {
	some fact in input.problems
	fact.kind in kinds
}
