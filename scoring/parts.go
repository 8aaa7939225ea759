package scoring

// part addresses one value of an input: a factor by its index, or one of the
// others.
type part int

const (
	partAARS part = FactorCount + iota
	partBase
	partThreat
	partMitigation
)

// parts lists what the score of this input depends on: the ten factors, or the
// AARS where it is stated in their place; the base; the multipliers there are.
func (f *Formula) parts(in *Input) []part {
	out := make([]part, 0, FactorCount+3)
	if in.AARSStated {
		out = append(out, partAARS)
	} else {
		for i := range f.Factors {
			out = append(out, part(i))
		}
	}
	out = append(out, partBase)
	if f.Threat != nil {
		out = append(out, partThreat)
	}
	if f.Mitigation != nil {
		out = append(out, partMitigation)
	}
	return out
}

// at is where the part lies in the input.
func (in *Input) at(p part) *Interval {
	switch p {
	case partAARS:
		return &in.AARS
	case partBase:
		return &in.Base
	case partThreat:
		return &in.Threat
	case partMitigation:
		return &in.Mitigation
	}
	return &in.Factors[p]
}

// with is the input with one part changed.
func (in *Input) with(p part, v Interval) *Input {
	moved := *in
	*moved.at(p) = v
	return &moved
}

func (f *Formula) partKey(p part) string {
	switch p {
	case partAARS:
		return PartAARS
	case partBase:
		return PartBase
	case partThreat:
		return PartThreat
	case partMitigation:
		return PartMitigation
	}
	return f.Factors[p].Key
}

func (f *Formula) partName(p part) string {
	switch p {
	case partAARS:
		return "Agentic risk score (AARS)"
	case partBase:
		return "CVSS base score"
	case partThreat:
		return f.Threat.Name
	case partMitigation:
		return f.Mitigation.Name
	}
	return f.Factors[p].Name
}

// floor is the lowest value the formula allows for the part.
func (f *Formula) partFloor(p part) Decimal {
	switch p {
	case partAARS, partBase:
		return 0
	case partThreat:
		return f.Threat.Low
	case partMitigation:
		return f.Mitigation.Low
	}
	return f.Factors[p].Low
}

// stepUp is the value one level above v. The base has no levels.
func (f *Formula) stepUp(p part, v Decimal) (Decimal, bool) {
	switch p {
	case partBase:
		return 0, false
	case partAARS:
		return min(v+half, ten), v < ten // half a point is one level of one factor
	case partThreat:
		return f.Threat.above(v)
	case partMitigation:
		return f.Mitigation.above(v)
	}
	factor := &f.Factors[p]
	return min(v+factor.Step, factor.High), v < factor.High
}

// stepDown is the value one level below v.
func (f *Formula) stepDown(p part, v Decimal) (Decimal, bool) {
	switch p {
	case partBase:
		return 0, false
	case partAARS:
		return max(v-half, 0), v > 0
	case partThreat:
		return f.Threat.below(v)
	case partMitigation:
		return f.Mitigation.below(v)
	}
	factor := &f.Factors[p]
	return max(v-factor.Step, factor.Low), v > factor.Low
}

// above is the lowest named level above v. Levels are in falling order.
func (m *Multiplier) above(v Decimal) (Decimal, bool) {
	for i := len(m.Levels) - 1; i >= 0; i-- {
		if m.Levels[i].Value > v {
			return m.Levels[i].Value, true
		}
	}
	return 0, false
}

// below is the highest named level below v.
func (m *Multiplier) below(v Decimal) (Decimal, bool) {
	for _, l := range m.Levels {
		if l.Value < v {
			return l.Value, true
		}
	}
	return 0, false
}

// concept finds the factor that stands for a concept.
func (f *Formula) concept(id string) (int, bool) {
	for i := range f.Factors {
		if f.Factors[i].Concept == id {
			return i, true
		}
	}
	return 0, false
}
