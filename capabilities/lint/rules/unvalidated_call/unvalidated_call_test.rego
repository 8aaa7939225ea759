package capcheck.rules.unvalidated_call_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unvalidated_call

test_told if {
	some finding in unvalidated_call.report with input.unvalidated_calls as [fixture.fact({"other": "validate"})]
	finding.message == "pay is called on a validation that an earlier call used up; validate does not come again"
}

test_silent_without_facts if {
	count(unvalidated_call.report) == 0 with input.unvalidated_calls as []
}
