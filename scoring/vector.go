package scoring

import (
	"fmt"
	"strings"
)

// Vector is an assessment as one line of text.
//
//	CVSS:4.0/AV:N/…/SA:H/AIVSS:0.8/AU:1/TO:0.5/LA:X/…/TM:P/MF:N
//	AIVSS:0.8c/BS:7.5/AU:0.2/…/TM:1/MF:0.85
//
// First comes the CVSS vector, if there is one; then AIVSS: with the formula's
// tag; then metrics in any order, each at most once:
//
//   - BS, the base score, only where no CVSS vector gives it;
//   - AS, a stated AARS, only for the averaging formulas 0.5 and 0.5m;
//   - the formula's ten factors by their letters;
//   - TM and MF, the multipliers the formula has.
//
// A value is X (not known), a number, or a range such as 0.5-1. The multipliers
// of a strict formula take the letters of its levels instead of numbers: A, P
// or U for TM, N, P or S for MF, or a range such as U-P. A metric that is left
// out is not known, with one exception: without TM, an exploit maturity that
// the CVSS vector defines sets the threat multiplier.
//
// The canonical form, which [FormatVector] prints, has every metric in the
// order above, and X for what is not known at all. The format is described in
// docs/vector.md; the letters of v0.8 follow public use, the rest is ours.
type Vector struct {
	Formula *Formula
	CVSS    CVSS // zero where the vector has none
	Input   Input
}

// VectorError reports a text that is no valid AIVSS vector.
type VectorError struct {
	Vector string // what was given, cut to 40 bytes
	Offset int    // byte at which the fault lies, from 0
	Reason string
	Hint   string // may be empty
}

func (e *VectorError) Error() string {
	msg := fmt.Sprintf("invalid AIVSS vector %q: at byte %d, %s", e.Vector, e.Offset+1, e.Reason)
	if e.Hint != "" {
		msg += " (" + e.Hint + ")"
	}
	return msg
}

const (
	vectorPrefix  = "AIVSS:"
	maxVectorText = 1024 // bytes
	unknownMark   = "X"
)

// ParseVector reads a vector of a scoring formula. Errors are *VectorError,
// *CVSSError for the CVSS part, or *KindError for a formula without a score.
// Every input it returns passes [Formula.Check].
func ParseVector(s string) (Vector, error) {
	at, err := splitVector(s)
	if err != nil {
		return Vector{}, err
	}
	var v Vector
	if at > 0 {
		if v.CVSS, err = parseCVSS(s[:at-1]); err != nil {
			return Vector{}, err
		}
	}
	tag, next := cutMetric(s, at+len(vectorPrefix))
	if v.Formula = byTag(tag); v.Formula == nil {
		return Vector{}, vectorError(s, at+len(vectorPrefix), fmt.Sprintf("%q names no formula", clip(tag)), "expected one of "+tags())
	}
	if v.Formula.Kind != KindScore {
		return Vector{}, &KindError{Formula: v.Formula.ID, Kind: v.Formula.Kind, Want: KindScore}
	}
	v.Input = v.Formula.Unknown()
	seen, err := v.parseMetrics(s, next)
	if err != nil {
		return Vector{}, err
	}
	if at > 0 {
		v.Input.Base = Exactly(v.CVSS.Base)
		if !seen.has(partThreat) {
			v.Input.Threat = v.CVSS.Maturity.Threat(v.Formula)
		}
	}
	return v, nil
}

// splitVector finds where AIVSS: begins: at 0, or after a CVSS vector and a
// slash.
func splitVector(s string) (at int, err error) {
	if len(s) > maxVectorText {
		return 0, vectorError(s, maxVectorText, "it is longer than 1024 bytes", "give one vector")
	}
	if len(s) > base40Length+1 && strings.HasPrefix(s[base40Length+1:], vectorPrefix) {
		at = base40Length + 1 // where it is in most vectors
	} else {
		at = strings.Index(s, vectorPrefix)
	}
	switch {
	case at < 0:
		return 0, vectorError(s, 0, "it has no part that begins with AIVSS:", "a vector looks like AIVSS:0.8/BS:7.5/AU:1/…")
	case at > 0 && s[at-1] != '/':
		return 0, vectorError(s, at, "a slash must stand before AIVSS:", "write CVSS:…/AIVSS:…")
	}
	return at, nil
}

// cutMetric returns the text from i to the next slash, and where the text
// after that slash begins; len(s)+1 where there is none.
func cutMetric(s string, i int) (text string, next int) {
	if end := strings.IndexByte(s[i:], '/'); end >= 0 {
		return s[i : i+end], i + end + 1
	}
	return s[i:], len(s) + 1
}

