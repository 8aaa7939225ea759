package capcheck.rules.untrusted_content_test

import data.capcheck.lib.fixture
import data.capcheck.rules.untrusted_content

test_told if {
	some finding in untrusted_content.report with input.untrusted_content as [fixture.fact({"other": "read-mail"})]
	finding.message == "pay is given what read-mail read from other people"
}

test_silent_without_facts if {
	count(untrusted_content.report) == 0 with input.untrusted_content as []
}
