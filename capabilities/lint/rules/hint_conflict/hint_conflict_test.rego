package capcheck.rules.hint_conflict_test

import data.capcheck.lib.fixture
import data.capcheck.rules.hint_conflict

test_told if {
	some finding in hint_conflict.report with input.hint_conflicts as [fixture.fact({"text": "it is called read-only, but deletes"})]
	finding.message == "pay: it is called read-only, but deletes"
}

test_silent_without_facts if {
	count(hint_conflict.report) == 0 with input.hint_conflicts as []
}
