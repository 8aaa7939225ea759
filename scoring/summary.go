package scoring

// Summary describes many results of one formula. It has no average on purpose:
// scores are ordinal, and an average lets many harmless findings hide a severe
// one. It keeps the highest score and the count per band. The zero value is
// ready to use, and its size does not grow.
type Summary struct {
	Count int `json:"count"`
	// Highest is where the highest score lies: at least the highest of all
	// low ends, at most the highest of all high ends.
	Highest  Interval `json:"highest"`
	None     int      `json:"none"`
	Low      int      `json:"low"`
	Medium   int      `json:"medium"`
	High     int      `json:"high"`
	Critical int      `json:"critical"`
	// Open counts results whose band is not certain; no other count has
	// them.
	Open int `json:"open"`
}

// Add takes a result into account.
func (s *Summary) Add(r *Result) {
	s.Count++
	s.Highest.Low = max(s.Highest.Low, r.Score.Low)
	s.Highest.High = max(s.Highest.High, r.Score.High)
	if r.BandLow != r.BandHigh {
		s.Open++
		return
	}
	switch r.BandLow {
	case BandNone:
		s.None++
	case BandLow:
		s.Low++
	case BandMedium:
		s.Medium++
	case BandHigh:
		s.High++
	case BandCritical:
		s.Critical++
	}
}
