package capcheck.rules.lost_tenant_test

import data.capcheck.lib.fixture
import data.capcheck.rules.lost_tenant

test_told if {
	some finding in lost_tenant.report with input.lost_tenants as [fixture.fact({})]
	finding.message == "pay is given no tenant, although other steps of the flow are"
}

test_silent_without_facts if {
	count(lost_tenant.report) == 0 with input.lost_tenants as []
}
