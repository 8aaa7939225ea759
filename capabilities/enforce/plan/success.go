package plan

import (
	"encoding/json"
	"slices"
	"strconv"

	"agentrisk/capabilities/enforce/provider"
)

// promise takes over from what makes a step a success how a stand-in that nobody
// modelled answers: with which status, and what is true in its answer. Whoever wrote
// the conditions wrote how the service answers; a stand-in that answers otherwise
// could be tried no farther than this step. Of what decides, such as an
// authorization, stand-ins say no all the same.
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
			of, path := n.parts[0].answer()
			switch value := n.parts[1].literal; {
			case of == nil || of.name != b.step.ID:
			case of.kind == kStatus && op.Status == 0:
				op.Status = statusOf(value)
			case of.kind == kBody && value == true && len(path) > 0 && !b.shape:
				op.Outputs = addOutput(op.Outputs, provider.Output{Path: joinPath(path), Type: "boolean"})
			}
		}
	}
}

// answer is the status or body that a node leads to one value of, and the path there;
// nil where it does not.
func (n *node) answer() (*node, []string) {
	switch {
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
