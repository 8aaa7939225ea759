package capabilities

// Origin is where the value of a reference comes from, as far as the document
// tells. At most one of Input, Step and Bind is set.
type Origin struct {
	Root  Root
	Input *Parameter
	Step  *Step
	Bind  *Bind
	Key   *BindKey // the variable of Bind
	Path  []string // what is taken of it, empty for all

	// Unbound is true where the document should declare what is named and does
	// not. The published engine renders such a value as an empty text.
	Unbound bool
}

// Origin finds what ref, standing in flow, takes its value from. flow is nil for
// references outside of a flow.
func (d *Document) Origin(flow *Flow, ref Reference) Origin {
	o := d.origin(flow, ref)
	if o.Path == nil {
		o.Path = ref.Path
	}
	return o
}

func (d *Document) origin(flow *Flow, ref Reference) Origin {
	switch ref.Root {
	case FromInput:
		in := d.input(flow, ref.Name)
		return Origin{Root: FromInput, Input: in, Unbound: in == nil && ref.Name != "" && d.hasInputs(flow)}
	case FromStep:
		step := flow.step(ref.Name)
		return Origin{Root: FromStep, Step: step, Unbound: step == nil}
	case FromResponse:
		if ref.Syntax == JSONPath && len(ref.Path) > 0 {
			if step := flow.step(ref.Path[0]); step != nil {
				return Origin{Root: FromStep, Step: step, Path: ref.Path[1:]}
			}
		}
		return Origin{Root: FromResponse}
	case FromSecret:
		bind, key := d.bind(ref.Name)
		return Origin{Root: FromSecret, Bind: bind, Key: key, Unbound: key == nil && len(d.Binds) > 0}
	case FromEnv: // binds often go by the name env
		if bind, key := d.bind(ref.Name); key != nil {
			return Origin{Root: FromSecret, Bind: bind, Key: key}
		}
	case FromName:
		return d.originOfName(flow, ref)
	}
	return Origin{Root: ref.Root}
}

// A bare name is, in this order, a step, an input, a variable of a bind, a bind
// or adapter in front of its variable or parameter, or a word.
func (d *Document) originOfName(flow *Flow, ref Reference) Origin {
	if step := flow.step(ref.Name); step != nil {
		return Origin{Root: FromStep, Step: step}
	}
	if in := d.input(flow, ref.Name); in != nil {
		return Origin{Root: FromInput, Input: in}
	}
	if bind, key := d.bind(ref.Name); key != nil {
		return Origin{Root: FromSecret, Bind: bind, Key: key}
	}
	if len(ref.Path) > 0 {
		for _, bind := range d.Binds {
			if key := bind.key(ref.Path[0]); key != nil && bind.Namespace == ref.Name {
				return Origin{Root: FromSecret, Bind: bind, Key: key, Path: ref.Path[1:]}
			}
		}
		for _, a := range d.Exposes {
			if a.Name == ref.Name {
				in := d.input(flow, ref.Path[0])
				return Origin{Root: FromInput, Input: in, Unbound: in == nil, Path: ref.Path[1:]}
			}
		}
	}
	return Origin{Root: FromName, Unbound: ref.Syntax != Dotted}
}

func (d *Document) hasInputs(flow *Flow) bool {
	return len(d.Inputs) > 0 || flow != nil && len(flow.Inputs) > 0
}

func (d *Document) input(flow *Flow, name string) *Parameter {
	if flow != nil {
		if p := parameter(flow.Inputs, name); p != nil {
			return p
		}
		if flow.Owner != nil {
			if p := parameter(flow.Owner.Inputs, name); p != nil {
				return p
			}
		}
	}
	return parameter(d.Inputs, name)
}

func (d *Document) bind(name string) (*Bind, *BindKey) {
	for _, b := range d.Binds {
		if key := b.key(name); key != nil {
			return b, key
		}
	}
	return nil, nil
}

func (b *Bind) key(name string) *BindKey {
	for i := range b.Keys {
		if b.Keys[i].Name == name {
			return &b.Keys[i]
		}
	}
	return nil
}

// step finds a step by its id, or by its name.
func (f *Flow) step(name string) *Step {
	if f == nil {
		return nil
	}
	return f.byName[name]
}

func parameter(list []*Parameter, name string) *Parameter {
	for _, p := range list {
		if p.Name == name {
			return p
		}
	}
	return nil
}
