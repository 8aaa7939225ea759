package scorecard

import (
	"cmp"
	"fmt"
	"io"

	"agentrisk/internal/report"
	"agentrisk/scoring"
)

// DiffSchema names the version of Diff's JSON form.
const DiffSchema = "agentrisk.diff/v1"

// Diff is what changed from one assessment to another.
type Diff struct {
	Schema    string         `json:"schema"`
	From      Side           `json:"from"`
	To        Side           `json:"to"`
	Direction Direction      `json:"direction"`
	Parts     []PartChange   `json:"parts"`
	Layers    []LayerChange  `json:"layers"`
	Threats   []ThreatChange `json:"threats"`
}

// Side is one of the two assessments.
type Side struct {
	Name    string   `json:"name"`
	File    string   `json:"file"`
	Formula string   `json:"formula"`
	Outcome *Outcome `json:"outcome,omitempty"` // nil for a formula without a score
	Result  string   `json:"result,omitempty"`  // what such a formula gives
}

// Direction says which way the score went.
type Direction string

// The directions. Unclear is an interval of which one end rose and the other
// fell, or two assessments by different formulas.
const (
	Same    Direction = "same"
	Better  Direction = "better"
	Worse   Direction = "worse"
	Unclear Direction = "unclear"
)

// PartChange is a number that changed, and what it alone does to the old score.
type PartChange struct {
	Part  string            `json:"part"`
	Name  string            `json:"name"`
	From  *scoring.Interval `json:"from"` // null where that formula has no such part
	To    *scoring.Interval `json:"to"`
	Alone *Outcome          `json:"alone,omitempty"`
}

// LayerChange is a layer whose status changed.
type LayerChange struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

// ThreatChange is a threat that came or went.
type ThreatChange struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Gone bool   `json:"gone"`
}

// Compare finds what changed from one card to another.
func Compare(from, to *Card) *Diff {
	d := &Diff{Schema: DiffSchema, From: side(from), To: side(to), Direction: direction(from, to),
		Parts: []PartChange{}, Layers: []LayerChange{}, Threats: []ThreatChange{}}
	d.parts(from, to)
	d.layers(from, to)
	return d
}

func side(c *Card) Side {
	s := Side{Name: c.Subject.Name, File: c.Subject.File, Formula: c.Formula}
	if c.Scored == nil {
		s.Result = c.unscored()
		return s
	}
	s.Outcome = &Outcome{c.Score, c.Band}
	return s
}

func direction(from, to *Card) Direction {
	low, high := 0, 0
	switch {
	case from.Formula != to.Formula:
		return Unclear
	case from.Scored != nil && to.Scored != nil:
		low, high = to.Raw.Low.Cmp(from.Raw.Low), to.Raw.High.Cmp(from.Raw.High)
	case from.Decision != nil && to.Decision != nil:
		low, high = cmp.Compare(to.Decision.Low, from.Decision.Low), cmp.Compare(to.Decision.High, from.Decision.High)
	default:
		return Unclear // the classes of a profile have no order
	}
	switch {
	case low == 0 && high == 0:
		return Same
	case low <= 0 && high <= 0:
		return Better
	case low >= 0 && high >= 0:
		return Worse
	}
	return Unclear
}

// number is one part of a card under a key that both cards share.
type number struct {
	key, name string
	value     scoring.Interval
	set       func(*scoring.Input, scoring.Interval)
}

func numbers(c *Card) []number {
	out := []number{{"base", "CVSS base", c.CVSS.Base, func(in *scoring.Input, v scoring.Interval) { in.Base = v }}}
	if m := c.Multipliers.Threat; m != nil {
		out = append(out, number{"threat", "Threat", m.Interval(), func(in *scoring.Input, v scoring.Interval) { in.Threat = v }})
	}
	if m := c.Multipliers.Mitigation; m != nil {
		out = append(out, number{"mitigation", "Mitigation", m.Interval(), func(in *scoring.Input, v scoring.Interval) { in.Mitigation = v }})
	}
	for i, f := range c.Factors {
		out = append(out, number{f.ID, f.Name, f.Interval(), func(in *scoring.Input, v scoring.Interval) { in.Factors[i] = v }})
	}
	return out
}

