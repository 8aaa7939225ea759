package effects

import (
	"path"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// OfOperation tells what an upstream operation of a document does.
func (c *Classifier) OfOperation(d *capabilities.Document, op *capabilities.Operation) Result {
	return c.Classify(fromOperation(d, c.providerOf(d), op))
}

// OfExposed tells what a tool or operation that a document exposes does: what it
// calls, the gravest of its steps, or its own name where it has neither.
func (c *Classifier) OfExposed(d *capabilities.Document, e *capabilities.Exposed) Result {
	own := fromExposed(c.providerOf(d), e)
	r, found := c.ofTarget(d, &e.Call, own, 0)
	if !found && e.Flow != nil && len(e.Flow.Steps) > 0 {
		r, found = c.gravest(d, e.Flow, 0), true
	}
	if !found {
		return c.Classify(own)
	}
	c.applyHints(own, guess{class: "called", basis: r.Basis, effect: r.Effect, method: methodClass(own.Method)}, &r)
	return r
}

// maxDepth bounds how far a step that runs a flow is followed.
const maxDepth = 8

// OfStep tells what a step does, in its flow: joining earlier results reads, and
// what undoes an earlier step on the way of a failure is a rollback.
func (c *Classifier) OfStep(d *capabilities.Document, s *capabilities.Step) Result {
	return c.ofStep(d, s, 0)
}

func (c *Classifier) ofStep(d *capabilities.Document, s *capabilities.Step, depth int) Result {
	own := fromStep(d, c.providerOf(d), s)
	switch s.Kind {
	case capabilities.LookupStep:
		return ofKind(own, "step-lookup", "joins the results of earlier steps")
	case capabilities.ScriptStep:
		return ofKind(own, "step-script", "computes from the results of earlier steps")
	}
	r, found := c.ofTarget(d, &s.Target, own, depth)
	if !found || r.Basis == ByUnknown {
		if byStep := c.Classify(own); !found || byStep.Basis != ByUnknown {
			r = byStep
		}
	}
	if r.Control == None && c.undoes(d, s, own) {
		r.Control = Rollback
		r.Evidence = append([]source.Evidence{own.evidence("rollback-on-failure")}, r.Evidence...)
	}
	return r
}

func ofKind(op Operation, rule, quote string) Result {
	return Result{Effect: Read, Control: None, Basis: ByDocument, Confidence: Likely,
		Evidence: []source.Evidence{{At: op.At, Quote: quote, Rule: rule}}}
}

// ofTarget tells what a reference does, where it names something.
func (c *Classifier) ofTarget(d *capabilities.Document, t *capabilities.Target, own Operation, depth int) (Result, bool) {
	switch {
	case depth >= maxDepth:
		return Result{Effect: Write, Control: None, Basis: ByUnknown, Confidence: NotKnown, Evidence: []source.Evidence{own.evidence("too-deep")}}, true
	case t.Operation != nil:
		op := fromOperation(d, c.providerOf(d), t.Operation)
		op.At, op.Context = own.At, own.Context
		return c.Classify(op), true
	case t.Entry != nil && t.Entry.Flow != nil && len(t.Entry.Flow.Steps) > 0:
		return c.gravest(d, t.Entry.Flow, depth+1), true
	case t.Entry != nil && t.Entry.Call.State != capabilities.None:
		return c.ofTarget(d, &t.Entry.Call, own, depth+1)
	case t.Entry != nil:
		return c.Classify(fromExposed(c.providerOf(d), t.Entry)), true
	case t.Flow != nil && len(t.Flow.Steps) > 0:
		return c.gravest(d, t.Flow, depth+1), true
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
	return c.Classify(op), true
}

// gravest is what a flow does as a whole: the gravest of its steps. A flow that
// consists of one step is the control that this step is; of a longer one, the
// steps are looked at themselves.
func (c *Classifier) gravest(d *capabilities.Document, f *capabilities.Flow, depth int) Result {
	var worst Result
	for i, s := range f.Steps {
		r := c.ofStep(d, s, depth)
		if i == 0 || graver(worst.Effect, r.Effect) != worst.Effect {
			worst = r
		}
	}
	if len(f.Steps) > 1 {
		worst.Control = None
	}
	return worst
}

// undoes reports whether a step stands on the way of another's failure and takes
// back what an earlier step of the flow made.
func (c *Classifier) undoes(d *capabilities.Document, s *capabilities.Step, own Operation) bool {
	if s.Flow == nil {
		return false
	}
	name := c.lexicon.readName(stepName(s), "")
	if name.verb == nil || !takesBack(name.verb.class) || !onFailure(s) {
		return false
	}
	for _, earlier := range s.Flow.Steps {
		if earlier == s {
			continue
		}
		made := c.lexicon.readName(stepName(earlier), "")
		if made.verb == nil || takesBack(made.verb.class) || made.verb.class == "read" || made.verb.class == "check" {
			continue
		}
		if len(name.object) == 0 || len(made.object) > 0 && made.object[len(made.object)-1].singular() == name.object[len(name.object)-1].singular() {
			return true
		}
	}
	return false
}

func onFailure(s *capabilities.Step) bool {
	for _, other := range s.Flow.Steps {
		for _, e := range other.OnFailure {
			if e.To == s && other != s {
				return true
			}
		}
	}
	return false
}

func takesBack(c class) bool {
	switch c {
	case "delete", "cancel", "revoke", "enable", "rollback", "pay", "logout":
		return true
	}
	return false
}

func stepName(s *capabilities.Step) string {
	if s.Target.Name != "" {
		return s.Target.Name
	}
	return s.Label()
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

func fromOperation(d *capabilities.Document, provider string, op *capabilities.Operation) Operation {
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
