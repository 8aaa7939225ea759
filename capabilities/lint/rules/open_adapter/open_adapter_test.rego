package capcheck.rules.open_adapter_test

import data.capcheck.lib.fixture
import data.capcheck.rules.open_adapter

test_acts if {
	some finding in open_adapter.report with input.open_adapters as [fixture.fact({"kind": "acts", "other": "mcp", "name": "tools"})]
	finding.message == "anybody may call tools (mcp), and change something by it"
	finding.severity == "warning"
}

test_reads if {
	some finding in open_adapter.report with input.open_adapters as [fixture.fact({"kind": "reads", "other": "rest", "name": "api"})]
	finding.message == "anybody may call api (rest)"
	finding.severity == "note"
}

test_silent_without_facts if {
	count(open_adapter.report) == 0 with input.open_adapters as []
}
