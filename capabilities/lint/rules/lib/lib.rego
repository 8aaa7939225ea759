# METADATA
# title: helpers of the rules
# description: >-
#   Total functions: each has a value for every fact, so that no rule falls silent
#   over a field that is not there.
package capcheck.lib

# steps names what a fact is about: one step by its name, several by their number
# and names.
steps(fact) := sprintf("%s %s", [fact.name, fact.verb]) if fact.count == 1

steps(fact) := sprintf("%d steps %s: %s", [fact.count, fact.verbs, fact.names]) if fact.count != 1

# acts is the beginning of a message about steps that lack something.
acts(fact) := steps({"count": fact.count, "name": fact.name, "names": fact.other, "verb": "acts", "verbs": "act"})

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
