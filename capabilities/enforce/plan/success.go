package plan

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"agentrisk/capabilities/enforce/provider"
)

// promise takes over from the document how stand-ins that nobody modelled answer: what
// is handed on of an answer is in it, and what makes a step a success is so there.
// Whoever wrote it wrote how the service answers; a stand-in that answers otherwise
// could be tried no farther. Of what decides, such as an authorization, stand-ins say no
// all the same.
func (c *compiler) promise() {
	for _, b := range c.built {
		for _, one := range b.step.Success {
			c.succeeds(b, one.node)
		}
	}
	for _, b := range c.built {
		for _, a := range b.step.Arguments {
			c.handsOn(a.Value.node, false)
		}
		for _, o := range b.step.Outputs {
			c.handsOn(o.Value.node, o.Secret)
		}
	}
	for _, o := range c.plan.Outputs {
		c.handsOn(o.Value.node, o.Secret)
	}
}

// succeeds takes over what a condition of success compares of the step's own answer.
func (c *compiler) succeeds(b *building, condition *node) {
	for _, n := range conjuncts(condition) {
		if n.kind != kEqual || n.parts[1].kind != kLiteral {
			continue
		}
		value := n.parts[1].literal
		of, path := n.parts[0].answer()
		switch {
		case of == nil || of.name != b.step.ID:
		case of.kind == kBody:
			c.answersWith(of.name, path, provider.Output{Type: typeOf(value), Value: value})
		case b.step.Kind == Call && b.step.Operation.Simulated:
			b.step.Operation.Status = cmp.Or(b.step.Operation.Status, statusOf(value))
		}
	}
}

// handsOn takes over what a value is made of. What something is looked up in is a list
// of what is looked for.
func (c *compiler) handsOn(n *node, secret bool) {
	if n == nil {
		return
	}
	if of, path := n.answer(); of != nil {
		if of.kind == kBody {
			c.answersWith(of.name, path, provider.Output{Secret: secret || n.isSecret()})
		}
		return
	}
	if of, path := n.list(); of != nil {
		for _, name := range append([]string{n.name}, n.names...) {
			c.answersWith(of.name, append(slices.Clone(path), "0", name), provider.Output{Secret: secret})
		}
	}
	for _, part := range n.parts {
		c.handsOn(part, secret)
	}
}

// list is the body in which a node looks something up, and the path there; nil where it
// does not.
func (n *node) list() (*node, []string) {
	if n.kind != kJoin {
		return nil, nil
	}
	if of, path := n.parts[0].answer(); of != nil && of.kind == kBody {
		return of, path
	}
	return nil, nil
}

// answersWith adds a part to the shape of a step's answer, where that is not known from
// elsewhere.
func (c *compiler) answersWith(step string, path []string, output provider.Output) {
	for _, b := range c.built {
		if op := &b.step.Operation; b.step.ID == step && b.step.Kind == Call && op.Simulated && !b.shape && len(path) > 0 {
			output.Path = joinPath(path)
			output.Secret = output.Secret || c.facts.SecretName(lastOf(output.Path))
			op.Outputs = addOutput(op.Outputs, output)
		}
	}
}

// answer is the status or body that a node leads to one value of, and the path there;
// nil where it does not.
func (n *node) answer() (*node, []string) {
	switch {
	case n == nil:
		return nil, nil
	case n.kind == kStatus, n.kind == kBody:
		return n, n.path
	case n.kind != kQuery || n.parts[0] == nil || n.parts[0].kind != kBody:
		return nil, nil
	}
	path := slices.Clone(n.parts[0].path)
	for _, s := range n.segments {
		if s.kind != sName {
			return nil, nil
		}
		path = append(path, s.name)
	}
	return n.parts[0], path
}

// conjuncts are the conditions that must hold together.
func conjuncts(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind != kAnd:
		return []*node{n}
	}
	var out []*node
	for _, part := range n.parts {
		out = append(out, conjuncts(part)...)
	}
	return out
}

// statusOf is a status of success, 0 where it is none.
func statusOf(v any) int {
	text, _ := v.(json.Number)
	status, err := strconv.Atoi(text.String())
	if err != nil || status < 200 || status > 299 {
		return 0
	}
	return status
}

// addOutput adds a part of an answer. What anybody takes for a credential stays one.
func addOutput(list []provider.Output, one provider.Output) []provider.Output {
	if i := slices.IndexFunc(list, func(o provider.Output) bool { return o.Path == one.Path }); i >= 0 {
		list[i].Secret = list[i].Secret || one.Secret
		return list
	}
	return append(list, one)
}
