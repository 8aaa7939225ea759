package plan

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/provider"
)

// simulated describes an operation that nobody modelled, by what the document
// declares and binds.
func (c *compiler) simulated(b *building) provider.Operation {
	t, r := b.target, b.facts.Result
	op := provider.Operation{ID: cmp.Or(r.Canonical, t.Name, t.Text, b.step.ID), Title: b.step.Title,
		Method: t.Method, Path: t.Path, Effect: graver(r.Effect, cmp.Or(r.Unhinted, r.Effect)), Control: honoured(r.Control), Keyed: true, Simulated: true}
	if declared := t.Operation; declared != nil {
		c.declared(&op, declared)
	} else if e := b.facts.Entry; e != nil {
		op.Method, op.Path = cmp.Or(op.Method, e.Method), cmp.Or(op.Path, e.Path)
		op.Params = c.params(e.Inputs)
		op.Outputs = c.shapeOf(e.Outputs)
	}
	if at := addressOf(op); op.Host == "" && strings.Contains(at, "://") {
		op.Host = hostOf(at)
	}
	c.service(b, &op)
	return op
}

// addressOf is the path of an operation, or what stands for one in an id such as
// GET https://example.com/orders; "" where there is neither.
func addressOf(op provider.Operation) string {
	if op.Path != "" {
		return op.Path
	}
	for _, word := range strings.Fields(op.ID) {
		if strings.HasPrefix(word, "/") || strings.Contains(word, "://") {
			return word
		}
	}
	return ""
}

// providerName is a name that a world can grant: scopes and resources hold no spaces
// and none of the signs that divide them.
func providerName(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune(":#@*", c)
	}), "-")
}

func (c *compiler) declared(op *provider.Operation, o *capabilities.Operation) {
	op.Method, op.Path = o.Method, o.Path
	op.Title = cmp.Or(op.Title, clean(o.Description))
	op.Params = c.params(o.Inputs)
	op.Outputs = c.shapeOf(o.Outputs)
	if o.Service == nil {
		return
	}
	base := o.Service.BaseURI
	if strings.Contains(o.Path, "://") {
		base = o.Path
	}
	if base != "" {
		op.Host = hostOf(base)
	}
}

// hostOf is the host of an address. Where it cannot be told, as in one with a
// parameter in it, the address stands for it: no list of hosts has it.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, "{}$") {
		return clean(address)
	}
	return u.Hostname()
}

// params reads declared parameters. A constant that the document gives one is its
// default.
func (c *compiler) params(declared []*capabilities.Parameter) []provider.Param {
	var out []provider.Param
	for _, p := range declared {
		if p.Name == "" || slices.ContainsFunc(out, func(o provider.Param) bool { return o.Name == p.Name }) {
			continue
		}
		one := provider.Param{Name: p.Name, In: p.In, Type: typeName(p.Type), Role: c.roleOf(p.Name), Allowed: p.Enum,
			Required: p.Required != nil && *p.Required || p.In == "path"}
		if v, ok := constant(p); ok {
			one.Default = v
		}
		out = append(out, one)
	}
	return out
}

// roleOf is what a parameter of an operation that nobody modelled means, by its
// name. The agents and memberships of another service are not those of the run.
func (c *compiler) roleOf(name string) provider.Role {
	switch role := c.roles[fold(name)]; role {
	case provider.RoleAgent, provider.RoleMembership:
		return ""
	default:
		return role
	}
}

func (c *compiler) shapeOf(outputs []*capabilities.Output) []provider.Output {
	var out []provider.Output
	for _, o := range outputs {
		path := pathIn(o.Source)
		if path == "" {
			path = o.Name
		}
		if path == "" || strings.Contains(path, "[]") {
			continue
		}
		out = append(out, provider.Output{Path: path, Type: typeName(o.Type), Role: c.roleOf(o.Name),
			Secret: c.facts.SecretName(lastOf(path)), Aliases: aliasOf(o.Name, path)})
	}
	return out
}

func aliasOf(name, path string) []string {
	if name == "" || name == path || strings.Contains(name, "[]") {
		return nil
	}
	return []string{name}
}

// pathIn takes the path out of a mapping such as $.a.b[0]; "" where it is none.
func pathIn(mapping string) string {
	rest, ok := strings.CutPrefix(mapping, "$.")
	if !ok {
		return ""
	}
	path := splitPath(rest)
	for _, name := range path {
		if !isPlain(name) {
			return ""
		}
	}
	return joinPath(path)
}

// lastOf is the last name of a path, indices left out.
func lastOf(path string) string {
	names := splitPath(path)
	for i := len(names) - 1; i >= 0; i-- {
		if !isIndex(names[i]) {
			return names[i]
		}
	}
	return ""
}

// splitPath takes a.b[0].c apart.
func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

func joinPath(path []string) string {
	var b strings.Builder
	for i, name := range path {
		switch {
		case isIndex(name):
			b.WriteString("[" + name + "]")
		case i > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

// typeName is a type in the words of JSON Schema, "" for any other.
func typeName(stated string) string {
	switch name := strings.ToLower(stated); name {
	case "string", "integer", "number", "boolean", "array", "object":
		return name
	case "int", "long":
		return "integer"
	case "float", "double", "decimal":
		return "number"
	case "bool":
		return "boolean"
	case "list":
		return "array"
	case "map", "dict":
		return "object"
	case "text", "str", "date", "datetime", "uri", "email", "uuid":
		return "string"
	}
	return ""
}

// shareSimulated gives the steps that call the same simulated operation the same
// description of it: all its parameters and outputs, and the first status. What nothing
// gives in one of them is not required.
func (c *compiler) shareSimulated() {
	type key struct{ provider, id string }
	all := map[key]*provider.Operation{}
	for _, s := range c.plan.Steps {
		op := s.Operation
		if !op.Simulated {
			continue
		}
		first := all[key{op.Provider, op.ID}]
		if first == nil {
			copied := op
			copied.Params, copied.Outputs = slices.Clone(op.Params), slices.Clone(op.Outputs)
			all[key{op.Provider, op.ID}] = &copied
			continue
		}
		for _, p := range op.Params {
			if !slices.ContainsFunc(first.Params, func(o provider.Param) bool { return o.Name == p.Name }) {
				first.Params = append(first.Params, p)
			}
		}
		for _, out := range op.Outputs {
			first.Outputs = addOutput(first.Outputs, out)
		}
		first.Status = cmp.Or(first.Status, op.Status)
	}
	for _, s := range c.plan.Steps {
		for _, a := range s.Arguments {
			if shared := all[key{s.Operation.Provider, s.Operation.ID}]; s.Operation.Simulated && a.How == Unbound {
				for i := range shared.Params {
					shared.Params[i].Required = shared.Params[i].Required && shared.Params[i].Name != a.Param.Name
				}
			}
		}
	}
	for _, s := range c.plan.Steps {
		if shared := all[key{s.Operation.Provider, s.Operation.ID}]; s.Operation.Simulated {
			s.Operation.Params, s.Operation.Outputs, s.Operation.Status = shared.Params, shared.Outputs, shared.Status
		}
	}
}
