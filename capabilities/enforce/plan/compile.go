package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/lint/facts"
	"agentrisk/internal/source"
)

// Catalogue is what operations can be bound to.
type Catalogue interface {
	// Find returns the operation that a provider offers under this id.
	Find(providerName, id string) (provider.Operation, bool)
	// IDs lists the ids of a provider's operations, none for one that nobody modelled.
	IDs(providerName string) []string
}

// Options say what a plan is compiled with.
type Options struct {
	Operations Catalogue           // nil: every operation is simulated
	Classify   *effects.Classifier // nil: the embedded catalogue alone
}

// Refusal is a document that cannot be run as it stands, with every reason.
type Refusal struct {
	Faults []*source.Error // never empty, in the order of their places
}

func (r *Refusal) Error() string {
	const most = 20
	lines := make([]string, 0, min(len(r.Faults), most)+1)
	for i, fault := range r.Faults {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(r.Faults)-most))
			break
		}
		lines = append(lines, fault.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the faults.
func (r *Refusal) Unwrap() []error {
	out := make([]error, len(r.Faults))
	for i, fault := range r.Faults {
		out[i] = fault
	}
	return out
}

// Bounds on a plan.
const (
	maxSteps     = 500
	maxInputs    = 500
	maxArguments = 200 // of one step
	maxEdges     = 200 // of one step, after success or after failure
	maxFlowDepth = 8   // flows that call flows
	maxTries     = 5
	maxWork      = 500_000 // nodes of all expressions together
)

// compiler is one document on its way to a plan.
type compiler struct {
	doc     *capabilities.Document
	options Options
	facts   *facts.Document
	flows   map[*capabilities.Flow]*facts.Flow
	roles   map[string]provider.Role
	plan    *Plan
	built   []*building
	inputs  map[string]int // places in plan.Inputs
	given   map[string]bool
	implied map[string]bool // inputs that an entry hands on without declaring them
	// declares: the document says which inputs there are.
	declares bool
	faults   []*source.Error
	ids      map[string]bool
	services *services                     // what they are called; nil until one is asked for
	secrecy  map[*capabilities.Output]bool // of named parts of answers, while it is found out too
	work     int                           // nodes made of references
	// languages are the versions that criteria state of theirs, by the condition's
	// node; nil until one is asked for.
	languages map[source.Node]string
}

// Compile binds every step of a flow to an operation and every argument to where
// its value comes from. flow names one of the document's flows; "" is the only
// one. An exposed entry that calls one operation is a flow of one step. The error
// is a *Refusal.
func Compile(doc *capabilities.Document, flow string, o Options) (*Plan, error) {
	c := &compiler{doc: doc, options: o, flows: map[*capabilities.Flow]*facts.Flow{},
		inputs: map[string]int{}, given: map[string]bool{}, implied: map[string]bool{}, ids: map[string]bool{},
		secrecy: map[*capabilities.Output]bool{}}
	if c.admit(); len(c.faults) > 0 {
		return nil, c.refusal()
	}
	if err := c.prepare(); err != nil {
		return nil, c.refused(&source.Error{At: c.start(), ID: "setup", Message: "cannot be classified", Err: err})
	}
	chosen, name := c.choose(flow)
	if chosen == nil {
		return nil, c.refusal()
	}
	c.compile(chosen, name)
	if len(c.faults) > 0 {
		return nil, c.refusal()
	}
	if c.plan.digest = c.plan.sum(); c.plan.digest == "" {
		return nil, c.refused(&source.Error{At: c.start(), ID: "digest", Message: "holds a value that cannot be written down"})
	}
	return c.plan, nil
}

func (c *compiler) prepare() error {
	if c.options.Classify == nil {
		known, err := effects.New()
		if err != nil {
			return err
		}
		c.options.Classify = known
	}
	var err error
	if c.roles, err = rolesByName(); err != nil {
		return err
	}
	c.facts = facts.Of(c.doc, classifier{c.options.Classify.In(c.doc)})
	for _, f := range c.facts.Flows {
		if f.Model != nil {
			c.flows[f.Model] = f
		}
	}
	return nil
}

// classifier speaks to facts.
type classifier struct{ *effects.InDocument }

func (c classifier) Entry(e *capabilities.Exposed) effects.Result { return c.Exposed(e) }

// admit refuses what cannot be known as a whole: a run of half a document might
// lack the half that protects.
func (c *compiler) admit() {
	d := c.doc
	if d.Dialect == capabilities.Unspecified {
		c.fault(c.start(), "no-capability", "is no capability that can be read: "+d.Reason, "one of the dialects of capabilities", "")
	}
	if d.Incomplete {
		c.fault(c.start(), "incomplete", "could be read in part only", "the whole file", "what is missing may be what protects")
	}
	for _, p := range d.Problems {
		switch p.ID {
		case "syntax", "duplicate-key", "truncated", "incomplete", "too-large", "too-deep", "reference", "encoding":
			c.faults = append(c.faults, p)
		}
	}
}

func (c *compiler) compile(f *facts.Flow, name string) {
	d := c.doc
	c.plan = &Plan{Doc: d, Capability: c.name(), Dialect: d.Dialect, Flow: name, Description: c.description(f)}
	if d.File != nil {
		c.plan.File = d.File.Name
		sum := sha256.Sum256(d.File.Text)
		c.plan.SHA256 = hex.EncodeToString(sum[:])
	}
	top := &scope{c: c, flow: f}
	c.declare(top)
	c.lay(top)
	if len(c.faults) > 0 && len(c.built) == 0 {
		return
	}
	for _, b := range c.built {
		c.operation(b)
	}
	for _, b := range c.built {
		c.fill(b)
	}
	c.way(top)
	c.plan.Outputs = c.outputsOf(top)
	c.promise()
	c.finish()
}

func (c *compiler) name() string {
	id := c.doc.Identity
	return cmp.Or(id.Name, id.ID, "capability")
}

func (c *compiler) description(f *facts.Flow) string {
	switch {
	case f.Model != nil && f.Model.Description != "":
		return f.Model.Description
	case f.Entry != nil && f.Entry.Description != "":
		return f.Entry.Description
	}
	return c.doc.Identity.Description
}

// finish settles what can be said once everything is bound.
func (c *compiler) finish() {
	p := c.plan
	for i := range p.Inputs {
		if in := &p.Inputs[i]; !c.given[in.Name] {
			c.warn(c.start(), "", fmt.Sprintf("the input %q reaches no step", in.Name))
		}
	}
	c.asTaken()
	c.roleOfInputs()
	c.shareSimulated()
	slices.SortStableFunc(p.Warnings, func(a, b Warning) int { return compareLocations(a.At, b.At) })
	p.Warnings = slices.Compact(p.Warnings)
}

func (c *compiler) start() source.Location {
	if at := c.doc.Identity.At; at.Exists() {
		return at.Location()
	}
	if c.doc.File != nil {
		return source.Location{File: c.doc.File.Name}
	}
	return source.Location{}
}

func (c *compiler) warn(at source.Location, step, text string) {
	c.plan.Warnings = append(c.plan.Warnings, Warning{At: at, Step: step, Text: text})
}

func (c *compiler) fault(at source.Location, id, message, expected, hint string) {
	c.faults = append(c.faults, &source.Error{At: at, ID: id, Message: message, Expected: expected, Hint: hint})
}

// faultOf keeps an error that came up about what stands at at.
func (c *compiler) faultOf(at source.Location, id, about string, err error) {
	var p *problem
	if errors.As(err, &p) {
		c.fault(at, id, about+": "+p.message, p.expected, p.hint)
		return
	}
	c.fault(at, id, about+": "+err.Error(), "", "")
}

func (c *compiler) refused(e *source.Error) error {
	c.faults = append(c.faults, e)
	return c.refusal()
}

func (c *compiler) refusal() *Refusal {
	slices.SortStableFunc(c.faults, func(a, b *source.Error) int { return compareLocations(a.At, b.At) })
	out := slices.CompactFunc(c.faults, func(a, b *source.Error) bool {
		return a.At == b.At && a.Message == b.Message
	})
	return &Refusal{Faults: out}
}

func compareLocations(a, b source.Location) int {
	x, y := a.Range.Start, b.Range.Start
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
}
