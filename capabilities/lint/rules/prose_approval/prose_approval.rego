# METADATA
# title: Approval stands in a description alone
# description: >-
#   A runtime executes steps, not sentences. A description that speaks of an approval, on a step
#   that does something else, reads like a control and is none.
# custom:
#   id: CAP109
#   group: controls
#   severity: error
#   confidence: likely
#   over: [prose_approvals]
#   risk: >-
#     reviewers believe that a person is asked, and nobody is
#   help: >-
#     make the approval a step of its own before this one, and go on only on a yes
#   false_positives: >-
#     The upstream operation itself asks a person and waits. Then name it in the catalogue of
#     the configuration as an approval.
#   maestro: [L6, L7-13]
#   owasp: [ASI09]
#   cwe: [CWE-862, CWE-1059]
#   aivss: [autonomy]
package capcheck.rules.prose_approval

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s has its approval in words alone: %q", [fact.name, fact.text]),
	"label": "no step asks a person",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.prose_approvals
}
