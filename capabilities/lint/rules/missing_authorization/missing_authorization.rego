# METADATA
# title: Authorization is missing
# description: >-
#   Knowing who asks is not knowing what they may do. Each effect needs a decision whether this
#   subject may do this to this resource, before it happens.
# custom:
#   id: CAP102
#   group: controls
#   severity: error
#   confidence: likely
#   over: [missing_authorization]
#   risk: >-
#     a user may change what is not theirs, through the program that may change everything
#   help: >-
#     add a permission check for the resource before the step, and stop the flow on a denial
#   false_positives: >-
#     The upstream service decides by the user's own token that the flow sends on.
#   frequency: >-
#     About half of the corpus lets a caller write without a decision whether it may: most of
#     its files are thin covers over an API. One finding a document says so; the coverage matrix
#     has the rest.
#   maestro: [L6, X-03]
#   owasp: [ASI03, "owasp-asi-1.1:T3"]
#   cwe: [CWE-862]
#   aivss: [identity, tools]
package capcheck.rules.missing_authorization

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": lib.without(fact, "authorization"),
	"label": fact.text,
	"severity": lib.by_effect(fact),
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.missing_authorization
}
