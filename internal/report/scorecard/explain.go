package scorecard

import (
	"cmp"
	"fmt"
	"io"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

// Explain writes the arithmetic line by line: where each number comes from, each
// computation with its numbers, and the document that publishes it.
func (c *Card) Explain(w io.Writer, term report.Terminal) error {
	p := &page{term: term}
	p.line("%s", p.term.Paint(report.Bold, report.Cut(report.Printable(cmp.Or(c.Subject.Name, "unnamed")), term.Columns())))
	p.line("%s: %s", c.formula.ID, c.formula.Title)
	p.wrapped("", c.formula.Expression)
	p.line("source: %s", c.formula.Source)

	p.heading("What goes in", "")
	p.origin("CVSS base", Part{Low: c.CVSS.Base.Low, High: c.CVSS.Base.High, Basis: c.CVSS.Basis, Evidence: c.CVSS.Evidence})
	if m := c.Multipliers.Threat; m != nil {
		p.origin("threat (ThM)", *m)
	}
	if m := c.Multipliers.Mitigation; m != nil {
		p.origin("mitigation (MF)", *m)
	}
	for _, f := range c.Factors {
		p.origin(f.Name, f.Part)
	}
	for _, d := range c.derivations() {
		title := "What comes out"
		if d.Corner != "" {
			title = "With every unknown at its " + d.Corner
		}
		p.heading(title, "")
		for n, s := range d.Steps {
			p.wrapped(fmt.Sprintf("  %d %s ", n+1, report.Pad(s.Name, 9)), s.Expression+" = "+s.Value)
		}
	}
	if !c.Score.Known() {
		p.line("")
		p.wrapped("", "The score rises with every part, so these two are its ends. AARS alone falls with the base: it lies between "+c.AARS.Low.String()+" and "+c.AARS.High.String()+".")
	}
	p.line("")
	p.line("vector")
	p.line("  %s", c.Vector)
	c.warningsText(p)
	_, err := io.WriteString(w, p.String())
	return err
}

// origin prints a number with its basis, its place and the words that gave it.
func (p *page) origin(name string, v Part) {
	line := fmt.Sprintf("  %s %s %s", report.Pad(report.Cut(name, 26), 26), report.Pad(v.Interval().String(), 7), report.Pad(string(v.Basis), 8))
	if v.Basis == source.Unknown || len(v.Evidence) == 0 {
		p.line("%s", line)
		return
	}
	e := v.Evidence[0]
	words := e.Quote
	if words == "" {
		words = e.Rule
	}
	place := fmt.Sprintf(" %d:%d %s", e.At.Range.Start.Line, e.At.Range.Start.Column, report.Printable(words))
	p.line("%s", report.Cut(line+place, p.term.Columns()))
	if v.Why != "" {
		p.wrapped("      why: ", v.Why)
	}
}
