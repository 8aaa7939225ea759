package effects

import (
	"path"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// InDocument tells what the parts of one document do. What holds for the
// document or a flow as a whole is found once, so that the cost grows with the
// size of the document, however its flows call each other. It is not for several
// goroutines at once.
type InDocument struct {
	known    *Classifier
	doc      *capabilities.Document
	provider string
	flows    map[*capabilities.Flow]*flowIndex
}

// In returns what tells of the parts of d.
func (c *Classifier) In(d *capabilities.Document) *InDocument {
	return &InDocument{known: c, doc: d, provider: c.providerOf(d), flows: map[*capabilities.Flow]*flowIndex{}}
}

// OfOperation is In(d).Operation(op), for a single question.
func (c *Classifier) OfOperation(d *capabilities.Document, op *capabilities.Operation) Result {
	return c.In(d).Operation(op)
}

// OfExposed is In(d).Exposed(e), for a single question.
func (c *Classifier) OfExposed(d *capabilities.Document, e *capabilities.Exposed) Result {
	return c.In(d).Exposed(e)
}

// OfStep is In(d).Step(s), for a single question.
func (c *Classifier) OfStep(d *capabilities.Document, s *capabilities.Step) Result {
	return c.In(d).Step(s)
}

// Operation tells what an upstream operation of the document does.
func (in *InDocument) Operation(op *capabilities.Operation) Result {
	return in.known.Classify(fromOperation(in.provider, op))
}

// Exposed tells what a tool or operation that the document exposes does: what it
// calls, the gravest of its steps, or its own name where it has neither.
func (in *InDocument) Exposed(e *capabilities.Exposed) Result {
	own := fromExposed(in.provider, e)
	r, found := in.ofTarget(&e.Call, own, 0)
	if !found && e.Flow != nil && len(e.Flow.Steps) > 0 {
		r, found = in.gravest(e.Flow, 0), true
	}
	if !found {
		return in.known.Classify(own)
	}
	in.known.applyHints(own, guess{class: "called", basis: r.Basis, effect: r.Effect, method: methodClass(own.Method)}, &r)
	return r
}

// maxDepth bounds how far a step that runs a flow is followed.
const maxDepth = 64

// Step tells what a step does, in its flow: what the runtime itself offers is
// known by its name, joining earlier results reads, what undoes an earlier step
// on the way of a failure is a rollback, and what its author calls an audit and
// writes a record is one.
func (in *InDocument) Step(s *capabilities.Step) Result { return in.step(s, 0) }

func (in *InDocument) step(s *capabilities.Step, depth int) Result {
	own := fromStep(in.doc, in.provider, s)
	if r, ok := ofBuiltin(s); ok {
		return r
	}
	switch s.Kind {
	case capabilities.LookupStep:
		return ofKind(own, "step-lookup", "joins the results of earlier steps")
	case capabilities.ScriptStep:
		return ofKind(own, "step-script", "computes from the results of earlier steps")
	}
	r, found := in.ofTarget(&s.Target, own, depth)
	if !found || r.Basis == ByUnknown {
		if byStep := in.known.Classify(own); !found || byStep.Basis != ByUnknown {
			r = byStep
		}
	}
	switch {
	case r.Control != None:
	case in.undoes(s):
		r.Control = Rollback
		r.Evidence = append([]source.Evidence{own.evidence("rollback-on-failure")}, r.Evidence...)
	case r.Effect == Write && in.records(s):
		r.Control = Audit
		r.Evidence = append([]source.Evidence{own.evidence("step-named-audit")}, r.Evidence...)
	}
	return r
}

func ofKind(op Operation, rule, quote string) Result {
	return Result{Effect: Read, Control: None, Basis: ByDocument, Confidence: Likely,
		Evidence: []source.Evidence{{At: op.At, Quote: quote, Rule: rule}}}
}

// records reports whether a step that its author calls an audit writes an event
// or a record. The name alone is not enough: it may be prose.
func (in *InDocument) records(s *capabilities.Step) bool {
	if s.ID == "" || s.Target.Name == "" || in.known.Classify(Operation{ID: s.ID}).Control != Audit {
		return false
	}
	name := strings.ToLower(s.Target.Name)
	for _, noun := range [...]string{"event", "record", "log", "entry"} {
		if strings.Contains(name, noun) {
			return true
		}
	}
	return false
}

// ofTarget tells what a reference does, where it names something.
func (in *InDocument) ofTarget(t *capabilities.Target, own Operation, depth int) (Result, bool) {
	switch {
	case depth >= maxDepth:
		return tooDeep(own), true
	case t.Operation != nil:
		op := fromOperation(in.provider, t.Operation)
		op.At, op.Context = own.At, own.Context
		return in.known.Classify(op), true
	case t.Entry != nil && t.Entry.Flow != nil && len(t.Entry.Flow.Steps) > 0:
		return in.gravest(t.Entry.Flow, depth+1), true
	case t.Entry != nil && t.Entry.Call.State != capabilities.None:
		return in.ofTarget(&t.Entry.Call, own, depth+1)
	case t.Entry != nil:
		return in.known.Classify(fromExposed(in.provider, t.Entry)), true
	case t.Flow != nil && len(t.Flow.Steps) > 0:
		return in.gravest(t.Flow, depth+1), true
	case t.Text == "" && t.Path == "":
		return Result{}, false
	}
	op, s := own, own.ID
	op.Name = ""
	op.ID, op.Method, op.Path = t.Name, t.Method, t.Path
	if op.ID == "" && op.Path == "" {
		op.ID = t.Text
	}
	if _, _, ok := methodAndPath(op.ID); ok || op.ID == "" {
		op.Name = s // the step's id is the only name there is
	}
	if t.Namespace != "" {
		op.Context += " " + t.Namespace
	}
	return in.known.Classify(op), true
}

// tooDeep is the result where flows call each other in a circle, or further than
// is followed.
func tooDeep(own Operation) Result {
	return Result{Effect: Write, Control: None, Basis: ByUnknown, Confidence: NotKnown, Evidence: []source.Evidence{own.evidence("too-deep")}}
}

// providerOf tells whose operations a document uses: what it states, else a
// known provider that its title, its upstream's address or the name of a
// description it imports begins with.
func (c *Classifier) providerOf(d *capabilities.Document) string {
	if d.Identity.Provider != "" {
		return d.Identity.Provider
	}
	for _, text := range [...]string{d.Identity.API, d.Identity.Name} {
		if p := c.catalogue.begins(text); p != "" {
			return p
		}
	}
	for _, s := range d.Consumes {
		if p := c.catalogue.host(s.BaseURI); p != "" {
			return p
		}
	}
	for _, i := range d.Imports {
		if p := c.catalogue.begins(path.Base(i.Location)); p != "" {
			return p
		}
	}
	return d.Identity.API
}

func fromOperation(provider string, op *capabilities.Operation) Operation {
	out := Operation{ID: op.ID, Name: op.Name, Method: op.Method, Path: op.Path, Description: op.Description,
		Provider: provider, Hints: hints(op.Hints, op.Semantics), At: op.Location()}
	if s := op.Service; s != nil {
		out.Context = s.Namespace
		if !strings.Contains(out.Path, "://") && s.BaseURI != "" && out.Path != "" {
			out.Path = strings.TrimSuffix(s.BaseURI, "/") + "/" + strings.TrimPrefix(out.Path, "/")
		}
		if out.Provider == "" {
			out.Provider = s.Namespace
		}
	}
	return out
}

func fromExposed(provider string, e *capabilities.Exposed) Operation {
	return Operation{ID: e.Name, Method: e.Method, Path: e.Path, Description: e.Description, Provider: provider,
		Hints: hints(e.Hints, e.Semantics), At: e.Location()}
}

func fromStep(d *capabilities.Document, provider string, s *capabilities.Step) Operation {
	op := Operation{ID: s.ID, Name: s.Name, Description: s.Description, Provider: provider, At: s.Location()}
	op.Context = d.Identity.Name + " " + s.Capability
	if s.Flow != nil {
		op.Context += " " + s.Flow.ID
	}
	return op
}

func hints(h capabilities.Hints, s capabilities.Semantics) Hints {
	out := Hints{ReadOnly: h.ReadOnly, Destructive: h.Destructive}
	if h.At.Exists() {
		out.At = h.At.Location()
	}
	if out.ReadOnly == nil && s.Safe != nil {
		out.ReadOnly = s.Safe
		if s.At.Exists() {
			out.At = s.At.Location()
		}
	}
	return out
}
