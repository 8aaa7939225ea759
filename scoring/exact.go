package scoring

import "cmp"

// Exact is Coef × 10^-Scale: an intermediate result before any rounding, such
// as an AARS of 2.25525. Scale is at most 17.
//
// Equal numbers may differ in scale: compare with [Exact.Cmp], not with ==.
type Exact struct {
	Coef  int64
	Scale uint8
}

// ExactOf is d as an Exact.
func ExactOf(d Decimal) Exact { return Exact{Coef: int64(d), Scale: decimalScale} }

// String prints the number without trailing zeros.
func (e Exact) String() string {
	var buf [24]byte
	return string(e.Append(buf[:0]))
}

// Append appends the number without trailing zeros to b.
func (e Exact) Append(b []byte) []byte { return appendScaled(b, e.Coef, int(e.Scale)) }

// MarshalJSON prints a JSON number.
func (e Exact) MarshalJSON() ([]byte, error) { return e.Append(nil), nil }

// Cmp returns -1, 0 or 1 as e is less than, equal to or greater than x.
func (e Exact) Cmp(x Exact) int {
	// Comparing whole parts first keeps both sides far from overflow.
	ew, ef := e.split()
	xw, xf := x.split()
	if ew != xw {
		return cmp.Compare(ew, xw)
	}
	return cmp.Compare(ef, xf)
}

// split gives the whole part and the fraction in 10^-17, both towards zero.
func (e Exact) split() (whole, fraction int64) {
	power := pow10[e.Scale]
	return e.Coef / power, e.Coef % power * pow10[maxScale-e.Scale]
}

// sub is e - x for two numbers of one scale, as the same formula gives them.
func (e Exact) sub(x Exact) Exact { return Exact{Coef: e.Coef - x.Coef, Scale: e.Scale} }

func (e Exact) abs() Exact {
	if e.Coef < 0 {
		e.Coef = -e.Coef
	}
	return e
}

const maxScale = 17

var pow10 = [maxScale + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17}

// ExactInterval is every number from Low to High, both included.
type ExactInterval struct {
	Low  Exact `json:"low"`
	High Exact `json:"high"`
}

// Known reports whether the interval holds one number only.
func (i ExactInterval) Known() bool { return i.Low.Cmp(i.High) == 0 }

// String prints "2.25525" for a known number and "2.2–2.4" for a range.
func (i ExactInterval) String() string {
	if i.Known() {
		return i.Low.String()
	}
	return i.Low.String() + "–" + i.High.String()
}
