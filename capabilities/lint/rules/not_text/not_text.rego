# METADATA
# title: The file is not text in UTF-8
# description: >-
#   Bytes that are no text are shown differently by every tool, so a reviewer cannot see what a
#   runtime will read.
# custom:
#   id: CAP004
#   group: document
#   severity: error
#   confidence: certain
#   over: [problems]
#   risk: >-
#     nothing in the file was judged
#   help: >-
#     save the file as UTF-8
#   false_positives: >-
#     None known.
#   frequency: >-
#     No file of the corpus has it: they were collected as text.
#   maestro: [L3-03]
#   cwe: [CWE-838]
package capcheck.rules.not_text

import data.capcheck.lib

kinds := {"binary", "encoding", "unreadable"}

report contains {
	"at": fact.at,
	"message": sprintf("%s", [fact.text]),
	"help": lib.problem_help(fact, "save the file as UTF-8"),
} if {
	some fact in input.problems
	fact.kind in kinds
}
