package capabilities

// composition reads a Naftiko Capability Composition 0.1: steps over the
// operations of a registry, without conditions, bindings or failure handling.
func (r *reading) composition() {
	d := r.doc
	f := &Flow{ID: "-"}
	for key, value := range d.Root.Pairs() {
		switch name := key.Text(); name {
		case "inputs":
			d.Inputs = r.parameters(value, name)
		case "steps":
			f.Part = Part{key, value}
			r.steps(f, value, nil)
		case "outputs":
			d.Outputs = r.outputs(value)
		default:
			if !r.header(name, value) {
				r.unknown("document", key, value)
			}
		}
	}
	f.Name, f.Description = d.Identity.Name, d.Identity.Description
	f.Inputs, f.Outputs = d.Inputs, d.Outputs
	r.addFlow(f)
}
