package facts

import (
	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// Classifier tells what operations do.
type Classifier interface {
	Step(*capabilities.Step) effects.Result
	Entry(*capabilities.Exposed) effects.Result
}

// State is what became of a need.
type State string

// The states of a need.
const (
	Present   State = "present"
	Late      State = "late"
	Missing   State = "missing"
	NotNeeded State = "not-needed"
)

// Need is one control that a step may need.
type Need struct {
	State  State
	By     *Step // the control that gives it, or the one that comes late
	Caller bool  // given by the authentication of the adapter's callers
	Unused *Step // a control that stands before the step and whose decision is not used
}

// Document holds the facts of one document.
type Document struct {
	Model    *capabilities.Document
	At       Handle
	Flows    []*Flow
	Adapters []*Adapter
	Decides  bool // something in the document can make a flow branch or stop
	Conforms bool // to the rules of its own version; false where it cannot be judged
	Lists    map[string][]Fact

	places   []Place
	classify Classifier
	words    *words
	single   *graph // of a flow of one step
	byModel  map[*capabilities.Flow]*Flow
	comments map[string][]Fact
	work     int // steps visited, for the tests of linearity
}

// Flow is a flow and its facts: one of the model's, or one step for an exposed
// entry that calls one operation.
type Flow struct {
	ID    string
	At    Handle
	Model *capabilities.Flow // nil for an entry that calls one operation
	Entry *capabilities.Exposed
	Steps []*Step

	Called     bool // reached by callers through an adapter
	CallerAuth bool // every adapter that offers it authenticates its callers

	graph    *graph
	gates    [][]gate
	record   []bool // an audit record is written on every successful way from the step
	reaches  []kinds
	named    map[string]*Step
	heads    map[effects.Control]*Step // the first control of each kind
	inputs   map[string]*capabilities.Parameter
	controls []*Step            // steps that are controls, in their order
	under    map[string][]*Step // controls that run under a condition, by it
}

// Step is a step and its facts.
type Step struct {
	effects.Result
	At    Handle
	Label string
	Flow  *Flow
	Index int                   // place in its flow, from 0
	Model *capabilities.Step    // nil for an entry that calls one operation
	Entry *capabilities.Exposed // the entry that calls one operation, nil for a step

	Authentication, Authorization, Approval, Audit Need

	Used bool // something can depend on its decision; false for what is no decision

	uses   []use   // the references in what it is given
	logins []*Step // logins whose result it sends on
}

// Adapter is an exposed adapter and its facts.
type Adapter struct {
	At      Handle
	Model   *capabilities.Adapter
	Auth    bool    // its callers authenticate
	Local   bool    // only processes of the same machine reach it
	Entries []*Step // entries that call one operation

	flows []*Flow // those of entries that have steps
}

// Privileged reports whether the effect needs approval.
func (s *Step) Privileged() bool { return s.Control == effects.None && s.Effect.Privileged() }

// Acts reports whether the step needs controls at all.
func (s *Step) Acts() bool { return s.Control == effects.None && s.Effect != effects.Read }

// IsDecision reports whether the step's control answers yes or no.
func (s *Step) IsDecision() bool {
	switch s.Control {
	case effects.Authenticate, effects.ValidateCredential, effects.Authorize, effects.Approve, effects.Limit:
		return true
	}
	return false
}

// Fact is something that a rule may report: what, where, and the further places
// of the same cause.
type Fact struct {
	At     Handle
	Flow   *Flow // nil outside of a flow
	Step   *Step // nil outside of a step
	Name   string
	Kind   string // which of several cases
	Text   string
	Other  string
	Count  int    // of the places, the first among them; 0 where there is one
	Sure   string // certain, likely, possible; "" leaves it to the rule
	Places []Note
}

// Note is a further place of a fact.
type Note struct {
	At   Handle
	Text string
}
