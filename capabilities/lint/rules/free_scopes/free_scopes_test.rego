package capcheck.rules.free_scopes_test

import data.capcheck.lib.fixture
import data.capcheck.rules.free_scopes

test_told if {
	some finding in free_scopes.report with input.free_scopes as [fixture.fact({"name": "scopes", "other": "issue"})]
	finding.message == "any scopes may be asked of issue"
}

test_silent_without_facts if {
	count(free_scopes.report) == 0 with input.free_scopes as []
}
