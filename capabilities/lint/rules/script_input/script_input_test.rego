package capcheck.rules.script_input_test

import data.capcheck.lib.fixture
import data.capcheck.rules.script_input

test_told if {
	some finding in script_input.report with input.script_inputs as [fixture.fact({"other": "{{name}}"})]
	finding.message == "pay writes {{name}} into its code"
}

test_silent_without_facts if {
	count(script_input.report) == 0 with input.script_inputs as []
}
