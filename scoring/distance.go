package scoring

// ToBand is how far a score is from another band.
type ToBand struct {
	Band Band `json:"band"`
	// Score is the distance in the rounded score, in tenths.
	Score Decimal `json:"score"`
	// Raw is the distance before rounding. Upwards the raw score must rise
	// by at least this; downwards it must fall by more than this.
	Raw Exact `json:"raw"`
}

// Distance is how far a result is from the bands beside its own; nil where
// there is none. For an interval, Up counts from its high end and Down from
// its low end.
type Distance struct {
	Up   *ToBand `json:"up,omitempty"`
	Down *ToBand `json:"down,omitempty"`
}

// Distance measures the way to the next band up and down.
func (r *Result) Distance() Distance {
	var d Distance
	if r.BandHigh < BandCritical {
		next := r.BandHigh + 1
		edge := rawEdge(next, r.Raw.High.Scale)
		d.Up = &ToBand{Band: next, Score: next.Floor() - r.Score.High, Raw: edge.sub(r.Raw.High)}
	}
	if r.BandLow > BandNone {
		edge := rawEdge(r.BandLow, r.Raw.Low.Scale)
		d.Down = &ToBand{Band: r.BandLow - 1, Score: r.Score.Low - r.BandLow.Floor() + tenth, Raw: r.Raw.Low.sub(edge)}
	}
	return d
}

// rawEdge is the lowest raw score that rounds half up into the band.
func rawEdge(b Band, scale uint8) Exact {
	return Exact{Coef: int64(b.Floor()-tenth/2) * pow10[scale-decimalScale], Scale: scale}
}
