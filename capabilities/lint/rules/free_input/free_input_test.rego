package capcheck.rules.free_input_test

import data.capcheck.lib.fixture
import data.capcheck.rules.free_input

test_told if {
	some finding in free_input.report with input.free_inputs as [fixture.fact({"name": "sql", "other": "query"})]
	finding.message == "sql is passed to query unchecked"
}

test_silent_without_facts if {
	count(free_input.report) == 0 with input.free_inputs as []
}
