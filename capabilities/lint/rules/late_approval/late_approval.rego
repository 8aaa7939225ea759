# METADATA
# title: Approval comes too late
# description: >-
#   A check after the effect finds out that it should not have happened. Until then the person
#   is asked about what is already done.
# custom:
#   id: CAP107
#   group: controls
#   severity: error
#   confidence: likely
#   over: [late_approval]
#   risk: >-
#     the effect has happened when it is denied
#   help: >-
#     move the check above the step
#   false_positives: >-
#     The later check guards another effect, and this one needs none: then its effect was read
#     wrongly.
#   fix: >-
#     Move the checking step above the step, with what it needs.
#   frequency: >-
#     No file of the corpus asks for an approval after the effect: hardly any asks for one.
#   maestro: [L6, X-03]
#   owasp: [ASI09, "owasp-asi-1.1:T10"]
#   cwe: [CWE-862, CWE-696]
#   aivss: [identity]
package capcheck.rules.late_approval

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s before approval: %s comes only afterwards%s", [lib.effect(fact), fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.late_approval
}
