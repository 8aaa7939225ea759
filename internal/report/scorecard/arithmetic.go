package scorecard

import (
	"strings"

	"agentrisk/scoring"
)

// derivations is the arithmetic of the card's score; see scoring.Explain.
func (c *Card) derivations() []scoring.Derivation {
	if c.Scored == nil {
		return nil
	}
	return c.formula.Explain(&c.input)
}

// inShort picks the lines that a summary shows: AARS where it is computed, and
// the raw score.
func inShort(d scoring.Derivation) (aars, raw string) {
	for _, s := range d.Steps {
		switch s.Name {
		case "AARS":
			if aars == "" {
				aars = "AARS = " + s.Expression + " = " + s.Value
			} else {
				aars += ", " + s.Expression
			}
		case "raw score":
			raw = s.Expression + " = " + s.Value
		}
	}
	return aars, raw
}

// tenths prints a score as scores are published: 7.0, not 7.
func tenths(d scoring.Decimal) string {
	if d%scoring.One == 0 {
		return d.String() + ".0"
	}
	return d.String()
}

// signed prints how far a score moves: +0.5, −0.25, or nothing for no move.
func signed(v scoring.ExactInterval) string {
	far := v.High
	if far.Coef == 0 {
		far = v.Low
	}
	switch {
	case far.Coef > 0:
		return " (+" + far.String() + ")"
	case far.Coef < 0:
		return " (−" + strings.TrimPrefix(far.String(), "-") + ")"
	}
	return ""
}

// score prints a score, or the range it lies in.
func score(v scoring.Interval) string {
	if v.Known() {
		return tenths(v.Low)
	}
	return tenths(v.Low) + "–" + tenths(v.High)
}
