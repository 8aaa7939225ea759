package capcheck.rules.unparsable_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unparsable

test_told if {
	some finding in unparsable.report with input.problems as [fixture.fact({"kind": "syntax", "text": "here it is", "name": "", "other": ""})]
	finding.at == 1
	finding.message == "the file does not parse: here it is"
	finding.help == "mend the text where it breaks"
}

test_another_problem if {
	count(unparsable.report) == 0 with input.problems as [fixture.fact({"kind": "something-else"})]
}

test_silent_without_facts if {
	count(unparsable.report) == 0 with input.problems as []
}
