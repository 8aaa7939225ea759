# METADATA
# title: A denial or failure leaves no audit record
# description: >-
#   Denials and failures are what an investigation looks for first. A flow that ends before its
#   audit step writes nothing of them.
# custom:
#   id: CAP111
#   group: controls
#   severity: warning
#   confidence: likely
#   over: [unrecorded_failures]
#   risk: >-
#     attempts that were denied, and effects before a failure, leave no trace
#   help: >-
#     write the record on the ways of denial and failure too
#   false_positives: >-
#     The runtime records every step by itself.
#   maestro: [L5, L7-09]
#   owasp: ["owasp-asi-1.1:T8", "owasp-mas-1.0:T44"]
#   cwe: [CWE-778]
#   aivss: [opacity]
package capcheck.rules.unrecorded_failure

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is not reached when a step before it denies or fails: from %s on, no record is written", [fact.name, fact.other]),
	"label": "the only record, on success alone",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unrecorded_failures
}
