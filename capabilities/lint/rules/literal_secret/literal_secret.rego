# METADATA
# title: A secret is written into the document
# description: >-
#   A document is copied, published and kept in a history. A secret in it has to be taken for
#   leaked.
# custom:
#   id: CAP302
#   group: secrets
#   severity: error
#   confidence: likely
#   over: [literal_secrets]
#   risk: >-
#     everybody who can read the file has the secret
#   help: >-
#     revoke it, and take it from a secret store
#   false_positives: >-
#     An example value that does not look like one.
#   maestro: [L4, X-04]
#   owasp: [ASI03]
#   cwe: [CWE-798, CWE-312]
package capcheck.rules.literal_secret

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("the value of %s is a secret in plain sight", [fact.name]),
	"label": "revoke it",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.literal_secrets
}
