package capcheck.rules.plain_http_test

import data.capcheck.lib.fixture
import data.capcheck.rules.plain_http

test_told if {
	some finding in plain_http.report with input.plain_http as [fixture.fact({"name": "crm", "text": "http://crm.example"})]
	finding.message == "crm is called over plain http: http://crm.example"
}

test_silent_without_facts if {
	count(plain_http.report) == 0 with input.plain_http as []
}
