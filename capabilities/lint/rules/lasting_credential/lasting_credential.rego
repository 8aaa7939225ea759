# METADATA
# title: A credential is issued without expiry
# description: >-
#   A key that nobody revokes outlives its purpose. An agent works for minutes; what it is given
#   should live no longer.
# custom:
#   id: CAP201
#   group: scope
#   severity: warning
#   confidence: likely
#   over: [lasting_credentials]
#   risk: >-
#     a leaked key works until somebody notices
#   help: >-
#     give the credential a lifetime, and take it from the session
#   false_positives: >-
#     The provider gives every key of this kind a short lifetime.
#   maestro: [L6, L7-03]
#   owasp: [ASI03]
#   cwe: [CWE-613]
#   aivss: [persistence, identity]
package capcheck.rules.lasting_credential

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s issues a credential that nothing lets expire%s%s", [fact.name, claim(fact), lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.lasting_credentials
}

claim(fact) := "" if fact.other == ""

claim(fact) := sprintf(", although it is called %s", [fact.other]) if fact.other != ""
