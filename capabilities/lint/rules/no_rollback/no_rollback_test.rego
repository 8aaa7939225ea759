package capcheck.rules.no_rollback_test

import data.capcheck.lib.fixture
import data.capcheck.rules.no_rollback

test_credential if {
	some finding in no_rollback.report with input.undone as [fixture.fact({"kind": "credential", "sure": "certain"})]
	finding.message == "what pay gave stays when check fails or denies"
	finding.severity == "warning"
}

test_resource if {
	some finding in no_rollback.report with input.undone as [fixture.fact({"kind": "resource"})]
	finding.severity == "note"
}

test_silent_without_facts if {
	count(no_rollback.report) == 0 with input.undone as []
}
