package capcheck.rules.does_not_conform_test

import data.capcheck.lib.fixture
import data.capcheck.rules.does_not_conform

test_one if {
	some finding in does_not_conform.report with input.violations as [fixture.fact({"text": "name is missing"})]
	finding.message == "name is missing"
}

test_several if {
	some finding in does_not_conform.report with input.violations as [fixture.fact({"text": "name is missing", "count": 3})]
	finding.message == "name is missing (and 2 more)"
}

test_silent_without_facts if {
	count(does_not_conform.report) == 0 with input.violations as []
}
