package capcheck.rules.beyond_limits_test

import data.capcheck.lib.fixture
import data.capcheck.rules.beyond_limits

test_told if {
	some finding in beyond_limits.report with input.problems as [fixture.fact({"kind": "alias-cycle", "text": "here it is", "name": "", "other": ""})]
	finding.at == 1
	finding.message == "here it is"
	finding.help == "write it without nested aliases, and split what is too large"
}

test_another_problem if {
	count(beyond_limits.report) == 0 with input.problems as [fixture.fact({"kind": "something-else"})]
}

test_silent_without_facts if {
	count(beyond_limits.report) == 0 with input.problems as []
}
