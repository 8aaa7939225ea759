package capcheck.rules.expired_suppression_test

import data.capcheck.lib.fixture
import data.capcheck.rules.expired_suppression

test_told if {
	some finding in expired_suppression.report with input.expired_suppressions as [fixture.fact({"name": "CAP102", "other": "2026-01-31"})]
	finding.message == "ignore[CAP102] held until 2026-01-31"
}

test_silent_without_facts if {
	count(expired_suppression.report) == 0 with input.expired_suppressions as []
}
