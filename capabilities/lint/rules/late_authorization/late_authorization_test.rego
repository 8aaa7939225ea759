package capcheck.rules.late_authorization_test

import data.capcheck.lib.fixture
import data.capcheck.rules.late_authorization

test_credential if {
	some finding in late_authorization.report with input.late_authorization as [fixture.fact({"effect": "credential"})]
	finding.message == "pay issues or changes a credential before authorization: check comes only afterwards"
}

test_another_effect if {
	some finding in late_authorization.report with input.late_authorization as [fixture.fact({"effect": "money", "count": 2})]
	finding.message == "pay acts (money) before authorization: check comes only afterwards (and 1 more)"
}

test_silent_without_facts if {
	count(late_authorization.report) == 0 with input.late_authorization as []
}
