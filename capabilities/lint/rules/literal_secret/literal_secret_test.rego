package capcheck.rules.literal_secret_test

import data.capcheck.lib.fixture
import data.capcheck.rules.literal_secret

test_told if {
	some finding in literal_secret.report with input.literal_secrets as [fixture.fact({"name": "token"})]
	finding.message == "the value of token is a secret in plain sight"
}

test_silent_without_facts if {
	count(literal_secret.report) == 0 with input.literal_secrets as []
}
