// Package policy decides whether a step may act now, by rules in Rego over who
// asks, what for, how sensitive the resource is, what time it is and what the
// agent did lately.
//
// The runtime's own policy always decides. Policies of the user's own, each a
// bundle in a sandbox, can make the decision stricter and never milder. What is
// undefined, fails, takes too long or asks for what the runtime does not know is
// a denial.
package policy
