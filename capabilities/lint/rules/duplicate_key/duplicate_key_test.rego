package capcheck.rules.duplicate_key_test

import data.capcheck.lib.fixture
import data.capcheck.rules.duplicate_key

test_told if {
	some finding in duplicate_key.report with input.problems as [fixture.fact({"kind": "duplicate-key", "text": "here it is", "name": "", "other": ""})]
	finding.at == 1
	finding.message == "here it is"
	finding.help == "keep one of the two"
}

test_another_problem if {
	count(duplicate_key.report) == 0 with input.problems as [fixture.fact({"kind": "something-else"})]
}

test_silent_without_facts if {
	count(duplicate_key.report) == 0 with input.problems as []
}
