package findings

import (
	"bytes"
	"fmt"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// The width of text: what the terminal has, within bounds, and 80 elsewhere.
const (
	leastColumns = 40
	usualColumns = 80
	mostColumns  = 120
)

// page collects the lines of a report for people.
type page struct {
	*bytes.Buffer
	*Report
	term    report.Terminal
	columns int
	begun   bool         // something stands before it
	last    *source.File // the text that was asked for last: findings are in the order of their files
}

func (r *Report) page(term report.Terminal) *page {
	columns := usualColumns
	if term.Width > 0 {
		columns = min(max(term.Width, leastColumns), mostColumns)
	}
	return &page{Buffer: new(bytes.Buffer), Report: r, term: term, columns: columns}
}

// text is the text of a file, nil where there is none to be had.
func (p *page) text(name string) *source.File {
	if p.last == nil || p.last.Name != name {
		p.last = nil
		if p.Source != nil {
			p.last = p.Source(name)
		}
	}
	return p.last
}

func (p *page) line(format string, args ...any) {
	start := p.Len()
	fmt.Fprintf(p, format, args...)
	p.Truncate(start + len(bytes.TrimRight(p.Bytes()[start:], " ")))
	p.WriteByte('\n')
}

// wrapped prints text behind lead, further lines below its first word.
func (p *page) wrapped(lead, text string) {
	indent := report.Width(lead)
	for i, line := range report.Wrap(text, max(p.columns-indent, leastColumns/2)) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.line("%s%s", lead, line)
	}
}

func (p *page) heading(text string) {
	p.line("")
	p.line("%s", p.term.Paint(report.Bold, text))
}

func severityStyle(s lint.Severity) report.Style {
	switch s {
	case lint.Error:
		return report.Red
	case lint.Warning:
		return report.Yellow
	}
	return report.Green
}

// plural is a number and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
