# METADATA
# title: A hint says less than the operation does
# description: >-
#   Clients let a model call tools that are marked read-only without asking. A wrong mark
#   switches the question off.
# custom:
#   id: CAP406
#   group: containment
#   severity: warning
#   confidence: likely
#   over: [hint_conflicts]
#   risk: >-
#     a client runs the tool without asking, because it is marked harmless
#   help: >-
#     correct the hint
#   false_positives: >-
#     A search that is sent by POST; the operation should then say so in its name.
#   maestro: [L7-13, L7-04]
#   owasp: [ASI02, "owasp-mas-1.0:T41"]
#   cwe: [CWE-1059]
#   aivss: [tools]
package capcheck.rules.hint_conflict

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s: %s%s", [fact.name, fact.text, lib.others(fact)]),
	"label": "marked as harmless",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.hint_conflicts
}
