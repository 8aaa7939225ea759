package capcheck.rules.no_tenant_test

import data.capcheck.lib.fixture
import data.capcheck.rules.no_tenant

test_told if {
	some finding in no_tenant.report with input.no_tenant as [fixture.fact({})]
	finding.message == "no tenant or organization is named anywhere, although pay acts for a user"
}

test_silent_without_facts if {
	count(no_tenant.report) == 0 with input.no_tenant as []
}
