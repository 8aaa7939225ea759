# METADATA
# title: A step happens outside of the capability
# description: >-
#   What happens outside is neither checked nor recorded by the runtime. A control that stands
#   there cannot be relied on.
# custom:
#   id: CAP403
#   group: containment
#   severity: note
#   confidence: likely
#   over: [externals]
#   risk: >-
#     the effect happens without the controls of the flow
#   help: >-
#     bring the step in as an operation, or state what protects it
#   false_positives: >-
#     The outer system has controls of its own.
#   maestro: [L7-07]
#   owasp: [ASI04]
#   cwe: [CWE-829]
#   aivss: [tools]
package capcheck.rules.external_step

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s happens outside of the capability%s%s", [fact.name, control(fact), lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.externals
}

control(fact) := "" if fact.kind == "effect"

control(fact) := sprintf(", and is its control (%s)", [fact.other]) if fact.kind == "control"
