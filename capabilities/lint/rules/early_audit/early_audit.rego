# METADATA
# title: The audit record is written before the effect alone
# description: >-
#   A record of an intention does not say whether it happened. The outcome needs one too.
# custom:
#   id: CAP108
#   group: controls
#   severity: warning
#   confidence: likely
#   over: [early_audits]
#   risk: >-
#     the record says what was meant, not what was done
#   help: >-
#     write the record after the step, or a second one
#   false_positives: >-
#     The record before the step is completed by the upstream service.
#   fix: >-
#     Move the audit step below the step.
#   frequency: >-
#     No file of the corpus records an effect before it alone: hardly any records one.
#   maestro: [L5, L7-09]
#   owasp: ["owasp-asi-1.1:T8"]
#   cwe: [CWE-778, CWE-696]
#   aivss: [opacity]
package capcheck.rules.early_audit

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is recorded by %s before it happens, and not after", [fact.name, fact.other]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.early_audits
}
