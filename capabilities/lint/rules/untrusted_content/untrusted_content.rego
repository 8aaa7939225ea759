# METADATA
# title: Words of other people reach an effect
# description: >-
#   What was read from mail, pages, tickets or comments may hold instructions. Where it is
#   handed to a step with effects, it takes part in deciding them.
# custom:
#   id: CAP504
#   group: input
#   severity: warning
#   confidence: possible
#   over: [untrusted_content]
#   risk: >-
#     an instruction hidden in the text decides what is done
#   help: >-
#     let a person see what is sent, or pass on ids in place of words
#   false_positives: >-
#     The text is meant to be passed on, to whoever may read it.
#   frequency: >-
#     No file of the corpus hands what it read from people to an effect; they cover one API
#     each.
#   maestro: [L3, L7-05]
#   owasp: [ASI01, LLM01]
#   cwe: [CWE-1427]
#   aivss: [context, language]
package capcheck.rules.untrusted_content

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is given what %s read from other people%s", [fact.name, fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "possible"),
} if {
	some fact in input.untrusted_content
}
