package lint

import (
	"encoding/json"
	"fmt"
	"slices"

	"agentrisk/internal/source"
)

// reportReader reads the fields of one report and keeps the first fault.
type reportReader struct {
	rule   string
	fields map[string]any
	err    error
}

var reportFields = []string{"at", "message", "label", "risk", "help", "severity", "confidence", "related"}

func (r *reportReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = &RuleError{Rule: r.rule, Message: fmt.Sprintf(format, args...)}
	}
}

func (r *reportReader) text(key string) string {
	value, there := r.fields[key]
	if !there {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		r.fail("returns %s that is no text", key)
	}
	return text
}

func (r *reportReader) handle(key string) int {
	return r.number(key, r.fields[key])
}

func (r *reportReader) number(key string, value any) int {
	number, ok := value.(json.Number)
	if !ok {
		r.fail("returns no %s, which should be that of a fact", key)
		return 0
	}
	n, err := number.Int64()
	if err != nil || n < 1 {
		r.fail("returns %s as %s, which is that of no fact", key, number)
	}
	return int(n)
}

func (r *reportReader) related() []relatedReport {
	value, there := r.fields["related"]
	if !there {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		r.fail("returns related that is no list")
		return nil
	}
	var out []relatedReport
	for _, item := range list {
		fields, ok := item.(map[string]any)
		if !ok {
			r.fail("returns a related place that is no object")
			return nil
		}
		message, _ := fields["message"].(string)
		out = append(out, relatedReport{r.number("at of a related place", fields["at"]), message})
	}
	return out
}

// check finds what would make no finding.
func (r *reportReader) check(out report) {
	if out.message == "" {
		r.fail("returns no message")
	}
	if out.severity != "" && !slices.Contains(Severities(), out.severity) {
		r.fail("returns the severity %q; expected error, warning or note", out.severity)
	}
	if out.confidence != "" && !slices.Contains(Confidences(), out.confidence) {
		r.fail("returns the confidence %q; expected certain, likely or possible", out.confidence)
	}
	for key := range r.fields {
		if !slices.Contains(reportFields, key) {
			hint := ""
			if near := source.Nearest(key, reportFields); near != "" {
				hint = "; did you mean " + near + "?"
			}
			r.fail("returns the field %q, which a finding does not have%s", key, hint)
		}
	}
}
