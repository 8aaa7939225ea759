package scoring

import (
	"fmt"
	"strings"
)

// Input is what a scoring formula computes from. Values are in the formula's
// own units: the base and the AARS 0..10, factors and multipliers around 0..1.
type Input struct {
	Base    Interval              `json:"base"`    // CVSS base score, in tenths
	Factors [FactorCount]Interval `json:"factors"` // in the order of Formula.Factors
	// AARS counts only when AARSStated is set, which only the averaging
	// formulas allow; they then compute from it and not from the factors.
	AARS       Interval `json:"aars"`
	AARSStated bool     `json:"aars_stated"`
	Threat     Interval `json:"threat"`
	Mitigation Interval `json:"mitigation"` // One where the formula has none
}

// Unknown is the input of which nothing is known: every part spans its full
// published range, and a multiplier that the formula lacks is One.
func (f *Formula) Unknown() Input {
	in := Input{
		Base:       Interval{High: ten},
		AARS:       Interval{High: ten},
		Threat:     f.Threat.unknown(),
		Mitigation: f.Mitigation.unknown(),
	}
	if f.Kind != KindScore {
		return in
	}
	for i := range f.Factors {
		in.Factors[i] = Interval{Low: f.Factors[i].Low, High: f.Factors[i].High}
	}
	return in
}

func (m *Multiplier) unknown() Interval {
	if m == nil {
		return Exactly(One)
	}
	return Interval{Low: m.Low, High: m.High}
}

// Check reports the first part of the input that the formula does not allow,
// as a *ValueError; a formula that gives no score, as a *KindError. Both ends
// of an interval must be allowed values, and in order.
func (f *Formula) Check(in *Input) error { return f.check(in, false) }

// CheckSchema is Check with the one allowance that the JSON schema in v0.8's
// appendix A makes: a mitigation factor between the levels. Use it for
// documents of that form. Everything but [FormatVector] works on such input.
func (f *Formula) CheckSchema(in *Input) error { return f.check(in, true) }

func (f *Formula) check(in *Input, schema bool) error {
	if f.Kind != KindScore {
		return &KindError{Formula: f.ID, Kind: f.Kind, Want: KindScore}
	}
	if err := f.checkBase(in.Base); err != nil {
		return err
	}
	for i := range f.Factors {
		if err := f.checkFactor(&f.Factors[i], in.Factors[i]); err != nil {
			return err
		}
	}
	if err := f.checkAARS(in); err != nil {
		return err
	}
	if err := f.checkMultiplier(PartThreat, f.Threat, in.Threat); err != nil {
		return err
	}
	if m := f.Mitigation; schema && m != nil && m.SchemaRange && ordered(in.Mitigation, m.Low, m.High) {
		return nil
	}
	return f.checkMultiplier(PartMitigation, f.Mitigation, in.Mitigation)
}

func (f *Formula) checkBase(v Interval) error {
	if ordered(v, 0, ten) && v.Low%tenth == 0 && v.High%tenth == 0 {
		return nil
	}
	return &ValueError{Formula: f.ID, Part: PartBase, Value: v, Allowed: "a CVSS score from 0 to 10 in tenths"}
}

func (f *Formula) checkFactor(factor *Factor, v Interval) error {
	if ordered(v, factor.Low, factor.High) && (f.Continuous || factor.has(v.Low) && factor.has(v.High)) {
		return nil
	}
	return &ValueError{Formula: f.ID, Part: factor.Key, Value: v, Allowed: f.allowed(factor), Hint: f.hint()}
}

func (f *Formula) checkAARS(in *Input) error {
	if !in.AARSStated || f.AARSMayBeStated() && ordered(in.AARS, 0, ten) {
		return nil
	}
	if !f.AARSMayBeStated() {
		return &ValueError{Formula: f.ID, Part: PartAARS, Value: in.AARS,
			Allowed: "an AARS computed from the factors", Hint: "give the ten factors instead"}
	}
	return &ValueError{Formula: f.ID, Part: PartAARS, Value: in.AARS, Allowed: "a sum of ten factors from 0 to 10"}
}

func (f *Formula) checkMultiplier(part string, m *Multiplier, v Interval) error {
	if m == nil {
		// The zero Interval is allowed too: a caller that builds an Input
		// by hand has nothing to say about a part the formula lacks.
		if v == Exactly(One) || v == (Interval{}) {
			return nil
		}
		return &ValueError{Formula: f.ID, Part: part, Value: v, Allowed: "nothing: the formula has no " + part + " multiplier"}
	}
	if ordered(v, m.Low, m.High) && (m.Continuous || m.has(v.Low) && m.has(v.High)) {
		return nil
	}
	return &ValueError{Formula: f.ID, Part: part, Value: v, Allowed: m.allowed(), Hint: f.hint()}
}

// hint points from a strict formula to the one that takes other values.
func (f *Formula) hint() string {
	if f.rule == ruleHeadroom && !f.Continuous {
		return "aivss-0.8-continuous takes values between the levels"
	}
	return ""
}

func ordered(v Interval, low, high Decimal) bool {
	return low <= v.Low && v.Low <= v.High && v.High <= high
}

func (factor *Factor) has(v Decimal) bool {
	for i := range factor.Levels {
		if factor.Levels[i].Value == v {
			return true
		}
	}
	return false
}

func (m *Multiplier) has(v Decimal) bool {
	for i := range m.Levels {
		if m.Levels[i].Value == v {
			return true
		}
	}
	return false
}

func (f *Formula) allowed(factor *Factor) string {
	if f.Continuous {
		return fmt.Sprintf("a number from %s to %s", factor.Low, factor.High)
	}
	values := make([]string, len(factor.Levels))
	for i, l := range factor.Levels {
		values[i] = l.Value.String()
	}
	return "one of " + strings.Join(values, ", ")
}

func (m *Multiplier) allowed() string {
	if m.Continuous {
		return fmt.Sprintf("a number from %s to %s", m.Low, m.High)
	}
	values := make([]string, len(m.Levels))
	for i, l := range m.Levels {
		values[i] = l.Value.String() + " (" + l.ID + ")"
	}
	return "one of " + strings.Join(values, ", ")
}
