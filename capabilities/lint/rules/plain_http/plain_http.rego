# METADATA
# title: A service is called without encryption
# description: >-
#   What is sent over plain http can be read and changed on the way, credentials first.
# custom:
#   id: CAP305
#   group: secrets
#   severity: warning
#   confidence: certain
#   over: [plain_http]
#   risk: >-
#     credentials and answers can be read and changed on the way
#   help: >-
#     use https
#   false_positives: >-
#     A service on the same host or in an encrypted mesh.
#   fix: >-
#     Replace http:// by https://.
#   maestro: [L4, X-04]
#   owasp: [ASI07]
#   cwe: [CWE-319]
package capcheck.rules.plain_http

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is called over plain http: %s%s", [fact.name, fact.text, lib.others(fact)]),
	"label": "not encrypted",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.plain_http
}
