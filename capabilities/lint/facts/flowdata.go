package facts

import "agentrisk/capabilities"

// use is one reference in a value that a step sends.
type use struct {
	binding *capabilities.Binding
	ref     capabilities.Reference
	origin  capabilities.Origin
	from    *Step // the step of the flow whose result it is, nil for another
}

// findUses follows every value that the steps of a flow are given to where it
// comes from.
func (d *Document) findUses(f *Flow) {
	for _, s := range f.Steps {
		for _, b := range s.bindings() {
			for _, ref := range b.References() {
				s.uses = append(s.uses, d.use(f, s, b, ref))
			}
		}
	}
}

func (d *Document) use(f *Flow, s *Step, b *capabilities.Binding, ref capabilities.Reference) use {
	u := use{binding: b, ref: ref}
	if f.Model != nil {
		if from := f.looksAt(ref, s); from != nil && from != s && ref.Root != capabilities.FromResponse {
			u.from, u.origin = from, capabilities.Origin{Root: capabilities.FromStep, Step: from.Model}
			return u
		}
	}
	u.origin = d.origin(f, ref)
	if u.origin.Step != nil {
		u.from = f.stepOf(u.origin.Step)
	}
	if u.origin.Input == nil && s.Entry != nil && !u.origin.Unbound || s.Entry != nil && u.origin.Unbound {
		d.entryInput(&u, s.Entry)
	}
	return u
}

// entryInput looks a name up among the inputs of an entry that has no flow.
func (d *Document) entryInput(u *use, e *capabilities.Exposed) {
	names := append([]string{u.ref.Name}, u.ref.Path...)
	for _, p := range e.Inputs {
		for _, name := range names {
			if name == p.Name {
				u.origin = capabilities.Origin{Root: capabilities.FromInput, Input: p}
				return
			}
		}
	}
}

func (f *Flow) stepOf(m *capabilities.Step) *Step {
	if i := m.Index - 1; i >= 0 && i < len(f.Steps) && f.Steps[i].Model == m {
		return f.Steps[i]
	}
	return nil
}

// origin finds what a reference takes its value from where that is no step.
// Document.Origin looks a name up among all the steps of a flow, which is done
// already, and among its inputs, which are looked up here by their names: both
// would make the work grow with the square of the steps.
func (d *Document) origin(f *Flow, ref capabilities.Reference) capabilities.Origin {
	if ref.Root != capabilities.FromInput && ref.Root != capabilities.FromName {
		return d.Model.Origin(nil, ref)
	}
	if p := f.inputs[ref.Name]; p != nil {
		return capabilities.Origin{Root: capabilities.FromInput, Input: p}
	}
	if f.Model != nil && f.Model.Owner != nil {
		return d.Model.Origin(&capabilities.Flow{Owner: f.Model.Owner}, ref)
	}
	if len(ref.Path) > 0 && f.inputs[ref.Path[0]] != nil && ref.Root == capabilities.FromName { // adapter.parameter
		return capabilities.Origin{Root: capabilities.FromInput, Input: f.inputs[ref.Path[0]]}
	}
	o := d.Model.Origin(nil, ref)
	if ref.Root == capabilities.FromInput && o.Input == nil && ref.Name != "" {
		o.Unbound = len(f.inputs)+len(d.Model.Inputs) > 0
	}
	return o
}
