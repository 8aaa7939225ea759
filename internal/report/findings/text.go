package findings

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
)

// Text writes the report for people: every open finding with the text it points
// at, the coverage matrix, what could not be judged, and a summary.
func (r *Report) Text(w io.Writer, term report.Terminal) error {
	open := r.open()
	err := report.InOrder(w, open, func(b *bytes.Buffer, at int, some []*lint.Finding) error {
		p := r.page(term)
		p.Buffer = b
		for i, f := range some {
			if at+i > 0 {
				p.line("")
			}
			p.finding(f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	p := r.page(term)
	p.begun = len(open) > 0
	if r.Coverage || r.Result.Summary.Files == 1 {
		if err := p.matrix(); err != nil {
			return err
		}
	}
	p.incomplete()
	p.summary()
	_, err = p.WriteTo(w)
	return err
}

// finding prints one finding.
func (p *page) finding(f *lint.Finding) {
	head := fmt.Sprintf("%s[%s]", f.Severity, f.Rule)
	lead := p.term.Paint(severityStyle(f.Severity), head) + ": "
	p.wrapped(lead, f.Message)
	gutter := p.snippet(f)
	p.remark(gutter, "risk", f.Risk)
	if factors := p.rule(f.Rule).Links.AIVSS; len(factors) > 0 {
		p.remark(gutter, "score", "raises what AIVSS calls "+strings.Join(factors, ", "))
	}
	p.remark(gutter, "help", f.Help)
	p.remark(gutter, "docs", f.Docs)
}

func (p *page) remark(gutter int, name, text string) {
	if text != "" {
		p.wrapped(strings.Repeat(" ", gutter)+" = "+name+": ", text)
	}
}

// incomplete prints what could not be judged.
func (p *page) incomplete() {
	if len(p.Result.Incomplete) == 0 {
		return
	}
	p.heading("Not judged")
	for _, i := range p.Result.Incomplete {
		p.wrapped("  ", p.incompleteText(i))
	}
}

// incompleteText says in one line what could not be judged.
func (r *Report) incompleteText(i lint.Incomplete) string {
	text := i.Message
	if i.Rule != "" {
		text = "rule " + i.Rule + ": " + text
	}
	if i.File != "" {
		text = r.name(i.File) + ": " + text
	}
	return text
}

// summary prints the last lines: what was looked at, and what was found.
func (p *page) summary() {
	if p.begun || p.Len() > 0 {
		p.line("")
	}
	s := p.Result.Summary
	looked := fmt.Sprintf("%s, %s", plural(s.Files, "file"), plural(s.Steps, "step"))
	if s.Privileged > 0 {
		looked += fmt.Sprintf("; %d privileged, %d of them with every control", s.Privileged, s.Covered)
	}
	p.wrapped("", looked)
	p.wrapped("", p.found())
}

// found counts the findings in words.
func (r *Report) found() string {
	n := r.count()
	text := "no findings"
	if n.errors+n.warnings+n.notes > 0 {
		text = plural(n.errors, "error") + ", " + plural(n.warnings, "warning") + ", " + plural(n.notes, "note")
	}
	if n.suppressed > 0 {
		text += fmt.Sprintf("; %d suppressed", n.suppressed)
	}
	if n.known > 0 {
		text += fmt.Sprintf("; %d in the baseline", n.known)
	}
	if k := len(r.Result.Incomplete); k > 0 {
		text += fmt.Sprintf("; %d not judged: the report is incomplete", k)
	}
	return text
}
