# METADATA
# title: A grant stays for good
# description: >-
#   A role or membership that is given for a task and not taken back is standing privilege.
#   Nothing in the flow limits or ends it.
# custom:
#   id: CAP204
#   group: scope
#   severity: note
#   confidence: possible
#   over: [standing_grants]
#   risk: >-
#     the right outlives its reason
#   help: >-
#     give the grant an end, or take it back when the task is done
#   false_positives: >-
#     The flow is meant to give the right for good, such as the onboarding of a person.
#   maestro: [L6, X-03]
#   owasp: [ASI03]
#   cwe: [CWE-269]
#   aivss: [persistence]
package capcheck.rules.standing_grant

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s gives access that nothing takes back%s", [fact.name, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "possible"),
} if {
	some fact in input.standing_grants
}
