package capcheck.rules.external_step_test

import data.capcheck.lib.fixture
import data.capcheck.rules.external_step

test_effect if {
	some finding in external_step.report with input.externals as [fixture.fact({"kind": "effect"})]
	finding.message == "pay happens outside of the capability"
}

test_control if {
	some finding in external_step.report with input.externals as [fixture.fact({"kind": "control", "other": "approve"})]
	finding.message == "pay happens outside of the capability, and is its control (approve)"
}

test_silent_without_facts if {
	count(external_step.report) == 0 with input.externals as []
}
