# METADATA
# title: Approval is missing
# description: >-
#   Effects that cannot be taken back, or that reach people or money, need the decision of a
#   person before they happen. A description that promises one is none.
# custom:
#   id: CAP103
#   group: controls
#   severity: error
#   confidence: likely
#   over: [missing_approval]
#   risk: >-
#     an agent that was misled, or is wrong, acts before anybody sees it
#   help: >-
#     ask a person in a step before, and go on only on a yes
#   false_positives: >-
#     Effects that a standing policy covers; suppress with the name of the policy as the reason.
#   maestro: [L6, X-03]
#   owasp: [ASI09, ASI02, "owasp-asi-1.1:T10"]
#   cwe: [CWE-862]
#   aivss: [autonomy]
package capcheck.rules.missing_approval

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": lib.without(fact, "approval"),
	"label": fact.text,
	"severity": lib.by_effect(fact),
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.missing_approval
}
