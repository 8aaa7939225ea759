package world

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"agentrisk/internal/source"
)

// Limits of a file.
var limits = source.Limits{Bytes: 4 << 20, Depth: 20, Nodes: 200_000, Documents: 1}

// Read reads a world file.
func Read(fsys fs.FS, name string) (*World, error) {
	f, err := source.ReadFile(fsys, name, limits)
	if err != nil {
		return nil, err
	}
	return Parse(f)
}

// Parse reads a world. The first fault ends it, with its place; a name that means
// nothing is a fault, with the nearest that does.
func Parse(f *source.File) (*World, error) {
	doc, err := source.ParseOne(f, limits)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	w := r.world(doc.Root)
	if r.err != nil {
		return nil, r.err
	}
	return w, nil
}

// reader keeps the first fault.
type reader struct{ err error }

func (r *reader) fail(at source.Node, expected, hint, format string, args ...any) {
	if r.err == nil {
		r.err = &source.Error{At: at.Location(), ID: FaultID, Message: fmt.Sprintf(format, args...), Expected: expected, Hint: hint}
	}
}

// field reads the value of one key.
type field struct {
	read     func(source.Node)
	required bool
}

type fields map[string]field

func must(read func(source.Node)) field { return field{read, true} }
func may(read func(source.Node)) field  { return field{read, false} }

// object reads a map with these keys and no other.
func (r *reader) object(n source.Node, what string, known fields) {
	if n.Kind() != source.Mapping {
		r.fail(n, "a map", "", "%s is %s", what, n.Describe())
		return
	}
	names := sortedKeys(known)
	for key, value := range n.Pairs() {
		f, ok := known[key.Text()]
		if !ok {
			r.fail(key, "one of "+join(names), source.DidYouMean(key.Text(), names), "%s has no field %q", what, key.Text())
			return
		}
		f.read(value)
	}
	for _, name := range names {
		if known[name].required && !n.Get(name).Exists() {
			r.fail(n, name, "", "%s lacks a field", what)
		}
	}
}

// each reads the items of a list.
func (r *reader) each(n source.Node, what string, read func(source.Node)) {
	if n.Kind() != source.Sequence {
		r.fail(n, "a list", "", "%s is %s", what, n.Describe())
		return
	}
	for _, item := range n.Items() {
		if r.err != nil {
			return
		}
		read(item)
	}
}

// text reads a text that is not empty.
func (r *reader) text(into *string, what string) func(source.Node) {
	return func(n source.Node) {
		if *into = n.Text(); n.Kind() != source.Scalar || n.IsNull() || *into == "" {
			r.fail(n, "text", "", "%s is %s", what, n.Describe())
		}
	}
}

// texts reads a list of texts, each of them checked.
func (r *reader) texts(into *[]string, what string, check func(source.Node)) func(source.Node) {
	return func(n source.Node) {
		*into = []string{}
		r.each(n, what, func(item source.Node) {
			var one string
			r.text(&one, "an entry of "+what)(item)
			if check != nil && r.err == nil {
				check(item)
			}
			*into = append(*into, one)
		})
	}
}

// word reads one of several words.
func (r *reader) word(into *string, what string, allowed []string) func(source.Node) {
	return func(n source.Node) {
		if *into = n.Text(); !slices.Contains(allowed, *into) {
			r.fail(n, "one of "+join(allowed), source.DidYouMean(*into, allowed), "there is no %s %q", what, *into)
		}
	}
}

func (r *reader) bool(into *bool, what string) func(source.Node) {
	return func(n source.Node) {
		value, ok := n.Bool()
		if *into = value; !ok {
			r.fail(n, "true or false", "", "%s is %s", what, n.Describe())
		}
	}
}

func (r *reader) number(into *int64, what string, least, most int64) func(source.Node) {
	return func(n source.Node) {
		value, err := strconv.ParseInt(n.Text(), 10, 64)
		if *into = value; err != nil || value < least || value > most {
			r.fail(n, fmt.Sprintf("a whole number from %d to %d", least, most), "", "%s is %s", what, source.Quote(n.Text()))
		}
	}
}

func (r *reader) duration(into *time.Duration, what string, most time.Duration) func(source.Node) {
	return func(n source.Node) {
		value, err := time.ParseDuration(n.Text())
		if *into = value; err != nil || value < 0 || value > most {
			r.fail(n, "a time such as 90s or 24h, at most "+most.String(), "", "%s is %s", what, source.Quote(n.Text()))
		}
	}
}

func (r *reader) instant(into *time.Time, what string) func(source.Node) {
	return func(n source.Node) {
		value, err := time.Parse(time.RFC3339, n.Text())
		if *into = value; err != nil {
			r.fail(n, "a time such as 2027-01-31T17:00:00Z", "", "%s is %s", what, source.Quote(n.Text()))
		}
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func join(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}
