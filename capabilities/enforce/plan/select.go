package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// segment is one step of a JSONPath query.
type segment struct {
	kind   segmentKind
	name   string
	dotted bool // the name stands behind a dot, not in brackets
	index  int
	filter int // the part of the query that children must hold for
}

type segmentKind uint8

const (
	sName segmentKind = iota
	sIndex
	sAll
	sFilter
	sLength // the name "length"; of a list or a text how much it holds
)

// singular reports whether a query leads to one value at most.
func (n *node) singular() bool {
	return !slices.ContainsFunc(n.segments, func(s segment) bool { return s.kind == sAll || s.kind == sFilter })
}

// ofItem reports whether an operand takes from the item that a filter looks at.
func (n *node) ofItem() bool {
	for n != nil && (n.kind == kQuery || n.kind == kCount || n.kind == kLength) {
		n = n.parts[0]
	}
	return n != nil && n.kind == kCurrent
}

// found lists the values that a query leads to. Null is a value.
func (n *node) found(env *Env) ([]any, error) {
	from, there, err := n.start(env)
	if err != nil || !there {
		return nil, err
	}
	out := []any{from}
	for _, s := range n.segments {
		if out, err = n.follow(env, s, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// start is the value that a query begins at. Where $ is all inputs, that is the
// input that the query names, which may be absent.
func (n *node) start(env *Env) (v any, there bool, err error) {
	root := n.parts[0]
	switch {
	case root.kind == kCurrent:
		return env.current, true, nil
	case n.name != "" && root.kind == kInput && len(root.path) == 0:
		v, there = env.Inputs[root.name]
		return v, there, nil
	}
	return root.outside(env)
}

func (n *node) follow(env *Env, s segment, from []any) ([]any, error) {
	var out []any
	inner := *env
	if s.kind == sFilter && inner.once == nil {
		inner.once = map[*node]any{}
	}
	for _, v := range from {
		switch s.kind {
		case sAll:
			out = append(out, children(v)...)
		case sFilter:
			for _, child := range children(v) {
				inner.current = child
				holds, err := n.parts[s.filter].truth(&inner)
				if err != nil {
					return nil, err
				}
				if holds {
					out = append(out, child)
				}
			}
		default:
			if v, ok := s.child(v); ok {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

// child is the one child that a segment leads to. Names are those of maps, places
// those of lists (RFC 9535, 2.3.1 and 2.3.3).
func (s segment) child(v any) (any, bool) {
	switch in := v.(type) {
	case map[string]any:
		child, ok := in[s.name]
		return child, ok && s.kind != sIndex
	case []any:
		i := s.index
		switch {
		case s.kind == sLength:
			return length(v)
		case s.kind != sIndex:
			return nil, false
		case i < 0:
			i += len(in)
		}
		if i < 0 || i >= len(in) {
			return nil, false
		}
		return in[i], true
	case string:
		if s.kind == sLength {
			return length(v)
		}
	}
	return nil, false
}

// children are the values in a list or a map, those of a map by their names.
func children(v any) []any {
	switch in := v.(type) {
	case []any:
		return in
	case map[string]any:
		out := make([]any, 0, len(in))
		for _, name := range slices.Sorted(maps.Keys(in)) {
			out = append(out, in[name])
		}
		return out
	}
	return nil
}

// length is the function of RFC 9535, 2.4.4: characters, items or members.
func length(v any) (any, bool) {
	size := 0
	switch v := v.(type) {
	case string:
		size = utf8.RuneCountInString(v)
	case []any:
		size = len(v)
	case map[string]any:
		size = len(v)
	default:
		return nil, false
	}
	return json.Number(strconv.Itoa(size)), true
}

// writeQuery writes a query: $ with what it stands for, or @, and the path.
func (n *node) writeQuery(b *strings.Builder) {
	if n.parts[0] != nil && n.parts[0].kind == kCurrent {
		b.WriteByte('@')
	} else {
		b.WriteString("$(")
		n.parts[0].write(b)
		if n.name != "" {
			b.WriteString(" or nothing")
		}
		b.WriteByte(')')
	}
	for _, s := range n.segments {
		switch {
		case s.kind == sIndex:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case s.kind == sAll:
			b.WriteString("[*]")
		case s.kind == sFilter:
			b.WriteString("[?")
			n.parts[s.filter].write(b)
			b.WriteByte(']')
		case s.kind == sLength:
			b.WriteString(".length")
		case isPlain(s.name) && !isIndex(s.name) && s.name != "length":
			b.WriteString("." + s.name)
		default:
			b.WriteString("[" + strconv.Quote(s.name) + "]")
		}
	}
}
