# METADATA
# title: A file that is asked for could not be read
# description: >-
#   What the import declares is unknown: its operations, its hosts, its authentication.
# custom:
#   id: CAP012
#   group: document
#   severity: note
#   confidence: certain
#   over: [unread_imports]
#   risk: >-
#     what the import declares was not judged
#   help: >-
#     put the file beside the document, or check it where it lies
#   false_positives: >-
#     The file is added when the capability is deployed.
#   maestro: [L3-04]
#   owasp: [ASI04]
#   cwe: [CWE-1357]
package capcheck.rules.unread_import

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%q was not read: %s%s", [fact.name, fact.other, lib.others(fact)]),
} if {
	some fact in input.unread_imports
}
