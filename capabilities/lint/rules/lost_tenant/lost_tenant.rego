# METADATA
# title: A step acts without the tenant that others carry
# description: >-
#   The tenant must survive every hop. A step that is given neither the tenant nor anything that
#   came from it decides in no tenant.
# custom:
#   id: CAP206
#   group: scope
#   severity: warning
#   confidence: possible
#   over: [lost_tenants]
#   risk: >-
#     the step acts in the wrong tenant
#   help: >-
#     hand the tenant to the step
#   false_positives: >-
#     The id that the step is given is unique across tenants and belongs to one.
#   maestro: [L6, X-02]
#   owasp: [ASI03, "owasp-mas-1.0:T31"]
#   cwe: [CWE-639]
#   aivss: [identity]
package capcheck.rules.lost_tenant

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is given no tenant, although other steps of the flow are%s", [fact.name, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "possible"),
} if {
	some fact in input.lost_tenants
}
