# METADATA
# title: Authentication comes too late
# description: >-
#   A check after the effect finds out that it should not have happened. Until then nobody knows
#   for whom the effect was.
# custom:
#   id: CAP106
#   group: controls
#   severity: error
#   confidence: likely
#   over: [late_authentication]
#   risk: >-
#     the effect has happened when it is denied
#   help: >-
#     move the check above the step
#   false_positives: >-
#     The later check guards another effect, and this one needs none: then its effect was read
#     wrongly.
#   fix: >-
#     Move the checking step above the step, with what it needs.
#   maestro: [L6, X-03]
#   owasp: [ASI03, "owasp-asi-1.1:T9"]
#   cwe: [CWE-306, CWE-696]
#   aivss: [identity]
package capcheck.rules.late_authentication

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s before authentication: %s comes only afterwards%s", [lib.effect(fact), fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.late_authentication
}
