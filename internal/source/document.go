package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Document is one YAML or JSON document of a file. Root is the zero Node where
// the document is empty.
type Document struct {
	File *File
	Root Node

	// Problems are faults that leave the document readable, and two readers
	// apart: duplicate keys. In order of their place.
	Problems []*Error

	shadowed map[*yaml.Node]bool // keys that stand again further down their map
	merges   bool                // some map has others merged in
}

// Parse reads the documents of f: JSON where the name or the first byte says so
// and the text is JSON, YAML otherwise. After a fault it returns the documents
// before the fault, and an *Error.
func Parse(f *File, limits Limits) (docs []*Document, err error) {
	limits = limits.withDefaults()
	defer func() {
		// The YAML library panics on some malformed input.
		if r := recover(); r != nil {
			err = &Error{At: Location{File: f.Name}, ID: "syntax", Message: fmt.Sprintf("cannot be parsed: %v", r)}
		}
	}()
	if looksLikeJSON(f) {
		root, err := parseJSON(f, limits)
		if err == nil {
			return admit(nil, f, root, limits)
		}
		if isJSONName(f.Name) {
			return nil, err
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(f.Text))
	for {
		var root yaml.Node
		err := dec.Decode(&root)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return docs, yamlError(f, err)
		}
		if len(docs) >= limits.Documents {
			return docs, &Error{At: Location{f.Name, Range{Start: Position{root.Line, root.Column}, End: Position{root.Line, root.Column}}},
				ID: "too-many-documents", Message: fmt.Sprintf("more than %d documents in one file", limits.Documents)}
		}
		if docs, err = admit(docs, f, &root, limits); err != nil {
			return docs, err
		}
	}
}

// ParseOne reads a file that must hold exactly one document without problems.
func ParseOne(f *File, limits Limits) (*Document, error) {
	docs, err := Parse(f, limits)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, &Error{At: Location{File: f.Name}, ID: "empty", Message: "is empty", Expected: "one document"}
	}
	if len(docs) > 1 {
		return nil, &Error{At: docs[1].Root.Location(), ID: "several-documents",
			Message: fmt.Sprintf("holds %d documents", len(docs)), Expected: "one document",
			Hint: "keep one document a file"}
	}
	if len(docs[0].Problems) > 0 {
		return nil, docs[0].Problems[0]
	}
	return docs[0], nil
}

func admit(docs []*Document, f *File, root *yaml.Node, limits Limits) ([]*Document, error) {
	doc := &Document{File: f}
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	if root.Kind != 0 {
		doc.Root = Node{doc: doc, y: root}
	}
	c := checker{doc: doc, limits: limits}
	if _, err := c.check(root, 0); err != nil {
		return docs, err
	}
	return append(docs, doc), nil
}

var (
	yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)`)
	// The library counts lines from 0 in what its parser says, and from 1 in
	// what its scanner says.
	fromParser = regexp.MustCompile(`^did not find expected (key|node content|'-' indicator|',' or|<)`)
)

// yamlError gives the library's message its place. The library names the line
// alone; in a collection that it could not finish, the line where that begins.
func yamlError(f *File, err error) *Error {
	m := yamlLine.FindStringSubmatch(err.Error())
	line, convErr := strconv.Atoi(m[1])
	if convErr != nil || fromParser.MatchString(m[2]) {
		line++
	}
	return &Error{At: f.LineAt(min(max(line, 1), f.Lines())), ID: "syntax", Message: m[2],
		Hint: "the fault lies here or further down", Err: err}
}
