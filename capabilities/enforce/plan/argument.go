package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
)

// matcher finds where the parameters of one step take their values from.
type matcher struct {
	c      *compiler
	b      *building
	r      reader
	offers []*offer
	binds  bool // the document binds the step's values itself
}

// arguments binds every parameter of a step's operation.
func (c *compiler) arguments(b *building) {
	m := &matcher{c: c, b: b, r: reader{scope: b.scope, at: b.step.At, own: b}, offers: c.stated(b)}
	m.binds = b.model != nil && len(b.model.Bindings) > 0 || b.model == nil && len(m.offers) > 0
	op := &b.step.Operation
	if op.Simulated {
		m.addParams(op)
	}
	for _, p := range op.Params {
		if a, ok := m.argument(p); ok {
			b.step.Arguments = append(b.step.Arguments, a)
		}
	}
	for _, o := range m.offers {
		if !o.used && !m.partUsed(o) {
			c.warn(o.at, b.step.ID, fmt.Sprintf("%s takes no %q: what the document gives for it is left out", op.ID, o.name))
		}
	}
}

// addParams gives a simulated operation the parameters that the document binds
// without declaring them.
func (m *matcher) addParams(op *provider.Operation) {
	op.Params = slices.Clone(op.Params)
	for _, o := range m.offers {
		if !o.whole && strings.ContainsAny(o.name, ".[") && m.wholeFor(o.name) {
			continue
		}
		if m.paramFor(op.Params, o) {
			continue
		}
		p := provider.Param{Name: o.name, In: o.in, Role: m.c.roleOf(o.name)}
		if o.value.kind == kLiteral {
			p.Type = typeOf(o.value.literal)
		}
		op.Params = append(op.Params, p)
	}
}

func (m *matcher) wholeFor(name string) bool {
	top := name[:strings.IndexAny(name, ".[")]
	return slices.ContainsFunc(m.offers, func(o *offer) bool { return o.whole && o.name == top })
}

func (m *matcher) paramFor(params []provider.Param, o *offer) bool {
	return slices.ContainsFunc(params, func(p provider.Param) bool { return p.Name == o.name || fold(p.Name) == fold(o.name) })
}

// partUsed reports whether a part of a whole, or the whole of a part, was used.
func (m *matcher) partUsed(o *offer) bool {
	for _, other := range m.offers {
		if other.used && (o.whole && strings.HasPrefix(other.name, o.name+".") || other.whole && strings.HasPrefix(o.name, other.name+".")) {
			return true
		}
	}
	return false
}

// argument finds the value of one parameter, the surest way first. false where
// the plan is refused for want of it.
func (m *matcher) argument(p provider.Param) (Argument, bool) {
	given, how := m.given(p)
	if p.Sealed {
		return m.sealed(p, given, how)
	}
	if given != nil {
		given.used = true
		m.checkLiteral(p, given)
		return m.taken(p, given.value, how, given.note), true
	}
	if p.Required || !m.binds {
		for _, find := range [...]func(provider.Param) (Argument, bool){m.byName, m.byAlias, m.byRole} {
			if a, ok := find(p); ok {
				return a, true
			}
		}
	}
	switch name := contextName(p.Role, ""); {
	case p.Default != nil:
		return m.taken(p, literal(p.Default), Default, "the operation's own"), true
	case p.Required && name != "" && p.Role != provider.RoleCredential && !m.b.step.Operation.Simulated:
		return m.fromContext(p, name), true
	case !p.Required:
		return Argument{Param: p, How: Unbound, Note: "not required"}, true
	}
	return m.missing(p)
}

func (m *matcher) taken(p provider.Param, n *node, how How, note string) Argument {
	return Argument{Param: p, Value: Value{n}, How: how, Note: note}
}

// given finds what the document itself gives for a parameter.
func (m *matcher) given(p provider.Param) (*offer, How) {
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		for _, o := range m.offers {
			if o.name == name {
				return o, Stated
			}
		}
	}
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		for _, o := range m.offers {
			if fold(o.name) == fold(name) {
				return o, Stated
			}
		}
	}
	return nil, ""
}

