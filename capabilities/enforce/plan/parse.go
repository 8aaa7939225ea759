package plan

import (
	"encoding/json"
	"fmt"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// Bounds on what is read.
const (
	maxExpression = 64 << 10 // bytes of an expression
	maxDepth      = 64       // parentheses and templates inside each other
)

// resolver finds what a reference takes its value from.
type resolver func(capabilities.Reference) (*node, error)

// parser reads an expression: comparisons of values, joined by and, or, not and
// parentheses. It reads the simple conditions of Arazzo 1.0.1 (5.8.11) and the
// forms of the other dialects, and refuses anything else.
type parser struct {
	text    string
	at      int
	end     int
	depth   int
	loose   bool
	resolve resolver
}

// problem is a fault of an expression.
type problem struct {
	message  string
	expected string
	hint     string
}

func (p *problem) Error() string { return p.message }

func faultf(format string, args ...any) error { return &problem{message: fmt.Sprintf(format, args...)} }

// parseExpression reads all of text.
func parseExpression(text string, loose bool, resolve resolver) (*node, error) {
	if len(text) > maxExpression {
		return nil, faultf("an expression of %d bytes is longer than %d", len(text), maxExpression)
	}
	p := &parser{text: text, end: len(text), loose: loose, resolve: resolve}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if n, err = p.otherwise(n); err != nil {
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

func (p *parser) unexpected(expected string) error {
	rest := p.text[p.at:p.end]
	if rest == "" {
		return &problem{message: "the expression ends too early", expected: expected}
	}
	return &problem{message: fmt.Sprintf("%.40q is not understood", rest), expected: expected,
		hint: "comparisons with ==, !=, <, <=, >, >=, joined by &&, || and ! are; functions and other languages are not"}
}

func (p *parser) blank() {
	for p.at < p.end && isBlank(p.text[p.at]) {
		p.at++
	}
}

// take skips one of the signs or words given, the first that stands here.
func (p *parser) take(tokens ...string) string {
	p.blank()
	rest := p.text[p.at:p.end]
	for _, token := range tokens {
		if len(rest) < len(token) || !strings.EqualFold(rest[:len(token)], token) {
			continue
		}
		if isLetter(token[0]) && len(rest) > len(token) && isPathByte(rest[len(token)]) {
			continue // a longer word
		}
		p.at += len(token)
		return token
	}
	return ""
}

func (p *parser) or() (*node, error)  { return p.chain(kOr, p.and, "||", "or") }
func (p *parser) and() (*node, error) { return p.chain(kAnd, p.not, "&&", "and") }

// chain reads parts joined by the same sign into one node, so that a long chain
// is no deep one.
func (p *parser) chain(k kind, part func() (*node, error), tokens ...string) (*node, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	parts := []*node{first}
	for p.take(tokens...) != "" {
		next, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, next)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return newNode(node{kind: k, parts: parts}), nil
}

func (p *parser) not() (*node, error) {
	turned := false
	for {
		p.blank()
		if strings.HasPrefix(p.text[p.at:p.end], "!=") || p.take("!", "not") == "" {
			break
		}
		turned = !turned
	}
	n, err := p.comparison()
	if err != nil || !turned {
		return n, err
	}
	return newNode(node{kind: kNot, parts: []*node{n}}), nil
}

func (p *parser) comparison() (*node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	sign := p.take("===", "!==", "==", "!=", "<=", ">=", "<", ">")
	if sign == "" {
		return left, nil
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if again := p.take("==", "!=", "<", ">"); again != "" {
		return nil, faultf("two comparisons stand in a row: what is %q compared with?", again)
	}
	return p.compared(sign, left, right), nil
}

func (p *parser) compared(sign string, left, right *node) *node {
	n := node{kind: kEqual, parts: []*node{left, right}, loose: p.loose}
	switch sign {
	case "===", "==":
	case "!==", "!=":
		return newNode(node{kind: kNot, parts: []*node{newNode(n)}})
	case "<":
		n.kind = kLess
	case "<=":
		n.kind = kLessEqual
	case ">":
		n.kind, n.parts = kLess, []*node{right, left}
	case ">=":
		n.kind, n.parts = kLessEqual, []*node{right, left}
	}
	return newNode(n)
}

// frames are the ways to mark an expression inside an expression.
var frames = [...]struct{ open, close string }{{"${{", "}}"}, {"{{{", "}}}"}, {"{{", "}}"}, {"${", "}"}, {"{$", "}"}, {"(", ")"}}

func (p *parser) operand() (*node, error) {
	p.blank()
	if p.at >= p.end {
		return nil, p.unexpected("a value")
	}
	rest := p.text[p.at:p.end]
	for _, frame := range frames {
		if strings.HasPrefix(rest, frame.open) {
			return p.framed(frame.open, frame.close)
		}
	}
	switch c := rest[0]; {
	case c == '\'' || c == '"':
		return p.quoted(c)
	case isDigit(c) || c == '-':
		return p.number()
	case isLetter(c) || c == '$':
		return p.name()
	}
	return nil, p.unexpected("a value")
}

func (p *parser) framed(open, shut string) (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, faultf("an expression goes deeper than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	p.at += len(open)
	if open == "{$" {
		p.at-- // the sign belongs to what stands inside
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if open != "(" {
		if n, err = p.otherwise(n); err != nil {
			return nil, err
		}
	}
	if p.take(shut) == "" {
		return nil, p.unexpected("an operator or " + shut)
	}
	return n, nil
}

// otherwise reads the one filter that is known: | default: value, for what is
// absent.
func (p *parser) otherwise(n *node) (*node, error) {
	if p.take("|") == "" {
		return n, nil
	}
	if p.take("default") == "" {
		return nil, p.unexpected("the filter default")
	}
	round := p.take(":", "(") == "("
	instead, err := p.operand()
	if err != nil {
		return nil, err
	}
	if round && p.take(")") == "" {
		return nil, p.unexpected(")")
	}
	return newNode(node{kind: kElse, parts: []*node{n, instead}}), nil
}

// quoted reads a text in quotes; a quote inside is doubled (Arazzo 1.0.1,
// 5.8.11.1). The dialects disagree on what a backslash means, so none is read.
func (p *parser) quoted(quote byte) (*node, error) {
	var b strings.Builder
	for i := p.at + 1; i < p.end; i++ {
		switch c := p.text[i]; {
		case c == '\\':
			return nil, &problem{message: "a backslash stands in a text", hint: "double a quote to write it inside quotes"}
		case c != quote:
			b.WriteByte(c)
		case i+1 < p.end && p.text[i+1] == quote:
			b.WriteByte(quote)
			i++
		default:
			p.at = i + 1
			return literal(b.String()), nil
		}
	}
	return nil, &problem{message: "a text in quotes does not end", expected: string(quote)}
}

func (p *parser) number() (*node, error) {
	i := p.at
	for i < p.end && (isDigit(p.text[i]) || isLetter(p.text[i]) || strings.IndexByte("+-.", p.text[i]) >= 0) {
		i++
	}
	word := p.text[p.at:i]
	if _, ok := parseNumber(word); !ok {
		return nil, &problem{message: fmt.Sprintf("%.40q is no number", word), expected: "a number as JSON writes it"}
	}
	p.at = i
	return literal(json.Number(word)), nil
}

// name reads a word of the language, or a path to a value.
func (p *parser) name() (*node, error) {
	word, err := p.path()
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(word) {
	case "true":
		return literal(true), nil
	case "false":
		return literal(false), nil
	case "null", "nil", "none":
		return literal(nil), nil
	case "and", "or", "in", "is", "if", "else", "contains":
		return nil, &problem{message: fmt.Sprintf("%q stands where a value should", word), expected: "a value"}
	}
	if p.at < p.end && p.text[p.at] == '(' {
		return nil, &problem{message: fmt.Sprintf("the function %.40q is not known", word), hint: "functions are not run"}
	}
	ref, ok := referenceOf(word)
	if !ok {
		return nil, &problem{message: fmt.Sprintf("%.60q names no value", word)}
	}
	return p.resolve(ref)
}

// referenceOf reads one path, which the dialects mark in different ways.
func referenceOf(word string) (capabilities.Reference, bool) {
	text := word
	if word[0] != '$' {
		text = "{{" + word + "}}"
	}
	refs := capabilities.References(text)
	if len(refs) != 1 || refs[0].Text != text {
		return capabilities.Reference{}, false
	}
	refs[0].Text, refs[0].Start = word, 0
	return pointed(refs[0]), true
}

// pointed undoes the escapes of a JSON pointer (RFC 6901, 4) in the path of a
// reference that has one.
func pointed(ref capabilities.Reference) capabilities.Reference {
	if !strings.Contains(ref.Text, "#") {
		return ref
	}
	path := make([]string, len(ref.Path))
	for i, name := range ref.Path {
		path[i] = source.Unescape(name)
	}
	ref.Path = path
	return ref
}

func isPathByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '.' || c == '[' }

// path reads names joined by dots and indices. Behind # a slash joins them.
func (p *parser) path() (string, error) {
	start := p.at
	pointer := false
	for p.at < p.end {
		switch c := p.text[p.at]; {
		case isLetter(c) || isDigit(c) || c == '-' || c == '.' || c == '$' && p.at == start || c == '/' && pointer:
			if c == '.' && strings.HasPrefix(p.text[p.at:p.end], "..") {
				return "", &problem{message: "two dots stand in a row", expected: "names joined by one dot",
					hint: "a search through all levels is not read"}
			}
			p.at++
		case c == '#':
			pointer = true
			p.at++
		case c == '[':
			if err := p.index(); err != nil {
				return "", err
			}
		case c == '~' && pointer, c == '*', c == '@':
			return "", &problem{message: fmt.Sprintf("the path %.60q is not understood", p.text[start:p.at+1]),
				expected: "names, dots and indices"}
		default:
			return p.text[start:p.at], nil
		}
	}
	return p.text[start:p.at], nil
}

// index skips [0], ['name'] or ["name"]. Filters, slices and wildcards belong to
// JSONPath: conditions in it have a parser of their own.
func (p *parser) index() error {
	shut := strings.IndexByte(p.text[p.at:p.end], ']')
	if shut < 0 {
		return &problem{message: "an index does not end", expected: "]"}
	}
	inner := p.text[p.at+1 : p.at+shut]
	quoted := len(inner) >= 2 && (inner[0] == '\'' || inner[0] == '"') && inner[len(inner)-1] == inner[0] &&
		strings.IndexByte(inner[1:len(inner)-1], inner[0]) < 0
	if !quoted && !isIndex(inner) {
		return &problem{message: fmt.Sprintf("the index %.40q is not understood", inner), expected: "a number or a name in quotes",
			hint: "filters, slices and wildcards are not read"}
	}
	p.at += shut + 1
	return nil
}