func (d *Diff) parts(from, to *Card) {
	after := map[string]number{}
	for _, n := range numbers(to) {
		after[n.key] = n
	}
	for _, old := range numbers(from) {
		now, kept := after[old.key]
		delete(after, old.key)
		change := PartChange{Part: old.key, Name: old.name, From: &old.value}
		if kept {
			if now.value == old.value {
				continue
			}
			change.To = &now.value
			change.Alone = alone(from, to, old, now.value)
		}
		d.Parts = append(d.Parts, change)
	}
	for _, n := range numbers(to) {
		if _, added := after[n.key]; added {
			d.Parts = append(d.Parts, PartChange{Part: n.key, Name: n.name, To: &n.value})
		}
	}
}

// alone scores the old assessment with one part changed.
func alone(from, to *Card, part number, v scoring.Interval) *Outcome {
	if from.Scored == nil || from.Formula != to.Formula {
		return nil
	}
	in := from.input
	part.set(&in, v)
	r := from.formula.Score(&in)
	o := outcome(&r)
	return &o
}

func (d *Diff) layers(from, to *Card) {
	before := map[string]bool{}
	for _, l := range from.Layers {
		for _, t := range l.Threats {
			before[l.ID+t.ID] = true
		}
	}
	now := map[string]bool{}
	for i, l := range to.Layers {
		if i < len(from.Layers) && from.Layers[i].Status != l.Status {
			d.Layers = append(d.Layers, LayerChange{l.ID, string(from.Layers[i].Status), string(l.Status)})
		}
		for _, t := range l.Threats {
			now[l.ID+t.ID] = true
			if !before[l.ID+t.ID] {
				d.Threats = append(d.Threats, ThreatChange{ID: t.ID, Name: t.Name})
			}
		}
	}
	for _, l := range from.Layers {
		for _, t := range l.Threats {
			if !now[l.ID+t.ID] {
				d.Threats = append(d.Threats, ThreatChange{ID: t.ID, Name: t.Name, Gone: true})
			}
		}
	}
}

// Changed reports whether anything a reviewer would see is different.
func (d *Diff) Changed() bool {
	return len(d.Parts)+len(d.Layers)+len(d.Threats) > 0 || d.From.Formula != d.To.Formula
}

// Text writes the differences, a line each.
func (d *Diff) Text(w io.Writer, term report.Terminal) error {
	p := &page{term: term}
	p.line("%s → %s", report.Printable(d.From.File), report.Printable(d.To.File))
	p.line("%s", p.term.Paint(report.Bold, fmt.Sprintf("%s → %s: %s", sideText(d.From), sideText(d.To), d.Direction)))
	if d.From.Formula != d.To.Formula {
		p.line("the formulas differ (%s, %s): the scores cannot be set side by side", d.From.Formula, d.To.Formula)
	}
	if len(d.Parts) > 0 {
		p.heading("What changed", "that alone gives")
	}
	for _, c := range d.Parts {
		p.change(c)
	}
	if len(d.Layers)+len(d.Threats) > 0 {
		p.heading("Layers", "")
	}
	for _, l := range d.Layers {
		p.line("  %s %s → %s", l.ID, l.From, l.To)
	}
	for _, t := range d.Threats {
		sign := "+"
		if t.Gone {
			sign = "-"
		}
		p.line("  %s %s %s", sign, t.ID, t.Name)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// change prints a part's old and new value, and flush right what it alone gives.
func (p *page) change(c PartChange) {
	left := fmt.Sprintf("  %s %s → %s", report.Pad(report.Cut(c.Name, 28), 28), ends(c.From), ends(c.To))
	if c.Alone == nil {
		p.line("%s", left)
		return
	}
	right := score(c.Alone.Score) + " " + c.Alone.Band.String()
	p.line("%s%s", report.Pad(left, p.term.Columns()-report.Width(right)), right)
}

func sideText(s Side) string {
	if s.Outcome == nil {
		return s.Result
	}
	return score(s.Outcome.Score) + " " + s.Outcome.Band.String()
}

func ends(v *scoring.Interval) string {
	if v == nil {
		return "no such part"
	}
	return v.String()
}
