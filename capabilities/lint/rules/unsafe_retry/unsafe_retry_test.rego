package capcheck.rules.unsafe_retry_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unsafe_retry

test_told if {
	some finding in unsafe_retry.report with input.unsafe_retries as [fixture.fact({"other": "3"})]
	finding.message == "pay is tried up to 3 times, and nothing makes the tries one"
}

test_silent_without_facts if {
	count(unsafe_retry.report) == 0 with input.unsafe_retries as []
}
