package plan

// join keeps those items of a list whose field is one of the values wanted: what
// a lookup step of the specification does. Of each it keeps the names asked for,
// or all where none are. A single value wanted gives a single item, or null.
func (n *node) join(env *Env) (any, error) {
	index, err := n.parts[0].eval(env)
	if err != nil {
		return nil, err
	}
	wanted, err := n.parts[1].eval(env)
	if err != nil {
		return nil, err
	}
	items, ok := index.([]any)
	if !ok {
		return nil, n.fail("looks up in "+describe(index)+", not a list", nil)
	}
	list, several := wanted.([]any)
	if !several {
		list = []any{wanted}
	}
	keep := make(map[string]bool, len(list))
	for _, one := range list {
		keep[keyOf(one)] = one != nil
	}
	out := []any{}
	for _, item := range items {
		if v := at(item, []string{n.name}); v != nil && keep[keyOf(v)] {
			out = append(out, n.kept(item))
		}
	}
	switch {
	case several:
		return out, nil
	case len(out) == 0:
		return nil, nil
	}
	return out[0], nil
}

// keyOf makes equal values equal texts: numbers by their value.
func keyOf(v any) string {
	if x, ok := rational(v); ok {
		return "number " + x.RatString()
	}
	return describe(v) + " " + jsonText(v)
}

func (n *node) kept(item any) any {
	if len(n.names) == 0 {
		return item
	}
	out := make(map[string]any, len(n.names))
	for _, name := range n.names {
		out[name] = at(item, []string{name})
	}
	return out
}

// project makes of each item of a list what the second part says of it.
func (n *node) project(env *Env) (any, error) {
	v, err := n.parts[0].eval(env)
	if err != nil || v == nil {
		return nil, err
	}
	items, ok := v.([]any)
	if !ok {
		return nil, n.fail("is "+describe(v)+", not a list", nil)
	}
	out := make([]any, len(items))
	inner := *env
	inner.HasItem = true
	for i, item := range items {
		inner.Item = item
		if out[i], err = n.parts[1].eval(&inner); err != nil {
			return nil, err
		}
	}
	return out, nil
}
