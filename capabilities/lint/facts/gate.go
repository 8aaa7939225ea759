package facts

import (
	"slices"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// gate is a decision that is tested at a step: from that step on, every way but
// those in denied is taken only where the decision was a yes.
type gate struct {
	decision *Step
	denied   []int // where a denial leads; exit among them
}

// decides reports whether anything in the document can make a flow branch or
// stop. Where nothing can, the order of the steps alone counts.
func decides(m *capabilities.Document) bool {
	if m.Dialect == capabilities.Arazzo {
		return true
	}
	for _, f := range m.Flows {
		for _, s := range f.Steps {
			if len(s.Conditions)+len(s.Success) > 0 || conditional(s.OnSuccess) || conditional(s.OnFailure) {
				return true
			}
		}
	}
	return false
}

func conditional(edges []capabilities.Edge) bool {
	return slices.ContainsFunc(edges, func(e capabilities.Edge) bool { return e.Stated && e.Action != capabilities.Continue })
}

// findGates finds where the flow tests its decisions.
func (d *Document) findGates(f *Flow) {
	f.gates = make([][]gate, len(f.Steps))
	for _, s := range f.Steps {
		if s.Model == nil {
			continue
		}
		for _, decision := range f.testedAt(s) {
			decision.Used = true
			f.gates[s.Index] = append(f.gates[s.Index], gate{decision, f.deniedWays(decision, s)})
		}
		if s.IsDecision() && !tests(f.gates[s.Index], s) && d.stopsByItself(s) {
			s.Used = true
			f.gates[s.Index] = append(f.gates[s.Index], gate{s, f.graph.failure[s.Index]})
		}
		for _, c := range s.Model.Conditions {
			for _, decision := range f.deciders(c, s) {
				decision.Used = true
			}
		}
	}
}

func tests(gates []gate, s *Step) bool {
	return slices.ContainsFunc(gates, func(g gate) bool { return g.decision == s })
}

// testedAt returns the decisions that step s tests: in what makes it a success,
// or in choosing where to go on.
func (f *Flow) testedAt(s *Step) []*Step {
	var out []*Step
	add := func(conditions []capabilities.Condition) {
		for _, c := range conditions {
			for _, decision := range f.deciders(c, s) {
				if !slices.Contains(out, decision) {
					out = append(out, decision)
				}
			}
		}
	}
	add(s.Model.Success)
	for _, e := range s.Model.OnSuccess {
		add(e.Conditions)
	}
	return out
}

// stopsByItself reports whether a denial of s is a failure of s, although
// nothing tests its answer. A login that fails, or a limit that is reached, is
// refused by status in every API known to us; a permission check answers 200 and
// says no in its body. Where the dialect does not tie failure to the status of
// HTTP, a stated way for failure is one for denial.
func (d *Document) stopsByItself(s *Step) bool {
	if s.Control == effects.Authenticate || s.Control == effects.Limit {
		return true
	}
	if d.Model.Dialect == capabilities.Arazzo {
		return false // its failures are those of HTTP
	}
	return slices.ContainsFunc(s.Model.OnFailure, func(e capabilities.Edge) bool { return e.Stated })
}

// deniedWays returns where the flow goes on from s when the decision is a no.
func (f *Flow) deniedWays(decision, s *Step) []int {
	for _, c := range s.Model.Success {
		if slices.Contains(f.deciders(c, s), decision) && !negative(c) {
			return f.graph.failure[s.Index]
		}
	}
	var ways []int
	for _, e := range s.Model.OnSuccess {
		if e.Action == capabilities.Retry {
			continue
		}
		looks, denies := f.edgeLooks(e, decision, s)
		if looks && !denies {
			continue // taken on a yes alone
		}
		ways = append(ways, targets([]capabilities.Edge{e})...)
		if len(e.Conditions) == 0 || looks {
			break // a denial goes no further than this
		}
	}
	return ways
}

func (f *Flow) edgeLooks(e capabilities.Edge, decision, s *Step) (looks, denies bool) {
	for _, c := range e.Conditions {
		if slices.Contains(f.deciders(c, s), decision) {
			looks, denies = true, denies || negative(c)
		}
	}
	return looks, denies
}
