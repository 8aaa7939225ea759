package capcheck.rules.unreadable_suppression_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unreadable_suppression

test_told if {
	some finding in unreadable_suppression.report with input.unreadable_suppressions as [fixture.fact({"text": "names no rules"})]
	finding.message == "names no rules"
}

test_silent_without_facts if {
	count(unreadable_suppression.report) == 0 with input.unreadable_suppressions as []
}
