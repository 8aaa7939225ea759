# METADATA
# title: functions of the rules
# description: >-
#   Total functions: each has a value for every fact, so that no rule falls silent
#   over a field that is not there.
package capcheck.lib

# without tells what one step, or several, act without.
without(fact, control) := sprintf("%s acts without %s", [fact.name, control]) if fact.count == 1

without(fact, control) := sprintf("%d steps act without %s: %s", [fact.count, control, fact.other]) if fact.count != 1

# by_effect is graver where the effect needs an approval than where it only writes.
by_effect(fact) := "error" if fact.kind == "privileged"

by_effect(fact) := "warning" if fact.kind != "privileged"

# sure is what the fact says of its certainty, or what the rule says.
sure(fact, _) := fact.sure if fact.sure != ""

sure(fact, otherwise) := otherwise if fact.sure == ""

# others tells how many more places there are.
others(fact) := "" if fact.count == 1

others(fact) := sprintf(" (and %d more)", [fact.count - 1]) if fact.count != 1

# meant offers a name that may have been meant.
meant(name) := "" if name == ""

meant(name) := sprintf("; did you mean %s?", [name]) if name != ""

# effect says what a step did, in a message that goes on with "before".
effect(fact) := sprintf("%s issues or changes a credential", [fact.name]) if fact.effect == "credential"

effect(fact) := sprintf("%s acts (%s)", [fact.name, fact.effect]) if fact.effect != "credential"

# problem_help is what the reader expected or advises, or what the rule says.
problem_help(fact, _) := sprintf("expected %s", [fact.other]) if fact.other != ""

problem_help(fact, _) := fact.name if {
	fact.other == ""
	fact.name != ""
}

problem_help(fact, otherwise) := otherwise if {
	fact.other == ""
	fact.name == ""
}
