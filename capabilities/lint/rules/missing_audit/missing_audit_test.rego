package capcheck.rules.missing_audit_test

import data.capcheck.lib.fixture
import data.capcheck.rules.missing_audit

test_one_step if {
	some finding in missing_audit.report with input.missing_audit as [fixture.fact({"kind": "privileged"})]
	finding.message == "pay acts without an audit record"
	finding.confidence == "likely"
}

test_several_steps if {
	some finding in missing_audit.report with input.missing_audit as [fixture.fact({"count": 2, "kind": "write", "other": "pay, send", "sure": "possible"})]
	finding.message == "2 steps act without an audit record: pay, send"
	finding.confidence == "possible"
}

test_silent_without_facts if {
	count(missing_audit.report) == 0 with input.missing_audit as []
}
