package scorecard

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// WhatIfSchema names the version of WhatIf's JSON form.
const WhatIfSchema = "agentrisk.whatif/v1"

// Question is what is to be changed in an assessment, and what to look for.
type Question struct {
	Set        []Assignment
	Reach      *scoring.Band // find the cheapest changes to this band
	Costs      map[string]int
	Keep       []string
	MoveThreat bool
}

// Assignment gives a part another value.
type Assignment struct {
	Part  string // a factor's key, base, threat or mitigation
	Value string // a number, a level's name for a multiplier, or unknown
}

// WhatIf is the answer to a question.
type WhatIf struct {
	Schema  string        `json:"schema"`
	Formula string        `json:"formula"`
	Name    string        `json:"name"`
	From    Outcome       `json:"from"`
	Changes []PartChange  `json:"changes"` // as asked for
	To      Outcome       `json:"to"`
	Vector  string        `json:"vector"` // after the changes
	Plan    *scoring.Plan `json:"plan,omitempty"`

	// What the assessment as changed depends on.
	Drivers     []scoring.Driver  `json:"drivers"`
	Mitigations []MitigationLevel `json:"mitigations"`
	Comparisons []Comparison      `json:"comparisons"`
}

// WhatIf answers a question about the card. Errors name the part, the value and
// what was expected.
func (c *Card) WhatIf(q Question) (*WhatIf, error) {
	if c.Scored == nil {
		return nil, fmt.Errorf("%s gives no score to change; expected a formula that does", c.Formula)
	}
	f, in := c.formula, c.input
	answer := &WhatIf{Schema: WhatIfSchema, Formula: f.ID, Name: c.Subject.Name, From: Outcome{c.Score, c.Band}, Changes: []PartChange{}}
	for i, a := range q.Set {
		if slices.ContainsFunc(q.Set[:i], func(other Assignment) bool { return other.Part == a.Part }) {
			return nil, fmt.Errorf("%s is set twice; expected one value for each part", a.Part)
		}
		change, err := c.assign(&in, a)
		if err != nil {
			return nil, err
		}
		answer.Changes = append(answer.Changes, change)
	}
	if err := f.Check(&in); err != nil {
		return nil, err
	}
	if q.Reach != nil {
		if err := answer.reach(f, &in, q); err != nil {
			return nil, err
		}
	}
	r := f.Score(&in)
	answer.To = outcome(&r)
	vector, err := scoring.FormatVector(&scoring.Vector{Formula: f, Input: in})
	if err != nil {
		return nil, err
	}
	answer.Vector = vector
	answer.Drivers = listed(f.Drivers(&in))
	answer.Comparisons = comparisons(f, &in)
	answer.Mitigations = mitigations(f, &in)
	return answer, nil
}

func (w *WhatIf) reach(f *scoring.Formula, in *scoring.Input, q Question) error {
	now := f.Score(in)
	plan, err := f.Cheapest(in, scoring.Search{Goal: scoring.GoalTowards(*q.Reach, &now),
		Costs: q.Costs, Fixed: q.Keep, MoveThreat: q.MoveThreat})
	if err != nil {
		return err
	}
	w.Plan = &plan
	return nil
}

// assign changes one part of the input.
func (c *Card) assign(in *scoring.Input, a Assignment) (PartChange, error) {
	parts := numbers(c)
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.key
		if p.key != a.Part {
			continue
		}
		v, err := c.value(a)
		if err != nil {
			return PartChange{}, err
		}
		p.set(in, v)
		from := p.value
		return PartChange{Part: p.key, Name: p.name, From: &from, To: &v, Alone: alone(c, c, p, v)}, nil
	}
	hint := source.DidYouMean(a.Part, names)
	if hint == "" {
		hint = "expected one of " + strings.Join(names, ", ")
	}
	return PartChange{}, fmt.Errorf("%s has no part %q; %s", c.Formula, a.Part, hint)
}

