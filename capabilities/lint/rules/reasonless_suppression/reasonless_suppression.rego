# METADATA
# title: A suppression gives no reason
# description: >-
#   Whoever comes next cannot tell whether it still holds. It suppresses nothing.
# custom:
#   id: CAP903
#   group: suppressions
#   severity: warning
#   confidence: certain
#   over: [reasonless_suppressions]
#   risk: >-
#     the finding stays, and the comment misleads
#   help: >-
#     write -- and the reason behind it
#   false_positives: >-
#     None known.
#   frequency: >-
#     Comments of this program do not stand in the corpus, which is older than the program.
#   maestro: [L6]
#   cwe: [CWE-1164]
package capcheck.rules.reasonless_suppression

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("ignore[%s] gives no reason, and so does not count", [fact.name]),
	"label": "does not count",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.reasonless_suppressions
}
