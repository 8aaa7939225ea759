package capcheck.rules.unlimited_loop_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unlimited_loop

test_loop if {
	some finding in unlimited_loop.report with input.unlimited_loops as [fixture.fact({"kind": "loop", "other": "$.items"})]
	finding.message == "pay happens once for each of $.items, and nothing bounds the list"
}

test_retry if {
	some finding in unlimited_loop.report with input.unlimited_loops as [fixture.fact({"kind": "retry"})]
	finding.message == "pay is tried again without a limit"
}

test_silent_without_facts if {
	count(unlimited_loop.report) == 0 with input.unlimited_loops as []
}
