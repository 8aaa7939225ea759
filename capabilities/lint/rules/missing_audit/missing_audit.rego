# METADATA
# title: An audit record is missing
# description: >-
#   Without a record nobody can tell afterwards what the agent did, for whom and why. The record
#   must be written after the effect, on every way to the end.
# custom:
#   id: CAP104
#   group: controls
#   severity: warning
#   confidence: likely
#   over: [missing_audit]
#   risk: >-
#     what was done cannot be told afterwards, nor by whom
#   help: >-
#     write an audit record after the step, on every way
#   false_positives: >-
#     The upstream service keeps a log that names the user and is kept long enough.
#   frequency: >-
#     About half of the corpus writes and records nothing: most of its files are thin covers
#     over an API. One finding a document says so; the coverage matrix has the rest.
#   maestro: [L6, X-03]
#   owasp: ["owasp-asi-1.1:T8", "owasp-mas-1.0:T44"]
#   cwe: [CWE-778]
#   aivss: [opacity]
package capcheck.rules.missing_audit

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": lib.without(fact, "an audit record"),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.missing_audit
}
