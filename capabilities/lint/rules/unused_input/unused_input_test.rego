package capcheck.rules.unused_input_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unused_input

test_no_bindings if {
	some finding in unused_input.report with input.unused_inputs as [fixture.fact({"kind": "none", "name": "user", "count": 5})]
	finding.message == "none of the 5 inputs reaches a step: the dialect has no bindings"
	finding.severity == "warning"
}

test_some if {
	some finding in unused_input.report with input.unused_inputs as [fixture.fact({"kind": "some", "name": "user"})]
	finding.message == "the input user reaches no step"
	finding.severity == "note"
}

test_silent_without_facts if {
	count(unused_input.report) == 0 with input.unused_inputs as []
}
