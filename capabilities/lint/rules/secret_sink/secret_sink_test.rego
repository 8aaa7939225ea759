package capcheck.rules.secret_sink_test

import data.capcheck.lib.fixture
import data.capcheck.rules.secret_sink

test_told if {
	some finding in secret_sink.report with input.secret_sinks as [fixture.fact({"other": "log-it", "kind": "log", "text": "$x.api_key"})]
	finding.message == "log-it sends a secret to a log: $x.api_key"
}

test_silent_without_facts if {
	count(secret_sink.report) == 0 with input.secret_sinks as []
}
