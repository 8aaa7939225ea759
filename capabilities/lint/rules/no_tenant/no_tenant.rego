# METADATA
# title: No tenant or organization is named
# description: >-
#   A decision about a user says little without the tenant it holds in. Where nothing in the
#   document names one, the same user id may mean two people, and a resource of another tenant
#   passes the check.
# custom:
#   id: CAP205
#   group: scope
#   severity: warning
#   confidence: likely
#   over: [no_tenant]
#   risk: >-
#     an action for one tenant reaches the data of another
#   help: >-
#     take the tenant as an input, and carry it to every step
#   false_positives: >-
#     The provider has a single tenant, or the credential itself is bound to one.
#   maestro: [L6, X-02]
#   owasp: [ASI03, "owasp-mas-1.0:T45"]
#   cwe: [CWE-639]
#   aivss: [identity]
package capcheck.rules.no_tenant

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("no tenant or organization is named anywhere, although %s acts for a user", [fact.name]),
	"label": "nothing here names a tenant",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.no_tenant
}
