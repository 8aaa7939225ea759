package scoring

import "slices"

// Move is what the score becomes when one part changes and all else stays.
type Move struct {
	To       Decimal  `json:"to"`
	Score    Interval `json:"score"`
	BandLow  Band     `json:"band_low"`
	BandHigh Band     `json:"band_high"`
	// Delta is how far the raw score's low and high end move.
	Delta ExactInterval `json:"delta"`
}

// Driver tells how one part moves the score.
//
// For a known part Up and Down are the moves by one level, nil where no level
// lies that way; the base has none. For a part that is not known, IfLowest and
// IfHighest are what learning its value would give at either end.
type Driver struct {
	Part      string   `json:"part"` // a factor's key, or a Part constant
	Name      string   `json:"name"`
	Now       Interval `json:"now"`
	Up        *Move    `json:"up,omitempty"`
	Down      *Move    `json:"down,omitempty"`
	IfLowest  *Move    `json:"if_lowest,omitempty"`
	IfHighest *Move    `json:"if_highest,omitempty"`
	// Narrows is how much narrower the score's interval becomes, at least,
	// when an unknown part turns out at one of its ends.
	Narrows Decimal `json:"narrows"`
	// Swing is the most that the part alone moves an end of the raw score:
	// by one level if known, from end to end if not.
	Swing Exact `json:"swing"`
	// Contribution is what the raw score would lose if the part were at its
	// lowest value: what it adds as it stands.
	Contribution ExactInterval `json:"contribution"`
}

// Drivers gives the parts of an input ordered by what moves its score most:
// by swing, then by contribution, then as published. The input must be one
// that [Formula.Check] accepts.
func (f *Formula) Drivers(in *Input) []Driver {
	if f.Kind != KindScore {
		return nil
	}
	now := f.Score(in)
	parts := f.parts(in)
	drivers := make([]Driver, len(parts))
	for i, p := range parts {
		drivers[i] = f.driver(in, &now, p)
	}
	slices.SortStableFunc(drivers, func(a, b Driver) int {
		if c := b.Swing.Cmp(a.Swing); c != 0 {
			return c
		}
		return b.Contribution.High.Cmp(a.Contribution.High)
	})
	return drivers
}

func (f *Formula) driver(in *Input, now *Result, p part) Driver {
	v := *in.at(p)
	d := Driver{Part: f.partKey(p), Name: f.partName(p), Now: v}
	least := f.Score(in.with(p, Exactly(f.partFloor(p))))
	d.Contribution = now.Raw.minus(least.Raw)
	if !v.Known() {
		d.IfLowest, d.IfHighest = f.move(in, now, p, v.Low), f.move(in, now, p, v.High)
		d.Narrows = now.Score.Width() - max(d.IfLowest.Score.Width(), d.IfHighest.Score.Width())
		// From end to end: the low end of the score rises when the part
		// is known to be highest, the high end falls when it is lowest.
		d.Swing = larger(d.IfHighest.Delta.Low.abs(), d.IfLowest.Delta.High.abs())
		return d
	}
	d.Swing = now.Raw.Low.sub(now.Raw.Low)
	if to, ok := f.stepUp(p, v.High); ok {
		d.Up = f.move(in, now, p, to)
		d.Swing = larger(d.Swing, d.Up.Delta.size())
	}
	if to, ok := f.stepDown(p, v.Low); ok {
		d.Down = f.move(in, now, p, to)
		d.Swing = larger(d.Swing, d.Down.Delta.size())
	}
	return d
}

func (f *Formula) move(in *Input, now *Result, p part, to Decimal) *Move {
	r := f.Score(in.with(p, Exactly(to)))
	return &Move{To: to, Score: r.Score, BandLow: r.BandLow, BandHigh: r.BandHigh, Delta: r.Raw.minus(now.Raw)}
}

// minus subtracts end from end; both come from the same formula.
func (i ExactInterval) minus(x ExactInterval) ExactInterval {
	return ExactInterval{Low: i.Low.sub(x.Low), High: i.High.sub(x.High)}
}

func (i ExactInterval) size() Exact { return larger(i.Low.abs(), i.High.abs()) }

func larger(a, b Exact) Exact {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}
