package capcheck.rules.duplicate_name_test

import data.capcheck.lib.fixture
import data.capcheck.rules.duplicate_name

test_told if {
	some finding in duplicate_name.report with input.duplicates as [fixture.fact({"kind": "flow"})]
	finding.message == "flow \"pay\" is declared more than once"
}

test_silent_without_facts if {
	count(duplicate_name.report) == 0 with input.duplicates as []
}
