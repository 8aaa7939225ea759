package scoring

// Interval is every value from Low to High, both included. A known value has
// Low equal to High; what is not known spans all it could be.
type Interval struct {
	Low  Decimal `json:"low"`
	High Decimal `json:"high"`
}

// Exactly is the interval that holds d alone.
func Exactly(d Decimal) Interval { return Interval{Low: d, High: d} }

// Known reports whether the interval holds one value only.
func (i Interval) Known() bool { return i.Low == i.High }

// Contains reports whether d lies in the interval.
func (i Interval) Contains(d Decimal) bool { return i.Low <= d && d <= i.High }

// Width is how far the ends lie apart.
func (i Interval) Width() Decimal { return i.High - i.Low }

// String prints "0.5" for a known value and "0.5–1" for a range.
func (i Interval) String() string {
	if i.Known() {
		return i.Low.String()
	}
	return i.Low.String() + "–" + i.High.String()
}
