package capcheck.rules.missing_authorization_test

import data.capcheck.lib.fixture
import data.capcheck.rules.missing_authorization

test_one_step if {
	some finding in missing_authorization.report with input.missing_authorization as [fixture.fact({"kind": "privileged"})]
	finding.message == "pay acts without authorization"
	finding.confidence == "likely"
	finding.severity == "error"
}

test_several_steps if {
	some finding in missing_authorization.report with input.missing_authorization as [fixture.fact({"count": 2, "kind": "write", "other": "pay, send", "sure": "possible"})]
	finding.message == "2 steps act without authorization: pay, send"
	finding.confidence == "possible"
	finding.severity == "warning"
}

test_silent_without_facts if {
	count(missing_authorization.report) == 0 with input.missing_authorization as []
}