// checkLiteral refuses a constant that the operation does not allow.
func (m *matcher) checkLiteral(p provider.Param, o *offer) {
	if len(p.Allowed) == 0 || o.value.kind != kLiteral || o.value.literal == nil {
		return
	}
	if text := plainText(o.value.literal); !slices.Contains(p.Allowed, text) {
		m.c.fault(o.at, "not-allowed", fmt.Sprintf("%q is no value of %q", text, p.Name), oneOf(p.Allowed), "")
	}
}

// sealed takes a parameter from the sealed context. Whose data a step is about
// may be stated: the runtime compares it with the context.
func (m *matcher) sealed(p provider.Param, given *offer, how How) (Argument, bool) {
	name := contextName(p.Role, p.Name)
	switch {
	case given != nil && (p.Role == provider.RoleUser || p.Role == provider.RoleTenant):
		given.used = true
		m.c.warn(given.at, m.b.step.ID, fmt.Sprintf("the document states %q, which belongs to the sealed context: a run in which they differ is denied", p.Name))
		return m.taken(p, given.value, how, given.note), true
	case given != nil:
		given.used = true
		m.c.warn(given.at, m.b.step.ID, fmt.Sprintf("%q comes from the sealed context: what the document states for it is left out", p.Name))
	}
	if name == "" {
		if !p.Required {
			return Argument{Param: p, How: Unbound, Note: "the sealed context has no such part"}, true
		}
		return m.missing(p)
	}
	return m.fromContext(p, name), true
}

func (m *matcher) fromContext(p provider.Param, name string) Argument {
	return m.taken(p, newNode(node{kind: kContext, name: name}), Sealed, "the run's "+name)
}

// byName looks among the inputs, then among the results of earlier steps.
func (m *matcher) byName(p provider.Param) (Argument, bool) {
	return m.called(p, []string{p.Name}, Named)
}

func (m *matcher) byAlias(p provider.Param) (Argument, bool) {
	return m.called(p, p.Aliases, Matched)
}

func (m *matcher) called(p provider.Param, names []string, how How) (Argument, bool) {
	for _, name := range names {
		if in := m.inputCalled(name); in != "" && m.fits(p, in) && (!vague(name) || m.alone()) {
			n, err := m.r.inputNamed(in, nil)
			if err == nil {
				return m.taken(p, m.half(p, in, n), how, "input "+in), true
			}
		}
	}
	for _, name := range names {
		if a, ok := m.fromResult(p, name, how); ok {
			return a, true
		}
	}
	return Argument{}, false
}

// inputCalled finds an input by a name, without its case, hyphens and
// underscores.
func (m *matcher) inputCalled(name string) string {
	if slices.Contains(m.r.scope.inputNames(), name) {
		return name
	}
	for _, in := range m.r.scope.inputNames() {
		if fold(in) == fold(name) {
			return in
		}
	}
	return ""
}

// fits reports whether an input may be what a parameter asks for: what both are
// by their names must not differ.
func (m *matcher) fits(p provider.Param, input string) bool {
	role := m.c.roles[fold(input)]
	if role == provider.RoleResource && (p.Role == provider.RoleResourceType || p.Role == provider.RoleResourceID) {
		return true
	}
	return role == "" || p.Role == "" || role == p.Role
}

// half takes the part of a resource that a parameter asks for.
func (m *matcher) half(p provider.Param, input string, n *node) *node {
	if m.c.roles[fold(input)] != provider.RoleResource {
		return n
	}
	switch p.Role {
	case provider.RoleResourceType:
		return newNode(node{kind: kBefore, parts: []*node{n}})
	case provider.RoleResourceID:
		return newNode(node{kind: kAfter, parts: []*node{n}})
	}
	return n
}

// alone reports whether the step is the only call of its flow: then even a name
// that says little can mean nothing else.
func (m *matcher) alone() bool {
	n := 0
	for _, b := range m.c.built {
		if b.step.Kind == Call {
			n++
		}
	}
	return n == 1
}

// vague reports whether a name says nothing without what it belongs to.
func vague(name string) bool {
	switch fold(name) {
	case "id", "name", "value", "type", "status", "data", "url", "code", "title", "description", "key", "object", "email", "state", "body":
		return true
	}
	return false
}

