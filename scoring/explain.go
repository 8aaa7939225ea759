package scoring

import "strings"

// Derivation is the arithmetic of one score, step by step.
type Derivation struct {
	// Corner is empty for a known input. For an interval, "lowest" and
	// "highest" name the two inputs that give the ends of the score.
	Corner string `json:"corner,omitempty"`
	Steps  []Step `json:"steps"`
	Source string `json:"source"` // the document that publishes the formula
}

// Step is one line of arithmetic: Name = Expression = Value.
type Step struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	Value      string `json:"value"`
}

// Explain writes out how the score comes about, with all numbers exact. The
// input must be one that [Formula.Check] accepts. For an interval it gives the
// two corners between which every score lies; as the score rises in every
// part, they are the input with all parts lowest and with all parts highest.
func (f *Formula) Explain(in *Input) []Derivation {
	if f.Kind != KindScore {
		return nil
	}
	known := true
	low, high := *in, *in
	for _, p := range f.parts(in) {
		v := *in.at(p)
		known = known && v.Known()
		*low.at(p), *high.at(p) = Exactly(v.Low), Exactly(v.High)
	}
	if known {
		return []Derivation{f.derive("", &low)}
	}
	return []Derivation{f.derive("lowest", &low), f.derive("highest", &high)}
}

func (f *Formula) derive(corner string, in *Input) Derivation {
	r := f.Score(in)
	d := Derivation{Corner: corner, Source: f.Source}
	step := func(name, value string, expression ...string) {
		d.Steps = append(d.Steps, Step{Name: name, Expression: strings.Join(expression, ""), Value: value})
	}
	base, sum, aars := in.Base.Low.String(), r.FactorSum.Low.String(), r.AARS.Low.String()
	threat, mitigation := in.Threat.Low.String(), in.Mitigation.Low.String()
	if in.AARSStated {
		step("AARS", aars, "as stated")
	} else {
		step("FS", sum, sumOf(in))
	}
	switch f.rule {
	case ruleHeadroom, ruleFloor:
		step("AARS", unclamped(in, &r).String(), "(10 − ", base, ") × (", sum, " / 10) × ", threat)
		if r.Clamped {
			step("AARS", aars, "held at the headroom 10 − ", base)
		}
		if f.rule == ruleFloor {
			step("raw score", r.Raw.Low.String(), base, " + ", aars, " × ", mitigation)
		} else {
			step("raw score", r.Raw.Low.String(), "(", base, " + ", aars, ") × ", mitigation)
		}
	case ruleAverage:
		step("raw score", r.Raw.Low.String(), "(", base, " + ", aars, ") / 2 × ", threat)
	case ruleMitigated:
		step("raw score", r.Raw.Low.String(), "(", base, " + ", aars, ") / 2 × ", threat, " × ", mitigation)
	}
	step("score", r.Score.Low.String(), r.Raw.Low.String(), " half up to tenths")
	step("severity", r.BandLow.String(), "band of ", r.Score.Low.String())
	return d
}

// unclamped is the AARS of a known input before it is held at the headroom.
func unclamped(in *Input, r *Result) Exact {
	return Exact{int64(ten-in.Base.Low) * int64(r.FactorSum.Low) * int64(in.Threat.Low), scaleHeadroomAARS}
}

func sumOf(in *Input) string {
	values := make([]string, len(in.Factors))
	for i, v := range in.Factors {
		values[i] = v.Low.String()
	}
	return strings.Join(values, " + ")
}
