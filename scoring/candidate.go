package scoring

import "strings"

// Candidate is an assessment after the 1.0 candidate: CVSS-BTE as it is, and
// the profile beside it.
type Candidate struct {
	Profile  Profile       `json:"profile"`
	Class    EffectClass   `json:"class"`
	Possible []EffectClass `json:"possible_classes"`
	Complete bool          `json:"complete"`
	// Score is the CVSS v4.0 score with all metrics of the vector; nil
	// where no v4.0 vector is known, since a bare base is not CVSS-BTE.
	Score *Decimal `json:"score,omitempty"`
	Band  *Band    `json:"band,omitempty"`
	CVSS  *CVSS    `json:"cvss,omitempty"`
}

// Assess sets the profile beside a CVSS vector; c may be nil. A vector of
// v3.x is refused with a *CVSSError: the candidate is defined on v4.0 alone.
func (p Profile) Assess(c *CVSS) (Candidate, error) {
	if err := p.Check(); err != nil {
		return Candidate{}, err
	}
	out := Candidate{Profile: p, Class: p.Class(), Possible: p.PossibleClasses(), Complete: p.Complete()}
	if c == nil || c.Version == "" {
		return out, nil
	}
	if c.Version != "4.0" {
		return Candidate{}, &CVSSError{Vector: clip(c.Vector), Reason: "the 1.0 candidate is defined on CVSS v4.0 alone", Hint: "assess the weakness anew with v4.0"}
	}
	score, band := c.Full, BandOf(c.Full)
	out.Score, out.Band, out.CVSS = &score, &band, c
	return out, nil
}

// ParseCandidate reads a CVSS v4.0 vector and a profile, with a space between
// them as the candidate prints them, or a slash; or a profile alone. Errors are
// *CVSSError and *VectorError.
func ParseCandidate(s string) (Candidate, error) {
	if len(s) > maxVectorText {
		return Candidate{}, vectorError(s, maxVectorText, "it is longer than 1024 bytes", "give one pair of vectors")
	}
	at := strings.Index(s, vectorPrefix)
	if at <= 0 {
		p, err := ParseProfile(s)
		if err != nil {
			return Candidate{}, err
		}
		return p.Assess(nil)
	}
	if s[at-1] != ' ' && s[at-1] != '/' {
		return Candidate{}, vectorError(s, at, "a space or a slash must stand before AIVSS:", "write CVSS:… AIVSS:1.0/…")
	}
	c, err := parseCVSS(s[:at-1])
	if err != nil {
		return Candidate{}, err
	}
	p, err := ParseProfile(s[at:])
	if err != nil {
		if ve, ok := err.(*VectorError); ok {
			ve.Offset += at // counted from the whole text
		}
		return Candidate{}, err
	}
	return p.Assess(&c)
}

// String prints both vectors, or the profile alone.
func (c *Candidate) String() string {
	if c.CVSS == nil {
		return c.Profile.String()
	}
	return c.CVSS.Vector + " " + c.Profile.String()
}
