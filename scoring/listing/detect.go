package listing

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"strings"

	"agentrisk/internal/source"
)

// detect finds the form of a file by its name and content; forced is the form
// that the caller knows it to have, if any. A structured form comes with its
// document.
func detect(file *source.File, forced Form, opts Options) (Form, *source.Document, error) {
	if forced == "" {
		if form := detectText(file); form != "" {
			return form, nil, nil
		}
	}
	doc, err := parseDocument(file, opts)
	if err != nil {
		return "", nil, err
	}
	if forced != "" {
		return forced, doc, nil
	}
	form := detectDocument(doc.Root)
	if form == "" {
		return "", nil, Errors{&source.Error{At: doc.Root.Location(), ID: ErrUnknownForm,
			Message:  "is none of the forms that describe an agent",
			Expected: "an assessment (schema: " + SchemaAssessment + "), an AIVSS report, an agent card, a list of tools or a listing page",
			Hint:     "capability files are read by capcheck"}}
	}
	return form, doc, nil
}

var (
	yamlField = regexp.MustCompile(`(?m)^"?(schema|factors|cvss)"?[ \t]*:`)
	lineBreak = []byte("\n")
)

// detectText recognises what is not one structured document; "" for the rest.
func detectText(file *source.File) Form {
	text := bytes.TrimLeft(file.Text, " \t\r\n")
	first, rest, _ := bytes.Cut(text, lineBreak)
	rest = bytes.TrimLeft(rest, " \t\r\n")
	switch ext := strings.ToLower(path.Ext(file.Name)); {
	case looksLikeVector(text):
		return FormVector
	case ext == ".ndjson" || ext == ".jsonl":
		return FormNDJSON
	case ext == ".csv":
		return FormCSV
	case ext == ".html" || ext == ".htm" || bytes.HasPrefix(text, []byte("<")):
		return FormListing
	case bytes.HasPrefix(text, []byte("{")):
		return detectLines(ext, first, rest)
	case ext == ".yaml" || ext == ".yml" || ext == ".json" || bytes.HasPrefix(text, []byte("[")) && json.Valid(text):
		return ""
	case looksLikeHeader(first):
		return FormCSV
	case yamlField.Match(file.Text):
		return ""
	}
	return FormListing
}

// detectLines tells a stream from one JSON document: in a stream the first line
// is a whole object. A single line is a row where it does not name its schema.
func detectLines(ext string, first, rest []byte) Form {
	if !json.Valid(first) {
		return ""
	}
	if bytes.HasPrefix(rest, []byte("{")) {
		return FormNDJSON
	}
	var fields map[string]json.RawMessage
	if len(rest) > 0 || ext == ".json" || json.Unmarshal(first, &fields) != nil {
		return ""
	}
	if _, named := fields["schema"]; named {
		return ""
	}
	if fields["factors"] != nil || fields["cvss"] != nil {
		return FormNDJSON
	}
	return ""
}

// detectDocument recognises a structured form by its fields; "" for none.
func detectDocument(root source.Node) Form {
	has := func(name string) bool { return root.Get(name).Exists() }
	switch {
	case root.Kind() == source.Sequence:
		for _, item := range root.Items() {
			if item.Kind() != source.Mapping || !item.Get("name").Exists() {
				return ""
			}
		}
		return FormMCPTools
	case root.Kind() != source.Mapping:
		return ""
	case has("schema") && strings.HasPrefix(root.Get("schema").Text(), "agentrisk."):
		return FormAssessment
	case has("vulnerabilities") || root.Get("metadata").Get("system_name").Exists():
		return FormAppendixA
	case has("factors") || has("cvss"):
		return FormAssessment
	case root.Get("skills").Kind() == source.Sequence, has("protocolVersion") && has("name"),
		has("supportedInterfaces"), has("name") && has("endpoints") && has("capabilities"):
		return FormAgentCard
	case root.Get("tools").Kind() == source.Sequence, root.Get("result").Get("tools").Exists(), has("name") && (has("inputSchema") || has("annotations")):
		return FormMCPTools
	case has("schema"):
		return FormAssessment
	}
	return ""
}

// parseDocument reads the one document of a structured file. Duplicate keys are
// left to the reader, which reports them with its own faults.
func parseDocument(file *source.File, opts Options) (*source.Document, error) {
	var c collector
	docs, err := source.Parse(file, opts.limits())
	switch {
	case err != nil:
		c.addError(file.Name, err)
	case len(docs) == 0 || !docs[0].Root.Exists():
		c.add(&source.Error{At: source.Location{File: file.Name}, ID: "empty", Message: "is empty", Expected: "one document"})
	case len(docs) > 1:
		c.add(&source.Error{At: docs[1].Root.Location(), ID: "several-documents", Message: "a second document begins here",
			Expected: "one document", Hint: "keep one assessment a file, or write one a line as NDJSON"})
	default:
		return docs[0], nil
	}
	return nil, c.err()
}
