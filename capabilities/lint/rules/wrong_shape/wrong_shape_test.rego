package capcheck.rules.wrong_shape_test

import data.capcheck.lib.fixture
import data.capcheck.rules.wrong_shape

test_told if {
	some finding in wrong_shape.report with input.problems as [fixture.fact({"kind": "wrong-type", "text": "steps is text", "other": "a list", "name": ""})]
	finding.message == "steps is text"
	finding.help == "expected a list"
}

test_with_a_hint if {
	some finding in wrong_shape.report with input.problems as [fixture.fact({"kind": "wrong-type", "other": "", "name": "quote it"})]
	finding.help == "quote it"
}

test_another_rule_tells if {
	count(wrong_shape.report) == 0 with input.problems as [fixture.fact({"kind": "syntax"})]
}

test_silent_without_facts if {
	count(wrong_shape.report) == 0 with input.problems as []
}
