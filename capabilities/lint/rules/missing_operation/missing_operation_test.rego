package capcheck.rules.missing_operation_test

import data.capcheck.lib.fixture
import data.capcheck.rules.missing_operation

test_told if {
	some finding in missing_operation.report with input.unmatched as [fixture.fact({"other": ""})]
	finding.message == "operation \"pay\" does not exist"
}

test_silent_without_facts if {
	count(missing_operation.report) == 0 with input.unmatched as []
}
