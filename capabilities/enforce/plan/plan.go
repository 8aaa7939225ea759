package plan

import (
	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// Plan is a capability ready to run. It never changes.
type Plan struct {
	Capability  string // its name
	File        string
	Dialect     capabilities.Dialect
	Flow        string // what the flow goes by, also in Compile; "-" where the document is the flow
	SHA256      string // of the document's text: a run goes on with no other
	Description string
	Inputs      []Input
	Steps       []*Step
	Outputs     []Output
	Warnings    []Warning
	// Begins are the indices of the steps that may act first.
	Begins []int
	// Doc is what it was compiled from.
	Doc *capabilities.Document

	digest string
}

// Warning is something a person should know before the run.
type Warning struct {
	At   source.Location
	Step string // "" where it is about the plan as a whole
	Text string
}

// Input is a value that the run is given.
type Input struct {
	Name        string
	Type        string // string, integer, number, boolean, array, object; "" any
	Description string
	Required    bool
	Default     any // nil: none
	Allowed     []string
	// Role is what the operations that take it make of it, where they agree.
	Role provider.Role
}

// Step is one step, bound.
type Step struct {
	Index     int    // place in Plan.Steps
	ID        string // unique in the plan: the step's label; in a called flow behind a slash
	At        source.Location
	Title     string // what the document says of it
	Kind      Kind
	Operation provider.Operation // of Call; its Control is what the runtime takes it for
	Control   effects.Control    // of Call; what lint takes it for
	Named     string             // the operation as the document names it
	// Confidence is how sure effect and control are, as in package effects.
	Confidence string
	Basis      string
	Needs      Needs
	Arguments  []Argument
	When       []Condition // all must hold, or the step is passed over
	Success    []Condition // all must hold, or the step has failed
	OnSuccess  []Edge      // the first whose conditions hold; never empty
	OnFailure  []Edge      // where none holds, the run fails; never an end
	ForEach    *Value      // a list; the step acts once for each item
	MaxTries   int         // at least 1
	Outputs    []Output    // names that the document gives to parts of the response
	Reason     string      // why it is passed over, of Outside
}

// Kind is what the runtime does with a step.
type Kind string

// The kinds.
const (
	Call    Kind = "call"    // an operation of a provider
	Outside Kind = "outside" // it happens elsewhere, and the runtime cannot confirm it
	Lookup  Kind = "lookup"  // joins earlier results; nothing is called
)

// Needs is what lint says of the four controls of a step.
type Needs struct {
	Authentication, Authorization, Approval, Audit Need
}

// Need is one control of a step.
type Need struct {
	State string // present, late, missing or not-needed
	By    string // id of the step that gives it, or comes late; "" where none
	// Caller: given by the authentication of the adapter's callers.
	Caller bool
}

// Edge leads to what follows.
type Edge struct {
	When   []Condition
	Action string // continue, goto, end or retry
	To     int    // index of the next step; -1: the end
	Limit  int    // how often a retry may happen
}

// Argument is a parameter and where its value comes from.
type Argument struct {
	Param provider.Param
	Value Value
	How   How
	Note  string // for a person: "input user_id", "a name it goes by: api_key"
}

// How says how sure it is that an argument is what the document means.
type How string

// The ways, the surest first.
const (
	Stated  How = "stated"  // the document binds it
	Named   How = "named"   // the document carries a value of this name
	Matched How = "matched" // by another name, or by what it means
	Sealed  How = "sealed"  // from the sealed context
	Default How = "default" // the operation's own
	Unbound How = "unbound" // nothing; only where it is not required
)

// Output is a value handed on.
type Output struct {
	Name   string
	Value  Value
	Secret bool
}
