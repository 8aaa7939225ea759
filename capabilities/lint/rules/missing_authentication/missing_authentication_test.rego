package capcheck.rules.missing_authentication_test

import data.capcheck.lib.fixture
import data.capcheck.rules.missing_authentication

test_one_step if {
	some finding in missing_authentication.report with input.missing_authentication as [fixture.fact({"kind": "privileged"})]
	finding.message == "pay acts without authentication"
	finding.confidence == "likely"
	finding.severity == "error"
}

test_several_steps if {
	some finding in missing_authentication.report with input.missing_authentication as [fixture.fact({"count": 2, "kind": "write", "other": "pay, send", "sure": "possible"})]
	finding.message == "2 steps act without authentication: pay, send"
	finding.confidence == "possible"
	finding.severity == "warning"
}

test_silent_without_facts if {
	count(missing_authentication.report) == 0 with input.missing_authentication as []
}
