package facts

import (
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// Of computes the facts of a document.
func Of(m *capabilities.Document, classify Classifier) *Document {
	d := &Document{Model: m, classify: classify, words: lexicon(), byModel: map[*capabilities.Flow]*Flow{}, single: line(1)}
	d.At = d.handle(Place{At: m.Identity.At, Path: "document"})
	d.Decides = decides(m)
	for _, f := range m.Flows {
		d.addFlow(f)
	}
	offered := d.addAdapters()
	for _, f := range d.Flows {
		if by := offered[f.Model]; f.Model != nil && len(by) > 0 {
			f.Called, f.CallerAuth = true, true
			for _, a := range by {
				f.CallerAuth = f.CallerAuth && a.Auth
			}
		}
	}
	for _, f := range d.Flows {
		d.findUses(f)
		d.findGates(f)
		d.findNeeds(f)
	}
	d.find()
	return d
}

func (d *Document) addFlow(m *capabilities.Flow) {
	f := &Flow{ID: m.ID, Model: m, Entry: m.Owner, graph: newGraph(m), named: make(map[string]*Step, len(m.Steps))}
	f.At = d.handle(Place{At: m.At, Path: "flow " + m.ID, Flow: m.ID})
	if len(m.Inputs) > 0 {
		f.inputs = make(map[string]*capabilities.Parameter, len(m.Inputs))
		for _, p := range m.Inputs {
			f.inputs[p.Name] = p
		}
	}
	for i, s := range m.Steps {
		one := &Step{Result: d.classify.Step(s), Label: s.Label(), Flow: f, Index: i, Model: s}
		one.At = d.handle(Place{At: s.At, Path: "flow " + m.ID + " step " + one.Label, Operation: s.Target.Text, Flow: m.ID, Step: one.Label, About: one})
		f.add(one)
	}
	for _, s := range f.Steps {
		s.findLogins()
	}
	d.Flows = append(d.Flows, f)
	d.byModel[m] = f
}

func (d *Document) flowOf(m *capabilities.Flow) *Flow { return d.byModel[m] }

func (f *Flow) add(s *Step) {
	f.Steps = append(f.Steps, s)
	if m := s.Model; m != nil {
		for _, name := range [...]string{m.ID, m.Name} {
			if name != "" && f.named[name] == nil {
				f.named[name] = s
			}
		}
	}
	if s.Control == effects.None {
		return
	}
	f.controls = append(f.controls, s)
	if f.heads == nil {
		f.heads = map[effects.Control]*Step{}
	}
	if f.heads[s.Control] == nil {
		f.heads[s.Control] = s
	}
	if s.Model != nil && len(s.Model.Conditions) > 0 {
		if f.under == nil {
			f.under = map[string][]*Step{}
		}
		key := conditionKey(s.Model.Conditions)
		f.under[key] = append(f.under[key], s)
	}
}

// findLogins finds the logins whose result the step sends on: without it the
// call would be refused.
func (s *Step) findLogins() {
	for _, b := range s.Model.Bindings {
		for _, ref := range b.References() {
			if from := s.Flow.looksAt(ref, s); from != nil && from != s && from.Control == effects.Authenticate {
				s.logins = append(s.logins, from)
				from.Used = true
			}
		}
	}
}

// addAdapters adds the adapters, a flow of one step for each entry that calls one
// operation, and returns which adapters offer a flow of the model.
func (d *Document) addAdapters() map[*capabilities.Flow][]*Adapter {
	offered := map[*capabilities.Flow][]*Adapter{}
	for _, m := range d.Model.Exposes {
		a := &Adapter{Model: m, Auth: authenticated(m.Authentication), Local: local(m)}
		a.At = d.handle(Place{At: m.At, Path: "adapter " + m.Name})
		for _, e := range m.Entries {
			if e.Flow != nil {
				offered[e.Flow] = append(offered[e.Flow], a)
				if f := d.flowOf(e.Flow); f != nil && !slices.Contains(a.flows, f) {
					a.flows = append(a.flows, f)
				}
				continue
			}
			if s := d.addEntry(a, e); s != nil {
				a.Entries = append(a.Entries, s)
			}
		}
		d.Adapters = append(d.Adapters, a)
	}
	return offered
}

func (d *Document) addEntry(a *Adapter, e *capabilities.Exposed) *Step {
	if e.Call.State == capabilities.None && !d.callsUnsaid(e) {
		return nil // a constant answer, a text
	}
	name := e.Name
	if name == "" {
		name = strings.TrimSpace(e.Method + " " + e.Path)
	}
	f := &Flow{ID: name, Entry: e, graph: d.single, Called: true, CallerAuth: a.Auth}
	s := &Step{Result: d.classify.Entry(e), Label: "1", Flow: f, Entry: e}
	at := Place{At: e.At, Path: "adapter " + a.Model.Name + " entry " + name, Operation: e.Call.Text, Flow: name, Step: s.Label, About: s}
	s.At = d.handle(at)
	f.At = s.At
	f.add(s)
	d.Flows = append(d.Flows, f)
	return s
}

// callsUnsaid reports whether an entry that names no operation calls one all the
// same. Where the specification has a way to say what is called, an entry that
// does not say it answers by a constant; a list of tools without a specification
// just leaves it out.
func (d *Document) callsUnsaid(e *capabilities.Exposed) bool {
	switch d.Model.Dialect {
	case capabilities.AdHoc, capabilities.Kubernetes:
		return e.Kind == capabilities.Tool || e.Kind == capabilities.RESTOperation
	}
	return false
}

func authenticated(a *capabilities.Authentication) bool { return a != nil && a.Type != "none" }

// local reports whether only processes on the same machine reach the adapter.
func local(a *capabilities.Adapter) bool {
	return a.Transport == "stdio" || loopback(a.Address)
}

func loopback(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}
