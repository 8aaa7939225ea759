# METADATA
# title: The callers of an adapter are not authenticated
# description: >-
#   Whoever reaches the address can call everything that the adapter offers, with the
#   credentials of the capability behind it.
# custom:
#   id: CAP404
#   group: containment
#   severity: warning
#   confidence: certain
#   over: [open_adapters]
#   risk: >-
#     anybody who reaches the address acts with the rights of the capability
#   help: >-
#     state an authentication of the callers
#   false_positives: >-
#     A gateway in front of the adapter authenticates; the document does not show it.
#   frequency: >-
#     Nearly every file of the corpus that exposes an adapter leaves its callers unknown:
#     examples are written for a developer's own machine. One finding a document says so, and it
#     is a note where nothing but reading is offered.
#   maestro: [L4, L7-02]
#   owasp: [ASI03, "owasp-mas-1.0:T43"]
#   cwe: [CWE-306]
#   aivss: [identity]
package capcheck.rules.open_adapter

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("anybody may call %s (%s)%s%s", [fact.name, fact.other, offers(fact), lib.others(fact)]),
	"label": "no authentication of its callers",
	"confidence": lib.sure(fact, "certain"),
	"severity": severity(fact),
} if {
	some fact in input.open_adapters
}

severity(fact) := "warning" if fact.kind == "acts"

severity(fact) := "note" if fact.kind == "reads"

offers(fact) := ", and change something by it" if fact.kind == "acts"

offers(fact) := "" if fact.kind == "reads"
