package capcheck.rules.early_read_test

import data.capcheck.lib.fixture
import data.capcheck.rules.early_read

test_told if {
	some finding in early_read.report with input.early_reads as [fixture.fact({})]
	finding.message == "pay reads before check decides whether it may"
}

test_silent_without_facts if {
	count(early_read.report) == 0 with input.early_reads as []
}
