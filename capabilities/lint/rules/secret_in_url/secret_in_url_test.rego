package capcheck.rules.secret_in_url_test

import data.capcheck.lib.fixture
import data.capcheck.rules.secret_in_url

test_value if {
	some finding in secret_in_url.report with input.secret_urls as [fixture.fact({"kind": "query", "name": "api_key"})]
	finding.message == "api_key is sent in the query of the URL"
}

test_placement if {
	some finding in secret_in_url.report with input.secret_urls as [fixture.fact({"kind": "placement", "name": "crm"})]
	finding.message == "the key of crm is sent in the query of the URL"
}

test_address if {
	some finding in secret_in_url.report with input.secret_urls as [fixture.fact({"kind": "address", "name": "token"})]
	finding.message == "token is part of the address"
}

test_silent_without_facts if {
	count(secret_in_url.report) == 0 with input.secret_urls as []
}
