package capcheck.rules.unmarked_tool_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unmarked_tool

test_told if {
	some finding in unmarked_tool.report with input.unmarked_tools as [fixture.fact({})]
	finding.message == "pay deletes and has no hint that says so"
}

test_silent_without_facts if {
	count(unmarked_tool.report) == 0 with input.unmarked_tools as []
}
