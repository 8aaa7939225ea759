package findings

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// BaselineSchema names the version of a baseline file.
const BaselineSchema = "agentrisk.baseline/v1"

// Baseline is the findings that a project has accepted for now. Only the
// fingerprint counts; the rest is for whoever reads the file.
type Baseline struct {
	Schema   string         `json:"schema"`
	Findings []KnownFinding `json:"findings"` // by file, rule and fingerprint
}

// KnownFinding is a finding of a baseline.
type KnownFinding struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	File        string `json:"file"`
	Message     string `json:"message"`
}

// Baseline returns the findings that are not suppressed, those of the former
// baseline among them.
func (r *Report) Baseline() Baseline {
	b := Baseline{BaselineSchema, []KnownFinding{}}
	for i := range r.Result.Findings {
		if f := &r.Result.Findings[i]; !f.Suppressed {
			b.Findings = append(b.Findings, KnownFinding{f.Fingerprint, f.Rule, f.Location.File, f.Message})
		}
	}
	slices.SortFunc(b.Findings, func(a, b KnownFinding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return b
}

// Write prints the baseline, the same for the same findings.
func (b Baseline) Write(w io.Writer) error { return report.WriteJSON(w, b) }

// ReadBaseline reads the fingerprints of a baseline. A file that is none is an
// error with its place: an empty baseline must not be taken for a full one, nor
// the other way round.
func ReadBaseline(f *source.File) (map[string]bool, error) {
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		return nil, err
	}
	schema := doc.Root.Get("schema")
	if schema.Text() != BaselineSchema {
		at := source.Location{File: f.Name}
		if schema.Exists() {
			at = schema.Location()
		}
		return nil, &source.Error{At: at, ID: "baseline", Message: "is no baseline", Expected: fmt.Sprintf("schema: %q", BaselineSchema),
			Hint: "capcheck lint --write-baseline FILE writes one"}
	}
	list := doc.Root.Get("findings")
	if list.Kind() != source.Sequence {
		return nil, list.Wrong("findings", "a list")
	}
	known := make(map[string]bool, list.Len())
	for _, item := range list.Items() {
		print := item.Get("fingerprint")
		if print.Text() == "" {
			return nil, &source.Error{At: item.Location(), ID: "baseline", Message: "a finding of the baseline has no fingerprint", Expected: "fingerprint"}
		}
		known[print.Text()] = true
	}
	return known, nil
}

// Gone returns how many findings of the baseline are there no more.
func (r *Report) Gone() int {
	n := len(r.Known)
	seen := map[string]bool{}
	for i := range r.Result.Findings {
		if f := &r.Result.Findings[i]; !f.Suppressed && r.Known[f.Fingerprint] && !seen[f.Fingerprint] {
			seen[f.Fingerprint] = true
			n--
		}
	}
	return n
}
