package findings

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"runtime"
	"slices"
	"sync"

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

func (j *jsonWriter) text(text string) { j.bytes([]byte(text), nil) }

func (j *jsonWriter) put(v any) {
	var text encoder
	err := text.encode(v)
	j.bytes(text.Bytes(), err)
}

func (j *jsonWriter) bytes(text []byte, err error) {
	if j.err == nil {
		j.err = err
	}
	if j.err == nil {
		_, j.err = j.out.Write(text)
	}
}

// encoder appends values to a text as compact JSON.
type encoder struct {
	bytes.Buffer
	json *json.Encoder
}

func (e *encoder) encode(v any) error {
	if e.json == nil {
		e.json = json.NewEncoder(&e.Buffer)
		e.json.SetEscapeHTML(false)
	}
	if err := e.json.Encode(v); err != nil {
		return err
	}
	e.Truncate(e.Len() - len("\n"))
	return nil
}

// list writes a field that holds a list, an element a line, as show shows it.
func list[T, U any](j *jsonWriter, name string, elements []T, show func(T) U) {
	j.text(",\n  \"" + name + "\": [")
	separator := "\n    "
	for text := range chunks(elements, show) {
		one := <-text
		j.text(separator)
		j.bytes(one.text.Bytes(), one.err)
		encoders.Put(one.text)
		separator = ",\n    "
	}
	if len(elements) > 0 {
		j.text("\n  ")
	}
	j.text("]")
}

// chunk is a stretch of a list in JSON.
type chunk struct {
	text *encoder
	err  error
}

// encoders that have grown are used again.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

// chunks puts a list into JSON on every core: a large report costs more to write
// than a file to judge. The chunks come in order, and no more are held than there are
// cores to work on them.
func chunks[T, U any](elements []T, show func(T) U) <-chan chan chunk {
	const size = 32
	out := make(chan chan chunk, runtime.GOMAXPROCS(0))
	go func() {
		defer close(out)
		for part := range slices.Chunk(elements, size) {
			done := make(chan chunk, 1)
			out <- done
			go func() { done <- join(part, show) }()
		}
	}()
	return out
}

func join[T, U any](elements []T, show func(T) U) chunk {
	text := encoders.Get().(*encoder)
	text.Reset()
	for i := range elements {
		if i > 0 {
			text.WriteString(",\n    ")
		}
		if err := text.encode(show(elements[i])); err != nil {
			return chunk{text, err}
		}
	}
	return chunk{text, nil}
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
