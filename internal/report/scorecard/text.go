package scorecard

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/maestro"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// page collects the lines of a report for people.
type page struct {
	strings.Builder
	term report.Terminal
}

func (p *page) line(format string, args ...any) {
	p.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.WriteByte('\n')
}

func (p *page) heading(left, right string) {
	p.line("")
	left = p.term.Paint(report.Bold, left)
	if right != "" {
		left = report.Pad(left, p.term.Columns()-report.Width(right)) + right
	}
	p.line("%s", left)
}

// wrapped prints text under an indentation, its first line behind lead.
func (p *page) wrapped(lead, text string) {
	indent := report.Width(lead)
	for i, line := range report.Wrap(text, p.term.Columns()-indent) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.line("%s%s", lead, line)
	}
}

// Text writes the card as a reviewer wants to read it.
func (c *Card) Text(w io.Writer, term report.Terminal) error {
	p := &page{term: term}
	c.title(p)
	switch {
	case c.Scored != nil:
		c.parts(p)
		c.driversText(p)
		c.nextBand(p)
	case c.Decision != nil:
		c.decisionText(p)
	case c.Candidate != nil:
		c.candidateText(p)
	}
	p.layers(c.Layers, c.NotDetectable)
	p.chains(c.Chains)
	c.warningsText(p)
	_, err := io.WriteString(w, p.String())
	return err
}

func (c *Card) title(p *page) {
	name := cmp.Or(c.Subject.Name, "unnamed")
	if c.Subject.Provider != "" && !strings.Contains(name, c.Subject.Provider) {
		name += " · " + c.Subject.Provider
	}
	p.line("%s", p.term.Paint(report.Bold, report.Cut(report.Printable(name), p.term.Columns())))
	p.line("%s", report.Cut(report.Printable(c.Subject.File)+" · "+c.Subject.Form, p.term.Columns()))
	if c.Scored == nil {
		return
	}
	p.line("")
	result := "AIVSS " + score(c.Score) + "  " + c.Band.String()
	p.line("%s%s", report.Pad(p.term.Paint(bandStyle(c.Band.High), result), p.term.Columns()-report.Width(c.Formula)), c.Formula)
	ends := []scoring.Decimal{c.Score.Low, c.Score.High}
	for i, d := range c.derivations() {
		lead := map[string]string{"lowest": "at least ", "highest": "at most  "}[d.Corner]
		aars, raw := inShort(d)
		p.line("%s%s → %s", lead, raw, tenths(ends[i]))
		if aars != "" {
			p.line("%s%s", strings.Repeat(" ", len(lead)), aars)
		}
	}
}

func bandStyle(b scoring.Band) report.Style {
	switch b {
	case scoring.BandCritical:
		return report.Purple
	case scoring.BandHigh:
		return report.Red
	case scoring.BandMedium:
		return report.Yellow
	}
	return report.Green
}

func (c *Card) parts(p *page) {
	p.heading("Base and multipliers", "")
	p.part("CVSS base", 10*scoring.One, Part{Low: c.CVSS.Base.Low, High: c.CVSS.Base.High, Basis: c.CVSS.Basis, Evidence: c.CVSS.Evidence})
	if c.CVSS.Vector != "" {
		p.line("    %s", c.CVSS.Vector)
	}
	if m := c.Multipliers.Threat; m != nil {
		p.part("Threat", c.formula.Threat.High, *m)
	}
	if m := c.Multipliers.Mitigation; m != nil {
		p.part("Mitigation", c.formula.Mitigation.High, *m)
	}
	p.heading("Factors", "sum "+c.FactorSum.String()+" of 10")
	for i, f := range c.Factors {
		p.part(f.Name, c.formula.Factors[i].High, f.Part)
	}
}

// part prints one number of the input: name, value, bar, basis and place.
func (p *page) part(name string, top scoring.Decimal, v Part) {
	place := ""
	if len(v.Evidence) > 0 {
		at := v.Evidence[0].At.Range.Start
		place = fmt.Sprintf("%d:%d", at.Line, at.Column)
	}
	p.line("  %s %s %s  %s %s", report.Pad(report.Cut(name, 28), 28), report.Pad(v.Interval().String(), 8),
		bar(v.Interval(), top), report.Pad(string(v.Basis), 8), place)
}

// bar draws an interval on a scale of ten: full up to what is certain, shaded up
// to what is possible.
func bar(v scoring.Interval, top scoring.Decimal) string {
	const cells = 10
	if top <= 0 {
		return strings.Repeat("░", cells)
	}
	fill := func(d scoring.Decimal) int { return int((2*cells*d + top) / (2 * top)) }
	low, high := min(fill(v.Low), cells), min(fill(v.High), cells)
	return strings.Repeat("█", low) + strings.Repeat("▒", high-low) + strings.Repeat("░", cells-high)
}

