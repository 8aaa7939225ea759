package plan

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// kind is what a node of an expression does.
type kind uint8

const (
	kLiteral kind = iota
	kInput        // name, path
	kBody         // of the step name, path
	kStatus       // of the step name
	kOutput       // of the step name; the first of path names it
	kItem         // path
	kContext      // name
	kSecret       // name
	kPath         // path into the one part
	kText         // the parts as one text
	kList         // the parts
	kMap          // the parts by names
	kBefore       // of the one part, what stands before the colon
	kAfter        // of the one part, what stands behind the colon
	kElse         // the first part, the second where that is null
	kJoin         // see join.go: index, wanted; name is the field, names those kept
	kProject      // see join.go: the list, then what each item becomes
	kNot
	kAnd
	kOr
	kEqual
	kLess
	kLessEqual
	kMatch // the one part, by pattern

	// Of conditions in JSONPath, see select.go.
	kQuery   // the segments below the first part; the others are filters
	kCurrent // the item that a filter looks at
	kExists  // whether the one part, a query, leads to anything
	kCount   // of the one part, a query
	kLength  // of the one part, a query
)

// maxSize bounds the nodes of one expression, those of what it takes over from a
// calling flow among them.
const maxSize = 10_000

// node is an expression. It never changes once it is made.
type node struct {
	kind    kind
	name    string
	path    []string
	names   []string
	literal any
	parts   []*node
	pattern *regexp.Regexp
	loose   bool // comparisons as Arazzo has them
	typed   bool // comparisons as JSONPath has them
	// segments are those of a query.
	segments []segment
	size     int
	secret   bool
}

// newNode makes a node of parts, which hand their secrecy on unless all that is
// left of them is yes or no.
func newNode(n node) *node {
	n.size = 1
	for _, part := range n.parts {
		n.size += part.weight()
		n.secret = n.secret || part.isSecret() && n.kind < kNot
	}
	return &n
}

func literal(v any) *node { return newNode(node{kind: kLiteral, literal: v}) }

func (n *node) weight() int {
	if n == nil {
		return 1
	}
	return n.size
}

func (n *node) isSecret() bool { return n != nil && n.secret }

func (n *node) isNull() bool { return n == nil || n.kind == kLiteral && n.literal == nil }

// marked returns n as a secret.
func (n *node) marked() *node {
	if n == nil || n.secret {
		return n
	}
	copied := *n
	copied.secret = true
	return &copied
}

// under returns what lies at path below n.
func (n *node) under(path []string) *node {
	if len(path) == 0 {
		return n
	}
	switch n.kind {
	case kInput, kBody, kOutput, kItem, kPath:
		copied := *n
		copied.path = append(n.path[:len(n.path):len(n.path)], path...)
		return &copied
	}
	return newNode(node{kind: kPath, path: path, parts: []*node{n}})
}

// steps lists the steps that n takes from, each once, in the order of the text.
func (n *node) steps() []string {
	var out []string
	seen := map[string]bool{}
	n.walk(func(one *node) {
		switch one.kind {
		case kBody, kStatus, kOutput:
			if !seen[one.name] {
				seen[one.name] = true
				out = append(out, one.name)
			}
		}
	})
	return out
}

// walk visits n and all below it.
func (n *node) walk(visit func(*node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, part := range n.parts {
		part.walk(visit)
	}
}

// String writes the one spelling of n.
func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

// signs are the spellings of the kinds that look like a function.
var signs = map[kind]string{kText: "text", kList: "list", kBefore: "before-colon", kAfter: "after-colon", kElse: "else",
	kNot: "not", kAnd: "and", kOr: "or", kEqual: "equal", kLess: "less", kLessEqual: "less-or-equal", kPath: "part",
	kJoin: "join", kProject: "each", kMap: "map", kMatch: "match",
	kExists: "exists", kCount: "count", kLength: "length"}

func (n *node) write(b *strings.Builder) {
	if n == nil {
		b.WriteString("null")
		return
	}
	switch n.kind {
	case kLiteral:
		b.WriteString(jsonText(n.literal))
	case kInput:
		b.WriteString("input " + quoteName(n.name))
		writePath(b, n.path)
	case kBody:
		b.WriteString("step " + quoteName(n.name))
		writePath(b, n.path)
	case kStatus:
		b.WriteString("status of " + quoteName(n.name))
	case kOutput:
		b.WriteString("output of " + quoteName(n.name))
		writePath(b, n.path)
	case kItem:
		b.WriteString("item")
		writePath(b, n.path)
	case kContext:
		b.WriteString("context " + quoteName(n.name))
	case kSecret:
		b.WriteString("secret " + quoteName(n.name))
	case kQuery:
		n.writeQuery(b)
	default:
		n.writeCall(b)
	}
}

func (n *node) writeCall(b *strings.Builder) {
	b.WriteString(signs[n.kind])
	if n.loose {
		b.WriteString("-in-any-case")
	}
	if n.typed {
		b.WriteString("-by-type")
	}
	if n.name != "" {
		b.WriteString(" by " + quoteName(n.name))
	}
	if n.pattern != nil {
		b.WriteString(" " + strconv.Quote(n.pattern.String()))
	}
	writePath(b, n.path)
	b.WriteByte('(')
	for i, part := range n.parts {
		if i > 0 {
			b.WriteString(", ")
		}
		if n.kind == kMap && i < len(n.names) {
			b.WriteString(strconv.Quote(n.names[i]) + ": ")
		}
		part.write(b)
	}
	if n.kind != kMap {
		for _, name := range n.names {
			b.WriteString(", " + strconv.Quote(name))
		}
	}
	b.WriteByte(')')
}

func writePath(b *strings.Builder, path []string) {
	for _, name := range path {
		switch {
		case isIndex(name):
			b.WriteString("[" + name + "]")
		case isPlain(name):
			b.WriteString("." + name)
		default:
			b.WriteString("[" + strconv.Quote(name) + "]")
		}
	}
}

func quoteName(name string) string {
	if isPlain(name) {
		return name
	}
	return strconv.Quote(name)
}

// isPlain reports whether a name needs no quotes.
func isPlain(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !isLetter(c) && !isDigit(c) && c != '-' && c != '/' {
			return false
		}
	}
	return name != ""
}

func jsonText(v any) string {
	var b strings.Builder
	encode := json.NewEncoder(&b)
	encode.SetEscapeHTML(false)
	if err := encode.Encode(v); err != nil {
		return "?"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isBlank(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
