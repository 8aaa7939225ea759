package findings

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"

	"agentrisk/capabilities/lint"
)

// JSONSchema is the published schema of the JSON form, agentrisk.findings/v1.
//
//go:embed schema/findings.v1.json
var JSONSchema []byte

// finding is a finding in JSON: Known is true for one of the baseline.
type finding struct {
	lint.Finding
	Known bool `json:"known,omitempty"`
}

// summary counts what a report holds; Known of its findings are in the baseline.
type summary struct {
	lint.Summary
	Known int `json:"known,omitempty"`
}

// document is what the JSON forms hold.
type document struct {
	Schema     string
	Files      []lint.FileResult
	Findings   []finding
	Steps      []lint.StepResult
	Summary    summary
	Incomplete []lint.Incomplete
}

func (r *Report) document() document {
	result := r.shown()
	out := document{Schema: lint.Schema, Files: result.Files, Steps: result.Steps, Incomplete: result.Incomplete,
		Findings: make([]finding, len(result.Findings)), Summary: summary{result.Summary, r.count().known}}
	for i, f := range result.Findings {
		out.Findings[i] = finding{f, !f.Suppressed && r.Known[f.Fingerprint]}
	}
	return out
}

// JSON writes the report as agentrisk.findings/v1: every file, finding and step
// is a line, so that reports can be compared and searched line by line.
func (r *Report) JSON(w io.Writer) error {
	d := r.document()
	out := &jsonWriter{out: bufio.NewWriterSize(w, 64<<10)}
	out.enc = json.NewEncoder(&out.value)
	out.enc.SetEscapeHTML(false)
	out.text("{\n  \"schema\": ")
	out.put(d.Schema)
	list(out, "files", d.Files)
	list(out, "findings", d.Findings)
	list(out, "steps", d.Steps)
	out.text(",\n  \"summary\": ")
	out.put(d.Summary)
	list(out, "incomplete", d.Incomplete)
	out.text("\n}\n")
	return errors.Join(out.err, out.out.Flush())
}

// jsonWriter writes values as compact JSON and keeps the first fault.
type jsonWriter struct {
	out   *bufio.Writer
	enc   *json.Encoder // to value
	value bytes.Buffer
	err   error
}

func (j *jsonWriter) text(text string) {
	if j.err == nil {
		_, j.err = j.out.WriteString(text)
	}
}

func (j *jsonWriter) put(v any) {
	if j.err != nil {
		return
	}
	j.value.Reset()
	if j.err = j.enc.Encode(v); j.err == nil {
		_, j.err = j.out.Write(bytes.TrimRight(j.value.Bytes(), "\n"))
	}
}

// list writes a field that holds a list, an element a line.
func list[T any](j *jsonWriter, name string, elements []T) {
	j.text(",\n  \"" + name + "\": [")
	for i := range elements {
		if i > 0 {
			j.text(",")
		}
		j.text("\n    ")
		j.put(&elements[i])
	}
	if len(elements) > 0 {
		j.text("\n  ")
	}
	j.text("]")
}

// NDJSON writes an object a line: each file, finding, step and what could not be
// judged, then the summary. The field type tells them apart; the other fields
// are those of the JSON form.
func (r *Report) NDJSON(w io.Writer) error {
	d := r.document()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := lines(enc, "file", d.Files); err != nil {
		return err
	}
	if err := lines(enc, "finding", d.Findings); err != nil {
		return err
	}
	if err := lines(enc, "step", d.Steps); err != nil {
		return err
	}
	if err := lines(enc, "incomplete", d.Incomplete); err != nil {
		return err
	}
	return lines(enc, "summary", []struct {
		Schema string `json:"schema"`
		summary
	}{{d.Schema, d.Summary}})
}

// lines writes every element of list as one line with its type in front.
func lines[T any](enc *json.Encoder, kind string, list []T) error {
	for _, one := range list {
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		head, err := json.Marshal(map[string]string{"type": kind})
		if err != nil {
			return err
		}
		line := append(head[:len(head)-1], ',')
		if err := enc.Encode(json.RawMessage(append(line, text[1:]...))); err != nil {
			return err
		}
	}
	return nil
}
