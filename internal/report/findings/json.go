package findings

import (
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

// document is a report in JSON.
type document struct {
	Schema     string            `json:"schema"`
	Files      []lint.FileResult `json:"files"`
	Findings   []finding         `json:"findings"`
	Steps      []lint.StepResult `json:"steps"`
	Summary    summary           `json:"summary"`
	Incomplete []lint.Incomplete `json:"incomplete"`
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

// JSON writes the report as agentrisk.findings/v1.
func (r *Report) JSON(w io.Writer) error { return report.WriteJSON(w, r.document()) }

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
