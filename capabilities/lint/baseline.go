package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// BaselineSchema names the version of a baseline as JSON.
const BaselineSchema = "agentrisk.baseline/v1"

// Baseline is what was known at some time: findings that do not fail the gate
// again.
type Baseline struct {
	Schema   string           `json:"schema"`
	Findings []BaselinedEntry `json:"findings"` // sorted by fingerprint
}

// BaselinedEntry is a finding of a baseline. The fingerprint is what counts; the
// rest is for people.
type BaselinedEntry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	File        string `json:"file"`
	Message     string `json:"message"`
}

// NewBaseline makes a baseline of the findings that are not suppressed. Of an
// incomplete result none is made: what was not judged would pass for known.
func NewBaseline(r Result) (Baseline, error) {
	if len(r.Incomplete) > 0 {
		return Baseline{}, fmt.Errorf("the result is incomplete: %s", r.Incomplete[0].Message)
	}
	b := Baseline{Schema: BaselineSchema, Findings: []BaselinedEntry{}}
	for _, f := range r.Findings {
		if !f.Suppressed {
			b.Findings = append(b.Findings, BaselinedEntry{f.Fingerprint, f.Rule, f.Location.File, f.Message})
		}
	}
	slices.SortFunc(b.Findings, func(a, b BaselinedEntry) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return b, nil
}

// Write writes the baseline, the same bytes for the same findings.
func (b Baseline) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}

// ReadBaseline reads what Write wrote.
func ReadBaseline(name string, text []byte) (Baseline, error) {
	fault := func(message, hint string) (Baseline, error) {
		return Baseline{}, &source.Error{At: source.Location{File: name}, ID: "baseline", Message: message, Hint: hint}
	}
	var b Baseline
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return fault("is no baseline: "+err.Error(), "write it anew")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fault("holds more than one baseline", "write it anew")
	}
	if b.Schema != BaselineSchema {
		return fault(fmt.Sprintf("has the schema %q, not %q", b.Schema, BaselineSchema), "write it anew")
	}
	for i, f := range b.Findings {
		if len(f.Fingerprint) != 32 || strings.Trim(f.Fingerprint, "0123456789abcdef") != "" {
			return fault(fmt.Sprintf("finding %d has the fingerprint %q, which is none", i+1, f.Fingerprint), "write it anew")
		}
	}
	return b, nil
}

// New returns the findings of r that are neither suppressed nor in the baseline.
func (b Baseline) New(r Result) []Finding {
	known := make(map[string]bool, len(b.Findings))
	for _, f := range b.Findings {
		known[f.Fingerprint] = true
	}
	fresh := []Finding{}
	for _, f := range r.Findings {
		if !f.Suppressed && !known[f.Fingerprint] {
			fresh = append(fresh, f)
		}
	}
	return fresh
}

// Gone returns the entries of the baseline that r does not show any more.
func (b Baseline) Gone(r Result) []BaselinedEntry {
	seen := make(map[string]bool, len(r.Findings))
	for _, f := range r.Findings {
		seen[f.Fingerprint] = true
	}
	gone := []BaselinedEntry{}
	for _, f := range b.Findings {
		if !seen[f.Fingerprint] {
			gone = append(gone, f)
		}
	}
	return gone
}
