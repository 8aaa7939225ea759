# METADATA
# title: An input reaches no step
# description: >-
#   A value that is asked for and goes nowhere protects nothing: a resource that no check is
#   given, a scope that no grant is bound to.
# custom:
#   id: CAP502
#   group: input
#   severity: warning
#   confidence: certain
#   over: [unused_inputs]
#   risk: >-
#     the checks do not see what they are to check
#   help: >-
#     bind the input to the step that needs it, or take it away
#   false_positives: >-
#     A runtime that binds by name without being told.
#   maestro: [L3-03]
#   owasp: ["owasp-mas-1.0:T21"]
#   cwe: [CWE-1164]
package capcheck.rules.unused_input

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s", [what(fact)]),
	"label": "goes nowhere",
	"confidence": lib.sure(fact, "certain"),
	"severity": severity(fact),
} if {
	some fact in input.unused_inputs
}

severity(fact) := "warning" if fact.kind == "none"

severity(fact) := "note" if fact.kind == "some"

what(fact) := sprintf("none of the %d inputs reaches a step: the dialect has no bindings", [fact.count]) if fact.kind == "none"

what(fact) := sprintf("the input %s reaches no step%s", [fact.name, lib.others(fact)]) if fact.kind == "some"
