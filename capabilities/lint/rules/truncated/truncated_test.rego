package capcheck.rules.truncated_test

import data.capcheck.lib.fixture
import data.capcheck.rules.truncated

test_told if {
	some finding in truncated.report with input.problems as [fixture.fact({"kind": "truncated", "text": "here it is", "name": "", "other": ""})]
	finding.at == 1
	finding.message == "here it is"
	finding.help == "fetch the whole file"
}

test_another_problem if {
	count(truncated.report) == 0 with input.problems as [fixture.fact({"kind": "something-else"})]
}

test_silent_without_facts if {
	count(truncated.report) == 0 with input.problems as []
}
