package scoring

import "fmt"

// ValueError reports a value that a formula does not allow for one of its
// parts.
type ValueError struct {
	Formula string   // the formula's id
	Part    string   // a factor's key, or "base", "threat", "mitigation", "aars"
	Value   Interval // what was given
	Allowed string   // the published set, in words
	Hint    string   // what to do about it; may be empty
}

func (e *ValueError) Error() string {
	msg := fmt.Sprintf("%s: %s %s is not allowed: expected %s", e.Formula, e.Part, e.Value, e.Allowed)
	if e.Hint != "" {
		msg += " (" + e.Hint + ")"
	}
	return msg
}

// NameError reports a name that is none of the allowed ones.
type NameError struct {
	What    string // what is named: "band", "formula", "factor"
	Name    string // the name given, cut to 40 bytes
	Allowed string // the allowed names
}

func (e *NameError) Error() string {
	return fmt.Sprintf("unknown %s %q: expected one of %s", e.What, e.Name, e.Allowed)
}

// KindError reports a formula used for what it does not compute, such as
// scoring under one that gives a decision.
type KindError struct {
	Formula string
	Kind    Kind
	Want    Kind
}

func (e *KindError) Error() string {
	return fmt.Sprintf("%s gives a %s, not a %s (choose a formula that does, see the list of formulas)", e.Formula, e.Kind, e.Want)
}

// clip bounds what an error repeats of its input.
func clip(s string) string {
	const limit = 40
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
