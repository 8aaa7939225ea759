package scoring

import (
	"math/big"
	"strings"
	"testing"
)

// point is a fully known input, in rational numbers.
type point struct {
	base, sum, threat, mitigation *big.Rat
}

func rat(d Decimal) *big.Rat { return big.NewRat(int64(d), int64(One)) }

func exactRat(e Exact) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(e.Coef), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(e.Scale)), nil))
}

func mul(x ...*big.Rat) *big.Rat {
	out := big.NewRat(1, 1)
	for _, v := range x {
		out.Mul(out, v)
	}
	return out
}

func add(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

var (
	rat10 = big.NewRat(10, 1)
	rat2  = big.NewRat(2, 1)
)

// oracle computes AARS and raw score a second way: in rational numbers, from
// the formulas as they are published, sharing nothing with the package.
func oracle(id string, p point) (aars, raw *big.Rat) {
	switch id {
	case "aivss-0.8", "aivss-0.8-continuous", "aivss-0.8-floor":
		headroom := sub(rat10, p.base)
		aars = mul(headroom, new(big.Rat).Quo(p.sum, rat10), p.threat)
		if aars.Cmp(headroom) > 0 {
			aars = headroom
		}
		if id == "aivss-0.8-floor" {
			return aars, add(p.base, mul(aars, p.mitigation))
		}
		return aars, mul(add(p.base, aars), p.mitigation)
	case "aivss-0.5":
		return p.sum, mul(new(big.Rat).Quo(add(p.base, p.sum), rat2), p.threat)
	case "aivss-0.5-mitigated":
		return p.sum, mul(new(big.Rat).Quo(add(p.base, p.sum), rat2), p.threat, p.mitigation)
	}
	panic("no oracle for " + id)
}

// roundHalfUp gives whole tenths: floor(10x + 1/2).
func roundHalfUp(x *big.Rat) int {
	v := add(mul(x, rat10), big.NewRat(1, 2))
	return int(new(big.Int).Div(v.Num(), v.Denom()).Int64())
}

// bandByName reads the bands from the published ranges, in tenths.
func bandByName(tenths int) string {
	switch {
	case tenths == 0:
		return "None"
	case tenths <= 39:
		return "Low"
	case tenths <= 69:
		return "Medium"
	case tenths <= 89:
		return "High"
	}
	return "Critical"
}

func low(in *Input) point {
	p := point{base: rat(in.Base.Low), sum: new(big.Rat), threat: rat(in.Threat.Low), mitigation: rat(in.Mitigation.Low)}
	for _, v := range in.Factors {
		p.sum.Add(p.sum, rat(v.Low))
	}
	if in.AARSStated {
		p.sum = rat(in.AARS.Low)
	}
	return p
}

// checkOracle compares the result of a fully known input with the oracle.
func checkOracle(t interface{ Fatalf(string, ...any) }, f *Formula, in *Input) {
	r := f.Score(in)
	aars, raw := oracle(f.ID, low(in))
	tenths := roundHalfUp(raw)
	switch {
	case !r.Known() || r.AARS.Low != r.AARS.High || r.Raw.Low != r.Raw.High || r.BandLow != r.BandHigh:
		t.Fatalf("%s: a known input gives an interval: %+v", f.ID, r)
	case exactRat(r.AARS.Low).Cmp(aars) != 0:
		t.Fatalf("%s %+v: AARS %s, want %s", f.ID, in, r.AARS, aars.FloatString(6))
	case exactRat(r.Raw.Low).Cmp(raw) != 0:
		t.Fatalf("%s %+v: raw %s, want %s", f.ID, in, r.Raw, raw.FloatString(20))
	case r.Score.Low != Tenths(tenths):
		t.Fatalf("%s %+v: score %s, want %d tenths", f.ID, in, r.Score, tenths)
	case r.BandLow.String() != bandByName(tenths):
		t.Fatalf("%s %+v: band %s, want %s", f.ID, in, r.BandLow, bandByName(tenths))
	}
}

// TestWholeLattice holds every input of aivss-0.8 and of its floor variant
// against the rational computation: 101 bases × 21 factor sums × 3 × 3.
func TestWholeLattice(t *testing.T) {
	for _, id := range []string{"aivss-0.8", "aivss-0.8-floor"} {
		f := lookup(t, id)
		n, ties := 0, 0
		for c := range 101 {
			for halves := range 21 {
				for _, threat := range f.Threat.Levels {
					for _, mitigation := range f.Mitigation.Levels {
						in := halvesInput(f, Tenths(c), halves)
						in.Threat, in.Mitigation = Exactly(threat.Value), Exactly(mitigation.Value)
						checkOracle(t, f, &in)
						if n++; isTie(f.Score(&in).Raw.Low) {
							ties++
						}
					}
				}
			}
		}
		if n != 19089 {
			t.Errorf("%s: %d inputs, want 19,089", id, n)
		}
		if id == "aivss-0.8" && ties != 359 {
			t.Errorf("%d exact ties, want 359", ties)
		}
	}
}

// isTie reports whether the number lies halfway between two tenths.
func isTie(e Exact) bool {
	text := e.String()
	point := strings.IndexByte(text, '.')
	return point >= 0 && len(text) == point+3 && text[point+2] == '5'
}

func lookup(t testing.TB, id string) *Formula {
	t.Helper()
	f, ok := Lookup(id)
	if !ok {
		t.Fatalf("no formula %s", id)
	}
	return f
}

// halvesInput spreads a factor sum, given in halves, over the factors.
func halvesInput(f *Formula, base Decimal, halves int) Input {
	in := f.Unknown()
	in.Base = Exactly(base)
	for i := range in.Factors {
		take := min(halves, 2)
		in.Factors[i] = Exactly(Decimal(take) * half)
		halves -= take
	}
	return in
}
