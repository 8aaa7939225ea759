package fga

import (
	"fmt"
	"strings"
)

// The reference is a second evaluator that shares nothing with OpenFGA: it
// computes who has each relation, relation by relation from the bottom up, until
// nothing changes. It knows two types: groups, whose members are users and the
// members of other groups, and nodes, which have parents and the relations r0, r1
// and so on. A relation stands on lower ones and, where nothing is subtracted, on
// itself.

// operator joins what stands left of it with what stands right.
type operator string

const (
	union        operator = "or"
	intersection operator = "and"
	exclusion    operator = "but not"
)

// term is one operand: who is named in tuples (direct), who has another relation
// to the same node (computed), or to its parents (fromParent), or several terms.
type term struct {
	kind     string     // direct, computed, fromParent, group
	relation int        // of computed and fromParent
	usersets []int      // of direct: the relations of nodes that tuples may name
	parts    expression // of group
}

// expression is a first term and what is joined to it, from left to right.
type expression []joined

type joined struct {
	op operator // of the first: none
	term
}

// reference is a model of the reference, and its tuples.
type reference struct {
	relations []expression
	members   map[string][]string // tuples of groups: users and group#member
	parents   map[string][]string // nodes by node
	direct    map[string][]string // tuples by node#relation: users, group#member, node#relation
}

// text is the model in OpenFGA's language.
func (r *reference) text() string {
	var b strings.Builder
	b.WriteString("model\n  schema 1.1\ntype user\ntype group\n  relations\n    define member: [user, group#member]\ntype node\n  relations\n    define parent: [node]\n")
	for i, c := range r.relations {
		fmt.Fprintf(&b, "    define r%d: %s\n", i, c.text())
	}
	return b.String()
}

func (c expression) text() string {
	out := c[0].text()
	for i, j := range c[1:] {
		if i > 0 {
			out = "(" + out + ")"
		}
		out += " " + string(j.op) + " " + j.text()
	}
	return out
}

func (t term) text() string {
	switch t.kind {
	case "direct":
		kinds := []string{"user", "group#member"}
		for _, r := range t.usersets {
			kinds = append(kinds, fmt.Sprintf("node#r%d", r))
		}
		return "[" + strings.Join(kinds, ", ") + "]"
	case "computed":
		return fmt.Sprintf("r%d", t.relation)
	case "fromParent":
		return fmt.Sprintf("r%d from parent", t.relation)
	}
	return "(" + t.parts.text() + ")"
}

// tuples are the relations in OpenFGA's words.
func (r *reference) tuples() []Tuple {
	var out []Tuple
	add := func(relation string, from map[string][]string) {
		for _, object := range sortedKeys(from) {
			for _, user := range from[object] {
				bare, own, _ := strings.Cut(object, "#")
				name := relation
				if own != "" {
					name = own
				}
				out = append(out, Tuple{User: user, Relation: name, Object: bare})
			}
		}
	}
	add("member", r.members)
	add("parent", r.parents)
	add("", r.direct)
	return out
}

type set map[string]bool

// solve returns who has which relation to which node, by node#relation.
func (r *reference) solve(nodes []string) map[string]set {
	members := r.solveMembers()
	have := map[string]set{}
	for i, c := range r.relations {
		for _, n := range nodes {
			have[name(n, i)] = set{}
		}
		for changed := true; changed; {
			changed = false
			for _, n := range nodes {
				next := r.eval(c, i, n, members, have)
				if len(next) != len(have[name(n, i)]) {
					changed = true
				}
				have[name(n, i)] = next
			}
		}
	}
	return have
}

func name(node string, relation int) string { return fmt.Sprintf("%s#r%d", node, relation) }

func (r *reference) solveMembers() map[string]set {
	members := map[string]set{}
	for changed := true; changed; {
		changed = false
		for group, users := range r.members {
			next := set{}
			for _, u := range users {
				add(next, u, members)
			}
			if len(next) != len(members[group]) {
				changed = true
			}
			members[group] = next
		}
	}
	return members
}

// add adds a user, or all of a userset.
func add(to set, user string, usersets map[string]set) {
	if bare, ok := strings.CutSuffix(user, "#member"); ok {
		for u := range usersets[bare] {
			to[u] = true
		}
		return
	}
	if strings.Contains(user, "#") {
		for u := range usersets[user] {
			to[u] = true
		}
		return
	}
	to[user] = true
}

func (r *reference) eval(c expression, own int, node string, members, have map[string]set) set {
	out := r.evalTerm(c[0].term, own, node, members, have)
	for _, j := range c[1:] {
		right := r.evalTerm(j.term, own, node, members, have)
		joined := set{}
		for u := range out {
			if j.op == union || (j.op == intersection) == right[u] {
				joined[u] = true
			}
		}
		for u := range right {
			if j.op == union {
				joined[u] = true
			}
		}
		out = joined
	}
	return out
}

func (r *reference) evalTerm(t term, own int, node string, members, have map[string]set) set {
	out := set{}
	switch t.kind {
	case "direct":
		for _, user := range r.direct[name(node, own)] {
			if strings.HasSuffix(user, "#member") {
				add(out, user, members)
			} else {
				add(out, user, have)
			}
		}
	case "computed":
		for u := range have[name(node, t.relation)] {
			out[u] = true
		}
	case "fromParent":
		for _, p := range r.parents[node] {
			for u := range have[name(p, t.relation)] {
				out[u] = true
			}
		}
	case "group":
		return r.eval(t.parts, own, node, members, have)
	}
	return out
}
