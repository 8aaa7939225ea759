package plan

import (
	"fmt"
	"unicode/utf8"

	"agentrisk/capabilities"
)

// queryParser reads a condition in JSONPath (RFC 9535): tests and comparisons as
// they stand in a filter, over what the condition is applied to. Of the queries it
// reads names, places, all children and filters. Slices, unions, the search
// through all levels, patterns and anything that the RFC does not have are refused.
type queryParser struct {
	parser
	root    *node // what $ stands for, nil where those are the inputs
	filters int   // around the place that is read
	// known gives the segments by which the answer of root has what is asked for.
	known func(root *node, segments []segment) []segment
	notes []string // what a reader of the condition may not expect
}

// queryHint says what is read.
const queryHint = "tests and comparisons of paths such as $.a[0]['b'], filters, count() and length() are read"

func (p *queryParser) read() (*node, error) {
	if p.end > maxExpression {
		return nil, faultf("an expression of %d bytes is longer than %d", p.end, maxExpression)
	}
	if !utf8.ValidString(p.text) {
		return nil, faultf("the expression is not UTF-8")
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.blank(); p.at < p.end {
		return nil, p.unexpected("an operator or the end")
	}
	if n.weight() > maxSize {
		return nil, faultf("the expression stands for more than %d parts", maxSize)
	}
	return n, nil
}

// unexpected is the fault of what stands here.
func (p *queryParser) unexpected(expected string) error {
	if p.at >= p.end {
		return &problem{message: "the expression ends too early", expected: expected}
	}
	return &problem{message: fmt.Sprintf("%.40q is not understood", p.text[p.at:p.end]), expected: expected, hint: queryHint}
}

func (p *queryParser) note(text string) { p.notes = append(p.notes, text) }

// next is the byte that stands here, 0 at the end.
func (p *queryParser) next() byte {
	if p.at < p.end {
		return p.text[p.at]
	}
	return 0
}

func (p *queryParser) or() (*node, error)  { return p.chain(kOr, p.and, "||") }
func (p *queryParser) and() (*node, error) { return p.chain(kAnd, p.test, "&&") }

// test reads a comparison, or what is yes or no by itself. As in the RFC, ! stands
// before a path or parentheses.
func (p *queryParser) test() (*node, error) {
	p.blank()
	if p.next() != '!' {
		if p.next() == '(' {
			return p.group()
		}
		return p.comparison()
	}
	p.at++
	p.blank()
	var n *node
	var err error
	if p.next() == '(' {
		n, err = p.group()
	} else if n, err = p.comparison(); err == nil && n.kind != kExists {
		err = &problem{message: "! stands before a comparison", expected: "parentheses around the comparison"}
	}
	if err != nil {
		return nil, err
	}
	return newNode(node{kind: kNot, parts: []*node{n}}), nil
}

func (p *queryParser) group() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, faultf("an expression goes deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	p.at++
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.take(")") == "" {
		return nil, p.unexpected("an operator or )")
	}
	return n, nil
}

func (p *queryParser) comparison() (*node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	sign := p.take("==", "!=", "<=", ">=", "<", ">")
	if sign == "" {
		return p.exists(left)
	}
	p.blank()
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	for _, side := range []*node{left, right} {
		if side.kind == kQuery && !side.singular() {
			return nil, &problem{message: "a path that may lead to several values is compared", expected: "a path of names and places",
				hint: "compare how many there are: count(…)"}
		}
	}
	if p.filters > 0 && !left.ofItem() && !right.ofItem() {
		return nil, &problem{message: "a comparison in a filter looks at nothing of the item", expected: "a path that begins with @"}
	}
	if sign == "!=" && (left.kind == kQuery && right.isNull() || right.kind == kQuery && left.isNull()) {
		p.note("!= null holds as well where there is no such value: in JSONPath, what is absent is not null")
	}
	return p.compared(sign, left, right), nil
}

// compared is the comparison of the other conditions, by type.
func (p *queryParser) compared(sign string, left, right *node) *node {
	n := p.parser.compared(sign, left, right)
	if n.kind == kNot {
		n.parts[0].typed = true
	} else {
		n.typed = true
	}
	return n
}

// exists is the test whether a path leads to anything.
func (p *queryParser) exists(n *node) (*node, error) {
	if n.kind != kQuery {
		return nil, p.unexpected("a comparison")
	}
	if err := noLength(n); err != nil {
		return nil, err
	}
	if p.filters == 0 && n.singular() {
		p.note("a path alone asks whether there is a value, and holds for false and null as well")
	}
	return newNode(node{kind: kExists, parts: []*node{n}}), nil
}

func noLength(n *node) error {
	if s := n.segments; len(s) > 0 && s[len(s)-1].kind == sLength {
		return &problem{message: `"length" stands where nothing is compared with it`, expected: "a comparison with a number"}
	}
	return nil
}

func (p *queryParser) operand() (*node, error) {
	switch c := p.next(); {
	case c == '\'' || c == '"':
		text, err := p.word(c)
		if err == nil && refers(text) {
			err = &problem{message: fmt.Sprintf("the text %.60q looks like a reference, and would be compared as it stands", text),
				hint: "without the quotes it is the value"}
		}
		return literal(text), err
	case isDigit(c) || c == '-':
		return p.number()
	case c == '@':
		if p.filters == 0 {
			return nil, &problem{message: "@ stands outside of a filter", expected: "a path that begins with $"}
		}
		return p.query()
	case c == '$' && p.at+1 < p.end && isLetter(p.text[p.at+1]):
		return p.outer()
	case c == '$':
		return p.query()
	case isLetter(c):
		return p.named()
	}
	return nil, p.unexpected("a path or a constant")
}

// word reads a text in quotes. Escapes are not read.
func (p *queryParser) word(quote byte) (string, error) {
	start := p.at + 1
	for i := start; i < p.end; i++ {
		switch c := p.text[i]; {
		case c == '\\' || c < ' ':
			return "", &problem{message: "a backslash or a control character stands in a text", hint: "escapes are not read"}
		case c == quote:
			p.at = i + 1
			return p.text[start:i], nil
		}
	}
	return "", &problem{message: "a text in quotes does not end", expected: string(quote)}
}

// refers reports whether a text has the marks of a reference in it.
func refers(text string) bool {
	for i := range len(text) - 1 {
		if text[i] == '$' && (isLetter(text[i+1]) || text[i+1] == '{') || text[i:i+2] == "{$" || text[i:i+2] == "{{" {
			return true
		}
	}
	return false
}

// outer reads an expression of Arazzo: a value from outside of the context.
func (p *queryParser) outer() (*node, error) {
	word, err := p.path()
	if err != nil {
		return nil, err
	}
	ref, ok := referenceOf(word)
	if !ok || ref.Syntax != capabilities.Runtime {
		return nil, &problem{message: fmt.Sprintf("%.60q names no value", word), hint: queryHint}
	}
	return p.value(ref)
}

// value is what a reference stands for. What is null in every run is refused:
// whether it is absent cannot be told.
func (p *queryParser) value(ref capabilities.Reference) (*node, error) {
	n, err := p.resolve(ref)
	if err == nil && n.isNull() {
		err = &problem{message: fmt.Sprintf("%.60q has no value in any run", ref.Text), expected: "a value that something gives"}
	}
	return n, err
}

// named reads a constant or a function.
func (p *queryParser) named() (*node, error) {
	start := p.at
	for isLetter(p.next()) || isDigit(p.next()) {
		p.at++
	}
	word := p.text[start:p.at]
	if p.next() == '(' {
		switch word {
		case "count", "length":
			return p.function(word)
		}
		return nil, &problem{message: fmt.Sprintf("the function %.40q is not judged here", word), expected: "count or length"}
	}
	switch word {
	case "true", "false":
		return literal(word == "true"), nil
	case "null":
		return literal(nil), nil
	}
	p.at = start
	return nil, p.unexpected("a path or a constant")
}

// function reads count(path), which is how many values a path leads to, and
// length(path), which is how much the one value holds (RFC 9535, 2.4.4 and 2.4.5).
func (p *queryParser) function(word string) (*node, error) {
	p.at++
	if p.blank(); p.next() != '@' && p.next() != '$' {
		return nil, p.unexpected("a path")
	}
	n, err := p.operand()
	switch {
	case err != nil:
		return nil, err
	case n.kind != kQuery:
		return nil, &problem{message: word + "() of what lies outside of the context", expected: "a path that begins with $ or @"}
	case word == "length" && !n.singular():
		return nil, &problem{message: "length() of a path that may lead to several values", expected: "a path of names and places",
			hint: "count() says how many there are"}
	}
	if err := noLength(n); err != nil {
		return nil, err
	}
	if p.take(")") == "" {
		return nil, p.unexpected(")")
	}
	if word == "length" {
		return newNode(node{kind: kLength, parts: []*node{n}}), nil
	}
	if n.singular() {
		p.note("count() of a path to one value is one or none, however much the value holds: length() says that")
	}
	return newNode(node{kind: kCount, parts: []*node{n}}), nil
}
