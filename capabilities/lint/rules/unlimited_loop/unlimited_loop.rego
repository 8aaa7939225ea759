# METADATA
# title: An effect is repeated without limit
# description: >-
#   A list from outside decides how often the effect happens, or a retry never ends. One wrong
#   list is then a thousand wrong effects.
# custom:
#   id: CAP401
#   group: containment
#   severity: warning
#   confidence: likely
#   over: [unlimited_loops]
#   risk: >-
#     one mistake is repeated as often as the list is long
#   help: >-
#     bound the list or the retries, or check a limit before
#   false_positives: >-
#     The list is bounded where it comes from.
#   maestro: [L3, L4-05]
#   owasp: [ASI08, "owasp-asi-1.1:T4"]
#   cwe: [CWE-770, CWE-799]
#   aivss: [autonomy]
package capcheck.rules.unlimited_loop

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s %s", [fact.name, how(fact)]),
	"label": fact.text,
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.unlimited_loops
}

how(fact) := sprintf("happens once for each of %s, and nothing bounds the list", [fact.other]) if fact.kind == "loop"

how(fact) := "is tried again without a limit" if fact.kind == "retry"
