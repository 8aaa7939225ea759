package scoring

// metric describes one metric of the 1.0 candidate: what each letter means,
// worst first, and X for what the evidence does not settle.
func metric(key, name string, levels ...Level) Factor {
	return Factor{Key: key, Name: name, Letter: key,
		Levels: append(levels, Level{Letter: "X", Meaning: "the evidence does not settle it"})}
}

// metrics10 are the eight metrics of the 1.0 candidate, in vector order. The
// first four decide the effect class; the others describe how well the path
// is held and watched.
var metrics10 = []Factor{
	metric("LC", "Language-Mediated Control",
		Level{Letter: "D", Meaning: "an attacker's words reach a privileged decision directly"},
		Level{Letter: "I", Meaning: "an attacker's words arrive through content the agent retrieves or is fed"},
		Level{Letter: "M", Meaning: "words are reduced to closed, checked fields before they matter"},
		Level{Letter: "N", Meaning: "no words of an attacker reach security-relevant behaviour"}),
	metric("CP", "Context and Memory Persistence",
		Level{Letter: "C", Meaning: "planted context survives the session or reaches someone else"},
		Level{Letter: "S", Meaning: "planted context lasts to the end of the session"},
		Level{Letter: "N", Meaning: "planted context is gone before the next step"}),
	metric("AP", "Agentic Propagation",
		Level{Letter: "L", Meaning: "the effect crosses a trust boundary"},
		Level{Letter: "C", Meaning: "the effect spreads within one principal and one policy"},
		Level{Letter: "N", Meaning: "the effect stays in the component it first reaches"}),
	metric("SR", "Stochastic Exploit Reliability",
		Level{Letter: "R", Meaning: "works at least nine times in ten within the allowed retries"},
		Level{Letter: "P", Meaning: "works sometimes"},
		Level{Letter: "U", Meaning: "works less than one time in ten within the allowed retries"}),
	metric("EX", "Extension Surface",
		Level{Letter: "W", Meaning: "a reachable extension is not independently constrained"},
		Level{Letter: "M", Meaning: "every reachable extension is pinned, vetted and held to least privilege"},
		Level{Letter: "N", Meaning: "no extension lies on the path"}),
	metric("PT", "Provider Trust Deficit",
		Level{Letter: "H", Meaning: "model or provider can change without control"},
		Level{Letter: "M", Meaning: "model and provider are fixed, but their integrity is not verified"},
		Level{Letter: "L", Meaning: "model and provider are fixed and verified"}),
	metric("CA", "Cost Abuse Surface",
		Level{Letter: "W", Meaning: "nothing hard limits what an attacker can make it spend"},
		Level{Letter: "M", Meaning: "some hard limits hold, others are missing"},
		Level{Letter: "N", Meaning: "tested limits that fail closed cover all spending"}),
	metric("TD", "Traceability Deficit",
		Level{Letter: "H", Meaning: "what happened cannot be reconstructed"},
		Level{Letter: "M", Meaning: "what happened can be reconstructed, with gaps"},
		Level{Letter: "L", Meaning: "complete, protected records were tested by retrieving them"}),
}
