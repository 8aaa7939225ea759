# METADATA
# title: The credential may do more than the operations need
# description: >-
#   Every operation of the service reads, and the credential may write. What is not needed today
#   is what an attacker uses.
# custom:
#   id: CAP207
#   group: scope
#   severity: warning
#   confidence: likely
#   over: [broad_scopes]
#   risk: >-
#     whoever takes over the agent can write
#   help: >-
#     ask for the scopes that the operations need
#   false_positives: >-
#     Another file uses the same credential for writing.
#   frequency: >-
#     Few files of the corpus state scopes at all, and none of them a wider one than it uses.
#   maestro: [L6]
#   owasp: [ASI03, LLM06]
#   cwe: [CWE-250]
#   aivss: [tools]
package capcheck.rules.broad_scope

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is given the scope %q, and its operations only read", [fact.name, fact.text]),
	"label": "may write",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.broad_scopes
}
