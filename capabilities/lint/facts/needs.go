package facts

import (
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// kinds is a set of controls.
type kinds uint8

const (
	authenticates kinds = 1 << iota
	authorizes
	approves
	audits

	every = authenticates | authorizes | approves | audits
)

func kindOf(control effects.Control) kinds {
	switch control {
	case effects.Authenticate:
		return authenticates
	case effects.Authorize:
		return authorizes
	case effects.Approve:
		return approves
	case effects.Audit:
		return audits
	}
	return 0
}

// coverage is what the needs of a flow's steps are decided from.
type coverage struct {
	doc    *Document
	flow   *Flow
	before []kinds    // granted on every way to the step
	after  []kinds    // met on some way from the step
	record []bool     // an audit record is written on every successful way from the step
	gate   [][4]*Step // the nearest control whose decision lets the flow come to the step
	last   [][4]*Step // the nearest control of each kind that every way to the step leads over
	next   [][4]*Step // the first control of each kind behind the step, in the order of the text
	head   [4]*Step   // the first control of each kind
}

// findNeeds decides the four needs of every step.
func (d *Document) findNeeds(f *Flow) {
	c := &coverage{doc: d, flow: f}
	c.forward()
	c.backward()
	c.witnesses()
	f.record, f.reaches = c.record, c.after
	for _, s := range f.Steps {
		if !s.Acts() {
			s.Authentication.State, s.Authorization.State = NotNeeded, NotNeeded
			s.Approval.State, s.Audit.State = NotNeeded, NotNeeded
			continue
		}
		granted, by := c.ownConditions(s)
		s.Authentication = c.need(s, authenticates, granted, by)
		s.Authorization = c.need(s, authorizes, granted, by)
		s.Approval.State = NotNeeded
		if s.Privileged() {
			s.Approval = c.need(s, approves, granted, by)
		}
		s.Audit = c.audit(s)
	}
}

// generated returns what is granted on the way from step i to to.
func (c *coverage) generated(i, to int) (k kinds) {
	s := c.flow.Steps[i]
	if !c.doc.Decides {
		return kindOf(s.Control) &^ audits
	}
	if maybeSkipped(s) {
		return 0
	}
	for _, g := range c.flow.gates[i] {
		if !contains(g.denied, to) {
			k |= kindOf(g.decision.Control)
		}
	}
	return k
}

func maybeSkipped(s *Step) bool { return s.Model != nil && len(s.Model.Conditions) > 0 }

func contains(list []int, x int) bool {
	for _, one := range list {
		if one == x {
			return true
		}
	}
	return false
}

// forward computes what is granted on every way to a step: the greatest
// solution, found by going over the steps in order until nothing changes. Each
// step can change four times at most.
func (c *coverage) forward() {
	g := c.flow.graph
	c.before = make([]kinds, len(c.flow.Steps))
	var base kinds
	if c.flow.CallerAuth {
		base = authenticates
	}
	for _, i := range g.order {
		c.before[i] = every
	}
	for _, i := range g.entries {
		c.before[i] = base
	}
	for changed := true; changed; {
		changed = false
		for _, i := range g.order {
			c.doc.work++
			if now := c.arriving(i, base) & c.before[i]; now != c.before[i] {
				c.before[i], changed = now, true
			}
		}
	}
}

func (c *coverage) arriving(i int, base kinds) kinds {
	g := c.flow.graph
	if isEntry(g, i) {
		return base
	}
	all, any := every, kinds(0)
	for _, from := range g.before[i] {
		if g.place[from] < 0 {
			continue
		}
		out := c.before[from] | c.generated(from, i)
		all &= out
		any |= out
	}
	if g.joins[i] {
		return any
	}
	return all
}

func isEntry(g *graph, i int) bool {
	return contains(g.entries, i) && len(g.before[i]) == 0 || g.place[i] == 0
}

// backward computes what is met after a step: on some way, and for the audit
// record on every way that ends in success.
func (c *coverage) backward() {
	g := c.flow.graph
	n := len(c.flow.Steps)
	c.after, c.record = make([]kinds, n), make([]bool, n)
	for i := range c.record {
		c.record[i] = true
	}
	for changed := true; changed; {
		changed = false
		for p := len(g.order) - 1; p >= 0; p-- {
			i := g.order[p]
			c.doc.work++
			met, recorded := c.leaving(i)
			if met != c.after[i] || recorded != c.record[i] {
				c.after[i], c.record[i], changed = met, recorded, true
			}
		}
	}
}

func (c *coverage) leaving(i int) (met kinds, recorded bool) {
	g := c.flow.graph
	recorded = len(g.success[i]) > 0
	for _, to := range g.success[i] {
		if to == exit {
			recorded = false
			continue
		}
		t := c.flow.Steps[to]
		met |= c.after[to] | kindOf(t.Control)
		if !c.record[to] && (t.Control != effects.Audit || maybeSkipped(t)) {
			recorded = false
		}
	}
	for _, to := range g.failure[i] {
		if to != exit {
			met |= c.after[to] | kindOf(c.flow.Steps[to].Control)
		}
	}
	return met, recorded && c.record[i]
}

// witnesses finds for every step the nearest control of each kind that every way
// to it leads over.
func (c *coverage) witnesses() {
	g := c.flow.graph
	n := len(c.flow.Steps)
	c.gate, c.last, c.next = make([][4]*Step, n), make([][4]*Step, n), make([][4]*Step, n)
	for i := n - 1; i >= 0; i-- {
		if c.next[i] = c.head; slot(c.flow.Steps[i].Control) >= 0 {
			c.head[slot(c.flow.Steps[i].Control)] = c.flow.Steps[i]
		}
	}
	for _, i := range g.order {
		if up := g.idom[i]; up >= 0 {
			c.gate[i], c.last[i] = c.gate[up], c.last[up]
			for _, decision := range c.decidedAt(up) {
				if k := slot(decision.Control); k >= 0 {
					c.gate[i][k] = decision
				}
			}
			if k := slot(c.flow.Steps[up].Control); k >= 0 {
				c.last[i][k] = c.flow.Steps[up]
			}
		}
	}
}

// decidedAt returns the controls that let the flow go on from step i.
func (c *coverage) decidedAt(i int) []*Step {
	if s := c.flow.Steps[i]; !c.doc.Decides {
		return []*Step{s}
	}
	var out []*Step
	for _, g := range c.flow.gates[i] {
		out = append(out, g.decision)
	}
	return out
}

func slot(control effects.Control) int {
	for k, bit := 0, kindOf(control); bit != 0; k++ {
		if bit == 1<<k {
			return k
		}
	}
	return -1
}

// need decides one need that is to be met before s.
func (c *coverage) need(s *Step, kind kinds, own kinds, by [4]*Step) Need {
	k := 0
	for 1<<k != kind {
		k++
	}
	near := c.last[s.Index][k]
	switch {
	case own&kind != 0:
		return Need{State: Present, By: by[k]}
	case c.before[s.Index]&kind != 0 && c.flow.graph.place[s.Index] >= 0:
		by := c.gate[s.Index][k]
		if by == nil {
			by = c.first(k, s)
		}
		return Need{State: Present, By: by, Caller: by == nil}
	case c.after[s.Index]&kind != 0:
		return Need{State: Late, By: c.following(k, s), Unused: near}
	}
	return Need{State: Missing, Unused: near}
}

// first returns a control of a kind that stands before s, for a step that several
// ways lead to, each over a control of its own.
func (c *coverage) first(k int, s *Step) *Step {
	if head := c.head[k]; head != nil && head.Index < s.Index {
		return head
	}
	return nil
}

// following returns a control of a kind behind s, or, where a way leads back, one
// before it.
func (c *coverage) following(k int, s *Step) *Step {
	if next := c.next[s.Index][k]; next != nil {
		return next
	}
	return c.first(k, s)
}

// ownConditions returns what the conditions of s itself make sure of: that a
// decision was a yes, or that a control which runs under the same condition ran.
func (c *coverage) ownConditions(s *Step) (granted kinds, by [4]*Step) {
	if s.Model == nil || !c.doc.Decides {
		return 0, by
	}
	grant := func(control *Step) {
		if k := slot(control.Control); k >= 0 && control.Index < s.Index {
			granted |= 1 << k
			by[k] = control
		}
	}
	for n, condition := range s.Model.Conditions {
		for _, decision := range c.flow.deciders(condition, s) {
			if !negative(condition) {
				grant(decision)
			}
		}
		for _, control := range c.flow.under[conditionKey(s.Model.Conditions[:n+1])] {
			if c.flow.graph.dominates(control.Index, s.Index) && gates(c.flow.gates[control.Index], control) {
				grant(control)
			}
		}
	}
	for _, used := range s.logins {
		grant(used)
	}
	return granted &^ audits, by
}

// gates reports whether a denial of the control at its own step leads nowhere
// but out.
func gates(list []gate, control *Step) bool {
	for _, g := range list {
		if g.decision == control {
			for _, to := range g.denied {
				if to != exit {
					return false
				}
			}
			return true
		}
	}
	return false
}

// conditionKey names a list of conditions, so that equal ones have equal names.
func conditionKey(list []capabilities.Condition) string {
	var b strings.Builder
	for _, c := range list {
		if c.Not {
			b.WriteByte('!')
		}
		b.WriteString(strings.Join(strings.Fields(c.Text), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// audit decides whether a record is written after s.
func (c *coverage) audit(s *Step) Need {
	if c.record[s.Index] && c.flow.graph.place[s.Index] >= 0 {
		return Need{State: Present, By: c.following(slot(effects.Audit), s)}
	}
	if s.Model != nil && len(s.Model.Conditions) > 0 {
		for n := range s.Model.Conditions {
			for _, control := range c.flow.under[conditionKey(s.Model.Conditions[:n+1])] {
				if control.Control == effects.Audit && control.Index > s.Index {
					return Need{State: Present, By: control}
				}
			}
		}
	}
	near := c.last[s.Index][slot(effects.Audit)]
	return Need{State: Missing, Unused: near}
}
