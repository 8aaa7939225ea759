# METADATA
# title: Nothing takes back what was given when a later step fails
# description: >-
#   A credential or a grant that an earlier step gave stays when the flow breaks off. Nobody
#   knows of it, and nobody revokes it.
# custom:
#   id: CAP402
#   group: containment
#   severity: warning
#   confidence: likely
#   over: [undone]
#   risk: >-
#     a credential or right that nobody knows of stays valid
#   help: >-
#     revoke it in a step that runs on failure
#   false_positives: >-
#     The credential expires within minutes.
#   maestro: [L3, X-05]
#   owasp: [ASI08]
#   cwe: [CWE-459, CWE-404]
#   aivss: [autonomy, persistence]
package capcheck.rules.no_rollback

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("what %s gave stays when %s fails or denies%s", [fact.name, fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
	"severity": severity(fact),
} if {
	some fact in input.undone
}

severity(fact) := "note" if fact.kind == "resource"

severity(fact) := "warning" if fact.kind != "resource"
