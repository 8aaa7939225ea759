package scoring

import (
	"fmt"
	"strings"
)

// vectorOrder is the canonical order of metrics.
var vectorOrder = [...]part{partBase, partAARS, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, partThreat, partMitigation}

// takes reports whether the formula has the part at all.
func (f *Formula) takes(p part) bool {
	switch p {
	case partAARS:
		return f.AARSMayBeStated()
	case partThreat:
		return f.Threat != nil
	case partMitigation:
		return f.Mitigation != nil
	}
	return true
}

// full is the range of a part of which nothing is known.
func (f *Formula) full(p part) Interval {
	switch p {
	case partBase, partAARS:
		return Interval{High: ten}
	case partThreat:
		return f.Threat.unknown()
	case partMitigation:
		return f.Mitigation.unknown()
	}
	return Interval{f.Factors[p].Low, f.Factors[p].High}
}

// multiplier is the multiplier behind a part; nil for other parts.
func (f *Formula) multiplier(p part) *Multiplier {
	switch p {
	case partThreat:
		return f.Threat
	case partMitigation:
		return f.Mitigation
	}
	return nil
}

// parseValue reads the value of a metric; reason says why it cannot be.
func (f *Formula) parseValue(p part, text string) (v Interval, reason string) {
	if text == unknownMark {
		return f.full(p), ""
	}
	if m := f.multiplier(p); m != nil && !m.Continuous && len(text) == 1 {
		v.Low, reason = f.parseEnd(p, text)
		return Exactly(v.Low), reason
	}
	low, high, isRange := strings.Cut(text, "-")
	if v.Low, reason = f.parseEnd(p, low); reason != "" {
		return v, reason
	}
	if !isRange {
		return Exactly(v.Low), ""
	}
	if v.High, reason = f.parseEnd(p, high); reason != "" {
		return v, reason
	}
	if v.Low >= v.High {
		return v, fmt.Sprintf("the range %s does not rise", clip(text))
	}
	return v, ""
}

// parseEnd reads one end of a value and holds it to the allowed set.
func (f *Formula) parseEnd(p part, text string) (v Decimal, reason string) {
	if m := f.multiplier(p); m != nil && !m.Continuous {
		if l, ok := m.LevelByLetter(text); ok {
			return l.Value, ""
		}
		return 0, fmt.Sprintf("%q is no level of %s", clip(text), m.Name)
	}
	switch text { // by far the most frequent
	case "0":
		v = 0
	case "0.5":
		v = half
	case "1":
		v = One
	default:
		var err error
		if v, err = ParseDecimal(text); err != nil {
			return 0, err.Error()
		}
	}
	if !f.allows(p, v) {
		return 0, fmt.Sprintf("%s cannot be %s", f.partName(p), v)
	}
	return v, ""
}

func (f *Formula) allows(p part, v Decimal) bool {
	if full := f.full(p); v < full.Low || v > full.High {
		return false
	}
	switch p {
	case partBase:
		return v%tenth == 0
	case partAARS, partThreat, partMitigation:
		return true
	}
	return f.Continuous || f.Factors[p].has(v)
}

// expected describes what a metric may be, for messages.
func (f *Formula) expected(p part) string {
	var set string
	switch p {
	case partBase:
		set = "a score from 0 to 10 in tenths"
	case partAARS:
		set = "a number from 0 to 10"
	case partThreat, partMitigation:
		m := f.multiplier(p)
		if set = m.allowed(); !m.Continuous {
			set = "one of " + m.letters()
		}
	default:
		set = f.allowed(&f.Factors[p])
	}
	return set + ", a range such as low-high, or X"
}

func (m *Multiplier) letters() string {
	out := make([]string, len(m.Levels))
	for i, l := range m.Levels {
		out[i] = l.Letter + " (" + l.ID + ")"
	}
	return strings.Join(out, ", ")
}

// FormatVector prints the canonical form of a vector. It fails where the
// formula does not allow the input, or the CVSS vector is not behind its base.
func FormatVector(v *Vector) (string, error) {
	f := v.Formula
	if err := f.Check(&v.Input); err != nil {
		return "", err
	}
	b := make([]byte, 0, 192)
	if v.CVSS.Version != "" {
		if v.Input.Base != Exactly(v.CVSS.Base) {
			return "", &ValueError{Formula: f.ID, Part: PartBase, Value: v.Input.Base,
				Allowed: v.CVSS.Base.String() + ", the base of the CVSS vector", Hint: "leave out the vector or the base"}
		}
		b = append(append(b, v.CVSS.Vector...), '/')
	}
	b = append(append(b, vectorPrefix...), f.Tag...)
	for _, p := range vectorOrder {
		if !f.takes(p) || p == partAARS && !v.Input.AARSStated || p == partBase && v.CVSS.Version != "" {
			continue
		}
		b = append(append(append(b, '/'), f.letterOf(p)...), ':')
		b = f.appendValue(b, p, *v.Input.at(p))
	}
	return string(b), nil
}

func (f *Formula) appendValue(b []byte, p part, v Interval) []byte {
	if v == f.full(p) {
		return append(b, unknownMark...)
	}
	b = f.appendEnd(b, p, v.Low)
	if !v.Known() {
		b = f.appendEnd(append(b, '-'), p, v.High)
	}
	return b
}

func (f *Formula) appendEnd(b []byte, p part, v Decimal) []byte {
	if m := f.multiplier(p); m != nil && !m.Continuous {
		l, _ := m.LevelOf(v) // Check has found it among the levels
		return append(b, l.Letter...)
	}
	return v.Append(b)
}
