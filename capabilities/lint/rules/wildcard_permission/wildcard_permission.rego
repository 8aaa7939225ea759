# METADATA
# title: A permission stands for all of them
# description: >-
#   A wildcard grants what does not exist yet, too. Least privilege needs names.
# custom:
#   id: CAP203
#   group: scope
#   severity: error
#   confidence: certain
#   over: [wildcards]
#   risk: >-
#     every operation, of today and of tomorrow, is allowed
#   help: >-
#     name the permissions that the steps need
#   false_positives: >-
#     A value that is a pattern for searching and not a permission.
#   frequency: >-
#     No file of the corpus passes a wildcard; few pass scopes at all.
#   maestro: [L6, X-03]
#   owasp: [ASI03, LLM06]
#   cwe: [CWE-250, CWE-732]
#   aivss: [tools]
package capcheck.rules.wildcard_permission

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s is given %q, which stands for everything%s", [fact.name, fact.text, lib.others(fact)]),
	"label": "stands for everything",
	"confidence": lib.sure(fact, "certain"),
} if {
	some fact in input.wildcards
}
