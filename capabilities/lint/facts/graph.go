package facts

import "agentrisk/capabilities"

// exit is the end of a flow as the target of an edge.
const exit = -1

// graph is a flow as numbers: steps by their index, ways on after success, ways
// on after failure, what leads to each step, and the dominator tree.
type graph struct {
	success [][]int
	failure [][]int // retries left out
	before  [][]int // over both kinds of edges, exit left out
	joins   []bool  // the step waits for all that lead to it, not for one of them
	entries []int
	order   []int // steps that can be reached, every step after one that leads to it
	place   []int // of a step in order; -1 where it cannot be reached
	idom    []int // immediate dominator; -1 for entries and what cannot be reached
	in, out []int // interval of a step in a walk of the dominator tree
}

func newGraph(f *capabilities.Flow) *graph {
	n := len(f.Steps)
	g := &graph{success: make([][]int, n), failure: make([][]int, n), before: make([][]int, n), joins: make([]bool, n)}
	for i, s := range f.Steps {
		g.success[i] = targets(s.OnSuccess)
		g.failure[i] = targets(s.OnFailure)
		g.joins[i] = len(s.DependsOn) > 1
		for _, to := range g.success[i] {
			g.lead(i, to)
		}
		for _, to := range g.failure[i] {
			g.lead(i, to)
		}
	}
	for _, s := range f.Entries {
		g.entries = append(g.entries, s.Index-1)
	}
	g.sort()
	g.dominate()
	return g
}

// line is the graph of n steps in a row.
func line(n int) *graph {
	g := &graph{success: make([][]int, n), failure: make([][]int, n), before: make([][]int, n), joins: make([]bool, n)}
	for i := range n {
		to := i + 1
		if to == n {
			to = exit
		}
		g.success[i] = []int{to}
		g.lead(i, to)
	}
	if n > 0 {
		g.entries = []int{0}
	}
	g.sort()
	g.dominate()
	return g
}

func (g *graph) lead(from, to int) {
	if to != exit {
		g.before[to] = append(g.before[to], from)
	}
}

func targets(edges []capabilities.Edge) []int {
	var to []int
	for _, e := range edges {
		if e.Action == capabilities.Retry || e.Unresolved != "" {
			continue
		}
		if e.To == nil {
			to = append(to, exit)
		} else {
			to = append(to, e.To.Index-1)
		}
	}
	return to
}

// sort brings the steps that can be reached into reverse postorder.
func (g *graph) sort() {
	n := len(g.success)
	g.place = make([]int, n)
	seen := make([]bool, n)
	next := make([]int, n) // how many ways on of a step were followed
	var post, stack []int
	for _, entry := range g.entries {
		if !seen[entry] {
			seen[entry] = true
			stack = append(stack, entry)
		}
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			ways := len(g.success[at]) + len(g.failure[at])
			if next[at] == ways {
				stack = stack[:len(stack)-1]
				post = append(post, at)
				continue
			}
			to := g.way(at, next[at])
			next[at]++
			if to != exit && !seen[to] {
				seen[to] = true
				stack = append(stack, to)
			}
		}
	}
	for i := range g.place {
		g.place[i] = -1
	}
	for i := len(post) - 1; i >= 0; i-- {
		g.place[post[i]] = len(g.order)
		g.order = append(g.order, post[i])
	}
}

// way returns the i-th way on from a step. Failures are followed first, so that
// the way of success comes first in the order.
func (g *graph) way(at, i int) int {
	if fails := len(g.failure[at]); i >= fails {
		return g.success[at][i-fails]
	}
	return g.failure[at][i]
}

// dominate computes the dominator tree after Cooper, Harvey and Kennedy, "A
// Simple, Fast Dominance Algorithm" (2001), with one root above all entries.
func (g *graph) dominate() {
	n := len(g.success)
	g.idom = make([]int, n)
	root := make([]bool, n)
	for i := range g.idom {
		g.idom[i] = -2 // not known yet
	}
	for _, e := range g.entries {
		root[e] = true
	}
	for changed := true; changed; {
		changed = false
		for _, at := range g.order {
			best := -2
			if root[at] {
				best = -1
			}
			for _, from := range g.before[at] {
				if g.place[from] >= 0 && g.idom[from] != -2 {
					best = g.meet(best, from)
				}
			}
			if best != g.idom[at] {
				g.idom[at], changed = best, true
			}
		}
	}
	for i, d := range g.idom {
		if d == -2 {
			g.idom[i] = -1
		}
	}
	g.number()
}

func (g *graph) meet(a, b int) int {
	if a == -2 {
		return b
	}
	for a != b {
		switch {
		case a == -1 || b == -1:
			return -1
		case g.place[a] > g.place[b]:
			a = g.idom[a]
		default:
			b = g.idom[b]
		}
	}
	return a
}

// number gives every step its interval in a walk of the dominator tree.
func (g *graph) number() {
	n := len(g.idom)
	g.in, g.out = make([]int, n), make([]int, n)
	size := make([]int, n)
	for i := len(g.order) - 1; i >= 0; i-- { // children stand behind parents
		at := g.order[i]
		size[at]++
		if up := g.idom[at]; up >= 0 {
			size[up] += size[at]
		}
	}
	free := make([]int, n) // next free number below a step
	top := 0
	for _, at := range g.order {
		from := &top
		if up := g.idom[at]; up >= 0 {
			from = &free[up]
		}
		g.in[at], g.out[at] = *from, *from+size[at]
		free[at] = *from + 1
		*from += size[at]
	}
}

// dominates reports whether every way to b leads over a.
func (g *graph) dominates(a, b int) bool {
	return g.place[a] >= 0 && g.place[b] >= 0 && g.in[a] <= g.in[b] && g.in[b] < g.out[a]
}
