# METADATA
# title: A suppression has expired
# description: >-
#   Somebody promised to look at it by this day.
# custom:
#   id: CAP902
#   group: suppressions
#   severity: warning
#   confidence: certain
#   over: [expired_suppressions]
#   risk: >-
#     the finding is back, and nobody has judged it anew
#   help: >-
#     mend what it hid, or judge it anew
#   false_positives: >-
#     None known.
#   frequency: >-
#     Comments of this program do not stand in the corpus, which is older than the program.
#   maestro: [L6]
#   cwe: [CWE-1164]
package capcheck.rules.expired_suppression

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("ignore[%s] held until %s", [fact.name, fact.other]),
	"label": "has expired",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.expired_suppressions
}
