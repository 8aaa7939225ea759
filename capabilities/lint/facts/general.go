package facts

import "agentrisk/capabilities"

// Input is a parameter of the document, a flow or an entry.
type Input struct {
	At    Handle
	Flow  string // "" for one of the document
	Model *capabilities.Parameter
}

// Output is a value that the document, a flow or an entry hands on.
type Output struct {
	At    Handle
	Flow  string // "" for one of the document
	Model *capabilities.Output
}

// AllSteps returns the steps of every flow, in the order of the flows.
func (d *Document) AllSteps() []*Step {
	var all []*Step
	for _, f := range d.Flows {
		all = append(all, f.Steps...)
	}
	return all
}

// AllInputs returns the inputs of the document, its flows and its entries.
func (d *Document) AllInputs() []Input {
	var all []Input
	add := func(list []*capabilities.Parameter, flow string) {
		for _, p := range list {
			all = append(all, Input{d.handle(Place{At: p.At, Path: "flow " + flow + " input " + p.Name, Flow: flow}), flow, p})
		}
	}
	add(d.Model.Inputs, "")
	for _, f := range d.Flows {
		switch {
		case f.Model == nil:
			add(f.Entry.Inputs, f.ID)
		case f.ID != "-" || len(d.Model.Inputs) == 0:
			add(f.Model.Inputs, f.ID)
		}
	}
	return all
}

// AllOutputs returns the outputs of the document, its flows and its entries.
func (d *Document) AllOutputs() []Output {
	var all []Output
	add := func(list []*capabilities.Output, flow string) {
		for _, o := range list {
			all = append(all, Output{d.handle(Place{At: o.At, Path: "flow " + flow + " output " + o.Name, Flow: flow}), flow, o})
		}
	}
	add(d.Model.Outputs, "")
	for _, f := range d.Flows {
		switch {
		case f.Model == nil:
			add(f.Entry.Outputs, f.ID)
		case f.ID != "-" || len(d.Model.Outputs) == 0:
			add(f.Model.Outputs, f.ID)
		}
	}
	return all
}

// Target returns what the step refers to.
func (s *Step) Target() capabilities.Target { return s.targetOf() }

// Values returns what the step is given.
func (s *Step) Values() []*capabilities.Binding { return s.bindings() }
