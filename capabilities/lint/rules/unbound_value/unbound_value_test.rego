package capcheck.rules.unbound_value_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unbound_value

test_told if {
	some finding in unbound_value.report with input.unbound_values as [fixture.fact({"other": "{{x}}", "name": "id"})]
	finding.message == "{{x}} is not declared, and arrives empty in id"
}

test_silent_without_facts if {
	count(unbound_value.report) == 0 with input.unbound_values as []
}
