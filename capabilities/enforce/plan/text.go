package plan

import (
	"encoding/json"
	"math/big"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// value reads what the document gives for a value: a constant, a reference, or a
// text with references in it.
func (r reader) value(n source.Node) (*node, error) {
	if n.Kind() != source.Scalar {
		return r.tree(n, 0)
	}
	if !n.IsString() {
		return literal(scalar(n)), nil
	}
	return r.valueOf(n.Text())
}

// tree reads a list or a map with values in it.
func (r reader) tree(n source.Node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, faultf("a value goes deeper than %d levels", maxDepth)
	}
	switch n.Kind() {
	case source.Sequence:
		out := node{kind: kList}
		for _, item := range n.Items() {
			part, err := r.tree(item, depth+1)
			if err != nil {
				return nil, err
			}
			out.parts = append(out.parts, part)
		}
		return sized(out)
	case source.Mapping:
		out := node{kind: kMap}
		for key, item := range n.Pairs() {
			part, err := r.tree(item, depth+1)
			if err != nil {
				return nil, err
			}
			out.names, out.parts = append(out.names, key.Text()), append(out.parts, part)
		}
		return sized(out)
	case source.Scalar:
		return r.value(n)
	}
	return literal(nil), nil
}

func sized(n node) (*node, error) {
	out := newNode(n)
	if out.size > maxSize {
		return nil, faultf("a value has more than %d parts", maxSize)
	}
	return out, nil
}

// valueOf reads a text.
func (r reader) valueOf(text string) (*node, error) {
	if len(text) > maxExpression {
		return literal(text), nil
	}
	var parts []*node
	at := 0
	for _, ref := range capabilities.References(text) {
		if ref.Start < at || ref.Syntax == capabilities.JSONPath && strings.TrimSpace(text) != ref.Text && !strings.ContainsAny(text[ref.Start:], "[?(") {
			continue
		}
		start, end := ref.Start, ref.Start+len(ref.Text)
		if ref.Syntax == capabilities.JSONPath && strings.TrimSpace(text) != ref.Text {
			return nil, faultf("%.60q is not read: it belongs to JSONPath", text)
		}
		n, err := r.marked(ref)
		if err != nil {
			return nil, err
		}
		if n == nil {
			return literal(text), nil
		}
		if start > at && text[start-1] == '{' && end < len(text) && text[end] == '}' && ref.Syntax == capabilities.Runtime {
			start, end = start-1, end+1 // {$inputs.x} inside a text
		}
		if start > at {
			parts = append(parts, literal(text[at:start]))
		}
		parts = append(parts, n)
		at = end
	}
	if at < len(text) {
		parts = append(parts, literal(text[at:]))
	}
	return r.joined(text, parts)
}

// joined makes one value of the parts of a text. A reference that is all of it
// keeps its type.
func (r reader) joined(text string, parts []*node) (*node, error) {
	var kept []*node
	for _, part := range parts {
		s, isText := part.literal.(string)
		if part.kind == kLiteral && isText {
			if strings.Contains(s, "{{") || strings.Contains(s, "${") {
				return nil, &problem{message: "an expression is not understood or does not end: " + source.Quote(text), expected: "{{name}} or ${name}"}
			}
			if len(parts) == 2 && strings.TrimSpace(s) == "" { // a blank before or behind the reference
				continue
			}
		}
		kept = append(kept, part)
	}
	switch len(kept) {
	case 0:
		return literal(text), nil
	case 1:
		return kept[0], nil
	}
	return sized(node{kind: kText, parts: kept})
}

// marked reads one reference of a text; nil where it is no more than a word.
func (r reader) marked(ref capabilities.Reference) (*node, error) {
	if ref.Syntax == capabilities.Dotted {
		n, err := r.resolve(ref)
		if err != nil && (ref.Root == capabilities.FromName || r.loose()) {
			return nil, nil
		}
		return n, err
	}
	return parseExpression(ref.Text, r.loose(), r.resolve)
}

// loose reports whether comparisons are those of Arazzo.
func (r reader) loose() bool { return r.scope.c.doc.Dialect == capabilities.Arazzo }

// scalar is a constant as YAML types it. A number keeps all its digits.
func scalar(n source.Node) any {
	text := n.Text()
	switch {
	case n.IsNull():
		return nil
	case n.IsNumber():
		return number(text)
	}
	if v, ok := n.Bool(); ok {
		return v
	}
	return text
}

// number is a number as JSON writes it; a text where it cannot.
func number(text string) any {
	if isNumber(text) {
		return json.Number(text)
	}
	plain := strings.TrimPrefix(strings.ReplaceAll(text, "_", ""), "+")
	if isNumber(plain) {
		return json.Number(plain)
	}
	if i, ok := new(big.Int).SetString(plain, 0); ok && len(plain) < maxDigits {
		return json.Number(i.String())
	}
	return text
}
