package capcheck.rules.open_forward_test

import data.capcheck.lib.fixture
import data.capcheck.rules.open_forward

test_told if {
	some finding in open_forward.report with input.forwards as [fixture.fact({"name": "api", "other": "crm"})]
	finding.message == "api passes whatever is asked on to crm"
}

test_silent_without_facts if {
	count(open_forward.report) == 0 with input.forwards as []
}
