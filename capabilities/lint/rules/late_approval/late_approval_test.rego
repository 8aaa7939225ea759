package capcheck.rules.late_approval_test

import data.capcheck.lib.fixture
import data.capcheck.rules.late_approval

test_credential if {
	some finding in late_approval.report with input.late_approval as [fixture.fact({"effect": "credential"})]
	finding.message == "pay issues or changes a credential before approval: check comes only afterwards"
}

test_another_effect if {
	some finding in late_approval.report with input.late_approval as [fixture.fact({"effect": "money", "count": 2})]
	finding.message == "pay acts (money) before approval: check comes only afterwards (and 1 more)"
}

test_silent_without_facts if {
	count(late_approval.report) == 0 with input.late_approval as []
}
