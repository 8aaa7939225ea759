package scoring

import (
	"math"
	"strings"

	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// Maturity is the exploit maturity (E) of a CVSS v4.0 vector, from which AIVSS
// takes its threat multiplier.
type Maturity uint8

// The values of E. CVSS v3.x measures something else under the same letter;
// its vectors are always NotDefined here.
const (
	MaturityNotDefined Maturity = iota
	MaturityUnreported
	MaturityProofOfConcept
	MaturityAttacked
)

// String is the id of the threat level, or "not-defined".
func (m Maturity) String() string {
	return [...]string{"not-defined", "unreported", "proof-of-concept", "attacked"}[min(m, MaturityAttacked)]
}

// MarshalText prints what String gives.
func (m Maturity) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Threat is the value the formula gives to the maturity. An undefined one is
// not known: the whole range of the multiplier, since AIVSS states no value
// for it. A formula without a threat multiplier has One.
func (m Maturity) Threat(f *Formula) Interval {
	if f.Threat != nil && m != MaturityNotDefined {
		if l, ok := f.Threat.Level(m.String()); ok {
			return Exactly(l.Value)
		}
	}
	return f.Threat.unknown()
}

// CVSS is what a CVSS vector says. The zero value stands for no vector.
type CVSS struct {
	Version string `json:"version"` // "4.0", "3.1" or "3.0"
	Vector  string `json:"vector"`  // canonical
	// Base is the score of the base metrics alone, which AIVSS starts from.
	Base Decimal `json:"base"`
	// Full is the score with all metrics of the vector: CVSS-BTE for v4.0.
	Full Decimal `json:"full"`
	// Nomenclature names the groups in Full, as CVSS v4.0 does: "CVSS-B",
	// "CVSS-BT", "CVSS-BE" or "CVSS-BTE". Empty for v3.x.
	Nomenclature string   `json:"nomenclature,omitempty"`
	Maturity     Maturity `json:"exploit_maturity"`
}

const maxCVSSText = 512 // bytes; the longest valid vector has under 300

// base40Length is the length of a v4.0 vector of base metrics. They are
// mandatory, ordered and of one letter each, so it never varies.
const base40Length = len("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H")

// ParseCVSS reads a CVSS vector of v4.0, v3.1 or v3.0 and computes its score.
// The notes say what a reader of an AIVSS score should know about it. Bad
// input is a *CVSSError.
func ParseCVSS(vector string) (CVSS, []Note, error) {
	c, err := parseCVSS(vector)
	if err != nil {
		return CVSS{}, nil, err
	}
	return c, c.Notes(), nil
}

func parseCVSS(vector string) (CVSS, error) {
	switch {
	case len(vector) > maxCVSSText:
		return CVSS{}, &CVSSError{Vector: clip(vector), Reason: "it is longer than 512 bytes", Hint: "give one vector"}
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		return parse40(vector)
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		v, err := gocvss31.ParseVector(vector)
		if err != nil {
			return CVSS{}, diagnose(vector, metrics3, err)
		}
		return from3("3.1", v), nil
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		v, err := gocvss30.ParseVector(vector)
		if err != nil {
			return CVSS{}, diagnose(vector, metrics3, err)
		}
		return from3("3.0", v), nil
	}
	return CVSS{}, &CVSSError{Vector: clip(vector), Reason: "it does not begin with CVSS:4.0/, CVSS:3.1/ or CVSS:3.0/",
		Hint: "CVSS v2 has no such prefix and is not accepted: assess the weakness anew with v4.0"}
}

func parse40(vector string) (CVSS, error) {
	base, ok := baseScore40(vector)
	if ok && len(vector) == base40Length {
		return CVSS{Version: "4.0", Vector: vector, Base: base, Full: base, Nomenclature: "CVSS-B"}, nil
	}
	v, err := gocvss40.ParseVector(vector)
	if err != nil || !ok {
		return CVSS{}, diagnose(vector, metrics40, err)
	}
	return CVSS{
		Version:      "4.0",
		Vector:       v.Vector(),
		Base:         base,
		Full:         fromFloat(v.Score()),
		Nomenclature: v.Nomenclature(),
		Maturity:     maturity40(v),
	}, nil
}

func maturity40(v *gocvss40.CVSS40) Maturity {
	e, err := v.Get("E")
	if err != nil {
		return MaturityNotDefined
	}
	switch e {
	case "A":
		return MaturityAttacked
	case "P":
		return MaturityProofOfConcept
	case "U":
		return MaturityUnreported
	}
	return MaturityNotDefined
}

// vector3 is what the two v3 parsers have in common.
type vector3 interface {
	BaseScore() float64
	TemporalScore() float64
	EnvironmentalScore() float64
	Get(metric string) (string, error)
	Vector() string
}

func from3(version string, v vector3) CVSS {
	c := CVSS{Version: version, Vector: v.Vector(), Base: fromFloat(v.BaseScore())}
	switch {
	case defines(v, metrics3[11:]):
		c.Full = fromFloat(v.EnvironmentalScore())
	case defines(v, metrics3[8:11]):
		c.Full = fromFloat(v.TemporalScore())
	default:
		c.Full = c.Base
	}
	return c
}

// defines reports whether any of the metrics has a value other than X.
func defines(v vector3, metrics []cvssMetric) bool {
	for _, m := range metrics {
		if value, err := v.Get(m.name); err == nil && value != "X" {
			return true
		}
	}
	return false
}

// fromFloat takes over a score of the CVSS library. The library works in
// floats and has already rounded to tenths; the nearest tenth of what it
// returns is the one it meant.
func fromFloat(score float64) Decimal { return Tenths(int(math.Round(score * 10))) }
