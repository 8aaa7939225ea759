package capcheck.rules.reasonless_suppression_test

import data.capcheck.lib.fixture
import data.capcheck.rules.reasonless_suppression

test_told if {
	some finding in reasonless_suppression.report with input.reasonless_suppressions as [fixture.fact({"name": "CAP102"})]
	finding.message == "ignore[CAP102] gives no reason, and so does not count"
}

test_silent_without_facts if {
	count(reasonless_suppression.report) == 0 with input.reasonless_suppressions as []
}
