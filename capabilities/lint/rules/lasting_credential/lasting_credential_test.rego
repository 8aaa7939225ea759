package capcheck.rules.lasting_credential_test

import data.capcheck.lib.fixture
import data.capcheck.rules.lasting_credential

test_plain if {
	some finding in lasting_credential.report with input.lasting_credentials as [fixture.fact({"other": ""})]
	finding.message == "pay issues a credential that nothing lets expire"
}

test_against_its_words if {
	some finding in lasting_credential.report with input.lasting_credentials as [fixture.fact({"other": "session-scoped"})]
	finding.message == "pay issues a credential that nothing lets expire, although it is called session-scoped"
}

test_silent_without_facts if {
	count(lasting_credential.report) == 0 with input.lasting_credentials as []
}
