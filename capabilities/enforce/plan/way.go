package plan

import (
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// way gives every step what follows it. Where a called flow ends, the flow that
// calls it goes on.
func (c *compiler) way(top *scope) {
	for _, b := range c.built {
		b.step.OnSuccess = c.leading(b, true)
		if b.step.OnFailure = c.leading(b, false); b.scope.caller != nil {
			c.addSuccess(b)
		}
	}
	if len(c.built) == 0 {
		return
	}
	if top.depend || top.flow.Model == nil {
		c.plan.Begins = []int{0}
		return
	}
	for _, m := range top.flow.Model.Entries {
		c.plan.Begins = append(c.plan.Begins, top.enter(m))
	}
}

// enter is the place of a step in the plan; that of its flow's first step where
// it runs one.
func (s *scope) enter(m *capabilities.Step) int {
	f := s.steps[m]
	if b := s.built[f]; b != nil {
		return b.step.Index
	}
	if inner := s.calls[f]; inner != nil {
		if len(inner.order) > 0 && inner.order[0].Model != nil {
			return inner.enter(inner.order[0].Model)
		}
		return inner.first
	}
	return -1
}

// leading lists where a step leads to after success or failure.
func (c *compiler) leading(b *building, success bool) []Edge {
	if b.model == nil {
		return c.ending(b.scope, success)
	}
	return c.edges(b.scope, b.model, b, success, 0)
}

// ending lists what follows the end of a flow.
func (c *compiler) ending(s *scope, success bool) []Edge {
	if s.caller != nil {
		return c.edges(s.outer, s.caller.Model, s.calling(), success, 1)
	}
	if success {
		return []Edge{{Action: string(capabilities.End), To: -1}}
	}
	return nil // the run ends in failure
}

// edges turns the edges of step m of flow s into the plan's. Depth above 0 says
// that m runs a flow, at whose end they are taken.
func (c *compiler) edges(s *scope, m *capabilities.Step, b *building, success bool, depth int) []Edge {
	list := m.OnFailure
	if success {
		list = m.OnSuccess
	}
	if len(list) > maxEdges {
		c.fault(b.step.At, "too-large", fmt.Sprintf("the step %q has more than %d ways on", b.step.ID, maxEdges), "", "")
		return nil
	}
	var out []Edge
	var before []Condition // that the flow has not failed by an edge in front
	decided := false
	for i := range list {
		e := &list[i]
		if decided {
			break // an edge without a condition leaves no case open
		}
		if s.depend && success && !e.At.Exists() {
			continue // by dependence: the order of the plan stands for it
		}
		when := c.conditions(b, e.Conditions, depth == 0) // a step that runs a flow has no answer of its own
		for _, next := range c.edge(s, e, b, success, depth) {
			next.When = slices.Concat(before, when, next.When)
			out = append(out, next)
		}
		decided = len(e.Conditions) == 0 && e.Action != capabilities.Retry
		if !success && leaves(e) && len(when) > 0 {
			before = append(before[:len(before):len(before)], none(when))
		}
	}
	if s.depend && success && !decided {
		out = append(out, c.nextInOrder(s, m)...)
	}
	return out
}

// leaves reports whether an edge leads out of its flow. After a failure the run
// then fails: no edge stands for that, and those behind it hold where it does not.
func leaves(e *capabilities.Edge) bool { return e.To == nil && e.Action != capabilities.Retry }

// none holds where not all of the conditions do.
func none(list []Condition) Condition {
	all := node{kind: kAnd}
	text := ""
	for _, one := range list {
		all.parts = append(all.parts, one.node)
		text += " and " + one.text
	}
	return Condition{node: newNode(node{kind: kNot, parts: []*node{newNode(all)}}), text: "not" + strings.TrimPrefix(text, " and")}
}

func (c *compiler) nextInOrder(s *scope, m *capabilities.Step) []Edge {
	for i, f := range s.order {
		if f.Model == m && i+1 < len(s.order) {
			return []Edge{{Action: string(capabilities.Continue), To: s.enter(s.order[i+1].Model)}}
		}
	}
	return c.ending(s, true)
}

// edge turns one edge into the plan's, without its own conditions: several where
// it leads out of a called flow, none where the run then fails.
func (c *compiler) edge(s *scope, e *capabilities.Edge, b *building, success bool, depth int) []Edge {
	at := b.step.At
	if e.At.Exists() {
		at = e.At.Location()
	}
	switch {
	case e.Workflow != "":
		c.fault(at, "edge", fmt.Sprintf("goes on in the workflow %q", e.Workflow), "a step of the same workflow", "")
		return nil
	case e.Unresolved != "":
		have := s.stepNames()
		c.fault(at, "edge", fmt.Sprintf("leads to %q, and there is no such step", e.Unresolved), oneOf(have), source.DidYouMean(e.Unresolved, have))
		return nil
	case e.Action == capabilities.Retry && depth > 0:
		c.fault(at, "edge", "runs a whole flow again", "a step that is tried again", "")
		return nil
	case e.Action == capabilities.Retry && e.To != nil && e.To != b.model:
		c.fault(at, "edge", fmt.Sprintf("tries again by way of the step %q", e.To.Label()), "the step itself again", "")
		return nil
	case e.Action == capabilities.Retry:
		if limit := c.limit(at, b, e); limit > 0 {
			return []Edge{{Action: string(e.Action), To: b.step.Index, Limit: limit}}
		}
		return nil // tried again no times
	case e.To != nil:
		return []Edge{{Action: string(e.Action), To: s.enter(e.To)}}
	}
	return c.ending(s, success)
}

// limit is how often a retry may happen. Arazzo says once where nothing is stated
// (1.0.1, Failure Action Object).
func (c *compiler) limit(at source.Location, b *building, e *capabilities.Edge) int {
	n, ok := firstNumber(e.Limit)
	if !ok {
		return 1
	}
	if n > maxTries {
		c.warn(at, b.step.ID, fmt.Sprintf("asks to be tried again %d times; it is tried again %d times at most", n, maxTries))
		return maxTries
	}
	return n
}

// addSuccess hands the success criteria of a step that runs a flow of one step to
// that step.
func (c *compiler) addSuccess(b *building) {
	for s := b.scope; s.caller != nil; s = s.outer {
		if len(s.caller.Model.Success) == 0 {
			continue
		}
		b.step.Success = append(b.step.Success, c.conditions(s.calling(), s.caller.Model.Success, false)...)
	}
}
