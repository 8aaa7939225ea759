# METADATA
# title: An address reaches further than it should
# description: >-
#   An adapter that listens on every interface, a host that the caller chooses, or any origin in
#   a browser: each opens a door that nobody meant to open.
# custom:
#   id: CAP405
#   group: containment
#   severity: note
#   confidence: possible
#   over: [wide_addresses]
#   risk: >-
#     callers, hosts or web pages that nobody thought of are let in
#   help: >-
#     name the interface, the host or the origin
#   false_positives: >-
#     A container, where the network outside decides what is reached.
#   maestro: [L4-06, L4]
#   owasp: ["owasp-mas-1.0:T43"]
#   cwe: [CWE-668, CWE-918, CWE-942]
package capcheck.rules.wide_address

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s", [what(fact)]),
	"label": "wider than it should be",
	"confidence": lib.sure(fact, "possible"),
	"severity": severity(fact),
} if {
	some fact in input.wide_addresses
}

severity(fact) := "note" if fact.kind == "address"

severity(fact) := "warning" if fact.kind != "address"

what(fact) := sprintf("%s listens on every interface (%s)", [fact.name, fact.text]) if fact.kind == "address"

what(fact) := sprintf("the caller chooses the host of %s: %s", [fact.name, fact.text]) if fact.kind == "host"

what(fact) := "any origin may call from a browser" if fact.kind == "origin"
