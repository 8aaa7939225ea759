package fga

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	someUsers  = []string{"user:a", "user:b", "user:c"}
	someGroups = []string{"group:1", "group:2", "group:3"}
	someNodes  = []string{"node:1", "node:2", "node:3", "node:4"}
)

// TestDifferential: on random models and relations the engine and the reference
// give the same answer to every question.
func TestDifferential(t *testing.T) { differential(t, false) }

// TestDifferentialCycles: where relations lead back to where they began, OpenFGA
// takes what it cannot finish below a "but not" for a no. It may deny what the
// reference allows, and never the other way round.
func TestDifferentialCycles(t *testing.T) { differential(t, true) }

func differential(t *testing.T, cycles bool) {
	o := Options{}
	if cycles {
		o.Timeout = 200 * time.Millisecond // what OpenFGA cannot unravel is no answer, and no yes
	}
	e := open(t, Memory, o)
	models, questions, yes, stricter, late := 0, 0, 0, 0, 0
	used := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		r := drawReference(t, cycles, used)
		model, err := ParseModel(r.text())
		if err != nil && (strings.Contains(err.Error(), "no entrypoints") || strings.Contains(err.Error(), "potential loop")) {
			t.Skip("OpenFGA takes no relation that nobody can ever have, nor one of which it believes so")
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, r.text())
		}
		models++
		tenant := fmt.Sprintf("d%d", models)
		ctx := context.Background()
		if err := e.Provision(ctx, tenant, model); err != nil {
			t.Fatal(err)
		}
		if err := e.Replace(ctx, tenant, r.tuples()); err != nil {
			t.Fatalf("%v\n%s", err, r.text())
		}
		have := r.solve(someNodes)
		for i := range r.relations {
			for _, n := range someNodes {
				for _, u := range someUsers {
					got, err := e.Query(ctx, Query{Tenant: tenant, User: u, Relation: fmt.Sprintf("r%d", i), Object: n})
					want := have[name(n, i)][u]
					if cycles && errors.Is(err, Late) && !got {
						late++
						continue
					}
					if err != nil || got && !want || !cycles && want && !got {
						t.Fatalf("%s r%d %s: %t %v, the reference says %t\n%s%+v", u, i, n, got, err, want, r.text(), r.tuples())
					}
					questions++
					if got {
						yes++
					} else if want {
						stricter++
					}
				}
			}
		}
	})
	t.Logf("%d models, %d questions, %d answered with yes, %d with no where the reference says yes, %d not answered in time; %v", models, questions, yes, stricter, late, used)
	if models < 50 {
		t.Errorf("only %d models", models)
	}
	if yes == 0 || yes == questions {
		t.Error("all answers are the same")
	}
	for _, what := range []string{"direct", "computed", "fromParent", "group", string(union), string(intersection), string(exclusion)} {
		if used[what] == 0 {
			t.Errorf("no model has %s", what)
		}
	}
}

// drawReference draws a model and its tuples. Without cycles, everything leads to
// what stands earlier in its list.
func drawReference(t *rapid.T, cycles bool, used map[string]int) *reference {
	r := &reference{members: map[string][]string{}, parents: map[string][]string{}, direct: map[string][]string{}}
	for i := range rapid.IntRange(1, 4).Draw(t, "relations") {
		r.relations = append(r.relations, drawExpression(t, i, used))
	}
	before := func(list []string, i int) []string {
		if cycles {
			return list
		}
		return list[:i]
	}
	for i, g := range someGroups {
		r.members[g] = drawSome(t, candidates(before(someGroups, i), g))
	}
	for k, n := range someNodes {
		r.parents[n] = drawSome(t, before(someNodes, k))
		for i, c := range r.relations {
			if c[0].kind != "direct" {
				continue
			}
			from := candidates(someGroups, "")
			for _, other := range c[0].usersets {
				for _, m := range before(someNodes, k) {
					if name(m, other) != name(n, i) {
						from = append(from, name(m, other))
					}
				}
			}
			r.direct[name(n, i)] = drawSome(t, from)
		}
	}
	return r
}

// candidates are users and groups without one: OpenFGA takes no tuple that says of
// a userset that it is in itself.
func candidates(groups []string, without string) []string {
	out := append([]string{}, someUsers...)
	for _, g := range groups {
		if g != without {
			out = append(out, g+"#member")
		}
	}
	return out
}

func drawSome(t *rapid.T, from []string) []string {
	var out []string
	for _, one := range from {
		if rapid.IntRange(0, 3).Draw(t, one) == 0 {
			out = append(out, one)
		}
	}
	return out
}

// drawExpression draws relation i. Its first term is direct, or computed from a
// lower one.
func drawExpression(t *rapid.T, i int, used map[string]int) expression {
	first := term{kind: "direct"}
	if i > 0 && rapid.IntRange(0, 4).Draw(t, "first") == 0 {
		first = term{kind: "computed", relation: rapid.IntRange(0, i-1).Draw(t, "of")}
	} else {
		for j := range i + 1 {
			if rapid.Bool().Draw(t, "userset") {
				first.usersets = append(first.usersets, j)
			}
		}
	}
	used[first.kind]++
	out := expression{{term: first}}
	for range rapid.IntRange(0, 3).Draw(t, "joined") {
		op := rapid.SampledFrom([]operator{union, intersection, exclusion}).Draw(t, "op")
		top := i // the highest relation that may stand here
		if op == exclusion {
			top = i - 1
		}
		right, ok := drawTerm(t, i, top, true, used)
		if !ok {
			continue
		}
		used[string(op)]++
		out = append(out, joined{op, right})
	}
	return out
}

func drawTerm(t *rapid.T, i, top int, nested bool, used map[string]int) (term, bool) {
	if top < 0 {
		return term{}, false
	}
	kind := rapid.SampledFrom([]string{"computed", "fromParent", "fromParent", "group"}).Draw(t, "kind")
	switch {
	case kind == "group" && nested:
		left, ok := drawTerm(t, i, top, false, used)
		right, also := drawTerm(t, i, min(top, i-1), false, used)
		if !ok || !also {
			return left, ok
		}
		used["group"]++
		op := rapid.SampledFrom([]operator{union, intersection, exclusion}).Draw(t, "inner")
		return term{kind: "group", parts: expression{{term: left}, {op, right}}}, true
	case kind == "computed" && i > 0:
		used["computed"]++
		return term{kind: "computed", relation: rapid.IntRange(0, min(top, i-1)).Draw(t, "of")}, true
	}
	used["fromParent"]++
	return term{kind: "fromParent", relation: rapid.IntRange(0, top).Draw(t, "of")}, true
}
