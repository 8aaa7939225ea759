package source

import (
	"iter"
	"strings"

	"gopkg.in/yaml.v3"
)

// Kind is the shape of a node.
type Kind uint8

// The shapes. A Missing node is what looking up an absent key gives.
const (
	Missing Kind = iota
	Scalar
	Mapping
	Sequence
)

// String names the kind as messages do.
func (k Kind) String() string {
	return [...]string{"nothing", "a value", "a map", "a list"}[k]
}

// Node is a value of a document. The zero Node is Missing; every method works on
// it. Aliases are followed everywhere but in Range, which points at the alias.
type Node struct {
	doc *Document
	y   *yaml.Node
}

func (n Node) target() *yaml.Node {
	if n.y != nil && n.y.Kind == yaml.AliasNode {
		return n.y.Alias
	}
	return n.y
}

// Document returns the document that n belongs to, nil for a Missing node.
func (n Node) Document() *Document { return n.doc }

// Kind returns the shape of n.
func (n Node) Kind() Kind {
	y := n.target()
	if y == nil {
		return Missing
	}
	switch y.Kind {
	case yaml.MappingNode:
		return Mapping
	case yaml.SequenceNode:
		return Sequence
	}
	return Scalar
}

// Exists reports whether n is there, be it null.
func (n Node) Exists() bool { return n.y != nil }

// IsNull reports whether n is Missing or null.
func (n Node) IsNull() bool {
	y := n.target()
	return y == nil || y.Kind == yaml.ScalarNode && y.Tag == "!!null"
}

// Tag returns the short YAML tag, such as !!str or !!int, and "" for Missing.
func (n Node) Tag() string {
	y := n.target()
	if y == nil {
		return ""
	}
	return y.ShortTag()
}

// IsString reports whether n is a scalar that YAML takes for text.
func (n Node) IsString() bool { return n.Kind() == Scalar && n.Tag() == "!!str" }

// IsNumber reports whether n is an integer or a decimal.
func (n Node) IsNumber() bool {
	return n.Kind() == Scalar && (n.Tag() == "!!int" || n.Tag() == "!!float")
}

// Text returns the characters of a scalar, "" for anything else and for null.
// Numbers and dates come as they were written.
func (n Node) Text() string {
	y := n.target()
	if y == nil || y.Kind != yaml.ScalarNode || y.Tag == "!!null" {
		return ""
	}
	return y.Value
}

// Bool returns the truth value of n, and whether n is one.
func (n Node) Bool() (value, ok bool) {
	if n.Tag() != "!!bool" {
		return false, false
	}
	return strings.EqualFold(n.Text(), "true"), true
}

// Len returns the number of items of a list or pairs of a map, merged ones not
// counted.
func (n Node) Len() int {
	switch n.Kind() {
	case Sequence:
		return len(n.target().Content)
	case Mapping:
		return len(n.target().Content) / 2
	}
	return 0
}

// Items yields the items of a list; nothing for any other node.
func (n Node) Items() iter.Seq2[int, Node] {
	return func(yield func(int, Node) bool) {
		if n.Kind() != Sequence {
			return
		}
		for i, item := range n.target().Content {
			if !yield(i, Node{n.doc, item}) {
				return
			}
		}
	}
}

// Pairs yields key and value of a map: its own in their order, of duplicates the
// last, then those merged in by `<<` that it does not set itself. Nothing for any
// other node.
func (n Node) Pairs() iter.Seq2[Node, Node] {
	return func(yield func(key, value Node) bool) {
		if n.Kind() != Mapping {
			return
		}
		content := n.target().Content
		merges := false
		for i := 0; i+1 < len(content); i += 2 {
			if n.doc.merges && isMerge(content[i]) {
				merges = true
				continue
			}
			if !n.doc.shadowed[content[i]] && !yield(Node{n.doc, content[i]}, Node{n.doc, content[i+1]}) {
				return
			}
		}
		if merges {
			n.yieldMerged(yield)
		}
	}
}

// yieldMerged yields the merged pairs that the map does not set itself, each key
// once.
func (n Node) yieldMerged(yield func(key, value Node) bool) {
	seen := make(map[string]bool, n.Len())
	content := n.target().Content
	for i := 0; i+1 < len(content); i += 2 {
		if !isMerge(content[i]) {
			seen[content[i].Value] = true
		}
	}
	for key, value := range n.merged() {
		if seen[key.Text()] {
			continue
		}
		seen[key.Text()] = true
		if !yield(key, value) {
			return
		}
	}
}

// merged yields the pairs of the maps under `<<`, an earlier map before a later.
func (n Node) merged() iter.Seq2[Node, Node] {
	return func(yield func(key, value Node) bool) {
		content := n.target().Content
		for i := 0; i+1 < len(content); i += 2 {
			if !isMerge(content[i]) {
				continue
			}
			from := Node{n.doc, content[i+1]}
			for key, value := range from.Pairs() {
				if !yield(key, value) {
					return
				}
			}
			for _, one := range from.Items() {
				for key, value := range one.Pairs() {
					if !yield(key, value) {
						return
					}
				}
			}
		}
	}
}

func isMerge(key *yaml.Node) bool { return key.Tag == "!!merge" }

// own finds a key among the map's own pairs; of duplicates the last, as the
// loaders of most languages do.
func (n Node) own(name string) (key, value Node) {
	content := n.target().Content
	for i := len(content) - 2; i >= 0; i -= 2 {
		if content[i].Value == name && content[i].Kind == yaml.ScalarNode && !isMerge(content[i]) {
			return Node{n.doc, content[i]}, Node{n.doc, content[i+1]}
		}
	}
	return Node{}, Node{}
}

// Lookup returns the key and the value of a map's pair, or two Missing nodes.
func (n Node) Lookup(name string) (key, value Node) {
	if n.Kind() != Mapping {
		return Node{}, Node{}
	}
	if key, value = n.own(name); key.Exists() || !n.doc.merges {
		return key, value
	}
	return n.lookupMerged(name)
}

// lookupMerged stands apart from Lookup, which runs for every field of every
// document: what a loop over a function keeps lies on the heap.
func (n Node) lookupMerged(name string) (Node, Node) {
	for key, value := range n.merged() {
		if key.Text() == name {
			return key, value
		}
	}
	return Node{}, Node{}
}

// Get returns the value under name, Missing where n is no map or has no such key.
func (n Node) Get(name string) Node {
	_, value := n.Lookup(name)
	return value
}

// Describe names what n is, as in `is a list`.
func (n Node) Describe() string {
	switch {
	case n.IsNull() && n.Exists():
		return "empty"
	case n.Kind() != Scalar:
		return n.Kind().String()
	}
	switch n.Tag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	}
	return "text"
}

// Wrong returns the error that n, which messages call what, is not as expected.
func (n Node) Wrong(what, expected string) *Error {
	return &Error{At: n.Location(), ID: "wrong-type", Message: what + " is " + n.Describe(), Expected: expected}
}

// Start returns the place of n's first character, without looking for its end;
// the zero Position for Missing.
func (n Node) Start() Position {
	if n.y == nil {
		return Position{}
	}
	return Position{n.y.Line, n.y.Column}
}

// Lines returns the lines that hold the text of a literal block, from first up
// to last, and whether n is one: only there do the lines of the file say what
// the text says.
func (n Node) Lines() (first, last int, ok bool) {
	if n.y == nil || n.y.Kind != yaml.ScalarNode || n.y.Style&yaml.LiteralStyle == 0 {
		return 0, 0, false
	}
	return n.y.Line + 1, n.Range().End.Line + 1, true
}
