package plan

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"agentrisk/capabilities/enforce/provider"
)

// promise takes over from a step how a stand-in that nobody modelled answers: what the
// step hands on is in the answer, and what makes it a success is so there. Whoever
// wrote the step wrote how the service answers; a stand-in that answers otherwise could
// be tried no farther. Of what decides, such as an authorization, stand-ins say no all
// the same.
func (c *compiler) promise(b *building) {
	op := &b.step.Operation
	if b.step.Kind != Call || !op.Simulated {
		return
	}
	for _, one := range b.step.Success {
		for _, n := range conjuncts(one.node) {
			if n.kind != kEqual || n.parts[1].kind != kLiteral {
				continue
			}
			value := n.parts[1].literal
			if of, _ := n.parts[0].answer(); of != nil && of.kind == kStatus && of.name == b.step.ID {
				op.Status = cmp.Or(op.Status, statusOf(value))
			}
			b.answersWith(n.parts[0], provider.Output{Type: typeOf(value), Value: value})
		}
	}
	for _, o := range b.step.Outputs {
		b.answersWith(o.Value.node, provider.Output{Secret: o.Secret})
	}
}

// answersWith adds what a node leads to in the step's answer to its shape, where that
// is not known from elsewhere.
func (b *building) answersWith(n *node, output provider.Output) {
	of, path := n.answer()
	if of == nil || of.kind != kBody || of.name != b.step.ID || len(path) == 0 || b.shape {
		return
	}
	output.Path = joinPath(path)
	b.step.Operation.Outputs = addOutput(b.step.Operation.Outputs, output)
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

func addOutput(list []provider.Output, one provider.Output) []provider.Output {
	if slices.ContainsFunc(list, func(o provider.Output) bool { return o.Path == one.Path }) {
		return list
	}
	return append(list, one)
}
