package plan

import (
	"fmt"
	"strconv"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/lint/facts"
)

// building is one step on its way into the plan.
type building struct {
	step   *Step
	facts  *facts.Step
	model  *capabilities.Step // nil for an entry that calls one operation
	scope  *scope
	target *capabilities.Target // the operation's reference, behind entries that only hand it on
	shape  bool                 // what the operation answers with is known
}

// scope is a flow as it is run: the one asked for, or one that a step runs, with
// the ids that its steps get in the plan.
type scope struct {
	c      *compiler
	flow   *facts.Flow
	prefix string
	caller *facts.Step // the step that runs the flow, nil for the one asked for
	outer  *scope      // the flow of caller

	order  []*facts.Step
	first  int // place in the plan of the first step
	depend bool
	built  map[*facts.Step]*building
	calls  map[*facts.Step]*scope
	ids    map[*facts.Step]string
	steps  map[*capabilities.Step]*facts.Step

	entry  *capabilities.Exposed // an entry that a call leads through
	inputs map[string]*node      // what a called flow or entry is given, once it was asked for
}

// given is what a called flow or entry is given; nil for the flow asked for.
func (s *scope) given() map[string]*node {
	if s.inputs != nil || s.outer == nil || s.flow == nil {
		return s.inputs
	}
	s.inputs = map[string]*node{} // while it is found out: nothing is given by what it gives itself
	b := s.calling()
	r := reader{scope: s.outer, at: b.step.At, own: b}
	s.inputs = r.handed(s.flow.Model.Inputs, r.offers(b.model.Bindings, b.model.Node))
	return s.inputs
}

// calling stands for the step that runs the flow, which has no place in the plan.
func (s *scope) calling() *building {
	return &building{scope: s.outer, facts: s.caller, model: s.caller.Model, step: &Step{ID: s.outer.ids[s.caller], At: s.c.place(s.caller)}}
}

// lay gives every step of a flow its place in the plan. A step that runs another
// flow is replaced by that flow's steps.
func (c *compiler) lay(s *scope) {
	s.first = len(c.built)
	s.built, s.calls = map[*facts.Step]*building{}, map[*facts.Step]*scope{}
	s.ids, s.steps = map[*facts.Step]string{}, map[*capabilities.Step]*facts.Step{}
	for _, f := range s.flow.Steps {
		if f.Model != nil {
			s.steps[f.Model] = f
		}
	}
	if len(c.built)+len(s.flow.Steps) > maxSteps {
		c.fault(c.placeOfFlow(s.flow), "too-large", fmt.Sprintf("the plan has more than %d steps", maxSteps), "", "split the capability")
		return
	}
	s.order = c.inOrder(s)
	for _, f := range s.order {
		s.ids[f] = c.newID(s, f)
		if runs := c.runsFlow(f); runs != nil {
			c.call(s, f, runs)
			continue
		}
		b := &building{facts: f, model: f.Model, scope: s}
		b.step = &Step{Index: len(c.built), ID: s.ids[f], At: c.place(f), Title: titleOf(f), MaxTries: 1,
			Confidence: string(f.Confidence), Basis: string(f.Basis)}
		s.built[f] = b
		c.built = append(c.built, b)
		c.plan.Steps = append(c.plan.Steps, b.step)
	}
}

// runsFlow returns the flow that a step runs, nil where it calls an operation.
func (c *compiler) runsFlow(f *facts.Step) *capabilities.Flow {
	t := targetOf(f)
	switch {
	case f.Model == nil || f.Model.External:
		return nil
	case t.Flow != nil:
		return t.Flow
	case t.Entry != nil:
		return t.Entry.Flow
	}
	return nil
}

// call lays the steps of a flow that step f runs.
func (c *compiler) call(s *scope, f *facts.Step, runs *capabilities.Flow) {
	inner := &scope{c: c, flow: c.flows[runs], prefix: s.ids[f] + "/", caller: f, outer: s}
	depth := 1
	for up := s; up != nil; up = up.outer {
		if up.flow != nil && up.flow.Model == runs {
			c.fault(c.place(f), "recursion", fmt.Sprintf("runs the flow %q, in which it stands itself", runs.ID), "a flow that ends", "")
			return
		}
		depth++
	}
	switch m := f.Model; {
	case depth > maxFlowDepth:
		c.fault(c.place(f), "too-deep", fmt.Sprintf("flows run each other more than %d deep", maxFlowDepth), "", "")
	case inner.flow == nil:
		c.fault(c.place(f), "other-file", fmt.Sprintf("runs the flow %q of another document", runs.ID), "a flow of this document",
			"compile that document by itself")
	case m.ForEach != "":
		c.fault(c.place(f), "loop", "runs a whole flow for each item of a list", "one step for each item", "")
	case len(m.Success) > 0 && len(inner.flow.Steps) > 1:
		c.fault(c.place(f), "success", "states what makes a whole flow a success", "criteria on the flow's own steps", "")
	default:
		s.calls[f] = inner
		c.lay(inner)
	}
}

// newID is the step's label in the plan, told apart where two have the same.
func (c *compiler) newID(s *scope, f *facts.Step) string {
	label := s.prefix + strings.NewReplacer("#", "_", "[", "_", "/", "_").Replace(f.Label)
	id := label
	if c.ids[id] && f.Model != nil && f.Model.ID != "" {
		c.fault(c.place(f), "duplicate-id", fmt.Sprintf("two steps have the id %q", f.Label), "an id of its own for each step", "")
	}
	for n := 2; c.ids[id]; n++ { // no # or [: runs number visits and items so
		id = label + "~" + strconv.Itoa(n)
	}
	c.ids[id] = true
	return id
}

// inOrder gives the steps in the order of the text, or, where they state what
// they depend on, so that each comes behind what it depends on.
func (c *compiler) inOrder(s *scope) []*facts.Step {
	steps := s.flow.Steps
	waits := make([]int, len(steps))
	leads := make([][]int, len(steps))
	for i, f := range steps {
		if f.Model == nil {
			continue
		}
		for _, on := range f.Model.DependsOn {
			s.depend = true
			waits[i]++
			leads[on.Index-1] = append(leads[on.Index-1], i)
		}
	}
	if !s.depend {
		return steps
	}
	out := make([]*facts.Step, 0, len(steps))
	done := make([]bool, len(steps))
	for len(out) < len(steps) {
		i := 0
		for i < len(steps) && (done[i] || waits[i] > 0) {
			i++
		}
		if i == len(steps) {
			c.fault(c.placeOfFlow(s.flow), "dependence", fmt.Sprintf("in the flow %q steps wait for each other in a circle", s.flow.ID),
				"a step that waits for none", "")
			return nil
		}
		done[i] = true
		out = append(out, steps[i])
		for _, to := range leads[i] {
			waits[to]--
		}
	}
	return out
}

func targetOf(f *facts.Step) *capabilities.Target {
	if f.Model != nil {
		return &f.Model.Target
	}
	return &f.Entry.Call
}

func titleOf(f *facts.Step) string {
	if m := f.Model; m != nil {
		if m.Description != "" {
			return clean(m.Description)
		}
		return clean(m.Name)
	}
	return clean(f.Entry.Description)
}

func clean(text string) string { return strings.Join(strings.Fields(text), " ") }
