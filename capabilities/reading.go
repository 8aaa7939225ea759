package capabilities

import (
	"iter"
	"strings"

	"agentrisk/internal/source"
)

// reading is one document while it is being read.
type reading struct {
	doc    *Document
	limits source.Limits
}

// read fills the document from its root in the way of its dialect.
func (r *reading) read() {
	d := r.doc
	if d.Root.Kind() != source.Mapping {
		if d.Dialect != Unspecified {
			r.problem(d.Root.Wrong("the document", "a map"))
			d.Dialect = Unspecified
		}
		return
	}
	d.Identity.At = place(d.Root)
	switch d.Dialect {
	case Composition:
		r.composition()
	case Registry:
		r.registry()
	case Naftiko, Ikanos:
		r.naftiko()
	case Kubernetes:
		r.kubernetes()
	case AdHoc:
		r.adHoc()
	case Arazzo:
		r.arazzo()
	default:
		for key, value := range d.Root.Pairs() {
			r.unknown("document", key, value)
		}
	}
	for _, f := range d.Flows {
		link(f, d.Dialect)
	}
}

func (r *reading) problem(err *source.Error) { r.doc.Problems = append(r.doc.Problems, err) }

// unknown keeps a field that the part called where is not known to have. Fields
// that begin with x- are extensions by convention, and no surprise.
func (r *reading) unknown(where string, key, value source.Node) {
	if name := key.Text(); !strings.HasPrefix(name, "x-") && name != "$schema" {
		r.doc.Unknown = append(r.doc.Unknown, Unknown{Part{key, value}, name, where})
	}
}

// text returns the characters of a scalar; anything else is a problem.
func (r *reading) text(n source.Node, what string) string {
	if n.Kind() != source.Scalar && n.Exists() {
		r.problem(n.Wrong(what, "text"))
	}
	return n.Text()
}

// prose returns the characters of a scalar, and nothing for anything else.
func prose(n source.Node) string { return n.Text() }

// flag returns what a truth value says, nil where nothing is said. Words such as
// yes, which some readers take for true and some for text, are a problem.
func (r *reading) flag(n source.Node, what string) *bool {
	if n.IsNull() {
		return nil
	}
	value, ok := n.Bool()
	if !ok {
		r.problem(n.Wrong(what, "true or false"))
		return nil
	}
	return &value
}

// strings returns the scalars of a list, or the one scalar that stands in its
// place.
func (r *reading) strings(n source.Node, what string) []string {
	if n.Kind() == source.Scalar && !n.IsNull() {
		return []string{n.Text()}
	}
	out := make([]string, 0, n.Len())
	for _, item := range r.list(n, what) {
		if text := item.Text(); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// list yields the items of a list; anything else that is not empty is a problem.
func (r *reading) list(n source.Node, what string) iter.Seq2[int, source.Node] {
	if n.Kind() != source.Sequence && !n.IsNull() {
		r.problem(n.Wrong(what, "a list"))
	}
	return n.Items()
}

// named is one of several parts, each with a name.
type named struct {
	Part
	Name  string
	Keyed bool // the name is a key of a map
}

// named yields the parts of a list, named by the first of keys they have, or of
// a map, named by its own keys.
func (r *reading) named(n source.Node, what string, keys ...string) iter.Seq[named] {
	return func(yield func(named) bool) {
		switch n.Kind() {
		case source.Sequence:
			for _, item := range n.Items() {
				if !yield(nameOf(item, keys)) {
					return
				}
			}
		case source.Mapping:
			for key, value := range n.Pairs() {
				if !yield(named{Part{key, value}, key.Text(), true}) {
					return
				}
			}
		default:
			if !n.IsNull() {
				r.problem(n.Wrong(what, "a list or a map"))
			}
		}
	}
}

func nameOf(item source.Node, keys []string) named {
	if item.Kind() == source.Scalar {
		return named{Part: Part{item, item}, Name: item.Text()}
	}
	for _, key := range keys {
		if value := item.Get(key); value.Kind() == source.Scalar && !value.IsNull() {
			return named{Part: Part{value, item}, Name: value.Text()}
		}
	}
	return named{Part: Part{place(item), item}}
}

// place is where a message points at when it is about n: one line of it.
func place(n source.Node) source.Node {
	switch n.Kind() {
	case source.Mapping:
		for key := range n.Pairs() {
			return key
		}
	case source.Sequence:
		for _, item := range n.Items() {
			return place(item)
		}
	}
	return n
}
