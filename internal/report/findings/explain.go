package findings

import (
	"io"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// rulePart is one of the texts that explain a rule.
type rulePart struct{ name, text string }

// ruleParts are the texts of a rule, in the order they are read, without those
// that it does not have.
func ruleParts(r lint.Rule) []rulePart {
	all := []rulePart{
		{"Why it matters", r.Why}, {"What may happen", r.Risk}, {"What to do", r.Do}, {"Fix", r.Fix},
		{"When it is wrong", r.False}, {"How often", r.Frequency},
		{"Known elsewhere as", strings.Join(append(append(append([]string{}, r.Links.CWE...), r.Links.OWASP...), r.Links.MAESTRO...), ", ")},
		{"AIVSS", strings.Join(r.Links.AIVSS, ", ")}, {"Documentation", r.Docs},
	}
	var out []rulePart
	for _, part := range all {
		if part.text != "" {
			out = append(out, part)
		}
	}
	return out
}

// RuleText explains a rule to a person.
func RuleText(w io.Writer, term report.Terminal, r lint.Rule) error {
	p := (&Report{}).page(term)
	p.wrapped(p.term.Paint(report.Bold, r.ID)+" ", r.Title)
	p.line("%s · %s · %s · %s", r.Name, report.Printable(r.Group), p.term.Paint(severityStyle(r.Severity), string(r.Severity)), r.Confidence)
	for _, part := range ruleParts(r) {
		p.heading(part.name)
		p.wrapped("  ", part.text)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// RuleTable lists rules.
func RuleTable(rules []lint.Rule, columns int) report.Table {
	t := report.Table{Heading: []string{"id", "severity", "confidence", "group", "title"}}
	for _, r := range rules {
		t.Rows = append(t.Rows, []string{r.ID, string(r.Severity), string(r.Confidence), r.Group, report.Cut(r.Title, max(columns-44, 24))})
	}
	return t
}

// Explain shows one finding of the report in full: its places, the evidence for
// it, its fingerprint, and its rule.
func (r *Report) Explain(w io.Writer, term report.Terminal, f *lint.Finding) error {
	p := r.page(term)
	p.finding(f)
	if len(f.Evidence) > 0 {
		p.heading("Evidence")
		for _, e := range f.Evidence {
			text := r.at(e.At).String()
			if e.Quote != "" {
				text += ": " + e.Quote
			}
			if e.Rule != "" {
				text += " (" + e.Rule + ")"
			}
			p.wrapped("  ", text)
		}
	}
	p.heading("Finding")
	p.line("  fingerprint %s", f.Fingerprint)
	p.line("  confidence  %s", f.Confidence)
	switch {
	case f.Suppressed && f.Suppression != nil:
		p.wrapped("  suppressed  ", r.at(f.Suppression.Location).String()+": "+f.Suppression.Reason)
	case r.Known[f.Fingerprint]:
		p.line("  in the baseline")
	}
	p.line("")
	if _, err := io.WriteString(w, p.String()); err != nil {
		return err
	}
	return RuleText(w, term, r.rule(f.Rule))
}
