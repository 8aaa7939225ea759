package scoring

import (
	"testing"

	"pgregory.net/rapid"
)

// scoringFormulas are those that give a score.
func scoringFormulas() []*Formula {
	var out []*Formula
	for _, f := range Formulas() {
		if f.Kind == KindScore {
			out = append(out, f)
		}
	}
	return out
}

// drawValue draws a value that the formula allows for a part.
func drawValue(t *rapid.T, f *Formula, p part) Decimal {
	switch p {
	case partBase:
		return Tenths(rapid.IntRange(0, 100).Draw(t, "base"))
	case partAARS:
		return Decimal(rapid.Int64Range(0, int64(ten)).Draw(t, "aars"))
	}
	if m := f.multiplier(p); m != nil {
		if m.Continuous {
			return Decimal(rapid.Int64Range(int64(m.Low), int64(m.High)).Draw(t, m.Key))
		}
		return rapid.SampledFrom(m.Levels).Draw(t, m.Key).Value
	}
	factor := &f.Factors[p]
	if f.Continuous {
		return Decimal(rapid.Int64Range(int64(factor.Low), int64(factor.High)).Draw(t, factor.Key))
	}
	return rapid.SampledFrom(factor.Levels).Draw(t, factor.Key).Value
}

// drawInput draws an input whose parts are known or, with the given chance in
// ten, an interval.
func drawInput(t *rapid.T, f *Formula, unknown int) Input {
	in := f.Unknown()
	in.AARSStated = f.AARSMayBeStated() && rapid.Bool().Draw(t, "stated")
	for _, p := range vectorOrder {
		if !f.takes(p) {
			continue
		}
		v := Exactly(drawValue(t, f, p))
		if rapid.IntRange(1, 10).Draw(t, "unknown") <= unknown {
			to := drawValue(t, f, p)
			v = Interval{min(v.Low, to), max(v.Low, to)}
		}
		*in.at(p) = v
	}
	if !in.AARSStated {
		in.AARS = Interval{High: ten}
	}
	if err := f.Check(&in); err != nil {
		t.Fatal(err)
	}
	return in
}

func drawFormula(t *rapid.T) *Formula {
	return rapid.SampledFrom(scoringFormulas()).Draw(t, "formula")
}

func TestScoreAgreesWithRationalArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 0)
		checkOracle(t, f, &in)
	})
}

func TestIntervalContainsEveryPointInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 7)
		inside := in
		for _, p := range vectorOrder {
			if f.takes(p) {
				*inside.at(p) = Exactly(drawInside(t, f, p, *in.at(p)))
			}
		}
		r, x := f.Score(&in), f.Score(&inside)
		if !r.Score.Contains(x.Score.Low) || !r.FactorSum.Contains(x.FactorSum.Low) ||
			r.Raw.Low.Cmp(x.Raw.Low) > 0 || x.Raw.Low.Cmp(r.Raw.High) > 0 ||
			r.AARS.Low.Cmp(x.AARS.Low) > 0 || x.AARS.Low.Cmp(r.AARS.High) > 0 ||
			x.BandLow < r.BandLow || r.BandHigh < x.BandHigh || x.Clamped && !r.Clamped {
			t.Fatalf("%s: %+v lies outside %+v", f.ID, x, r)
		}
	})
}

// drawInside draws any number of the interval where the scale is continuous,
// and either end elsewhere.
func drawInside(t *rapid.T, f *Formula, p part, v Interval) Decimal {
	switch {
	case p == partBase:
		return Tenths(rapid.IntRange(int(v.Low/tenth), int(v.High/tenth)).Draw(t, "inside"))
	case f.Continuous || p == partAARS:
		return Decimal(rapid.Int64Range(int64(v.Low), int64(v.High)).Draw(t, "inside"))
	}
	return rapid.SampledFrom([]Decimal{v.Low, v.High}).Draw(t, "inside")
}

// TestIntervalEndsAreReached compares both ends with the extremes over all
// corners, which for a multilinear formula are the extremes of the whole.
func TestIntervalEndsAreReached(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 5)
		var open []part
		for _, p := range f.parts(&in) {
			if !in.at(p).Known() {
				open = append(open, p)
			}
		}
		var got Result
		for corner := range 1 << len(open) {
			x := in
			for i, p := range open {
				v := in.at(p)
				*x.at(p) = Exactly(v.Low)
				if corner&(1<<i) != 0 {
					*x.at(p) = Exactly(v.High)
				}
			}
			r := f.Score(&x)
			if corner == 0 {
				got = r
				continue
			}
			got.AARS = hull(got.AARS, r.AARS)
			got.Raw = hull(got.Raw, r.Raw)
			got.Score = Interval{min(got.Score.Low, r.Score.Low), max(got.Score.High, r.Score.High)}
			got.Clamped = got.Clamped || r.Clamped
		}
		want := f.Score(&in)
		if got.AARS != want.AARS || got.Raw != want.Raw || got.Score != want.Score || got.Clamped != want.Clamped {
			t.Fatalf("%s: corners give %+v, Score %+v", f.ID, got, want)
		}
	})
}

func hull(a, b ExactInterval) ExactInterval {
	if b.Low.Cmp(a.Low) < 0 {
		a.Low = b.Low
	}
	if b.High.Cmp(a.High) > 0 {
		a.High = b.High
	}
	return a
}

// TestScoreIsMonotone holds that no part lowers the score by rising, and that
// more mitigation (a lower factor) never raises it.
func TestScoreIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 0)
		p := rapid.SampledFrom(f.parts(&in)).Draw(t, "part")
		to := drawValue(t, f, p)
		before, after := f.Score(&in), f.Score(in.with(p, Exactly(to)))
		if to < in.at(p).Low {
			before, after = after, before
		}
		if before.Score.Low > after.Score.Low || before.Raw.Low.Cmp(after.Raw.Low) > 0 {
			t.Fatalf("%s: raising %s lowers the score", f.ID, f.partKey(p))
		}
	})
}

func TestScoreBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 3)
		r := f.Score(&in)
		if r.Score.Low < 0 || r.Score.Low > r.Score.High || r.Score.High > ten || r.Raw.Low.Coef < 0 {
			t.Fatalf("%s: %+v", f.ID, r)
		}
		if r.Score.Low%tenth != 0 || r.Score.High%tenth != 0 {
			t.Fatalf("%s: %s is not in tenths", f.ID, r.Score)
		}
		if f.rule == ruleFloor && (r.Score.Low < in.Base.Low || r.Score.High < in.Base.High) {
			t.Fatalf("floor: score %s is below base %s", r.Score, in.Base)
		}
		if f.rule == ruleHeadroom && r.Score.High > halfUp(int64(ten)*int64(in.Mitigation.High), int64(tenth)*u1) {
			t.Fatalf("score %s is above 10 × %s", r.Score, in.Mitigation)
		}
	})
}

func TestFloorEqualsPlainWithoutMitigation(t *testing.T) {
	plain, floor := lookup(t, "aivss-0.8"), lookup(t, "aivss-0.8-floor")
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t, plain, 3)
		in.Mitigation = Exactly(One)
		if a, b := plain.Score(&in), floor.Score(&in); a != b {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

// TestVectorRoundTrip holds that every allowed input has a vector that reads
// back as itself.
func TestVectorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		v := Vector{Formula: f, Input: drawInput(t, f, 4)}
		text, err := FormatVector(&v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseVector(text)
		if err != nil || again != v {
			t.Fatalf("%s reads as %+v (%v), not %+v", text, again.Input, err, v.Input)
		}
	})
}
