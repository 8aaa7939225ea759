# METADATA
# title: The document is no capability that this program knows
# description: >-
#   A file that is not recognised is not judged at all. That is worth knowing where somebody
#   believes it is.
# custom:
#   id: CAP006
#   group: document
#   severity: warning
#   confidence: certain
#   over: [unknown_dialects]
#   risk: >-
#     nothing in the document was judged
#   help: >-
#     name the dialect, or leave the file out
#   false_positives: >-
#     A file of another kind in the same folder, such as a workflow of a build system.
#   maestro: [L7-13]
#   cwe: [CWE-1286]
package capcheck.rules.unknown_dialect

report contains {
	"at": fact.at,
	"message": sprintf("not recognised as a capability: %s", [fact.text]),
} if {
	some fact in input.unknown_dialects
}
