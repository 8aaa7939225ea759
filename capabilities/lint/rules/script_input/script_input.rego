# METADATA
# title: An input becomes part of code
# description: >-
#   A template that writes an input into a script lets the input close the string and go on as
#   code.
# custom:
#   id: CAP503
#   group: input
#   severity: error
#   confidence: likely
#   over: [script_inputs]
#   risk: >-
#     the caller runs code of its own
#   help: >-
#     hand the input to the script as an argument
#   false_positives: >-
#     The input was bounded to harmless characters before.
#   frequency: >-
#     No file of the corpus writes an input into a script in the text; scripts lie in files of
#     their own.
#   maestro: [L3-03]
#   owasp: [ASI05, "owasp-asi-1.1:T11"]
#   cwe: [CWE-94]
#   aivss: [language, self_mod]
package capcheck.rules.script_input

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s writes %s into its code", [fact.name, fact.other]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.script_inputs
}
