# METADATA
# title: A name stands for two things
# description: >-
#   A reference to the name means the first for one reader and the last for another. A check may
#   be declared on one and the call go to the other.
# custom:
#   id: CAP008
#   group: document
#   severity: warning
#   confidence: certain
#   over: [duplicates]
#   risk: >-
#     the call may go to the operation that nobody checked
#   help: >-
#     give each its own name
#   false_positives: >-
#     Generated files that list one operation for each of its success codes.
#   maestro: [L3-03]
#   cwe: [CWE-694]
package capcheck.rules.duplicate_name

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s %q is declared more than once%s", [fact.kind, fact.name, lib.others(fact)]),
} if {
	some fact in input.duplicates
}
