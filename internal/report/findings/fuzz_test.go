package findings

import (
	"strings"
	"testing"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// FuzzSnippet: whatever the text and the place, there are carets, and no line is
// wider than the page.
func FuzzSnippet(f *testing.F) {
	f.Add("steps:\n  - id: a\n", 2, 9, 10, 0, "label", 80)
	f.Add("支払い\tx\n", 1, 2, 3, 1, "", 40)
	f.Add(strings.Repeat("long ", 100), 1, 450, 455, 0, strings.Repeat("words ", 40), 60)
	f.Add("e\u0301\u0301\u200b\x1b[2J\u202e", 1, 1, 99, 3, "x", 48)
	f.Fuzz(func(t *testing.T, text string, line, from, to, further int, label string, width int) {
		file, err := source.NewFile("a.yaml", []byte(text), source.Limits{})
		if err != nil || line < 1 || line > file.Lines() || from < 1 || further < 0 || further > 1<<20 {
			return
		}
		r := &Report{Source: func(string) *source.File { return file }}
		at := source.Location{File: "a.yaml", Range: source.Range{Start: source.Position{Line: line, Column: from}, End: source.Position{Line: line + further, Column: to}}}
		p := r.page(report.Terminal{Width: width})
		p.snippet(&lint.Finding{Location: at, Label: label, Related: []lint.Related{{Location: at, Message: label}}})
		if !tooLong(file, line) && !strings.Contains(p.String(), "^") {
			t.Errorf("no carets in\n%s", p.String())
		}
		for got := range strings.Lines(p.String()) {
			got = strings.TrimRight(got, "\n")
			// A word that is wider than the page stands alone; so does the place.
			if words := strings.Fields(got); report.Width(got) > p.columns && !strings.Contains(got, "-->") && len(words) > 0 && report.Width(words[len(words)-1]) < p.columns/2 {
				t.Errorf("%d columns of %d: %q", report.Width(got), p.columns, got)
			}
		}
	})
}
