package findings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// mark is a place that a snippet shows, and the words beside it.
type mark struct {
	at      source.Location
	label   string
	primary bool
}

// maxMarks bounds the places that one finding shows; the rest is counted.
const maxMarks = 8

// marks are the places of a finding, its own first.
func marks(f *lint.Finding) (shown []mark, left int) {
	shown = []mark{{f.Location, f.Label, true}}
	for _, r := range f.Related {
		if len(shown) == maxMarks {
			return shown, len(f.Related) + 1 - maxMarks
		}
		shown = append(shown, mark{r.Location, r.Message, false})
	}
	return shown, 0
}

// snippet prints the places of a finding with the text they stand in, and returns
// the width of the line numbers.
func (p *page) snippet(f *lint.Finding) (gutter int) {
	all, left := marks(f)
	gutter = 1
	for _, m := range all {
		gutter = max(gutter, len(fmt.Sprint(m.at.Range.Start.Line)))
	}
	arrow := "-->"
	for len(all) > 0 {
		file := all[0].at.File
		same := func(m mark) bool { return m.at.File == file }
		here := slices.DeleteFunc(slices.Clone(all), func(m mark) bool { return !same(m) })
		all = slices.DeleteFunc(all, same)
		p.line("%s%s %s", strings.Repeat(" ", gutter), arrow, report.Printable(p.at(here[0].at).String()))
		p.excerpt(here, gutter)
		arrow = ":::"
	}
	if left > 0 {
		p.line("%s = and %s more", strings.Repeat(" ", gutter), plural(left, "place"))
	}
	return gutter
}

// excerpt prints the lines of one file that marks lie in, in order.
func (p *page) excerpt(marks []mark, gutter int) {
	text := p.text(marks[0].at.File)
	marks = slices.DeleteFunc(marks, func(m mark) bool {
		start := m.at.Range.Start.Line
		return start < 1 || text == nil || start > text.Lines() || tooLong(text, start)
	})
	if len(marks) == 0 {
		return
	}
	slices.SortStableFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.at.Range.Start.Line, b.at.Range.Start.Line), cmp.Compare(a.at.Range.Start.Column, b.at.Range.Start.Column))
	})
	bar := p.term.Paint(report.Faint, strings.Repeat(" ", gutter)+" |")
	p.line("%s", bar)
	for i, m := range marks {
		w := p.window(text.Line(m.at.Range.Start.Line), m.at.Range, gutter)
		if i == 0 || marks[i-1].at.Range.Start.Line != m.at.Range.Start.Line || w.cut {
			p.line("%s %s", p.term.Paint(report.Faint, fmt.Sprintf("%*d |", gutter, m.at.Range.Start.Line)), w.text)
		}
		p.carets(m, w, bar, i > 0 && marks[i-1].at == m.at)
	}
}

// maxLine bounds the lines that are shown, in bytes: a file of one long line may
// have a finding every few letters of it.
const maxLine = 4096

func tooLong(f *source.File, line int) bool {
	return f.Offset(source.Position{Line: line + 1, Column: 1})-f.Offset(source.Position{Line: line, Column: 1}) > maxLine
}

// carets prints what stands below a line: carets for the finding's own place,
// dashes for others, and the label beside them or, where there is no room, below.
// A place that was marked just before gets its further label alone.
func (p *page) carets(m mark, w window, bar string, again bool) {
	sign, style := "-", report.Faint
	if m.primary {
		sign, style = "^", report.Red
	}
	under := strings.Repeat(" ", w.start) + p.term.Paint(style, strings.Repeat(sign, w.width))
	room := p.columns - report.Width(bar) - 1
	label := strings.Join(strings.Fields(report.Printable(m.label)), " ")
	if !again && w.start+w.width+1+report.Width(label) <= room {
		p.line("%s %s %s", bar, under, label)
		return
	}
	if !again {
		p.line("%s %s", bar, under)
	}
	indent := min(w.start, room/3)
	for _, line := range report.Wrap(label, room-indent) {
		p.line("%s %s%s", bar, strings.Repeat(" ", indent), line)
	}
}

// window is the part of a source line that fits on the page: its text, and the
// columns of it that a place takes.
type window struct {
	text         string
	start, width int
	cut          bool // something was left out on the left
}

// window cuts a line so that the place r can be seen. Columns of r count code
// points, those of the page what a terminal shows.
func (p *page) window(line string, r source.Range, gutter int) window {
	runes := []rune(report.Printable(line))
	start := min(max(r.Start.Column-1, 0), len(runes))
	end := len(runes)
	if r.End.Line == r.Start.Line {
		end = min(max(r.End.Column-1, start), len(runes))
	}
	room := p.columns - gutter - 3
	w := window{}
	from := 0
	if report.Width(string(runes[:end])) > room && report.Width(string(runes[:start])) > room/2 {
		// Begin a little before the place.
		from, w.cut = start, true
		for before := 0; from > 0 && before < room/4; from-- {
			before += report.Width(string(runes[from-1]))
		}
		w.text = "…"
	}
	lead := report.Width(w.text)
	w.text = report.Cut(w.text+string(runes[from:]), room)
	w.start = min(lead+report.Width(string(runes[from:start])), room-1)
	w.width = min(max(report.Width(string(runes[start:end])), 1), room-w.start)
	return w
}
