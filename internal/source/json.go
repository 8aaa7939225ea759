package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

func isJSONName(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".json") }

func looksLikeJSON(f *File) bool {
	if isJSONName(f.Name) {
		return true
	}
	text := bytes.TrimLeft(f.Text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

var unescaped = strings.NewReplacer("~1", "/", "~0", "~")

// Unescape undoes what a JSON pointer does to the names in it (RFC 6901).
func Unescape(name string) string { return unescaped.Replace(name) }

// jsonReader turns the tokens of encoding/json into the nodes that the YAML
// library would make, so that the rest of the package knows one tree. YAML
// readers refuse some JSON (surrogate pairs in escapes), hence a reader of its own.
type jsonReader struct {
	file   *File
	dec    *json.Decoder
	limits Limits
	end    int // offset behind the last token
}

func parseJSON(f *File, limits Limits) (*yaml.Node, error) {
	dec := json.NewDecoder(bytes.NewReader(f.Text))
	dec.UseNumber()
	r := &jsonReader{file: f, dec: dec, limits: limits}
	root, err := r.value(1)
	if err != nil {
		return nil, err
	}
	start := r.skip()
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &Error{At: f.At(start, start+1), ID: "several-documents",
			Message: "something follows the document", Expected: "one document"}
	}
	return root, nil
}

// skip returns the offset of the next token.
func (r *jsonReader) skip() int {
	at := r.end
	for at < len(r.file.Text) && strings.IndexByte(" \t\r\n,:", r.file.Text[at]) >= 0 {
		at++
	}
	return at
}

func (r *jsonReader) token() (json.Token, int, error) {
	start := r.skip()
	token, err := r.dec.Token()
	if err != nil {
		return nil, start, r.fail(start, err)
	}
	r.end = int(r.dec.InputOffset())
	return token, start, nil
}

// fail points at the token that could not be read: in a stream of tokens the
// library's own offset counts from an earlier one.
func (r *jsonReader) fail(start int, err error) error {
	message := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		message = "ends too early"
		start = len(r.file.Text)
	}
	return &Error{At: r.file.At(start, start+1), ID: "syntax", Message: message, Expected: "JSON", Err: err}
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, start, err := r.token()
	if err != nil {
		return nil, err
	}
	return r.node(token, start, depth)
}

func (r *jsonReader) node(token json.Token, start, depth int) (*yaml.Node, error) {
	at := r.file.Position(start)
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: at.Line, Column: at.Column}
	switch t := token.(type) {
	case string:
		n.Tag, n.Value, n.Style = "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!int", t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	case nil:
		n.Tag, n.Value = "!!null", "null"
	case json.Delim:
		return n, r.fill(n, t, depth)
	}
	return n, nil
}

func (r *jsonReader) fill(n *yaml.Node, open json.Delim, depth int) error {
	if depth > r.limits.Depth {
		return &Error{At: r.file.At(r.end-1, r.end), ID: "too-deep",
			Message: fmt.Sprintf("nested more than %d levels deep", r.limits.Depth)}
	}
	n.Kind, n.Tag, n.Style = yaml.SequenceNode, "!!seq", yaml.FlowStyle
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for {
		token, start, err := r.token()
		if err != nil {
			return err
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			return nil
		}
		child, err := r.node(token, start, depth+1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
}
