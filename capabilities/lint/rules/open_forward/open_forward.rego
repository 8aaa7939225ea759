# METADATA
# title: Whatever the caller asks is passed on
# description: >-
#   A forward hands every method and path to the service behind it, with the credentials of the
#   capability. None of the operations was chosen.
# custom:
#   id: CAP409
#   group: containment
#   severity: warning
#   confidence: certain
#   over: [forwards]
#   risk: >-
#     the caller reaches every operation of the service
#   help: >-
#     expose the operations that are needed
#   false_positives: >-
#     The service behind offers nothing but what is meant to be reached.
#   maestro: [L4, L7-04]
#   owasp: [ASI02, LLM06]
#   cwe: [CWE-441, CWE-918]
#   aivss: [tools]
package capcheck.rules.open_forward

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s passes whatever is asked on to %s", [fact.name, fact.other]),
	"label": "any method, any path",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.forwards
}
