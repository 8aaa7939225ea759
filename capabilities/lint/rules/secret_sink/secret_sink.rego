# METADATA
# title: A secret is sent to a log, a message or a script
# description: >-
#   Logs and messages are read by many and kept for long; a script may print what it is given.
# custom:
#   id: CAP304
#   group: secrets
#   severity: error
#   confidence: likely
#   over: [secret_sinks]
#   risk: >-
#     the secret is read by people and kept
#   help: >-
#     send its id, or a mask of it
#   false_positives: >-
#     A message that exists to deliver the secret to its owner.
#   maestro: [L5-05, X-04]
#   owasp: [LLM02]
#   cwe: [CWE-532]
#   aivss: [opacity]
package capcheck.rules.secret_sink

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s sends a secret to a %s: %s", [fact.other, fact.kind, fact.text]),
	"label": "leaves the flow here",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.secret_sinks
}
