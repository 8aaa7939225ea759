package capabilities

import (
	"strconv"

	"agentrisk/internal/source"
)

// Flow is a graph of steps.
type Flow struct {
	Part
	ID          string // workflow id, or name of the tool, operation or function; "-" where the document is the flow; else its place from 1
	Name        string // a second, readable name
	Description string
	Inputs      []*Parameter
	Steps       []*Step
	Outputs     []*Output
	Semantics   Semantics
	Owner       *Exposed // the entry whose steps these are; nil for a workflow
	Entries     []*Step  // where it begins: more than one only where steps state what they depend on

	byName map[string]*Step // by id, or by name where no step has it for an id
}

// Exits returns the steps after which the flow may end in success.
func (f *Flow) Exits() []*Step {
	var exits []*Step
	for _, s := range f.Steps {
		for _, e := range s.OnSuccess {
			if e.To == nil && e.Workflow == "" {
				exits = append(exits, s)
				break
			}
		}
	}
	return exits
}

// StepKind is what a step does in its flow.
type StepKind string

// The kinds of steps.
const (
	CallStep     StepKind = "call"     // calls an operation
	LookupStep   StepKind = "lookup"   // joins the results of earlier steps
	ScriptStep   StepKind = "script"   // runs code
	WorkflowStep StepKind = "workflow" // runs another flow
	ProseStep    StepKind = "prose"    // names nothing that could be called
)

// Step is one step of a flow.
type Step struct {
	Part
	Index       int    // place in its flow, from 1
	ID          string // as written, "" where there is none
	Name        string // a second, readable name
	Kind        StepKind
	Target      Target
	Capability  string // the capability the step names, "" where it names none
	Description string
	Intent      string
	External    bool        // it happens outside of the capability
	Conditions  []Condition // when it runs; all must hold
	Success     []Condition // what makes it a success; all must hold
	OnSuccess   []Edge      // never empty: where nothing is stated, the next step or the end
	OnFailure   []Edge      // empty where neither the document nor its dialect says
	DependsOn   []*Step     // steps it states to depend on
	ForEach     string      // the list it runs once for each item of, as written
	Until       string      // the condition it is repeated for, as written
	Retry       string      // how often it is tried, as written
	Timeout     string      // as written
	Parent      *Step       // the loop or branch it stands in, nil for none
	Script      string      // the code or file of a script
	Bindings    []*Binding
	Outputs     []*Output
	Flow        *Flow // never nil
}

// Label returns the step's id, its name, or its place counted from 1.
func (s *Step) Label() string {
	switch {
	case s.ID != "":
		return s.ID
	case s.Name != "":
		return s.Name
	}
	return strconv.Itoa(s.Index)
}

// Condition is an expression that decides.
type Condition struct {
	At   source.Node
	Text string
	Type string // simple, jsonpath, regex, xpath; "" where not stated
	Over string // the expression it is applied to, "" where not stated
	Not  bool   // it must not hold: unless, else
}

// References returns what the condition looks at. A condition may name values
// without marking them: steps.check.allowed == true.
func (c Condition) References() []Reference {
	s := scanner{text: c.Text}
	s.templates()
	if len(s.found) == 0 {
		s.comparisons()
	}
	return append(s.found, References(c.Over)...)
}

// Action is what an edge does.
type Action string

// The actions.
const (
	Continue Action = "continue" // goes on with the next step
	Goto     Action = "goto"
	End      Action = "end"
	Retry    Action = "retry" // the step itself again
)

// Edge leads from a step to what follows.
type Edge struct {
	At         source.Node // Missing where the edge is not stated
	Action     Action
	To         *Step  // nil: the end of the flow, or of this flow where Workflow is named
	Workflow   string // another workflow that it goes to
	Conditions []Condition
	Stated     bool   // false: the dialect's default
	Limit      string // how often a retry may happen, as written; "" where not stated
	Unresolved string // the step named where there is no such step
}

// Binding gives a value to a parameter.
type Binding struct {
	Part
	Name  string // the parameter; inside a body, the path to it: payload.user.id
	In    string // path, query, header, cookie, body; "" where not stated
	Value string // the expression or constant, as written
	Named bool   // no value: it is whatever the flow knows under Name
}

// References returns what the value is made of.
func (b *Binding) References() []Reference {
	if b.Named {
		return []Reference{{Text: b.Name, Syntax: Dotted, Root: FromName, Name: b.Name}}
	}
	return References(b.Value)
}
