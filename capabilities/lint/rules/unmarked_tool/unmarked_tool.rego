# METADATA
# title: A tool that deletes is not marked as destructive
# description: >-
#   A client asks before it runs a destructive tool, where it is told so.
# custom:
#   id: CAP407
#   group: containment
#   severity: note
#   confidence: likely
#   over: [unmarked_tools]
#   risk: >-
#     a client may run it without asking
#   help: >-
#     mark the tool as destructive
#   false_positives: >-
#     A client that takes every unmarked tool for destructive, as the protocol says.
#   fix: >-
#     Add the hint destructive: true.
#   maestro: [L7-13]
#   owasp: [ASI02]
#   cwe: [CWE-1059]
#   aivss: [tools]
package capcheck.rules.unmarked_tool

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s deletes and has no hint that says so%s", [fact.name, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unmarked_tools
}
