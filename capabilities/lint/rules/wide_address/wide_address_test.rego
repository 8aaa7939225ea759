package capcheck.rules.wide_address_test

import data.capcheck.lib.fixture
import data.capcheck.rules.wide_address

test_address if {
	some finding in wide_address.report with input.wide_addresses as [fixture.fact({"kind": "address", "name": "tools", "text": "0.0.0.0"})]
	finding.message == "tools listens on every interface (0.0.0.0)"
	finding.severity == "note"
}

test_host if {
	some finding in wide_address.report with input.wide_addresses as [fixture.fact({"kind": "host", "name": "crm", "text": "https://{{h}}"})]
	finding.message == "the caller chooses the host of crm: https://{{h}}"
	finding.severity == "warning"
}

test_origin if {
	some finding in wide_address.report with input.wide_addresses as [fixture.fact({"kind": "origin"})]
	finding.message == "any origin may call from a browser"
	finding.severity == "warning"
}

test_silent_without_facts if {
	count(wide_address.report) == 0 with input.wide_addresses as []
}