// partSet remembers which parts a vector has given.
type partSet uint32

func (s partSet) has(p part) bool { return s&(1<<p) != 0 }

func (v *Vector) parseMetrics(s string, next int) (partSet, error) {
	var seen partSet
	expect := 0 // the factor that comes next in canonical order
	for next <= len(s) {
		at := next
		if value, after, ok := v.Formula.plainFactor(s, at, expect); ok && !seen.has(part(expect)) {
			v.Input.Factors[expect] = value
			seen |= 1 << expect
			expect, next = expect+1, after
			continue
		}
		var text string
		text, next = cutMetric(s, at)
		if len(text) < 4 || text[2] != ':' {
			return seen, vectorError(s, at, fmt.Sprintf("%q is no metric", clip(text)), "a metric is two letters, a colon and a value, as in AU:0.5")
		}
		p, ok := v.Formula.partOf(text[:2], expect)
		if !ok {
			return seen, vectorError(s, at, fmt.Sprintf("%s has no metric %q", v.Formula.ID, text[:2]), "expected one of "+v.Formula.letters())
		}
		if seen.has(p) {
			return seen, vectorError(s, at, text[:2]+" is given twice", "keep one")
		}
		if p == partBase && v.CVSS.Version != "" {
			return seen, vectorError(s, at, "BS repeats the base that the CVSS vector gives", "leave one out")
		}
		value, reason := v.Formula.parseValue(p, text[3:])
		if reason != "" {
			return seen, vectorError(s, at+3, reason, "expected "+v.Formula.expected(p))
		}
		*v.Input.at(p) = value
		v.Input.AARSStated = v.Input.AARSStated || p == partAARS
		seen |= 1 << p
		expect = int(p) + 1
	}
	return seen, nil
}

// plainFactor reads the metric at i if it is the expected factor with the value
// 0, 0.5, 1 or X, which every formula allows. Almost all metrics are such, and
// reading them here makes a vector several times faster to parse; whatever is
// different goes the general way.
func (f *Formula) plainFactor(s string, i, expect int) (v Interval, next int, ok bool) {
	if expect >= len(f.Factors) || len(s) < i+4 || s[i:i+2] != f.Factors[expect].Letter || s[i+2] != ':' {
		return v, 0, false
	}
	end := i + 4
	switch s[i+3] {
	case '0':
		if strings.HasPrefix(s[end:], ".5") {
			end += 2
			v = Interval{half, half}
		}
	case '1':
		v = Interval{One, One}
	case 'X':
		v = Interval{0, One}
	default:
		return v, 0, false
	}
	return v, end + 1, end == len(s) || s[end] == '/'
}

// Letters of the metrics that are not factors.
const (
	letterBase       = "BS"
	letterAARS       = "AS"
	letterThreat     = "TM"
	letterMitigation = "MF"
)

// partOf finds the part with the letters, trying the expected factor first.
func (f *Formula) partOf(letters string, expect int) (part, bool) {
	if expect < len(f.Factors) && f.Factors[expect].Letter == letters {
		return part(expect), true
	}
	switch letters {
	case letterBase:
		return partBase, true
	case letterAARS:
		return partAARS, f.AARSMayBeStated()
	case letterThreat:
		return partThreat, f.Threat != nil
	case letterMitigation:
		return partMitigation, f.Mitigation != nil
	}
	for i := range f.Factors {
		if f.Factors[i].Letter == letters {
			return part(i), true
		}
	}
	return 0, false
}

func (f *Formula) letterOf(p part) string {
	switch p {
	case partBase:
		return letterBase
	case partAARS:
		return letterAARS
	case partThreat:
		return letterThreat
	case partMitigation:
		return letterMitigation
	}
	return f.Factors[p].Letter
}

func byTag(tag string) *Formula {
	for _, f := range formulas {
		if f.Tag == tag {
			return f
		}
	}
	return nil
}

func tags() string {
	names := make([]string, len(formulas))
	for i, f := range formulas {
		names[i] = f.Tag
	}
	return strings.Join(names, ", ")
}

func (f *Formula) letters() string {
	var names []string
	for _, p := range vectorOrder {
		if f.takes(p) {
			names = append(names, f.letterOf(p))
		}
	}
	return strings.Join(names, ", ")
}

func vectorError(s string, offset int, reason, hint string) error {
	return &VectorError{Vector: clip(s), Offset: offset, Reason: reason, Hint: hint}
}