// fromResult finds a value of this name in the answer of the nearest earlier
// step.
func (m *matcher) fromResult(p provider.Param, name string, how How) (Argument, bool) {
	for _, from := range m.earlier() {
		for _, o := range from.step.Operation.Outputs {
			same := o.Role != "" && o.Role == p.Role
			if o.Role != "" && p.Role != "" && !same || o.Secret != (p.Role == provider.RoleCredential) {
				continue
			}
			if fits := o.Path == name || slices.Contains(o.Aliases, name); !fits || vague(name) && !same {
				continue
			}
			n, err := m.r.quiet().body(from, splitPath(o.Path))
			if err != nil {
				continue
			}
			if o.Path != name {
				how = Matched
			}
			return m.taken(p, n, how, "result "+from.step.ID+"."+o.Path), true
		}
		if named(from.model, name) && !vague(name) {
			if n, err := m.r.quiet().result(from, []string{name}); err == nil && (!n.isSecret() || p.Role == provider.RoleCredential) {
				return m.taken(p, n, how, "result "+from.step.ID+"."+name), true
			}
		}
	}
	return Argument{}, false
}

// earlier lists the calls that come before the step in the plan, the nearest
// first.
func (m *matcher) earlier() []*building {
	var out []*building
	for i := m.b.step.Index - 1; i >= 0; i-- {
		if from := m.c.built[i]; from.scope == m.b.scope && from.step.Kind == Call {
			out = append(out, from)
		}
	}
	return out
}

// byRole matches by what a value means, where one input alone means it.
func (m *matcher) byRole(p provider.Param) (Argument, bool) {
	switch p.Role {
	case "", provider.RoleText, provider.RoleVolume, provider.RoleHost, provider.RoleSlug:
		return Argument{}, false
	}
	wanted := p.Role
	if wanted == provider.RoleResourceType || wanted == provider.RoleResourceID {
		wanted = provider.RoleResource
	}
	var found []string
	for _, in := range m.r.scope.inputNames() {
		if m.c.roles[fold(in)] == wanted {
			found = append(found, in)
		}
	}
	if len(found) == 1 && (p.Role != provider.RoleCredential || p.Required) {
		n, err := m.r.inputNamed(found[0], nil)
		if err == nil {
			return m.taken(p, m.half(p, found[0], n), Matched, "input "+found[0]+", by what it means"), true
		}
	}
	if p.Role == provider.RoleCredential && p.Required && !m.b.step.Operation.Simulated {
		return m.issued(p)
	}
	return Argument{}, false
}

// issued takes the credential that the latest earlier step issued. One that a
// login of the user returned is not handed to other operations.
func (m *matcher) issued(p provider.Param) (Argument, bool) {
	for _, from := range m.earlier() {
		if from.step.Operation.Control == effects.Authenticate {
			continue
		}
		for _, o := range from.step.Operation.Outputs {
			if !o.Secret {
				continue
			}
			n, err := m.r.quiet().body(from, splitPath(o.Path))
			if err == nil {
				return m.taken(p, n, Matched, "the credential of "+from.step.ID+": "+o.Path), true
			}
		}
	}
	return Argument{}, false
}

// missing is a required parameter that nothing gives a value: a refusal, or for a
// simulated operation a warning.
func (m *matcher) missing(p provider.Param) (Argument, bool) {
	op := m.b.step.Operation
	if op.Simulated {
		m.c.warn(m.b.at(), m.b.step.ID, fmt.Sprintf("%s requires %q, and nothing gives it: the simulation goes on without", op.ID, p.Name))
		return Argument{Param: p, How: Unbound, Note: "nothing gives it"}, true
	}
	var have []string
	for _, in := range m.r.scope.inputNames() {
		have = append(have, "input "+in)
	}
	for _, from := range m.earlier() {
		for _, o := range from.step.Operation.Outputs {
			have = append(have, from.step.ID+"."+o.Path)
		}
	}
	m.c.fault(m.b.at(), "unbound", fmt.Sprintf("nothing gives the parameter %q of %s in the step %q", p.Name, op.ID, m.b.step.ID),
		"a value of that name; there are "+cmp.Or(few(have), "none"), strings.TrimSuffix("it also goes by "+strings.Join(p.Aliases, ", "), "it also goes by "))
	return Argument{}, false
}
