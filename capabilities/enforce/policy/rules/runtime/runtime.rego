# METADATA
# title: What the runtime holds of every step
# description: >-
#   Each entry of found is one reason to be stricter than allow. The strictest
#   counts. Where the input lacks something, the stricter reading is taken.
package policy

decision := {"verdict": verdict, "reasons": reasons}

# From the mildest to the strictest, as package decision orders them.
order := ["allow", "step-up", "defer", "deny"]

verdict := order[max({0} | {rank | some f in found; some rank; order[rank] == f.verdict})]

reasons := [{"rule": f.rule, "text": f.text} | some f in sort(found)]

# METADATA
# description: Effects that a person has to approve, after the label guide.
high := {"money", "execute", "credential", "access", "message", "delete"}

known_effects := {"read", "write", "money", "execute", "credential", "access", "message", "delete"}

# METADATA
# description: Sensitivities from the least to the most.
sensitivities := ["public", "internal", "confidential", "restricted"]

sensitivity := input.resource.sensitivity if input.resource.sensitivity in sensitivities

sensitivity := "none" if input.resource.name == ""

sensitivity := "unknown" if {
	input.resource.name != ""
	not input.resource.sensitivity in sensitivities
}

guarded := {"confidential", "restricted", "unknown"}

# METADATA
# title: a step is complete
found contains stricter("RUN001", "deny", sprintf("the step names no %s", [part])) if {
	not complete
	some part in ["tenant", "user", "agent", "purpose", "run", "operation"]
	object.get(input, part, "") in {"", null}
}

complete if {
	parts := {input.tenant, input.user, input.agent, input.purpose, input.run, input.operation}
	parts & {"", null} == set()
}

# METADATA
# title: an effect is known
found contains stricter("RUN002", "deny", sprintf("the effect %q is unknown", [input.effect])) if {
	not input.effect in known_effects
}

# METADATA
# title: no guarded data outside working hours
found contains stricter("RUN010", "deny", sprintf("%s data outside working hours", [sensitivity])) if {
	sensitivity in guarded
	input.hours != null
	not working
}

# METADATA
# title: no high-impact effect outside working hours
found contains stricter("RUN011", "defer", sprintf("%s outside working hours", [input.effect])) if {
	input.effect in high
	input.hours != null
	not working
}

# METADATA
# title: a high-impact effect needs working hours to be set
found contains stricter("RUN012", "step-up", sprintf("%s, and no working hours are set", [input.effect])) if {
	input.hours == null
	input.effect in high
}

# METADATA
# title: restricted data needs a person
found contains stricter("RUN020", "step-up", "the resource is restricted") if sensitivity == "restricted"

# METADATA
# title: changing what nobody classified needs a person
found contains stricter("RUN021", "step-up", "nobody said how sensitive the resource is") if {
	sensitivity == "unknown"
	input.effect != "read"
}

# METADATA
# title: an agent that is being denied pauses
found contains stricter("RUN030", "deny", sprintf("the agent was denied %d times lately", [input.recent.denials])) if {
	input.recent.denials >= 5
}

# METADATA
# title: a first high-impact use needs a person
found contains stricter("RUN031", "step-up", sprintf("the agent has not used %s before", [input.operation])) if {
	input.recent.first_use
	input.effect in high
}

# METADATA
# title: an agent that changes tenants needs a person
found contains stricter("RUN032", "step-up", sprintf("the agent acted in %d tenants lately", [input.recent.tenants])) if {
	input.recent.tenants > 1
}

# METADATA
# title: an agent that is busier than usual waits
found contains stricter("RUN033", "defer", sprintf("%d calls lately, usual are %d", [input.recent.calls, input.recent.usual])) if {
	input.recent.usual > 0
	input.recent.calls > 10 * input.recent.usual
}

stricter(rule, verdict, text) := {"rule": rule, "verdict": verdict, "text": text}

working if {
	input.hours.from < input.hours.to
	input.time.day in input.hours.days
	input.time.minute >= input.hours.from
	input.time.minute < input.hours.to
}

# A shift over midnight: its evening,
working if {
	input.hours.from >= input.hours.to
	input.time.day in input.hours.days
	input.time.minute >= input.hours.from
}

# and its morning, which belongs to the day before.
working if {
	input.hours.from >= input.hours.to
	input.time.yesterday in input.hours.days
	input.time.minute < input.hours.to
}
