package scorecard

import (
	"errors"

	"agentrisk/internal/source"
	"agentrisk/maestro"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// Build makes the card of an agent. It fails where the agent's numbers are not
// allowed by its formula.
func Build(a *listing.Agent) (*Card, error) {
	f, in, err := a.Input()
	var kind *scoring.KindError
	if err != nil && !errors.As(err, &kind) {
		return nil, err
	}
	layers := maestro.Assess(a)
	c := &Card{
		Schema:       Schema,
		Formula:      f.ID,
		FormulaBasis: a.Formula.Basis,
		Subject: Subject{Name: a.Name.Value, Provider: a.Provider.Value,
			Description: a.Description.Value, File: a.File, Form: string(a.Form)},
		CVSS: CVSS{Base: in.Base, Basis: basis(a.Base), Vector: a.Vector.Value,
			Evidence: listed(append(append([]source.Evidence(nil), a.Vector.Evidence...), a.Base.Evidence...))},
		Factors:       factors(f, a),
		Multipliers:   multipliers(f, a, &in),
		Layers:        listed(layers.Layers),
		Chains:        listed(layers.Chains),
		NotDetectable: listed(layers.NotDetectable),
		Warnings:      warnings(a),
		formula:       f,
	}
	if len(a.Name.Evidence) > 0 {
		c.named = a.Name.Evidence[0].At
	}
	vector := c.readVector(a)
	switch f.Kind {
	case scoring.KindDecision:
		return c, c.decide(a)
	case scoring.KindProfile:
		return c, c.profile(vector)
	}
	c.score(in, vector)
	return c, nil
}

// readVector reads the CVSS vector, which the reader of the input has checked.
func (c *Card) readVector(a *listing.Agent) *scoring.CVSS {
	if a.Vector.Value == "" {
		return nil
	}
	v, _, err := scoring.ParseCVSS(a.Vector.Value)
	if err != nil {
		return nil
	}
	c.CVSS.Vector, c.CVSS.Version = v.Vector, v.Version
	return &v
}

func (c *Card) score(in scoring.Input, vector *scoring.CVSS) {
	f := c.formula
	r := f.Score(&in)
	inherent := f.Inherent(&in)
	s := &Scored{
		FactorSum: r.FactorSum, AARS: r.AARS, Clamped: r.Clamped, Raw: r.Raw,
		Score: r.Score, Band: bands(&r),
		Inherent:    outcome(&inherent),
		Distance:    r.Distance(),
		Drivers:     listed(f.Drivers(&in)),
		Mitigations: mitigations(f, &in),
		Comparisons: comparisons(f, &in),
		input:       in,
		result:      r,
	}
	v := scoring.Vector{Formula: f, Input: in}
	if vector != nil && in.Base == scoring.Exactly(vector.Base) {
		v.CVSS = *vector
	}
	// A report may hold a value that no vector does; its reader has said so.
	s.Vector, _ = scoring.FormatVector(&v)
	for _, n := range f.Notes(&in, &r, vector) {
		w := Warning{ID: n.ID, Kind: "note", Message: n.Message}
		if n.ID == scoring.NoteCVSS3 { // v0.8 is not defined on it
			w.Kind = "warning"
			if len(c.CVSS.Evidence) > 0 {
				w.At = &c.CVSS.Evidence[0].At
			}
		}
		c.Warnings = append(c.Warnings, w)
	}
	c.Scored = s
}

func bands(r *scoring.Result) Bands { return Bands{Low: r.BandLow, High: r.BandHigh} }

func outcome(r *scoring.Result) Outcome { return Outcome{Score: r.Score, Band: bands(r)} }

func mitigations(f *scoring.Formula, in *scoring.Input) []MitigationLevel {
	out := []MitigationLevel{}
	for _, m := range f.Mitigations(in) {
		out = append(out, MitigationLevel{m.Level.ID, m.Level.Value, outcome(&m.Result)})
	}
	return out
}

func comparisons(f *scoring.Formula, in *scoring.Input) []Comparison {
	all := f.Compare(in)
	apart := map[string]bool{}
	for _, d := range scoring.Disagreements(all) {
		if d.A == f.ID {
			apart[d.B] = true
		}
		if d.B == f.ID {
			apart[d.A] = true
		}
	}
	out := []Comparison{}
	for _, c := range all {
		if c.Formula == f.ID {
			continue
		}
		row := Comparison{Formula: c.Formula, Refused: c.Refused, Missing: c.Missing, Dropped: c.Dropped, Disagrees: apart[c.Formula]}
		if c.Refused == "" {
			o := outcome(&c.Result)
			row.Outcome = &o
		}
		out = append(out, row)
	}
	return out
}

// basis is unknown where the reader of the input had nothing to say.
func basis(v listing.Value) source.Basis {
	if v.Basis == "" {
		return source.Unknown
	}
	return v.Basis
}

func factors(f *scoring.Formula, a *listing.Agent) []Factor {
	out := make([]Factor, 0, len(f.Factors))
	given := make(map[string]listing.Factor, len(a.Factors))
	for _, factor := range a.Factors {
		given[factor.Key] = factor
	}
	for _, factor := range f.Factors {
		v := given[factor.Key]
		p := part(v.Value)
		if p.Basis = basis(v.Value); p.Basis == source.Unknown {
			p.Low, p.High = factor.Low, factor.High
		}
		out = append(out, Factor{ID: factor.Key, Name: factor.Name, Letter: v.Letter, Part: p})
	}
	return out
}

func multipliers(f *scoring.Formula, a *listing.Agent, in *scoring.Input) Multipliers {
	of := func(m *scoring.Multiplier, v listing.Value, now scoring.Interval) *Part {
		if m == nil {
			return nil
		}
		p := part(v)
		p.Basis, p.Low, p.High = basis(v), now.Low, now.High
		return &p
	}
	return Multipliers{Threat: of(f.Threat, a.Threat, in.Threat), Mitigation: of(f.Mitigation, a.Mitigation, in.Mitigation)}
}

func warnings(a *listing.Agent) []Warning {
	out := make([]Warning, 0, len(a.Warnings))
	for _, w := range a.Warnings {
		warning := Warning{ID: w.ID, Kind: "warning", Message: w.Message}
		if w.At != (source.Location{}) {
			warning.At = &w.At
		}
		out = append(out, warning)
	}
	return out
}
