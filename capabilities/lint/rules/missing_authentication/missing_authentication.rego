# METADATA
# title: Authentication is missing
# description: >-
#   A flow that changes something must know on whose behalf. A static key for the upstream
#   service says who the program is, not who asked.
# custom:
#   id: CAP101
#   group: controls
#   severity: error
#   confidence: likely
#   over: [missing_authentication]
#   risk: >-
#     anybody who can start the flow acts with the rights of the program
#   help: >-
#     verify the user or the agent in a step before, or authenticate the callers of the adapter
#   false_positives: >-
#     The flow is started by a trusted system that has verified the user; say so by
#     authenticating the callers of the adapter.
#   maestro: [L6, X-03]
#   owasp: [ASI03, "owasp-asi-1.1:T9"]
#   cwe: [CWE-306]
#   aivss: [identity]
package capcheck.rules.missing_authentication

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": lib.without(fact, "authentication"),
	"label": fact.text,
	"severity": lib.by_effect(fact),
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.missing_authentication
}