// value reads a number, the name of a multiplier's level, or "unknown".
func (c *Card) value(a Assignment) (scoring.Interval, error) {
	f := c.formula
	if a.Value == "unknown" {
		return c.unknown(a.Part), nil
	}
	for _, m := range []*scoring.Multiplier{f.Threat, f.Mitigation} {
		if m == nil || m.Key != a.Part {
			continue
		}
		if l, ok := m.Level(a.Value); ok {
			return scoring.Exactly(l.Value), nil
		}
	}
	d, err := scoring.ParseDecimal(a.Value)
	if err != nil {
		return scoring.Interval{}, fmt.Errorf("%s: %w", a.Part, err)
	}
	return scoring.Exactly(d), nil
}

func (c *Card) unknown(part string) scoring.Interval {
	full := c.formula.Unknown()
	switch part {
	case scoring.PartBase:
		return full.Base
	case scoring.PartThreat:
		return full.Threat
	case scoring.PartMitigation:
		return full.Mitigation
	}
	i, _ := c.formula.Factor(part)
	return full.Factors[i]
}

// Text writes the answer.
func (w *WhatIf) Text(out io.Writer, term report.Terminal) error {
	p := &page{term: term}
	p.line("%s", p.term.Paint(report.Bold, report.Cut(report.Printable(cmp.Or(w.Name, "unnamed")), term.Columns())))
	p.line("%s", w.Formula)
	p.line("")
	now := score(w.From.Score) + " " + w.From.Band.String()
	if len(w.Changes) > 0 {
		now += " → " + score(w.To.Score) + " " + w.To.Band.String()
	}
	p.line("%s", p.term.Paint(bandStyle(w.To.Band.High), now))
	if len(w.Changes) > 0 {
		p.heading("Changed", "that alone gives")
		for _, c := range w.Changes {
			p.change(c)
		}
	}
	switch {
	case w.Plan != nil:
		w.planText(p)
	case len(w.Changes) == 0:
		w.allMoves(p)
	}
	_, err := io.WriteString(out, p.String())
	return err
}

func (w *WhatIf) planText(p *page) {
	plan := w.Plan
	result := score(plan.Result.Score) + " " + bands(&plan.Result).String()
	if !plan.Reached {
		p.heading("Cheapest way to "+plan.Goal.String(), "")
		p.line("  there is none: with every part as far as it goes the score is %s", result)
		return
	}
	steps := "1 step"
	if plan.Steps != 1 {
		steps = fmt.Sprintf("%d steps", plan.Steps)
	}
	p.heading("Cheapest way to "+plan.Goal.String(), fmt.Sprintf("%s, cost %d", steps, plan.Cost))
	for _, c := range plan.Changes {
		p.line("  %s %s → %s", report.Pad(report.Cut(c.Name, 28), 28), c.From, c.To)
	}
	if len(plan.Changes) == 0 {
		p.line("  nothing has to change")
	}
	p.line("  gives %s", result)
}

func (w *WhatIf) allMoves(p *page) {
	p.heading("One step on each part", "")
	for _, d := range w.Drivers {
		p.wrapped("  "+report.Pad(report.Cut(d.Name, 28), 28)+" ", driverText(d))
	}
	if len(w.Mitigations) > 0 {
		p.heading("Mitigation", "")
		for _, m := range w.Mitigations {
			p.line("  %s %s", report.Pad(m.Level+" "+m.Value.String(), 28), score(m.Score)+" "+m.Band.String())
		}
	}
	p.heading("Other formulas", "")
	for _, c := range w.Comparisons {
		lead := "  " + report.Pad(c.Formula, 28) + " "
		if c.Outcome == nil {
			p.wrapped(lead, "does not apply: "+strings.TrimPrefix(c.Refused, c.Formula+": "))
			continue
		}
		text := score(c.Outcome.Score) + " " + c.Outcome.Band.String()
		if len(c.Missing) > 0 {
			text += "; not known: " + strings.Join(c.Missing, ", ")
		}
		if len(c.Dropped) > 0 {
			text += "; without " + strings.Join(c.Dropped, ", ")
		}
		p.wrapped(lead, text)
	}
}
