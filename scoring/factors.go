package scoring

// factors08 are the ten of AIVSS v0.8, in the order of its JSON.
var factors08 = []Factor{
	halves("autonomy", "Autonomy", "AU", "autonomy",
		"a person approves every action",
		"acts alone where little is at stake",
		"commits changes in production by itself"),
	halves("tools", "Tools", "TO", "tools",
		"no tools, or tools that only read",
		"a mixed set of tools, each with a narrow scope",
		"many or powerful tools with broad reach"),
	halves("language", "Language", "LA", "language",
		"takes structured calls only",
		"uses free text to look things up",
		"free text decides plans and tool calls"),
	halves("context", "Context", "CX", "context",
		"does not react to its surroundings",
		"reacts to a few narrow signals",
		"many signals from its surroundings drive its decisions"),
	halves("non_determinism", "Non-determinism", "ND", "non-determinism",
		"the same input gives the same action",
		"varies within set bounds",
		"varies widely from run to run"),
	halves("opacity", "Opacity", "OP", "opacity",
		"every decision can be traced",
		"logs show a part of what happened",
		"decisions cannot be traced"),
	halves("persistence", "Persistence", "PE", "persistence",
		"keeps no state",
		"remembers within a session",
		"remembers across sessions"),
	halves("identity", "Identity", "ID", "identity",
		"has one fixed identity",
		"switches between a few known identities",
		"takes on roles at run time, across tenants"),
	halves("multi_agent", "Multi-agent", "MA", "multi-agent",
		"works alone",
		"works with one or two known agents",
		"works in a swarm or an open market of agents"),
	halves("self_mod", "Self-modification", "SM", "self-modification",
		"cannot change itself",
		"changes its own prompts or settings",
		"changes its tools or code, or runs what it generates"),
}

// The ten of AIVSS v0.5. Listings use them too, in another order.
var (
	autonomyOfAction = halves("autonomy_of_action", "Autonomy of Action", "AU", "autonomy",
		"acts only when a person says so",
		"acts alone on routine matters",
		"acts alone on whatever comes")
	toolUse = halves("tool_use", "Tool Use", "TO", "tools",
		"calls no tools",
		"calls a fixed set of tools",
		"chooses among many tools freely")
	memoryUse = halves("memory_use", "Memory Use", "PE", "persistence",
		"keeps nothing",
		"keeps the session",
		"keeps and reuses memory over time")
	dynamicIdentity = halves("dynamic_identity", "Dynamic Identity", "ID", "identity",
		"always the same identity and rights",
		"a few roles, switched under control",
		"identity and rights change at run time")
	multiAgent = halves("multi_agent_interactions", "Multi-Agent Interactions", "MA", "multi-agent",
		"talks to no other agent",
		"talks to few, known agents",
		"depends on many or unknown agents")
	nonDeterminism = halves("non_determinism", "Non-Determinism", "ND", "non-determinism",
		"repeats itself exactly",
		"varies a little",
		"cannot be predicted")
	selfModification = halves("self_modification", "Self-Modification", "SM", "self-modification",
		"stays as it was built",
		"tunes its own prompts or settings",
		"rewrites its own logic or tools")
	goalPlanning = halves("goal_driven_planning", "Goal-Driven Planning", "PL", "planning",
		"follows given steps",
		"plans within given bounds",
		"sets its own steps and goals")
	contextualAwareness = halves("contextual_awareness", "Contextual Awareness", "CX", "context",
		"sees only the request",
		"sees some of its surroundings",
		"gathers wide context and acts on it")
	opacityReflexivity = halves("opacity_and_reflexivity", "Opacity and Reflexivity", "OP", "opacity",
		"its reasoning is open to inspection",
		"its reasoning is seen in part",
		"its reasoning is hidden, or reasons about itself unseen")
)

var factors05 = []Factor{
	autonomyOfAction, toolUse, memoryUse, dynamicIdentity, multiAgent,
	nonDeterminism, selfModification, goalPlanning, contextualAwareness, opacityReflexivity,
}

// factorsListing are v0.5's ten in the order and with the names of listings.
var factorsListing = tenthsOf([]Factor{
	autonomyOfAction, goalPlanning, selfModification,
	rename(toolUse, "dynamic_tool_use", "Dynamic Tool Use"),
	rename(memoryUse, "persistent_memory", "Persistent Memory"),
	contextualAwareness, dynamicIdentity, multiAgent, nonDeterminism,
	rename(opacityReflexivity, "opacity_and_reflexivity", "Opacity & Reflexivity"),
})

// rename is the same factor under the key and name another document gives it.
func rename(f Factor, key, name string) Factor {
	f.Key, f.Name = key, name
	return f
}

// factorsAVE are the other ten that AVE records sum up. They have no opacity,
// context or planning; three are found nowhere else.
var factorsAVE = []Factor{
	rename(autonomyOfAction, "autonomy", "Autonomy"),
	toolUse,
	rename(multiAgent, "multi_agent", "Multi-Agent"),
	nonDeterminism,
	selfModification,
	dynamicIdentity,
	rename(memoryUse, "persistent_memory", "Persistent Memory"),
	halves("natural_language_input", "Natural Language Input", "NL", "language-input",
		"takes no free text",
		"takes free text in some places",
		"takes free text throughout"),
	halves("data_access", "Data Access", "DA", "data-access",
		"reaches no sensitive data",
		"reaches some sensitive data",
		"reaches sensitive data broadly"),
	halves("external_dependencies", "External Dependencies", "XD", "dependencies",
		"depends on nothing outside",
		"depends on few, pinned parts",
		"depends on parts that others can change"),
}

// oneToFive describes a factor of AIVSS-SSVC.
func oneToFive(key, name, letter, what string) Factor {
	meanings := [...]string{"no ", "little ", "some ", "much ", "unlimited "}
	levels := make([]Level, len(meanings))
	for i, m := range meanings {
		levels[i] = Level{Value: Decimal(i+1) * One, Meaning: m + what}
	}
	return Factor{Key: key, Name: name, Letter: letter, Levels: levels, Low: One, High: 5 * One, Step: One}
}

// factorsSSVC are the ten of AIVSS-SSVC: four of group A, three of B, three
// of C.
var factorsSSVC = []Factor{
	oneToFive("execution_autonomy", "Execution Autonomy", "EA", "freedom to act without approval"),
	oneToFive("tool_authority", "Tool Authority", "TA", "power in the tools it may call"),
	oneToFive("code_execution_rights", "Code Execution Rights", "CE", "right to write and run code"),
	oneToFive("critical_system_access", "Critical System Access", "CS", "access to systems that matter most"),
	oneToFive("persistent_memory", "Persistent Memory", "PM", "memory across sessions"),
	oneToFive("dynamic_identity_and_permissions", "Dynamic Identity and Permissions", "DI", "room to take on roles and rights"),
	oneToFive("multi_agent_coordination", "Multi-Agent Coordination", "MC", "coordination with other agents"),
	oneToFive("self_modification", "Self-Modification", "SM", "room to change itself"),
	oneToFive("non_determinism", "Non-Determinism", "ND", "variation from run to run"),
	oneToFive("deceptiveness", "Deceptiveness", "DE", "room to mislead"),
}
