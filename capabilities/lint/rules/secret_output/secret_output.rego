# METADATA
# title: A secret is among the outputs
# description: >-
#   What a capability returns lands in the context of a model, in logs and in traces. A secret
#   there is a secret no longer.
# custom:
#   id: CAP301
#   group: secrets
#   severity: error
#   confidence: likely
#   over: [secret_outputs]
#   risk: >-
#     the secret is read by the model and by whoever reads its context
#   help: >-
#     keep the secret where it is used, and return its id
#   false_positives: >-
#     A public key, or a token that is no credential, by a name that sounds like one.
#   maestro: [X-04, L2-02]
#   owasp: [LLM02, ASI03]
#   cwe: [CWE-200, CWE-522]
#   aivss: [context]
package capcheck.rules.secret_output

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("the output %s hands a secret to the caller%s", [fact.name, lib.others(fact)]),
	"label": "a secret, by its name",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.secret_outputs
}
