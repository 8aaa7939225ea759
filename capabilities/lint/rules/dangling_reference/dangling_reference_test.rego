package capcheck.rules.dangling_reference_test

import data.capcheck.lib.fixture
import data.capcheck.rules.dangling_reference

test_told if {
	some finding in dangling_reference.report with input.dangling as [fixture.fact({})]
	finding.message == "there is no step \"pay\"; did you mean check?"
}

test_silent_without_facts if {
	count(dangling_reference.report) == 0 with input.dangling as []
}
