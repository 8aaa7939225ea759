package capcheck.rules.missing_approval_test

import data.capcheck.lib.fixture
import data.capcheck.rules.missing_approval

test_one_step if {
	some finding in missing_approval.report with input.missing_approval as [fixture.fact({"kind": "privileged"})]
	finding.message == "pay acts without approval"
	finding.confidence == "likely"
	finding.severity == "error"
}

test_several_steps if {
	some finding in missing_approval.report with input.missing_approval as [fixture.fact({"count": 2, "kind": "write", "other": "pay, send", "sure": "possible"})]
	finding.message == "2 steps act without approval: pay, send"
	finding.confidence == "possible"
	finding.severity == "warning"
}

test_silent_without_facts if {
	count(missing_approval.report) == 0 with input.missing_approval as []
}
