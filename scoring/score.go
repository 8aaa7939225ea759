package scoring

// Result is what a scoring formula gives for an input. Where the input is an
// interval, so is each of these: the exact set of what is possible, or the
// smallest interval around it where values are discrete.
type Result struct {
	FactorSum Interval `json:"factor_sum"` // sum of the ten factors, 0..10
	// AARS is the agentic part that enters the score, after the clamp.
	AARS ExactInterval `json:"aars"`
	// Raw is the score before rounding.
	Raw ExactInterval `json:"raw"`
	// Score is Raw rounded half up to tenths.
	Score    Interval `json:"score"`
	BandLow  Band     `json:"band_low"`  // of Score.Low
	BandHigh Band     `json:"band_high"` // of Score.High
	// Clamped reports that, somewhere in the input, factors and threat
	// together exceed the headroom above the base, so that the sum was
	// held at 10. Only a threat multiplier above 1 can do that.
	Clamped bool `json:"clamped"`
}

// Known reports whether the score is one number.
func (r *Result) Known() bool { return r.Score.Known() }

// The arithmetic, with every value in ten-thousandths (u = 10^4): base c ≤ 10u,
// factor sum f ≤ 10u, stated AARS a ≤ 10u, threat t ≤ 1.1u, mitigation m ≤ u,
// all at least 0.
//
//	headroom   AARS = (10u−c)·f·t / 10u³          raw = (10·c·u² + (10u−c)·f·t)·m / 10u⁴
//	floor      AARS as above                      raw = (10·c·u³ + (10u−c)·f·t·m) / 10u⁴
//	average    AARS = f                           raw = 5·(c+a)·t / 10u²
//	mitigated  AARS = f                           raw = 5·(c+a)·t·m / 10u³
//
// No product overflows an int64 (9.2·10^18): f·t is first held at 10u², which
// is the clamp, so (10u−c)·f·t ≤ (10u−c)·10u² and the bracket of headroom is at
// most 10·c·u² + (10u−c)·10u² = 100u³ = 10^14, times m at most 10^18. The floor
// is bounded by the same sum times u. The averages are at most 5·20u·u·u =
// 10^14.
//
// Corners. With k = min(f·t/10u², 1) the headroom rule is (c + (10−c)·k)·m.
// Its slopes are (1−k)·m in c, (10−c)·m in k and at least 0 in m: none is
// negative, so the lowest raw score lies where all parts are lowest and the
// highest where all are highest. The same holds for the floor, whose slope in
// c is 1−k·m, and for the averages. AARS = (10−c)·k falls with c: its extremes
// lie at the opposite corners of the base. Without the clamp the slope in c
// could turn negative; with it, it cannot. Rounding keeps order, so the
// rounded ends are the ends of the rounded scores.
const (
	u1 int64 = 1e4
	u2       = u1 * u1
	u3       = u2 * u1
)

const (
	scaleHeadroomAARS = 13
	scaleHeadroomRaw  = 17
	scaleAverageRaw   = 9
	scaleMitigatedRaw = 13

	tenthOfHeadroom  int64 = 1e16
	tenthOfAverage   int64 = 1e8
	tenthOfMitigated int64 = 1e12
)

// Score computes the result for an input that [Formula.Check] accepts; for any
// other the result means nothing. It does not allocate. For a formula without
// a score it returns the full range, since nothing is known about it.
func (f *Formula) Score(in *Input) Result {
	var r Result
	for i := range in.Factors {
		r.FactorSum.Low += in.Factors[i].Low
		r.FactorSum.High += in.Factors[i].High
	}
	switch f.rule {
	case ruleHeadroom:
		r.headroom(in)
	case ruleFloor:
		r.floor(in)
	case ruleAverage:
		r.average(in)
	case ruleMitigated:
		r.mitigated(in)
	default:
		r.FactorSum = Interval{}
		r.AARS.High = ExactOf(ten)
		r.Raw.High = ExactOf(ten)
		r.Score.High = ten
	}
	r.BandLow, r.BandHigh = BandOf(r.Score.Low), BandOf(r.Score.High)
	return r
}

// halfUp rounds coef × 10^-scale to tenths, where unit = 10^(scale-1), the
// size of a tenth. Units are constants, which spares a division.
func halfUp(coef, unit int64) Decimal { return Decimal((coef+unit/2)/unit) * tenth }

// share is f·t held at the whole of the headroom.
func share(sum, threat Decimal) int64 { return min(int64(sum)*int64(threat), 10*u2) }

func (r *Result) headroom(in *Input) {
	low, high := share(r.FactorSum.Low, in.Threat.Low), share(r.FactorSum.High, in.Threat.High)
	r.setHeadroomAARS(in, low, high)
	c, top := int64(in.Base.Low), int64(in.Base.High)
	r.setHeadroomRaw(
		(10*c*u2+(10*u1-c)*low)*int64(in.Mitigation.Low),
		(10*top*u2+(10*u1-top)*high)*int64(in.Mitigation.High))
}

func (r *Result) floor(in *Input) {
	low, high := share(r.FactorSum.Low, in.Threat.Low), share(r.FactorSum.High, in.Threat.High)
	r.setHeadroomAARS(in, low, high)
	c, top := int64(in.Base.Low), int64(in.Base.High)
	r.setHeadroomRaw(
		10*c*u3+(10*u1-c)*low*int64(in.Mitigation.Low),
		10*top*u3+(10*u1-top)*high*int64(in.Mitigation.High))
}

func (r *Result) setHeadroomRaw(low, high int64) {
	r.Raw = ExactInterval{Exact{low, scaleHeadroomRaw}, Exact{high, scaleHeadroomRaw}}
	r.Score = Interval{halfUp(low, tenthOfHeadroom), halfUp(high, tenthOfHeadroom)}
}

func (r *Result) setHeadroomAARS(in *Input, low, high int64) {
	r.AARS.Low = Exact{(10*u1 - int64(in.Base.High)) * low, scaleHeadroomAARS}
	r.AARS.High = Exact{(10*u1 - int64(in.Base.Low)) * high, scaleHeadroomAARS}
	r.Clamped = int64(r.FactorSum.High)*int64(in.Threat.High) > 10*u2 && in.Base.Low < ten
}

func (r *Result) average(in *Input) {
	low, high := r.setAverageAARS(in)
	low *= 5 * int64(in.Threat.Low)
	high *= 5 * int64(in.Threat.High)
	r.Raw = ExactInterval{Exact{low, scaleAverageRaw}, Exact{high, scaleAverageRaw}}
	r.Score = Interval{halfUp(low, tenthOfAverage), halfUp(high, tenthOfAverage)}
}

func (r *Result) mitigated(in *Input) {
	low, high := r.setAverageAARS(in)
	low *= 5 * int64(in.Threat.Low) * int64(in.Mitigation.Low)
	high *= 5 * int64(in.Threat.High) * int64(in.Mitigation.High)
	r.Raw = ExactInterval{Exact{low, scaleMitigatedRaw}, Exact{high, scaleMitigatedRaw}}
	r.Score = Interval{halfUp(low, tenthOfMitigated), halfUp(high, tenthOfMitigated)}
}

// setAverageAARS picks the stated AARS or the sum, and returns base plus AARS.
func (r *Result) setAverageAARS(in *Input) (low, high int64) {
	aars := r.FactorSum
	if in.AARSStated {
		aars = in.AARS
	}
	r.AARS = ExactInterval{Exact{int64(aars.Low), decimalScale}, Exact{int64(aars.High), decimalScale}}
	return int64(in.Base.Low + aars.Low), int64(in.Base.High + aars.High)
}
