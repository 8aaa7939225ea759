package plan

import (
	"cmp"
	"fmt"
	"strings"

	"agentrisk/capabilities"
)

// outputsOf gives what the flow hands to its caller.
func (c *compiler) outputsOf(s *scope) []Output {
	var list []*capabilities.Output
	after := (*building)(nil)
	switch m := s.flow.Model; {
	case m == nil:
		list = outputsOf(s.flow.Entry)
		if len(c.built) > 0 {
			after = c.built[0]
		}
	case len(m.Outputs) > 0:
		list = m.Outputs
	case s.flow.Entry != nil:
		list = outputsOf(s.flow.Entry)
		after = s.lastCall()
	default:
		list = c.doc.Outputs
	}
	var out []Output
	seen := map[string]bool{}
	for _, o := range list {
		if strings.Contains(o.Name, "[]") {
			continue // a part of each item of a list: it comes with the list
		}
		name := cmp.Or(o.Name, lookupResult)
		if seen[name] {
			continue
		}
		seen[name] = true
		n, err := reader{scope: s, at: o.Location(), own: after, after: after != nil}.flowOutput(o, list)
		if err != nil {
			c.faultOf(o.Location(), "output", fmt.Sprintf("the output %q", name), err)
			continue
		}
		out = append(out, Output{Name: name, Value: Value{n}, Secret: n.isSecret() || c.facts.SecretName(o.Name) && o.Type != "boolean"})
	}
	return out
}

// lastCall is the last call of the flow: what an entry's mappings look at.
func (s *scope) lastCall() *building {
	for i := len(s.order) - 1; i >= 0; i-- {
		if b := s.built[s.order[i]]; b != nil && b.step.Kind != Outside {
			return b
		}
	}
	return nil
}

// output is an output of a called flow, as a value of the flow that calls it.
func (s *scope) output(o *capabilities.Output) (*node, error) {
	at := o.Location()
	return reader{scope: s, at: at}.flowOutput(o, nil)
}

// flowOutput reads where an output comes from: what it states, else the nearest
// result of its name.
func (r reader) flowOutput(o *capabilities.Output, siblings []*capabilities.Output) (*node, error) {
	if o.Source == "" {
		return r.unstated(o)
	}
	n, err := r.output(o)
	if err != nil || siblings == nil {
		return n, err
	}
	return r.items(o, n, siblings), nil
}

// output reads a stated source. A path such as step.a of a step that is not there
// is a fault, never a text.
func (r reader) output(o *capabilities.Output) (*node, error) {
	text := strings.TrimSpace(o.Source)
	if typeName(text) != "" { // total: integer
		return r.unstated(o)
	}
	n, err := r.valueOf(o.Source)
	if err != nil || n.kind != kLiteral || n.literal == nil {
		return n, err
	}
	refs := capabilities.References(text)
	if len(refs) == 1 && refs[0].Syntax == capabilities.Dotted && refs[0].Text == text && r.scope.flow != nil && r.scope.flow.Model != nil {
		return nil, r.noStep(refs[0])
	}
	return n, nil
}

// unstated finds the value of an output that says nothing but its name.
func (r reader) unstated(o *capabilities.Output) (*node, error) {
	c := r.scope.c
	if r.own != nil && r.after {
		if o.Name == "" {
			return r.quiet().body(r.own, nil)
		}
		if sight := r.own.look(splitPath(o.Name)); sight.ok || sight.path != nil {
			return r.body(r.own, splitPath(o.Name))
		}
	}
	if from := r.scope.lastNamed(o.Name, nil); from != nil && o.Name != "" {
		return r.result(from, []string{o.Name})
	}
	if r.at != o.Location() || o.Name != "" {
		c.warn(o.Location(), "", fmt.Sprintf("the output %q says nowhere where it comes from: the value is absent", o.Name))
	}
	return literal(nil), nil
}

// items makes of a list what the document says of each of its items.
func (r reader) items(o *capabilities.Output, n *node, siblings []*capabilities.Output) *node {
	each := node{kind: kMap}
	for _, part := range siblings {
		name, ok := strings.CutPrefix(part.Name, o.Name+"[]")
		path, relative := strings.CutPrefix(part.Source, "$.")
		if !ok || name == "" || strings.Contains(name, "[]") || !relative || pathIn(part.Source) == "" {
			continue
		}
		each.names = append(each.names, strings.TrimPrefix(name, "."))
		each.parts = append(each.parts, newNode(node{kind: kItem, path: splitPath(path)}))
	}
	if len(each.parts) == 0 || n.kind == kLiteral {
		return n
	}
	return newNode(node{kind: kProject, parts: []*node{n, newNode(each)}})
}
