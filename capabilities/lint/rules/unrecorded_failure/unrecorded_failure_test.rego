package capcheck.rules.unrecorded_failure_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unrecorded_failure

test_told if {
	some finding in unrecorded_failure.report with input.unrecorded_failures as [fixture.fact({"name": "log", "other": "check"})]
	finding.message == "log is not reached when a step before it denies or fails: from check on, no record is written"
}

test_silent_without_facts if {
	count(unrecorded_failure.report) == 0 with input.unrecorded_failures as []
}
