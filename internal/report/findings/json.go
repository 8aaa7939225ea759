package findings

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
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

func (r *Report) finding(f lint.Finding) finding {
	return finding{r.shownFinding(f), !f.Suppressed && r.Known[f.Fingerprint]}
}

func (r *Report) summary() summary { return summary{r.Result.Summary, r.count().known} }

// JSON writes the report as agentrisk.findings/v1: every file, finding and step
// is a line, so that reports can be compared and searched line by line.
func (r *Report) JSON(w io.Writer) error {
	out := &jsonWriter{out: w}
	out.text("{\n  \"schema\": ")
	out.put(lint.Schema)
	list(out, "files", r.Result.Files, r.shownFile)
	list(out, "findings", r.Result.Findings, r.finding)
	list(out, "steps", r.Result.Steps, r.shownStep)
	out.text(",\n  \"summary\": ")
	out.put(r.summary())
	list(out, "incomplete", r.Result.Incomplete, r.shownIncomplete)
	out.text("\n}\n")
	return out.err
}

// jsonWriter writes values as compact JSON and keeps the first fault.
type jsonWriter struct {
	out io.Writer
	err error
}

func (j *jsonWriter) text(text string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.out, text)
	}
}

func (j *jsonWriter) put(v any) {
	var text bytes.Buffer
	if j.err == nil {
		j.err = encode(&text, v)
	}
	j.text(text.String())
}

// encode appends v as compact JSON.
func encode(to *bytes.Buffer, v any) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	to.Truncate(to.Len() - len("\n"))
	return nil
}

// list writes a field that holds a list, an element a line, as show shows it.
func list[T, U any](j *jsonWriter, name string, elements []T, show func(T) U) {
	j.text(",\n  \"" + name + "\": [")
	if j.err == nil {
		j.err = report.InOrder(j.out, elements, func(b *bytes.Buffer, at int, some []T) error {
			for i := range some {
				if at+i > 0 {
					b.WriteString(",")
				}
				b.WriteString("\n    ")
				if err := encode(b, show(some[i])); err != nil {
					return err
				}
			}
			return nil
		})
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
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := lines(enc, "file", r.Result.Files, r.shownFile); err != nil {
		return err
	}
	if err := lines(enc, "finding", r.Result.Findings, r.finding); err != nil {
		return err
	}
	if err := lines(enc, "step", r.Result.Steps, r.shownStep); err != nil {
		return err
	}
	if err := lines(enc, "incomplete", r.Result.Incomplete, r.shownIncomplete); err != nil {
		return err
	}
	type total struct {
		Schema string `json:"schema"`
		summary
	}
	return lines(enc, "summary", []summary{r.summary()}, func(s summary) total { return total{lint.Schema, s} })
}

// lines writes every element of list as one line with its type in front.
func lines[T, U any](enc *json.Encoder, kind string, list []T, show func(T) U) error {
	for i := range list {
		text, err := json.Marshal(show(list[i]))
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
