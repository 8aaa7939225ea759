// Package lint says what a capability lacks: facts about its graph of steps,
// rules over the facts, and findings that point into the text.
//
// The facts are computed once for each document, in Go (package facts). The
// rules are Rego, one folder a rule (rules/<name>/<name>.rego), and see the
// facts alone. A rule returns the handle of a fact; from it this package makes
// the place, the words and the fingerprint of a finding. So no rule computes a
// position.
//
// What could not be judged is never silent: a rule that fails, or that does not
// end in time, stands in Result.Incomplete.
package lint
