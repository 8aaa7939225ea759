# METADATA
# title: An operation that does not exist is called
# description: >-
#   The document and everything it imports was read, and the operation is not there. A call that
#   resolves to nothing fails at run time, or is answered by something else.
# custom:
#   id: CAP010
#   group: document
#   severity: error
#   confidence: certain
#   over: [unmatched]
#   risk: >-
#     the call fails, or reaches another operation than was reviewed
#   help: >-
#     name an operation that is declared
#   false_positives: >-
#     The operation is declared in a file that the runtime adds and the document does not
#     import.
#   maestro: [L3-03, L7-13]
#   owasp: ["owasp-mas-1.0:T41"]
#   cwe: [CWE-1108]
package capcheck.rules.missing_operation

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("operation %q does not exist%s%s", [fact.name, lib.meant(fact.other), lib.others(fact)]),
} if {
	some fact in input.unmatched
}
