# METADATA
# title: A secret is part of a URL
# description: >-
#   Servers, proxies and browsers write URLs to their logs.
# custom:
#   id: CAP303
#   group: secrets
#   severity: warning
#   confidence: likely
#   over: [secret_urls]
#   risk: >-
#     the secret stands in logs that many can read
#   help: >-
#     send it in a header
#   false_positives: >-
#     The provider accepts it in no other place.
#   maestro: [X-04]
#   owasp: [LLM02]
#   cwe: [CWE-598]
package capcheck.rules.secret_in_url

import data.capcheck.lib

report contains {
	"at": fact.at,
	"message": sprintf("%s", [where(fact)]),
	"label": "logged by servers and proxies",
	"confidence": lib.sure(fact, "likely"),
} if {
	some fact in input.secret_urls
}

where(fact) := sprintf("%s is sent in the %s of the URL", [fact.name, fact.kind]) if fact.kind in {"query", "path"}

where(fact) := sprintf("the key of %s is sent in the query of the URL", [fact.name]) if fact.kind == "placement"

where(fact) := sprintf("%s is part of the address", [fact.name]) if fact.kind == "address"
