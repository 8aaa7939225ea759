package capcheck.rules.early_audit_test

import data.capcheck.lib.fixture
import data.capcheck.rules.early_audit

test_told if {
	some finding in early_audit.report with input.early_audits as [fixture.fact({"other": "log"})]
	finding.message == "pay is recorded by log before it happens, and not after"
}

test_silent_without_facts if {
	count(early_audit.report) == 0 with input.early_audits as []
}
