package plan

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"agentrisk/capabilities"
)

// query reads a path.
func (p *queryParser) query() (*node, error) {
	n := node{kind: kQuery, parts: []*node{p.root}}
	if p.next() == '@' {
		n.parts[0] = newNode(node{kind: kCurrent})
	}
	p.at++
	for {
		before := p.at
		p.blank()
		if c := p.next(); c != '.' && c != '[' {
			p.at = before
			break
		}
		if err := p.segment(&n); err != nil {
			return nil, err
		}
	}
	if err := p.lastLength(&n); err != nil {
		return nil, err
	}
	if p.filters > 0 && !n.singular() && (n.parts[0] == nil || n.parts[0].kind != kCurrent) {
		return nil, &problem{message: "a filter looks through the whole again for each item",
			expected: "a path that begins with @, or one of names and places"}
	}
	if n.parts[0] == nil {
		return p.ofInputs(n)
	}
	if p.known != nil {
		n.segments = p.known(n.parts[0], n.segments)
	}
	return newNode(n), nil
}

// ofInputs makes the first name of a path that of an input.
func (p *queryParser) ofInputs(n node) (*node, error) {
	if len(n.segments) == 0 || n.segments[0].kind != sName {
		return nil, faultf("all inputs are looked through at once")
	}
	input, err := p.value(capabilities.Reference{Text: "$inputs." + n.segments[0].name, Syntax: capabilities.Runtime,
		Root: capabilities.FromInput, Name: n.segments[0].name})
	if err != nil {
		return nil, err
	}
	n.parts[0], n.name, n.segments = input, input.name, n.segments[1:]
	return newNode(n), nil
}

// lastLength is what .length at the end means. RFC 9535 knows it as a name alone,
// and has no comparisons outside of filters: there, where many write it, it is how
// much a list or a text holds. In a filter the RFC says otherwise than they mean.
func (p *queryParser) lastLength(n *node) error {
	if len(n.segments) == 0 {
		return nil
	}
	last := &n.segments[len(n.segments)-1]
	switch {
	case !last.dotted || last.name != "length":
		return nil
	case p.filters > 0 || !n.singular():
		return &problem{message: `"length" is the name of a part there, not how many there are`,
			expected: "length(…) of one value, count(…) of several, or ['length'] for the part"}
	}
	last.kind = sLength
	p.note(`"length" is taken for how much a list or a text holds: JSONPath has length(…) for that`)
	return nil
}

func (p *queryParser) segment(n *node) error {
	if p.next() == '[' {
		return p.selector(n)
	}
	p.at++
	start := p.at
	switch c := p.next(); {
	case c == '.':
		return &problem{message: "two dots stand in a row", expected: "names joined by one dot", hint: "a search through all levels is not read"}
	case c == '*':
		p.at++
		n.segments = append(n.segments, segment{kind: sAll})
		return nil
	case isDigit(c):
		return p.unexpected("a name")
	}
	for c := p.next(); isLetter(c) || isDigit(c) || c >= utf8.RuneSelf; c = p.next() {
		p.at++
	}
	name := p.text[start:p.at]
	switch c := p.next(); {
	case name == "":
		return p.unexpected("a name")
	case c == '-':
		return &problem{message: fmt.Sprintf("a dash stands behind the name %.40q", name), hint: "write the name in brackets: ['a-b']"}
	case c == '(':
		return &problem{message: fmt.Sprintf("the function %.40q is called on a path", name), expected: "count(…) or length(…) around the path"}
	}
	n.segments = append(n.segments, segment{kind: sName, name: name, dotted: true})
	return nil
}

// selector reads what stands in brackets.
func (p *queryParser) selector(n *node) error {
	p.at++
	p.blank()
	var s segment
	var err error
	switch c := p.next(); {
	case c == '*':
		p.at++
		s.kind = sAll
	case c == '\'' || c == '"':
		s.kind = sName
		s.name, err = p.word(c)
	case isDigit(c) || c == '-':
		s.kind = sIndex
		s.index, err = p.place()
	case c == '?':
		s.kind, s.filter = sFilter, len(n.parts)
		var filter *node
		filter, err = p.filter()
		n.parts = append(n.parts, filter)
	default:
		return p.unexpected("a name in quotes, a number, * or a filter")
	}
	if err != nil {
		return err
	}
	if p.take("]") == "" {
		fault := p.unexpected("]")
		if c := p.next(); c == ':' || c == ',' {
			fault = &problem{message: fmt.Sprintf("%.40q is not understood", p.text[p.at:p.end]), expected: "]",
				hint: "slices and several selectors in one pair of brackets are not read"}
		}
		return fault
	}
	n.segments = append(n.segments, s)
	return nil
}

// place reads an index. One below zero counts from the end.
func (p *queryParser) place() (int, error) {
	start := p.at
	if p.next() == '-' {
		p.at++
	}
	for isDigit(p.next()) {
		p.at++
	}
	word := p.text[start:p.at]
	i, err := strconv.Atoi(word)
	if err != nil || word == "-0" || !isIndex(strings.TrimPrefix(word, "-")) {
		return 0, &problem{message: fmt.Sprintf("%.40q is no place in a list", word), expected: "a whole number without zeros in front"}
	}
	return i, nil
}

func (p *queryParser) filter() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, faultf("an expression goes deeper than %d levels", maxDepth)
	}
	p.filters++
	defer func() { p.depth--; p.filters-- }()
	p.at++
	return p.or()
}
