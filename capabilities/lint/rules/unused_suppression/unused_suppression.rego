# METADATA
# title: A suppression suppresses nothing
# description: >-
#   It hides the next finding of its rule at this place, which nobody has looked at.
# custom:
#   id: CAP901
#   group: suppressions
#   severity: warning
#   confidence: certain
#   over: [unused_suppressions]
#   risk: >-
#     a later finding is hidden without anybody having judged it
#   help: >-
#     remove it
#   false_positives: >-
#     The rule is switched off for now; then the suppression is not reported.
#   fix: >-
#     Remove the comment.
#   frequency: >-
#     Comments of this program do not stand in the corpus, which is older than the program.
#   maestro: [L6]
#   cwe: [CWE-1164]
package capcheck.rules.unused_suppression

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("nothing here is suppressed by ignore[%s]", [fact.name]),
	"label": "suppresses nothing",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.unused_suppressions
}
