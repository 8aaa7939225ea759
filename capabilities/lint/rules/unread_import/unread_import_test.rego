package capcheck.rules.unread_import_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unread_import

test_told if {
	some finding in unread_import.report with input.unread_imports as [fixture.fact({"name": "a.yml", "other": "it is not there"})]
	finding.message == "\"a.yml\" was not read: it is not there"
}

test_silent_without_facts if {
	count(unread_import.report) == 0 with input.unread_imports as []
}
