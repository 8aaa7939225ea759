package scoring

// Comparison is one assessment under another formula.
type Comparison struct {
	Formula string `json:"formula"`
	// Refused says why the assessment has no form under this formula; Input
	// and Result are then empty.
	Refused string `json:"refused,omitempty"`
	Input   Input  `json:"-"`
	Result  Result `json:"result"`
	// Missing are the keys of what the assessment cannot say, having no such
	// factor or multiplier: it is unknown here, never guessed.
	Missing []string `json:"missing,omitempty"`
	// Dropped are the keys of what the assessment states and this formula
	// has no place for.
	Dropped []string `json:"dropped,omitempty"`
}

// Disagreement is two formulas that certainly give one assessment different
// bands: their possible bands do not overlap.
type Disagreement struct {
	A     string  `json:"a"`
	B     string  `json:"b"`
	BandA [2]Band `json:"band_a"` // lowest and highest possible
	BandB [2]Band `json:"band_b"`
}

// Compare scores an assessment under every scoring formula, in their fixed
// order, its own included. The input must be one that [Formula.Check] accepts.
func (f *Formula) Compare(in *Input) []Comparison {
	var out []Comparison
	for _, to := range formulas {
		if to.Kind != KindScore || f.Kind != KindScore {
			continue
		}
		c, err := f.Translate(in, to)
		if err != nil {
			c = Comparison{Formula: to.ID, Refused: err.Error()}
		} else {
			c.Result = to.Score(&c.Input)
		}
		out = append(out, c)
	}
	return out
}

// Disagreements lists the pairs of formulas whose bands exclude each other.
func Disagreements(comparisons []Comparison) []Disagreement {
	var out []Disagreement
	for i, a := range comparisons {
		for _, b := range comparisons[i+1:] {
			if a.Refused != "" || b.Refused != "" {
				continue
			}
			if a.Result.BandHigh < b.Result.BandLow || b.Result.BandHigh < a.Result.BandLow {
				out = append(out, Disagreement{a.Formula, b.Formula,
					[2]Band{a.Result.BandLow, a.Result.BandHigh}, [2]Band{b.Result.BandLow, b.Result.BandHigh}})
			}
		}
	}
	return out
}

// Translate states an assessment in the terms of another formula. Factors
// correspond through their concept. A factor without counterpart is unknown:
// v0.8's language, for one, is never inferred from v0.5's planning. Multipliers
// correspond level by level, or by value where they have no level. A value
// outside the other formula's published set is a *ValueError; nothing is
// rounded to fit.
func (f *Formula) Translate(in *Input, to *Formula) (Comparison, error) {
	c := Comparison{Formula: to.ID, Input: to.Unknown()}
	c.Input.Base = in.Base
	c.Input.Threat = translate(in.Threat, f.Threat, to.Threat)
	c.Input.Mitigation = translate(in.Mitigation, f.Mitigation, to.Mitigation)
	if f.Mitigation == nil && to.Mitigation != nil {
		c.Missing = append(c.Missing, PartMitigation)
	}
	stated := in.Mitigation != f.Mitigation.unknown() && in.Mitigation != Exactly(One)
	if f.Mitigation != nil && to.Mitigation == nil && stated {
		c.Dropped = append(c.Dropped, PartMitigation)
	}
	f.translateFactors(in, to, &c)
	if in.AARSStated {
		f.translateAARS(in, to, &c)
	}
	if f == to {
		return c, nil
	}
	if err := to.Check(&c.Input); err != nil {
		return Comparison{}, err
	}
	return c, nil
}

func (f *Formula) translateFactors(in *Input, to *Formula, c *Comparison) {
	used := [FactorCount]bool{}
	for i := range to.Factors {
		from, ok := f.concept(to.Factors[i].Concept)
		if !ok {
			c.Missing = append(c.Missing, to.Factors[i].Key)
			continue
		}
		c.Input.Factors[i], used[from] = in.Factors[from], true
	}
	for i := range f.Factors {
		stated := in.Factors[i] != Interval{f.Factors[i].Low, f.Factors[i].High}
		if !used[i] && stated {
			c.Dropped = append(c.Dropped, f.Factors[i].Key)
		}
	}
}

// translateAARS keeps a stated AARS only under the formula it was stated for:
// it is a sum of that formula's factors and of no other's.
func (f *Formula) translateAARS(in *Input, to *Formula, c *Comparison) {
	if f == to {
		c.Input.AARS, c.Input.AARSStated = in.AARS, true
		return
	}
	c.Dropped = append(c.Dropped, PartAARS)
}

// translate maps both ends of a multiplier. What the source does not know, or
// does not have, the target does not know.
func translate(v Interval, from, to *Multiplier) Interval {
	if to == nil || from == nil || v == from.unknown() {
		return to.unknown()
	}
	return Interval{translateValue(v.Low, from, to), translateValue(v.High, from, to)}
}

func translateValue(v Decimal, from, to *Multiplier) Decimal {
	if l, ok := from.LevelOf(v); ok {
		if same, ok := to.Level(l.ID); ok {
			return same.Value
		}
	}
	return v
}
