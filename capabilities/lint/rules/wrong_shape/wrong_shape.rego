# METADATA
# title: A part of the document has the wrong shape
# description: >-
#   A list where a map is expected, or a word where a number is, is dropped by one reader and
#   turned into something else by another.
# custom:
#   id: CAP013
#   group: document
#   severity: warning
#   confidence: certain
#   over: [problems]
#   risk: >-
#     the part was not judged
#   help: >-
#     write the part as its dialect expects
#   false_positives: >-
#     None known.
#   frequency: >-
#     No file of the corpus has a part that could not be read at all, and others are told by
#     conformance.
#   maestro: [L3-03]
#   cwe: [CWE-1286]
package capcheck.rules.wrong_shape

import data.capcheck.lib

# Other rules tell of these.
told := {
	"syntax", "json", "duplicate-key", "duplicate-id", "alias-cycle", "too-large", "too-deep", "too-many-documents",
	"several-documents", "binary", "encoding", "unreadable", "truncated", "empty", "no-capability",
}

report contains {
	"at": fact.at,
	"message": fact.text,
	"help": lib.problem_help(fact, "write the part as its dialect expects"),
} if {
	some fact in input.problems
	not fact.kind in told
}
