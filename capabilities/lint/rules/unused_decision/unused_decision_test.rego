package capcheck.rules.unused_decision_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unused_decision

test_ignored if {
	some finding in unused_decision.report with input.unused_decisions as [fixture.fact({"kind": "ignored", "other": ""})]
	finding.message == "nothing depends on the decision of pay"
}

test_no_conditions if {
	some finding in unused_decision.report with input.unused_decisions as [fixture.fact({"kind": "no-conditions", "other": "authorized=false"})]
	finding.message == "nothing depends on the decision of pay; the dialect has no conditions (a denial arrives as authorized=false)"
}

test_silent_without_facts if {
	count(unused_decision.report) == 0 with input.unused_decisions as []
}
