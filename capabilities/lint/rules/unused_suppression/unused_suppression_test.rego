package capcheck.rules.unused_suppression_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unused_suppression

test_told if {
	some finding in unused_suppression.report with input.unused_suppressions as [fixture.fact({"name": "CAP102"})]
	finding.message == "nothing here is suppressed by ignore[CAP102]"
}

test_silent_without_facts if {
	count(unused_suppression.report) == 0 with input.unused_suppressions as []
}
