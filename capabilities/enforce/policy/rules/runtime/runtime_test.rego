package policy_test

import data.policy

step := {
	"tenant": "acme", "user": {"kind": "user", "id": "ada"}, "agent": {"kind": "agent", "id": "bot"}, "chain": [],
	"purpose": "support", "run": "r1", "step": "s1", "attempt": 1, "operation": "tickets.get", "effect": "read",
	"resource": {"name": "ticket:1", "type": "ticket", "id": "1", "sensitivity": "internal"},
	"relation": "viewer", "scope": "tickets:read", "arguments": {}, "approved": false,
	"time": {"day": "wednesday", "yesterday": "tuesday", "minute": 720},
	"hours": {"days": ["monday", "tuesday", "wednesday", "thursday", "friday"], "from": 540, "to": 1020},
	"recent": {"calls": 1, "usual": 1, "denials": 0, "first_use": false, "tenants": 1},
}

with_(changes) := object.union(step, changes)

rules(d) := [r.rule | some r in d.reasons]

test_allow if {
	policy.decision == {"verdict": "allow", "reasons": []} with input as step
}

test_incomplete if {
	every part in ["tenant", "user", "agent", "purpose", "run", "operation"] {
		d := policy.decision with input as object.remove(step, [part])
		d.verdict == "deny"
		rules(d) == ["RUN001"]
		e := policy.decision with input as with_({part: null})
		e.verdict == "deny"
		f := policy.decision with input as with_({part: ""})
		f.verdict == "deny"
	}
}

test_unknown_effect if {
	every effect in ["", "reads", "Read"] {
		d := policy.decision with input as with_({"effect": effect})
		d.verdict == "deny"
		rules(d) == ["RUN002"]
	}
}

night := {"time": {"day": "wednesday", "yesterday": "tuesday", "minute": 1020}}

test_guarded_at_night if {
	every s in ["confidential", "restricted", "", "top"] {
		d := policy.decision with input as object.union(with_(night), {"resource": {"sensitivity": s}})
		d.verdict == "deny"
		"RUN010" in rules(d)
	}
}

test_internal_at_night if {
	d := policy.decision with input as with_(night)
	d.verdict == "allow"
}

test_high_at_night if {
	every effect in policy.high {
		d := policy.decision with input as object.union(with_(night), {"effect": effect})
		d.verdict == "defer"
		rules(d) == ["RUN011"]
	}
}

test_high_in_hours if {
	d := policy.decision with input as with_({"effect": "credential"})
	d.verdict == "allow"
}

test_no_hours if {
	d := policy.decision with input as with_({"hours": null, "effect": "money"})
	d.verdict == "step-up"
	rules(d) == ["RUN012"]
	e := policy.decision with input as with_({"hours": null})
	e.verdict == "allow"
}

test_edges_of_hours if {
	every m, want in {539: "defer", 540: "allow", 1019: "allow", 1020: "defer"} {
		d := policy.decision with input as with_({"effect": "message", "time": {"minute": m}})
		d.verdict == want
	}
}

test_weekend if {
	d := policy.decision with input as with_({"effect": "message", "time": {"day": "saturday"}})
	d.verdict == "defer"
}

test_shift_over_midnight if {
	shift := with_({"effect": "message", "hours": {"days": ["friday"], "from": 1320, "to": 360}})
	every at in [["friday", "thursday", 1320, "allow"], ["saturday", "friday", 0, "allow"], ["saturday", "friday", 359, "allow"],
		["saturday", "friday", 360, "defer"], ["friday", "thursday", 300, "defer"], ["saturday", "friday", 1330, "defer"]] {
		d := policy.decision with input as object.union(shift, {"time": {"day": at[0], "yesterday": at[1], "minute": at[2]}})
		d.verdict == at[3]
	}
}

test_restricted if {
	d := policy.decision with input as with_({"resource": {"sensitivity": "restricted"}})
	d.verdict == "step-up"
	rules(d) == ["RUN020"]
}

test_unclassified if {
	d := policy.decision with input as with_({"effect": "write", "resource": {"sensitivity": ""}})
	d.verdict == "step-up"
	rules(d) == ["RUN021"]
	e := policy.decision with input as with_({"resource": {"sensitivity": ""}})
	e.verdict == "allow"
}

test_no_resource if {
	d := policy.decision with input as with_({"effect": "write", "resource": {"name": "", "sensitivity": ""}})
	d.verdict == "allow"
}

test_denied_lately if {
	d := policy.decision with input as with_({"recent": {"denials": 5}})
	d.verdict == "deny"
	rules(d) == ["RUN030"]
	e := policy.decision with input as with_({"recent": {"denials": 4}})
	e.verdict == "allow"
}

test_first_use if {
	d := policy.decision with input as with_({"effect": "delete", "recent": {"first_use": true}})
	d.verdict == "step-up"
	rules(d) == ["RUN031"]
	e := policy.decision with input as with_({"recent": {"first_use": true}})
	e.verdict == "allow"
}

test_tenants if {
	d := policy.decision with input as with_({"recent": {"tenants": 2}})
	d.verdict == "step-up"
	rules(d) == ["RUN032"]
}

test_burst if {
	d := policy.decision with input as with_({"recent": {"calls": 11, "usual": 1}})
	d.verdict == "defer"
	rules(d) == ["RUN033"]
	e := policy.decision with input as with_({"recent": {"calls": 10, "usual": 1}})
	e.verdict == "allow"
	f := policy.decision with input as with_({"recent": {"calls": 1000, "usual": 0}})
	f.verdict == "allow"
}

test_strictest_counts if {
	d := policy.decision with input as with_({"resource": {"sensitivity": "restricted"}, "recent": {"denials": 9, "tenants": 2}})
	d.verdict == "deny"
	rules(d) == ["RUN020", "RUN030", "RUN032"]
}
