# METADATA
# title: The caller chooses scopes without bound
# description: >-
#   Where scopes, roles or permissions are an input without a list of what is allowed, an agent
#   that was misled asks for all of them.
# custom:
#   id: CAP202
#   group: scope
#   severity: warning
#   confidence: likely
#   over: [free_scopes]
#   risk: >-
#     the agent gets more than its task needs
#   help: >-
#     allow a list of values (enum), or fix the scopes in the step
#   false_positives: >-
#     The next step bounds them by a policy that the document does not show.
#   maestro: [L6, X-03]
#   owasp: [ASI03, LLM06]
#   cwe: [CWE-250, CWE-269]
#   aivss: [tools, identity]
package capcheck.rules.free_scopes

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("any %s may be asked of %s%s", [fact.name, fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.free_scopes
}
