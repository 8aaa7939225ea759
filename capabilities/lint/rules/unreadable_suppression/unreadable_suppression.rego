# METADATA
# title: A suppression cannot be read
# description: >-
#   A comment that looks like a suppression and is none suppresses nothing, against what its
#   author believes. So does one that names a rule which does not exist.
# custom:
#   id: CAP904
#   group: suppressions
#   severity: warning
#   confidence: certain
#   over: [unreadable_suppressions]
#   risk: >-
#     the author believes that something is suppressed, and it is not
#   help: >-
#     write it as: capcheck: ignore[CAP102] until=2026-12-31 by=name -- reason
#   false_positives: >-
#     None known.
#   frequency: >-
#     Comments of this program do not stand in the corpus, which is older than the program.
#   maestro: [L6]
#   cwe: [CWE-1286]
package capcheck.rules.unreadable_suppression

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s", [fact.text]),
	"label": "does not count",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.unreadable_suppressions
}
