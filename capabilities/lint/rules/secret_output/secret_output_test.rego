package capcheck.rules.secret_output_test

import data.capcheck.lib.fixture
import data.capcheck.rules.secret_output

test_told if {
	some finding in secret_output.report with input.secret_outputs as [fixture.fact({"name": "api_key"})]
	finding.message == "the output api_key hands a secret to the caller"
}

test_silent_without_facts if {
	count(secret_output.report) == 0 with input.secret_outputs as []
}
