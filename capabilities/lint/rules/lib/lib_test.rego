package capcheck.lib_test

import data.capcheck.lib

test_one_step if lib.without({"count": 1, "name": "pay", "other": "pay"}, "approval") == "pay acts without approval"

test_several_steps if lib.without({"count": 2, "name": "pay", "other": "pay, send"}, "approval") == "2 steps act without approval: pay, send"

test_effect_decides_severity if {
	lib.by_effect({"kind": "privileged"}) == "error"
	lib.by_effect({"kind": "write"}) == "warning"
}

test_certainty_of_the_fact_or_the_rule if {
	lib.sure({"sure": "possible"}, "certain") == "possible"
	lib.sure({"sure": ""}, "likely") == "likely"
}

test_others if {
	lib.others({"count": 1}) == ""
	lib.others({"count": 3}) == " (and 2 more)"
}

test_meant if {
	lib.meant("") == ""
	lib.meant("pay") == "; did you mean pay?"
}

test_effect if {
	lib.effect({"name": "pay", "effect": "money"}) == "pay acts (money)"
	lib.effect({"name": "issue", "effect": "credential"}) == "issue issues or changes a credential"
}

test_problem_help if {
	lib.problem_help({"other": "a list", "name": "x"}, "mend it") == "expected a list"
	lib.problem_help({"other": "", "name": "quote it"}, "mend it") == "quote it"
	lib.problem_help({"other": "", "name": ""}, "mend it") == "mend it"
}
