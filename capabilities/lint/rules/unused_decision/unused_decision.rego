# METADATA
# title: A decision is asked for and not used
# description: >-
#   Most permission checks answer a denial with success and a no in the body. Unless something
#   tests the answer, the flow goes on after a no as after a yes.
# custom:
#   id: CAP110
#   group: controls
#   severity: error
#   confidence: likely
#   over: [unused_decisions]
#   risk: >-
#     a denied request goes on as if it had been allowed
#   help: >-
#     test the answer, and end the flow on a no
#   false_positives: >-
#     The runtime knows the operation and stops by itself; then its format should say so.
#   fix: >-
#     Where the dialect has conditions: test the field that carries the answer, and end the flow
#     on a no.
#   maestro: [L6, X-03]
#   owasp: [ASI03]
#   cwe: [CWE-252, CWE-636]
#   aivss: [identity]
package capcheck.rules.unused_decision

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("nothing depends on the decision of %s%s%s", [fact.name, why(fact), denial(fact)]),
	"label": "a no goes on like a yes",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unused_decisions
}

why(fact) := "; the dialect has no conditions" if fact.kind == "no-conditions"

why(fact) := "" if fact.kind != "no-conditions"

denial(fact) := "" if fact.other == ""

denial(fact) := sprintf(" (a denial arrives as %s)", [fact.other]) if fact.other != ""
