# METADATA
# title: The key is not validated before each privileged call
# description: >-
#   A key that was valid once may have been revoked since. Where a flow validates it at all, it
#   should do so before every privileged call.
# custom:
#   id: CAP112
#   group: controls
#   severity: warning
#   confidence: likely
#   over: [unvalidated_calls]
#   risk: >-
#     a revoked key is used until the flow ends
#   help: >-
#     validate the key before each privileged call
#   false_positives: >-
#     The calls follow each other within the lifetime of the validation.
#   frequency: >-
#     No file of the corpus validates a key and then makes two privileged calls.
#   maestro: [L6]
#   owasp: [ASI03]
#   cwe: [CWE-613]
#   aivss: [identity]
package capcheck.rules.unvalidated_call

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is called on a validation that an earlier call used up; %s does not come again%s", [fact.name, fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unvalidated_calls
}
