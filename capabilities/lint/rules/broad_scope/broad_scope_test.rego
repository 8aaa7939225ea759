package capcheck.rules.broad_scope_test

import data.capcheck.lib.fixture
import data.capcheck.rules.broad_scope

test_told if {
	some finding in broad_scope.report with input.broad_scopes as [fixture.fact({"name": "crm", "text": "crm.write"})]
	finding.message == "crm is given the scope \"crm.write\", and its operations only read"
}

test_silent_without_facts if {
	count(broad_scope.report) == 0 with input.broad_scopes as []
}
