# METADATA
# title: The provider has no operation of this name
# description: >-
#   Ids of operations are often written from memory or by a language model. Where the provider
#   publishes another, the step was never run.
# custom:
#   id: CAP011
#   group: document
#   severity: warning
#   confidence: likely
#   over: [wrong_ids]
#   risk: >-
#     the step was never run as written: what it is said to protect is not protected
#   help: >-
#     use the id that the provider publishes
#   false_positives: >-
#     The provider renamed the operation after the catalogue was made.
#   fix: >-
#     Replace the id by the one named, where there is one.
#   maestro: [L7-13]
#   owasp: ["owasp-mas-1.0:T41"]
#   cwe: [CWE-1108]
package capcheck.rules.wrong_operation

report contains {
	"at": fact.at,
	"message": fact.text,
} if {
	some fact in input.wrong_ids
}
