package capcheck.rules.not_text_test

import data.capcheck.lib.fixture
import data.capcheck.rules.not_text

test_told if {
	some finding in not_text.report with input.problems as [fixture.fact({"kind": "binary", "text": "here it is", "name": "", "other": ""})]
	finding.at == 1
	finding.message == "here it is"
	finding.help == "save the file as UTF-8"
}

test_another_problem if {
	count(not_text.report) == 0 with input.problems as [fixture.fact({"kind": "something-else"})]
}

test_silent_without_facts if {
	count(not_text.report) == 0 with input.problems as []
}
