# METADATA
# title: A value is named that nobody declares
# description: >-
#   The published engine renders it as an empty text, without a word. An empty filter matches
#   everything; an empty path calls another operation.
# custom:
#   id: CAP505
#   group: input
#   severity: warning
#   confidence: likely
#   over: [unbound_values]
#   risk: >-
#     the call is sent with an empty value
#   help: >-
#     declare the value, or correct its name
#   false_positives: >-
#     The runtime declares the name by itself.
#   maestro: [L3-03]
#   owasp: ["owasp-mas-1.0:T21"]
#   cwe: [CWE-457]
package capcheck.rules.unbound_value

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is not declared, and arrives empty in %s%s", [fact.other, fact.name, lib.others(fact)]),
	"label": "arrives empty",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unbound_values
}
