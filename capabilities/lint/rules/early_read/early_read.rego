# METADATA
# title: Data is read before it is decided whether it may be
# description: >-
#   What was read is in the context of the model before the denial. The check must come before
#   the retrieval.
# custom:
#   id: CAP408
#   group: containment
#   severity: warning
#   confidence: possible
#   over: [early_reads]
#   risk: >-
#     data that may not be seen is in the context already when access is denied
#   help: >-
#     check before reading
#   false_positives: >-
#     The data is public, or is needed for the decision.
#   frequency: >-
#     No file of the corpus reads before it decides whether it may: hardly any decides.
#   maestro: [L2, X-04]
#   owasp: [LLM02, ASI06]
#   cwe: [CWE-696]
#   aivss: [context]
package capcheck.rules.early_read

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s reads before %s decides whether it may%s", [fact.name, fact.other, lib.others(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "possible"),
} if {
	some fact in input.early_reads
}
