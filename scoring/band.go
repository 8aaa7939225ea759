package scoring

import (
	"fmt"
	"strings"
)

// Band is the severity of a rounded score. Bands compare with <: None is the
// lowest.
type Band uint8

// The bands of AIVSS v0.8: 0.1–3.9, 4.0–6.9, 7.0–8.9 and 9.0–10.0. No
// published band holds 0.0; it is called None, as in CVSS.
const (
	BandNone Band = iota
	BandLow
	BandMedium
	BandHigh
	BandCritical
)

// bands lists each name with the lowest score that belongs to it.
var bands = [...]struct {
	name  string
	floor Decimal
}{
	BandNone:     {"None", 0},
	BandLow:      {"Low", tenth},
	BandMedium:   {"Medium", 4 * One},
	BandHigh:     {"High", 7 * One},
	BandCritical: {"Critical", 9 * One},
}

// BandOf gives the band of a score already rounded to tenths; the severity of
// an unrounded one is not defined.
func BandOf(score Decimal) Band {
	switch {
	case score >= 9*One:
		return BandCritical
	case score >= 7*One:
		return BandHigh
	case score >= 4*One:
		return BandMedium
	case score >= tenth:
		return BandLow
	}
	return BandNone
}

// Floor is the lowest score in the band.
func (b Band) Floor() Decimal {
	if int(b) >= len(bands) {
		return 0
	}
	return bands[b].floor
}

// String is "None", "Low", "Medium", "High" or "Critical".
func (b Band) String() string {
	if int(b) >= len(bands) {
		return fmt.Sprintf("Band(%d)", uint8(b))
	}
	return bands[b].name
}

// MarshalText prints the band's name.
func (b Band) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads a name as [ParseBand] does.
func (b *Band) UnmarshalText(text []byte) error {
	v, err := ParseBand(string(text))
	if err != nil {
		return err
	}
	*b = v
	return nil
}

// ParseBand reads a band's name, in upper or lower case.
func ParseBand(s string) (Band, error) {
	for b, e := range bands {
		if strings.EqualFold(s, e.name) {
			return Band(b), nil
		}
	}
	return 0, &NameError{What: "band", Name: clip(s), Allowed: "none, low, medium, high, critical"}
}
