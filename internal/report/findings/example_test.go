package findings

import (
	"strings"
	"testing"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/source"
)

// The texts that the example's findings point into. They hold what a hostile
// author would try: commands for GitHub, markup, escape sequences, wide letters.
var exampleTexts = map[string]string{
	"flows/pay.yaml": `name: 支払い
steps:
  - id: check
    operation: pay.create   # ::error::no
  - id: 支払い<script>alert(1)</script>
	tab: here
long: ` + strings.Repeat("abcdefghij ", 20) + `END of a long line
`,
	"shared/registry.yaml": "capabilities:\n  - id: pay\n",
}

func place(file string, line, from, to int) source.Location {
	return source.Location{File: file, Range: source.Range{Start: source.Position{Line: line, Column: from}, End: source.Position{Line: line, Column: to}}}
}

// example is a report with every kind of thing in it.
func example() *Report {
	print := func(n string) string { return strings.Repeat(n, 32) }
	known, suppressed := print("c"), print("d")
	r := &Report{
		Version: "1.2.3",
		Rules: []lint.Rule{
			{ID: "CAP105", Name: "late_authorization", Title: "Authorization comes too late", Group: "controls", Severity: lint.Error, Confidence: lint.Likely,
				Why: "A check after the effect finds out that it should not have happened.", Risk: "the effect has happened", Do: "move the check up", False: "Never.", Docs: "docs/rules/CAP105.md",
				Links: lint.Links{MAESTRO: []string{"L6", "X-03"}, OWASP: []string{"ASI03", "LLM06"}, CWE: []string{"CWE-863"}, AIVSS: []string{"identity"}}},
			{ID: "CAP999", Name: "other", Title: "Another", Severity: lint.Note, Confidence: lint.Possible, Links: lint.Links{CWE: []string{"CWE-1"}}},
		},
		Source: func(file string) *source.File {
			text, there := exampleTexts[file]
			if !there {
				return nil
			}
			f, err := source.NewFile(file, []byte(text), source.Limits{})
			if err != nil {
				panic(err)
			}
			return f
		},
		Known: map[string]bool{known: true, print("e"): true},
	}
	r.Result = lint.Result{
		Schema: lint.Schema,
		Files: []lint.FileResult{{File: "flows/clean.yaml", Dialect: "arazzo", Version: "1.0.1", Conforms: true},
			{File: "flows/pay.yaml", Dialect: "composition", Version: "0.1"}},
		Findings: []lint.Finding{
			{Rule: "CAP105", Severity: lint.Error, Confidence: lint.Likely, Message: "支払い moves money before authorization%0A::error::no",
				Location: place("flows/pay.yaml", 5, 9, 12), Label: "moves money", Flow: "-", Step: "支払い",
				Related:  []lint.Related{{Location: place("flows/pay.yaml", 3, 9, 14), Message: "the check\n::error file=x::comes here"}, {Location: place("shared/registry.yaml", 2, 9, 12), Message: "declared here"}},
				Evidence: []source.Evidence{{At: place("flows/pay.yaml", 5, 9, 12), Quote: "支払い", Rule: "verb-pay"}},
				Risk:     "the effect has happened", Help: "move the check up", Docs: "docs/rules/CAP105.md", Fingerprint: print("a")},
			{Rule: "CAP105", Severity: lint.Warning, Confidence: lint.Possible, Message: "<b>bold</b> | pipe `code` \x1b[31mred @someone",
				Location: place("flows/pay.yaml", 7, 227, 230), Label: strings.Repeat("a label too long for its line ", 4), Related: []lint.Related{}, Evidence: []source.Evidence{},
				Risk: "r", Help: "h", Fingerprint: print("b")},
			{Rule: "CAP999", Severity: lint.Note, Confidence: lint.Certain, Message: "known", Location: place("flows/pay.yaml", 6, 2, 5),
				Related: []lint.Related{}, Evidence: []source.Evidence{}, Fingerprint: known},
			{Rule: "CAP105", Severity: lint.Error, Confidence: lint.Certain, Message: "suppressed", Location: place("flows/pay.yaml", 3, 9, 14),
				Related: []lint.Related{}, Evidence: []source.Evidence{}, Fingerprint: suppressed, Suppressed: true,
				Suppression: &lint.Suppression{Location: place("flows/pay.yaml", 2, 1, 6), Rules: []string{"CAP105"}, Reason: "policy 7", By: "j.doe", Until: "2027-01-01"}},
		},
		Steps: []lint.StepResult{
			{File: "flows/pay.yaml", Flow: "-", Step: "check", Effect: "read", Control: "authorize", Basis: "name", Location: place("flows/pay.yaml", 3, 9, 14),
				Needs: lint.Needs{Authentication: lint.NotNeeded, Authorization: lint.NotNeeded, Approval: lint.NotNeeded, Audit: lint.NotNeeded}},
			{File: "flows/pay.yaml", Flow: "-", Step: "支払い", Effect: "money", Control: "none", Basis: "catalogue", Location: place("flows/pay.yaml", 5, 9, 12),
				Needs: lint.Needs{Authentication: lint.Present, Authorization: lint.Late, Approval: lint.Missing, Audit: lint.Present},
				Where: lint.Where{Authentication: "adapter", Authorization: "check", Audit: "a-step-with-a-very-long-name"}},
			{File: "flows/pay.yaml", Flow: "refund", Step: "1", Effect: "write", Control: "none", Basis: "unknown", Location: place("flows/pay.yaml", 4, 5, 9),
				Needs: lint.Needs{Authentication: lint.Missing, Authorization: lint.Missing, Approval: lint.NotNeeded, Audit: lint.Missing}},
		},
		Incomplete: []lint.Incomplete{{File: "flows/odd.yaml", Message: "cannot be read: permission denied"}, {File: "flows/pay.yaml", Rule: "CAP301", Message: "took too long"}},
	}
	r.Result.Summary = lint.Summary{Files: 2, Documents: 2, Steps: 3, Privileged: 1, Findings: 3, Errors: 1, Warnings: 1, Notes: 1, Suppressed: 1, Incomplete: 2}
	return r
}

