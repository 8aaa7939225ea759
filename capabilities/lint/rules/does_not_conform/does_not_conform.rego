# METADATA
# title: The document does not conform to its own version
# description: >-
#   Real files rarely conform to the version they state: of thousands published, a handful. What
#   the runtime does with the rest is not specified.
# custom:
#   id: CAP007
#   group: document
#   severity: note
#   confidence: certain
#   over: [violations]
#   risk: >-
#     the runtime may pass over what it does not know
#   help: >-
#     follow the version, or state the one that is meant
#   false_positives: >-
#     Fields that a later version added, in a file that states an earlier one.
#   frequency: >-
#     Most published files do not conform to their own version, and one finding a document says
#     so. It is a note, so that it never decides a gate.
#   maestro: [L3-03]
#   cwe: [CWE-1286]
package capcheck.rules.does_not_conform

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s%s", [fact.text, lib.others(fact)]),
} if {
	some fact in input.violations
}
