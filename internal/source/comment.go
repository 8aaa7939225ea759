package source

import (
	"bytes"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

// Comment is a comment of a YAML document and what it stands beside.
type Comment struct {
	At   Location // from the # to the end of its line
	Text string   // without the # and the spaces around it

	// Key and Node are what the comment belongs to: a pair of a map, or an item
	// of a list, whose Key is Missing. A comment behind a value belongs to the
	// pair or item that begins in its line, one in a line of its own to what
	// follows. Before the document's first key, with an empty line in between,
	// it belongs to the document as a whole; at its end, to nothing.
	Key  Node
	Node Node
}

// Scope returns the range of what the comment belongs to, empty where it belongs
// to nothing.
func (c Comment) Scope() Range {
	if !c.Node.Exists() {
		return Range{}
	}
	r := c.Node.Range()
	if c.Key.Exists() {
		r.Start = c.Key.place()
	}
	return r
}

// Comments returns the comments of the document that hold word, in their order.
// A # inside of a scalar, such as a block of text, begins no comment.
func (d *Document) Comments(word string) []Comment {
	if d.Root.y == nil || isJSONName(d.File.Name) || !bytes.Contains(d.File.Text, []byte(word)) {
		return nil
	}
	first, last := d.lines()
	w := &commentWalk{doc: d}
	w.collect(d.Root)
	var out []Comment
	for n := first; n <= last; n++ {
		start := d.File.lineOffset(n)
		line := d.File.Text[start:lineEnd(d.File.Text, start)]
		if !bytes.Contains(line, []byte(word)) {
			continue
		}
		hash := w.commentStart(line, start)
		if hash < 0 || !bytes.Contains(line[hash:], []byte(word)) {
			continue
		}
		end := start + len(bytes.TrimRight(line, " \t\r"))
		c := Comment{At: d.File.At(start+hash, end), Text: strings.TrimSpace(strings.TrimLeft(string(d.File.Text[start+hash:end]), "#"))}
		own := len(bytes.TrimSpace(line[:hash])) == 0
		c.Key, c.Node = w.owner(n, own)
		out = append(out, c)
	}
	return out
}

// lines returns the first and the last line that belong to the document in its
// file: from behind the one before to the next.
func (d *Document) lines() (first, last int) {
	f := d.File
	line := d.Root.y.Line
	mark := f.documentStart(line + 1)
	for first = mark; first > 1 && isBlankOrComment(f.Line(first-1)); first-- {
	}
	if first > 1 { // what stands above the mark belongs to another document
		first = mark
	}
	for last = line; last < f.Lines(); last++ {
		if next := f.Line(last + 1); strings.HasPrefix(next, "---") || strings.HasPrefix(next, "...") {
			break
		}
	}
	return first, last
}

func isBlankOrComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// commentWalk knows where the scalars of a document lie that hold a #, and what
// begins where.
type commentWalk struct {
	doc     *Document
	scalars []stretch // in order
	parts   []part    // in order, so that their lines never go down
}

type stretch struct{ start, end int } // offsets

// part is a pair of a map or an item of a list.
type part struct {
	line      int
	key, node Node
}

func (w *commentWalk) collect(n Node) {
	switch n.y.Kind {
	case yaml.ScalarNode:
		if strings.Contains(n.y.Value, "#") {
			start := n.offset()
			w.scalars = append(w.scalars, stretch{start, n.end(start)})
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.y.Content); i += 2 {
			key, value := Node{n.doc, n.y.Content[i]}, Node{n.doc, n.y.Content[i+1]}
			w.parts = append(w.parts, part{line: key.y.Line, key: key, node: value})
			w.collect(key)
			w.collect(value)
		}
	case yaml.SequenceNode:
		for _, item := range n.y.Content {
			one := Node{n.doc, item}
			w.parts = append(w.parts, part{line: item.Line, node: one})
			w.collect(one)
		}
	}
}

// commentStart returns the offset in line of the # that begins its comment, or
// -1. start is the offset of line in the file.
func (w *commentWalk) commentStart(line []byte, start int) int {
	for i, b := range line {
		if b == '#' && (i == 0 || isSpace(line[i-1])) && !w.inScalar(start+i) {
			return i
		}
	}
	return -1
}

func (w *commentWalk) inScalar(offset int) bool {
	i := sort.Search(len(w.scalars), func(i int) bool { return w.scalars[i].end > offset })
	return i < len(w.scalars) && offset >= w.scalars[i].start
}

// owner finds what a comment in line n belongs to. own: it has a line to itself.
func (w *commentWalk) owner(n int, own bool) (key, node Node) {
	i := w.from(n)
	if !own {
		// Of what begins in the line the first is the largest: an item before
		// the first pair in it. Where nothing does, the nearest before.
		if i == len(w.parts) || w.parts[i].line != n {
			i = w.from(w.lineBefore(i))
		}
		if i == len(w.parts) {
			return Node{}, Node{}
		}
		return w.parts[i].key, w.parts[i].node
	}
	i = w.from(n + 1)
	switch {
	case i == len(w.parts):
		return Node{}, Node{}
	case i == 0 && w.blankBetween(n, w.parts[0].line):
		return Node{}, w.doc.Root
	}
	return w.parts[i].key, w.parts[i].node
}

// from returns the index of the first part that begins in line n or below.
func (w *commentWalk) from(n int) int {
	return sort.Search(len(w.parts), func(i int) bool { return w.parts[i].line >= n })
}

// lineBefore returns the line of the part before the one at i.
func (w *commentWalk) lineBefore(i int) int {
	if i == 0 {
		return 1
	}
	return w.parts[i-1].line
}

func (w *commentWalk) blankBetween(from, to int) bool {
	for n := from + 1; n < to; n++ {
		text := strings.TrimSpace(w.doc.File.Line(n))
		if text == "" || text == "---" {
			return true
		}
	}
	return false
}