// clean is a report without findings.
func clean() *Report {
	return &Report{Result: lint.Result{Schema: lint.Schema, Files: []lint.FileResult{{File: "a.yaml", Dialect: "arazzo", Version: "1.0.1", Conforms: true}},
		Findings: []lint.Finding{}, Steps: []lint.StepResult{}, Incomplete: []lint.Incomplete{}, Summary: lint.Summary{Files: 1, Documents: 1}}}
}

func TestOpenAndFails(t *testing.T) {
	r := example()
	for floor, want := range map[lint.Severity]int{lint.Error: 1, lint.Warning: 2, lint.Note: 2} {
		if got := r.Fails(floor); got != want {
			t.Errorf("%d findings fail at %s, not %d", got, floor, want)
		}
	}
	r.Known = nil
	if got := r.Fails(lint.Note); got != 3 {
		t.Errorf("%d findings fail without a baseline, not 3", got)
	}
}

func TestNames(t *testing.T) {
	r := example()
	r.Name = func(file string) string { return "../" + file }
	shown := each(r.Result.Findings, r.shownFinding)
	if got := shown[0].Related[1].Location.File; got != "../shared/registry.yaml" {
		t.Errorf("a related place lies in %s", got)
	}
	if got := shown[3].Suppression.Location.File; got != "../flows/pay.yaml" {
		t.Errorf("a suppression lies in %s", got)
	}
	if r.Result.Findings[0].Location.File != "flows/pay.yaml" || r.Result.Findings[3].Suppression.Location.File != "flows/pay.yaml" {
		t.Error("the result itself was changed")
	}
}
