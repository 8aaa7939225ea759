package listing

import (
	"errors"
	"fmt"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// The functions of this file turn text into values and know nothing of files:
// the faults they return have no place yet.

// unknownWord stands for a value that the author knows to be unknown.
const unknownWord = "unknown"

// number reads a decimal as it was written; what names the part in messages.
func number(what, text string) (scoring.Decimal, *source.Error) {
	d, err := scoring.ParseDecimal(text)
	if err == nil {
		return d, nil
	}
	fault := &source.Error{ID: "number", Message: what + " is " + quote(text) + ", which is not a usable number", Err: err}
	if e := (*scoring.DecimalError)(nil); errors.As(err, &e) {
		fault.Message += ": " + e.Reason
		fault.Hint = e.Hint
	}
	if strings.HasSuffix(text, "%") {
		fault.Hint = "write 60% as 0.6"
	}
	return 0, fault
}

// factorNumber reads the value of factor i.
func factorNumber(f *scoring.Formula, i int, text string) (scoring.Decimal, *source.Error) {
	factor := &f.Factors[i]
	what := "factor " + factor.Key
	d, fault := number(what, text)
	if fault != nil {
		return 0, fault
	}
	if f.Kind != scoring.KindScore {
		return d, allowLevel(what, factor, d)
	}
	in := f.Unknown()
	in.Factors[i] = scoring.Exactly(d)
	return d, allow(what, d, factor.High, f.Check(&in))
}

// allowLevel checks a factor of a formula that gives no score.
func allowLevel(what string, factor *scoring.Factor, d scoring.Decimal) *source.Error {
	var values []string
	for _, l := range factor.Levels {
		if l.Letter == "" && l.Value == d {
			return nil
		}
		values = append(values, l.Value.String()+l.Letter)
	}
	return &source.Error{ID: "value-not-allowed", Message: fmt.Sprintf("%s is %s", what, d),
		Expected: "one of " + strings.Join(values, ", ")}
}

// letterLevel reads a metric of the 1.0 candidate.
func letterLevel(factor *scoring.Factor, text string) (string, *source.Error) {
	var letters []string
	for _, l := range factor.Levels {
		if l.Letter == text && text != "" {
			return text, nil
		}
		letters = append(letters, l.Letter)
	}
	return "", &source.Error{ID: "value-not-allowed", Message: "metric " + factor.Key + " is " + quote(text),
		Expected: "one of " + strings.Join(letters, ", ")}
}

// baseNumber reads a CVSS base score.
func baseNumber(f *scoring.Formula, text string) (scoring.Decimal, *source.Error) {
	d, fault := number("cvss", text)
	if fault != nil {
		return 0, fault
	}
	if f.Kind != scoring.KindScore {
		f, _ = scoring.Lookup(scoring.DefaultID)
	}
	in := f.Unknown()
	in.Base = scoring.Exactly(d)
	return d, allow("cvss", d, 10*scoring.One, f.Check(&in))
}

// aarsNumber reads an AARS stated beside the factors.
func aarsNumber(f *scoring.Formula, text string) (scoring.Decimal, *source.Error) {
	d, fault := number("aars", text)
	if fault != nil {
		return 0, fault
	}
	if !f.AARSMayBeStated() {
		return 0, &source.Error{ID: "not-in-formula", Message: f.ID + " computes its AARS and takes none",
			Expected: "the ten factors", Hint: "leave the field out, or name a formula that averages"}
	}
	in := f.Unknown()
	in.AARS, in.AARSStated = scoring.Exactly(d), true
	return d, allow("aars", d, 10*scoring.One, f.Check(&in))
}

// baseVector reads a CVSS vector.
func baseVector(text string) (scoring.CVSS, *source.Error) {
	c, _, err := scoring.ParseCVSS(text)
	if err == nil {
		return c, nil
	}
	fault := &source.Error{ID: "cvss-vector", Message: err.Error(), Err: err}
	if e := (*scoring.CVSSError)(nil); errors.As(err, &e) {
		fault.Message = fmt.Sprintf("cvss %s is not a valid vector: at character %d, %s", quote(text), e.Offset+1, e.Reason)
		fault.Hint = e.Hint
	}
	if !strings.HasPrefix(text, "CVSS:") {
		fault.Message = "cvss is " + quote(text)
		fault.Expected = "a vector such as CVSS:4.0/AV:N/… or a number from 0 to 10"
		fault.Hint = ""
		if _, err := scoring.ParseDecimal(text); err == nil {
			fault.Hint = "write the number without quotes"
		}
	}
	return scoring.CVSS{}, fault
}

// multiplierOf returns the formula's multiplier or scale of that key, nil where
// the formula has none.
func multiplierOf(f *scoring.Formula, key string) *scoring.Multiplier {
	switch {
	case key == scoring.PartThreat && f.Threat != nil:
		return f.Threat
	case key == scoring.PartMitigation:
		return f.Mitigation
	}
	for i := range f.Scales {
		if f.Scales[i].Key == key {
			return &f.Scales[i]
		}
	}
	return nil
}

// multiplierNumber reads a multiplier that is given as a number.
func multiplierNumber(f *scoring.Formula, key, text string) (scoring.Decimal, *source.Error) {
	d, fault := number(key, text)
	if fault != nil {
		return 0, fault
	}
	m := multiplierOf(f, key)
	if m == nil {
		return d, lacks(f, key, d == scoring.One)
	}
	if f.Kind != scoring.KindScore {
		if _, ok := m.LevelOf(d); !ok {
			return 0, &source.Error{ID: "value-not-allowed", Message: fmt.Sprintf("%s is %s", key, d), Expected: "one of " + strings.Join(levelNames(m), ", ")}
		}
		return d, nil
	}
	in := f.Unknown()
	if key == scoring.PartThreat {
		in.Threat = scoring.Exactly(d)
	} else {
		in.Mitigation = scoring.Exactly(d)
	}
	return d, allow(key, d, m.High, f.Check(&in))
}

// multiplierName reads a multiplier that is given by the name of a level.
func multiplierName(f *scoring.Formula, key, name string) (scoring.Decimal, *source.Error) {
	m := multiplierOf(f, key)
	if m == nil {
		return scoring.One, lacks(f, key, name == "none")
	}
	if level, ok := m.Level(name); ok {
		return level.Value, nil
	}
	fault := &source.Error{ID: "unknown-name", Message: key + " is " + quote(name),
		Expected: "one of " + strings.Join(levelNames(m), ", ") + ", a number or unknown",
		Hint:     source.DidYouMean(name, levelNames(m))}
	if _, err := scoring.ParseDecimal(name); err == nil {
		fault.Hint = "write the number without quotes"
	}
	return 0, fault
}

func levelNames(m *scoring.Multiplier) []string {
	var names []string
	for _, l := range m.Levels {
		names = append(names, l.ID)
	}
	return names
}

// lacks is the fault of a multiplier that the formula does not have; one that
// changes nothing is let pass.
func lacks(f *scoring.Formula, key string, neutral bool) *source.Error {
	if neutral {
		return nil
	}
	return &source.Error{ID: "not-in-formula", Message: f.ID + " has no " + key,
		Expected: "no " + key + ", or 1", Hint: "leave the field out, or name another formula"}
}

// allow turns the refusal of a formula into a fault. A whole number far above
// the top of the scale has most likely lost its unit.
func allow(what string, d, top scoring.Decimal, err error) *source.Error {
	if err == nil {
		return nil
	}
	fault := &source.Error{ID: "value-not-allowed", Message: fmt.Sprintf("%s is %s", what, d), Err: err}
	if e := (*scoring.ValueError)(nil); errors.As(err, &e) {
		fault.Expected, fault.Hint = e.Allowed, e.Hint
	}
	if d >= max(2*top, 10*scoring.One) && d <= 100*scoring.One && d%scoring.One == 0 {
		fault.ID = "missing-unit"
		fault.Message += ", without a unit"
		fault.Hint = fmt.Sprintf("the scale ends at %s: if percent is meant, write %s", top, (d * top / scoring.One / 100).String())
		if top == 10*scoring.One {
			fault.Hint = fmt.Sprintf("the scale ends at 10: if tenths are meant, write %s", (d / 10).String())
		}
	}
	return fault
}

// unknownValue is the range of a part that nobody stated.
func unknownValue(low, high scoring.Decimal) Value {
	return Value{Interval: scoring.Interval{Low: low, High: high}, Basis: source.Unknown}
}

func unknownMultiplier(f *scoring.Formula, key string) Value {
	if m := multiplierOf(f, key); m != nil {
		return unknownValue(m.Low, m.High)
	}
	return Value{Interval: scoring.Exactly(scoring.One)}
}

// blank makes an agent of which nothing but the formula is known.
func blank(form Form, file string, c choice) *Agent {
	f := c.formula
	a := &Agent{Form: form, File: file,
		Formula:    Text{Value: f.ID, Basis: c.basis},
		Base:       unknownValue(0, 10*scoring.One),
		Threat:     unknownMultiplier(f, scoring.PartThreat),
		Mitigation: unknownMultiplier(f, scoring.PartMitigation),
	}
	a.Formula.Evidence = []source.Evidence{{At: source.Location{File: file}, Rule: c.rule}}
	a.Name.Basis, a.Provider.Basis, a.Description.Basis, a.Vector.Basis = source.Unknown, source.Unknown, source.Unknown, source.Unknown
	for _, t := range []*Text{&a.StatedSum, &a.StatedAARS, &a.StatedScore, &a.StatedBand} {
		t.Basis = source.Unknown
	}
	if len(f.Scales) > 0 {
		a.Vulnerability = unknownMultiplier(f, "vulnerability")
		a.Impact = unknownMultiplier(f, "impact")
	}
	for i := range f.Factors {
		factor := Factor{Key: f.Factors[i].Key, Value: unknownValue(f.Factors[i].Low, f.Factors[i].High)}
		if f.Kind == scoring.KindProfile {
			factor.Letter = "X"
		}
		a.Factors = append(a.Factors, factor)
	}
	return a
}
