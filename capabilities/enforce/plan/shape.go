package plan

import (
	"slices"
	"strings"
)

// sight is what the known shape of an answer says of a path.
type sight struct {
	ok     bool     // the answer has it, or its shape is not known
	path   []string // where it lies under another name; nil where nowhere
	secret bool
}

// look finds a path in the answer of the step's operation.
func (b *building) look(path []string) sight {
	outputs := b.step.Operation.Outputs
	if len(outputs) == 0 {
		return sight{ok: true}
	}
	var found sight
	for i := range outputs {
		o := &outputs[i]
		have := splitPath(o.Path)
		switch covers(have, path) {
		case holds: // path is all of o, or o lies below path
			found.ok, found.secret = true, found.secret || o.Secret
		case lies: // path lies below o
			if open(o.Type) {
				found.ok, found.secret = true, found.secret || o.Secret
			}
		}
	}
	if found.ok || b.step.Operation.Simulated && !b.declares(path) {
		found.ok = true
		return found
	}
	asked := joinPath(path)
	for i := range outputs {
		o := &outputs[i]
		if slices.ContainsFunc(o.Aliases, func(alias string) bool { return alias == asked || fold(alias) == fold(asked) }) {
			return sight{path: splitPath(o.Path), secret: o.Secret}
		}
	}
	return found
}

// declares reports whether a simulated answer has the path under another name.
func (b *building) declares(path []string) bool {
	asked := joinPath(path)
	for _, o := range b.step.Operation.Outputs {
		if slices.Contains(o.Aliases, asked) {
			return true
		}
	}
	return false
}

// open reports whether parts of a type may be there that nobody listed.
func open(kind string) bool {
	return kind == "" || kind == "object" || kind == "array" || strings.HasPrefix(kind, "any")
}

type cover int

const (
	apart cover = iota
	holds
	lies
)

// covers compares a listed path with one that is asked for. A place in a list
// counts as any other.
func covers(listed, asked []string) cover {
	for i, name := range asked {
		if i == len(listed) {
			return lies
		}
		if name != listed[i] && !(isIndex(name) && isIndex(listed[i])) && !(name == "length" && isIndex(listed[i])) {
			return apart
		}
	}
	return holds
}