func (c *Card) driversText(p *page) {
	const strongest = 3
	if len(c.Drivers) == 0 {
		return
	}
	p.heading("What moves the score most", "")
	for i, d := range c.Drivers[:min(strongest, len(c.Drivers))] {
		p.wrapped(fmt.Sprintf("  %d %s ", i+1, report.Pad(report.Cut(d.Name, 26), 26)), driverText(d))
	}
}

func driverText(d scoring.Driver) string {
	move := func(m *scoring.Move) string {
		text := m.To.String() + " → " + score(m.Score)
		if d.Now.Known() && m.Delta.Low.Cmp(m.Delta.High) == 0 {
			text += signed(m.Delta)
		}
		return text
	}
	switch {
	case d.IfLowest != nil && d.IfHighest != nil:
		return "not known: " + move(d.IfLowest) + ", " + move(d.IfHighest)
	case d.Up != nil && d.Down != nil:
		return d.Now.String() + ": " + move(d.Down) + ", " + move(d.Up)
	case d.Up != nil:
		return d.Now.String() + ": " + move(d.Up)
	case d.Down != nil:
		return d.Now.String() + ": " + move(d.Down)
	}
	return d.Now.String()
}

func (c *Card) nextBand(p *page) {
	p.heading("Next band", "")
	if d := c.Distance.Up; d != nil {
		p.line("  %s is %s up", d.Band, tenths(d.Score))
	}
	if d := c.Distance.Down; d != nil {
		p.line("  %s is %s down", d.Band, tenths(d.Score))
	}
	if c.Distance.Up == nil && c.Distance.Down == nil {
		p.line("  none: the score may lie anywhere")
	}
	if c.Inherent.Score != c.Score {
		p.line("  without mitigation the score is %s %s", score(c.Inherent.Score), c.Inherent.Band)
	}
	for _, other := range c.Comparisons {
		if other.Disagrees {
			p.line("  %s disagrees: %s %s", other.Formula, score(other.Outcome.Score), other.Outcome.Band)
		}
	}
}

// LayersText writes the layers and chains of an agent alone.
func LayersText(w io.Writer, term report.Terminal, name string, r maestro.Report) error {
	p := &page{term: term}
	p.line("%s", p.term.Paint(report.Bold, report.Cut(report.Printable(name), term.Columns())))
	p.layers(r.Layers, r.NotDetectable)
	p.chains(r.Chains)
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) layers(layers []maestro.LayerResult, notDetectable []string) {
	p.heading("MAESTRO layers", "")
	for _, l := range layers {
		p.line("  %s %s %s", l.ID, report.Pad(l.Name, 32), p.status(l.Status))
		if l.Status == listing.Mapped {
			p.evidence(l.Evidence)
		}
		for _, t := range l.Threats {
			p.wrapped("     "+t.ID+" ", t.Name+": "+t.Advice)
		}
	}
	if len(notDetectable) > 0 {
		p.wrapped("  not detectable from a listing: ", strings.Join(notDetectable, " "))
	}
}

func (p *page) status(s listing.Status) string {
	switch s {
	case listing.Mapped:
		return p.term.Paint(report.Bold, "mapped")
	case listing.NotApplicable:
		return "not applicable"
	}
	return p.term.Paint(report.Faint, "not certain from listing")
}

// evidence prints the first of several.
func (p *page) evidence(list []source.Evidence) {
	if len(list) == 0 {
		return
	}
	first, at := list[0], list[0].At.Range.Start
	quote := first.Quote
	if quote == "" {
		quote = first.Rule
	}
	p.line("     %s", report.Cut(fmt.Sprintf("%d:%d “%s”", at.Line, at.Column, report.Printable(quote)), p.term.Columns()-5))
}

func (p *page) chains(chains []maestro.Chain) {
	if len(chains) == 0 {
		return
	}
	p.heading("Chains across layers", "")
	for _, chain := range chains {
		p.line("  %s %s (%s)", chain.ID, chain.Name, chainState(chain))
		p.wrapped("     ", chain.Advice)
	}
}

func chainState(chain maestro.Chain) string {
	if len(chain.Open) > 0 {
		return string(chain.State) + "; not shown: " + strings.Join(chain.Open, ", ")
	}
	return string(chain.State)
}

func (c *Card) warningsText(p *page) {
	if len(c.Warnings) == 0 {
		return
	}
	p.heading("Warnings and notes", "")
	for _, w := range c.Warnings {
		place := ""
		if w.At != nil && w.At.Range.Start.Line > 0 {
			place = fmt.Sprintf("%d:%d ", w.At.Range.Start.Line, w.At.Range.Start.Column)
		}
		p.wrapped("  "+w.Kind+" ", place+w.Message+" ["+w.ID+"]")
	}
}
