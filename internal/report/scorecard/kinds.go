package scorecard

import (
	"fmt"
	"strings"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// decide fills the card of aivss-ssvc, which gives a decision and no score.
func (c *Card) decide(a *listing.Agent) error {
	s := scoring.UnknownSSVC()
	set := func(to *scoring.Interval, v listing.Value) {
		if basis(v) != source.Unknown {
			*to = v.Interval
		}
	}
	set(&s.Threat, a.Threat)
	set(&s.Vulnerability, a.Vulnerability)
	set(&s.Impact, a.Impact)
	for i := range c.Factors {
		s.Factors[i] = c.Factors[i].Interval()
	}
	if err := s.Check(); err != nil {
		return err
	}
	d := s.Decide()
	c.Decision = &d
	return nil
}

// profile fills the card of the 1.0 candidate: letters beside CVSS-BTE.
func (c *Card) profile(vector *scoring.CVSS) error {
	var p scoring.Profile
	for i := range c.Factors {
		p[i] = 'X'
		if letter := c.Factors[i].Letter; letter != "" {
			p[i] = letter[0]
		}
	}
	candidate, err := p.Assess(vector)
	if err != nil {
		return err
	}
	c.Candidate = &candidate
	return nil
}

// unscored is the result of a formula that gives no score. What is not known
// leaves more than one.
func (c *Card) unscored() string {
	if d := c.Decision; d != nil {
		if d.Low != d.High {
			return d.Low.String() + "–" + d.High.String()
		}
		return d.High.String()
	}
	text := "effect class " + c.Candidate.Class.String()
	for i, class := range c.Candidate.Possible {
		switch {
		case len(c.Candidate.Possible) < 2:
		case i == 0:
			text += ", possibly " + class.String()
		default:
			text += ", " + class.String()
		}
	}
	return text
}

func (c *Card) decisionText(p *page) {
	d := c.Decision
	p.line("")
	p.line("%s%s", report.Pad(p.term.Paint(report.Bold, c.unscored()), p.term.Columns()-report.Width(c.Formula)), c.Formula)
	p.line("risk %s: likelihood %s, exposure %s", d.Risk, d.Likelihood, d.Exposure)
	p.heading("Groups of factors", "")
	for _, g := range d.Groups {
		p.line("  %s %s average %s", g.ID, report.Pad(g.Name, 36), g.Average)
	}
	p.wrapped("  ", "acts as "+d.AgentHigh.String()+": "+d.WhyHigh)
	if d.AgentLow != d.AgentHigh {
		p.wrapped("  ", "or, with the unknowns at their lowest, as "+d.AgentLow.String()+": "+d.WhyLow)
	}
	p.heading("Factors", "1 to 5")
	for i, f := range c.Factors {
		p.part(f.Name, c.formula.Factors[i].High, f.Part)
	}
}

func (c *Card) candidateText(p *page) {
	v := c.Candidate
	p.line("")
	p.line("%s%s", report.Pad(p.term.Paint(report.Bold, "effect class "+v.Class.String()), p.term.Columns()-report.Width(c.Formula)), c.Formula)
	p.line("%s", v.Profile)
	if v.Score != nil {
		p.line("%s %s %s, which the profile leaves as it is", v.CVSS.Nomenclature, tenths(*v.Score), *v.Band)
	} else {
		p.line("no CVSS v4.0 vector: CVSS-BTE is not known")
	}
	if len(v.Possible) > 1 {
		names := make([]string, len(v.Possible))
		for i, class := range v.Possible {
			names[i] = class.String()
		}
		p.line("what is not settled allows %s", strings.Join(names, ", "))
	}
	p.heading("Profile", "")
	for i, f := range c.Factors {
		meaning := ""
		for _, l := range c.formula.Factors[i].Levels {
			if l.Letter == string(v.Profile[i]) {
				meaning = l.Meaning
			}
		}
		p.wrapped(fmt.Sprintf("  %s:%c ", f.ID, v.Profile[i]), f.Name+": "+meaning)
	}
}
