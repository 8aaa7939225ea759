# METADATA
# title: An unchecked input decides what is run or paid
# description: >-
#   A command, a query or an amount from outside, without a pattern, a list or a bound, makes
#   the caller the author of the effect.
# custom:
#   id: CAP501
#   group: input
#   severity: warning
#   confidence: likely
#   over: [free_inputs]
#   risk: >-
#     the caller runs or pays what nobody allowed
#   help: >-
#     bound the input: enum, pattern, maximum
#   false_positives: >-
#     The upstream service bounds it.
#   maestro: [L3-03]
#   owasp: [ASI05, LLM05]
#   cwe: [CWE-20, CWE-77]
#   aivss: [language, tools]
package capcheck.rules.free_input

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is passed to %s unchecked%s", [fact.name, fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.free_inputs
}
