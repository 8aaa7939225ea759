package capcheck.rules.wrong_operation_test

import data.capcheck.lib.fixture
import data.capcheck.rules.wrong_operation

test_told if {
	some finding in wrong_operation.report with input.wrong_ids as [fixture.fact({"text": "no such operation"})]
	finding.message == "no such operation"
}

test_silent_without_facts if {
	count(wrong_operation.report) == 0 with input.wrong_ids as []
}
