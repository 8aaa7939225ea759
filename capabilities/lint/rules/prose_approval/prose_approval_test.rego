package capcheck.rules.prose_approval_test

import data.capcheck.lib.fixture
import data.capcheck.rules.prose_approval

test_told if {
	some finding in prose_approval.report with input.prose_approvals as [fixture.fact({"text": "human approval"})]
	finding.message == "pay has its approval in words alone: \"human approval\""
}

test_silent_without_facts if {
	count(prose_approval.report) == 0 with input.prose_approvals as []
}
