package plan

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Value is where an argument or an output takes its value from: a constant, an
// input, a part of an earlier step's result, or an expression over them. It never
// changes. The zero Value is null.
type Value struct{ node *node }

// Env is what values and conditions are judged by.
type Env struct {
	Inputs map[string]any
	// Steps are the results by the ids of the plan's steps, that of the step at
	// hand among them once it was answered.
	Steps   map[string]Result
	Item    any // of a step that acts once for each item of a list
	HasItem bool
	// Context is the sealed context: tenant, user, agent, membership, session,
	// purpose, run and time.
	Context map[string]any
	// Secret gives a bound secret by its name. nil: there are none.
	Secret func(name string) (any, error)

	current any           // the item that a filter looks at
	once    map[*node]any // what a filter takes from outside, worked out once
}

// Result is what became of a step.
type Result struct {
	Body    any // JSON value; of a step that acts for each item, the list of answers
	Status  int
	Outputs map[string]any // the values that the document gives names to
	Known   bool           // false where the step did not run, or not yet
}

// ErrUnknown is the cause of an [UnknownError].
var ErrUnknown = errors.New("the value is not known")

// UnknownError is a value that takes from what has no value here: a step that did
// not run, an item outside of a loop.
type UnknownError struct{ Of string }

func (e *UnknownError) Error() string { return e.Of + " has no value here, since it did not run" }

// Unwrap gives ErrUnknown.
func (e *UnknownError) Unwrap() error { return ErrUnknown }

// ValueError is a value that cannot be worked out from what it was given.
type ValueError struct {
	Value   string // the expression
	Message string
	Err     error // the cause, where there is one
}

func (e *ValueError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Value, e.Message, e.Err)
	}
	return e.Value + ": " + e.Message
}

// Unwrap gives the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// Eval gives the value: nil, bool, string, a number, []any or map[string]any.
// What is absent is nil. The error is an *UnknownError or a *ValueError.
func (v Value) Eval(env Env) (any, error) { return v.node.eval(&env) }

// String is the value's one spelling, for people and for comparing plans.
func (v Value) String() string { return v.node.String() }

// MarshalJSON writes the spelling.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.String()) }

// Secret reports whether the value is, or holds, a credential.
func (v Value) Secret() bool { return v.node.isSecret() }

// IsZero reports whether the value is null whatever the run.
func (v Value) IsZero() bool { return v.node.isNull() }

// Literal gives the constant that the value is, and whether it is one.
func (v Value) Literal() (any, bool) {
	if v.node == nil {
		return nil, true
	}
	return v.node.literal, v.node.kind == kLiteral
}

// Steps lists the ids of the steps that the value takes from, in their order.
func (v Value) Steps() []string { return v.node.steps() }

// Input is the name of the input that the value is, "" where it is anything else.
func (v Value) Input() string {
	if n := v.node; n != nil && n.kind == kInput && len(n.path) == 0 {
		return n.name
	}
	return ""
}

// Constant is a value that is the same in every run.
func Constant(v any) Value { return Value{literal(v)} }
