package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// jsonPathOver reads a condition in JSONPath over its context. What of it a reader
// may not expect is a warning.
func (r reader) jsonPathOver(one capabilities.Condition) (*node, error) {
	if version := r.scope.c.language(one.At); version != "" && !strings.EqualFold(version, "rfc9535") {
		return nil, &problem{message: "it is written in the version " + quoted(version) + ", which is not judged here",
			expected: "type: jsonpath, which is RFC 9535"}
	}
	p := &queryParser{parser: parser{text: one.Text, end: len(one.Text), resolve: r.resolve}, known: r.inShape}
	if err := p.applyTo(strings.TrimSpace(one.Over)); err != nil {
		return nil, err
	}
	n, err := p.read()
	c := r.scope.c
	switch {
	case err != nil:
		return nil, err
	case c.work+n.weight() > maxWork:
		return nil, faultf("%.60q stands for more than can be worked out", one.Text)
	}
	c.work += n.weight()
	if r.silent() {
		return n, nil
	}
	slices.Sort(p.notes)
	for _, note := range slices.Compact(p.notes) {
		c.warn(r.at, r.own.id(), "the condition "+quoted(one.Text)+": "+note)
	}
	return n, nil
}

// applyTo reads a context: one value, or all inputs.
func (p *queryParser) applyTo(over string) (err error) {
	if over == "" {
		return &problem{message: "it does not say what the path is applied to", expected: "context"}
	}
	ref, ok := referenceOf(over)
	switch {
	case !ok:
		return &problem{message: fmt.Sprintf("the context %.60q names no value", over), expected: "a value such as $response.body"}
	case ref.Root == capabilities.FromInput && ref.Name == "":
		return nil
	}
	p.root, err = p.value(ref)
	return err
}

// language is the version that a criterion states of the language it is written
// in: type: {type: jsonpath, version: …}. It is looked up by the condition's text.
func (c *compiler) language(at source.Node) string {
	if c.languages == nil {
		c.languages = map[source.Node]string{}
	}
	doc := at.Document()
	if doc == nil {
		return ""
	}
	if _, seen := c.languages[doc.Root]; !seen {
		c.languages[doc.Root] = ""
		c.addLanguages(doc.Root)
	}
	return c.languages[at]
}

func (c *compiler) addLanguages(n source.Node) {
	if version := n.Get("type").Get("version").Text(); version != "" {
		for _, text := range n.Pairs() {
			c.languages[text] = version
		}
	}
	for _, item := range n.Items() {
		c.addLanguages(item)
	}
	for _, item := range n.Pairs() {
		c.addLanguages(item)
	}
}

// id is the step's, "" where there is none.
func (b *building) id() string {
	if b == nil || b.step == nil {
		return ""
	}
	return b.step.ID
}

// inShape gives the segments by which an answer of a known shape has what a query
// asks for: the same, or those of the part that goes by that name.
func (r reader) inShape(root *node, segments []segment) []segment {
	if root.kind != kBody {
		return segments
	}
	i := slices.IndexFunc(r.scope.c.built, func(b *building) bool { return b.step.ID == root.name })
	if i < 0 || r.scope.c.built[i].step.Kind != Call {
		return segments
	}
	b := r.scope.c.built[i]
	path := slices.Clone(root.path)
	lead := 0
	for _, s := range segments {
		if s.kind == sAll || s.kind == sFilter || s.kind == sIndex && s.index < 0 || s.kind == sLength {
			break
		}
		lead++
		if s.kind == sIndex {
			path = append(path, strconv.Itoa(s.index))
		} else {
			path = append(path, s.name)
		}
	}
	found := b.look(path)
	r.tell(b, path, found)
	if found.ok || found.path == nil || len(found.path) < len(root.path) || !slices.Equal(found.path[:len(root.path)], root.path) {
		return segments
	}
	var out []segment
	for _, name := range found.path[len(root.path):] {
		s := segment{kind: sName, name: name}
		if isIndex(name) {
			s.kind = sIndex
			s.index, _ = strconv.Atoi(name)
		}
		out = append(out, s)
	}
	return append(out, segments[lead:]...)
}
