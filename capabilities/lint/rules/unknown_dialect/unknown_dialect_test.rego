package capcheck.rules.unknown_dialect_test

import data.capcheck.lib.fixture
import data.capcheck.rules.unknown_dialect

test_told if {
	some finding in unknown_dialect.report with input.unknown_dialects as [fixture.fact({"text": "no key at the root"})]
	finding.message == "not recognised as a capability: no key at the root"
}

test_silent_without_facts if {
	count(unknown_dialect.report) == 0 with input.unknown_dialects as []
}
