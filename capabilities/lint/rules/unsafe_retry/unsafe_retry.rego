# METADATA
# title: An effect may happen twice
# description: >-
#   After a timeout nobody knows whether the effect happened. Trying again without a key that
#   makes both tries one may do it twice.
# custom:
#   id: CAP410
#   group: containment
#   severity: warning
#   confidence: likely
#   over: [unsafe_retries]
#   risk: >-
#     money moves, or a message goes out, more than once
#   help: >-
#     send an idempotency key
#   false_positives: >-
#     The upstream service knows the second try by other means.
#   frequency: >-
#     No file of the corpus retries an effect that must not happen twice.
#   maestro: [L3]
#   owasp: [ASI08]
#   cwe: [CWE-799, CWE-837]
package capcheck.rules.unsafe_retry

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is tried up to %s times, and nothing makes the tries one", [fact.name, fact.other]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unsafe_retries
}
