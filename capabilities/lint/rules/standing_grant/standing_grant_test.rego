package capcheck.rules.standing_grant_test

import data.capcheck.lib.fixture
import data.capcheck.rules.standing_grant

test_told if {
	some finding in standing_grant.report with input.standing_grants as [fixture.fact({"count": 2})]
	finding.message == "pay gives access that nothing takes back (and 1 more)"
}

test_silent_without_facts if {
	count(standing_grant.report) == 0 with input.standing_grants as []
}
