# METADATA
# title: A reference to a step that does not exist
# description: >-
#   A branch to a step that is not there ends the flow or goes on with the next step, depending
#   on the runtime. A value from such a step arrives empty.
# custom:
#   id: CAP009
#   group: document
#   severity: error
#   confidence: certain
#   over: [dangling]
#   risk: >-
#     a branch that should stop the flow may go on
#   help: >-
#     name an existing step
#   false_positives: >-
#     None known.
#   frequency: >-
#     No file of the corpus names a step that is not there; one that is edited by hand soon
#     does.
#   maestro: [L3-03]
#   owasp: ["owasp-mas-1.0:T21"]
#   cwe: [CWE-1108]
package capcheck.rules.dangling_reference

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("there is no step %q%s%s", [fact.name, lib.meant(fact.other), lib.others(fact)]),
} if {
	some fact in input.dangling
}
