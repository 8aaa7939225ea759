package capcheck.rules.wildcard_permission_test

import data.capcheck.lib.fixture
import data.capcheck.rules.wildcard_permission

test_told if {
	some finding in wildcard_permission.report with input.wildcards as [fixture.fact({"name": "scopes", "text": "*"})]
	finding.message == "scopes is given \"*\", which stands for everything"
}

test_silent_without_facts if {
	count(wildcard_permission.report) == 0 with input.wildcards as []
}
