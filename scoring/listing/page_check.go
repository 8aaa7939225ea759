package listing

import (
	"fmt"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// check compares what the page says it computed with what follows from its
// parts. A difference is a warning with both numbers.
func (r *listing) check() { r.agent.checkStated() }

// checkStated works for every form that states results beside their parts. A
// part that is unknown leaves a range, and a claim inside it stands.
func (a *Agent) checkStated() {
	f, in, err := a.Input()
	if err != nil || f.Kind != scoring.KindScore {
		return
	}
	res := f.Score(&in)
	sum := scoring.ExactInterval{Low: scoring.ExactOf(res.FactorSum.Low), High: scoring.ExactOf(res.FactorSum.High)}
	score := scoring.ExactInterval{Low: scoring.ExactOf(res.Score.Low), High: scoring.ExactOf(res.Score.High)}
	a.checkNumber(WarnStatedSum, "factor sum", &a.StatedSum, sum, "the factors add up to", false)
	a.checkNumber(WarnStatedAARS, "AARS", &a.StatedAARS, res.AARS, "the parts give", true)
	a.checkNumber(WarnStatedScore, "score", &a.StatedScore, score, "the parts give", false)
	a.checkBand(&res)
}

// checkNumber warns where the claim lies outside of what follows. Pages show
// the AARS cut to few decimals, by way of a binary float: 0.725 appears as 0.72
// or as 0.73. So a rounded claim may differ by half of its last place.
func (a *Agent) checkNumber(id, what string, claim *Text, follows scoring.ExactInterval, gives string, rounded bool) {
	if claim.Value == "" {
		return
	}
	c, ok := parseClaim(claim.Value)
	if !ok {
		return // its reader has reported it
	}
	low, high := c.around(rounded)
	if high.Cmp(follows.Low) >= 0 && low.Cmp(follows.High) <= 0 {
		return
	}
	a.warn(id, fmt.Sprintf("%s is stated as %s, but %s %s", what, c, gives, follows), claim.Evidence[0].At)
}

// claimedNumber is a number that an input says it has computed: coef / 10^places.
// Beyond nine decimals there is nothing but the dust of binary floats: it is cut.
type claimedNumber struct {
	coef   int64
	places int
	cut    bool
}

const claimPlaces = 9

// parseClaim reads a plain decimal below 1000 with any number of decimals.
func parseClaim(text string) (claimedNumber, bool) {
	whole, fraction, point := strings.Cut(text, ".")
	if len(whole) > 3 || whole == "" && !point || point && fraction == "" {
		return claimedNumber{}, false
	}
	c := claimedNumber{cut: len(fraction) > claimPlaces}
	c.places = min(len(fraction), claimPlaces)
	for i, digit := range []byte(whole + fraction) {
		if !isDigit(digit) {
			return claimedNumber{}, false
		}
		if i < len(whole)+c.places {
			c.coef = c.coef*10 + int64(digit-'0')
		}
	}
	return c, true
}

// exact is the number itself.
func (c claimedNumber) exact() scoring.Exact {
	return scoring.Exact{Coef: c.coef, Scale: uint8(c.places)}
}

// String prints the number without trailing zeros.
func (c claimedNumber) String() string { return c.exact().String() }

// around returns what the number may have been before it was written: itself,
// give or take half of its last place where it was rounded.
func (c claimedNumber) around(rounded bool) (low, high scoring.Exact) {
	slack := int64(0)
	switch {
	case c.cut:
		slack = 10
	case rounded:
		slack = 5
	}
	// One place more, so that the half is whole.
	return scoring.Exact{Coef: c.coef*10 - slack, Scale: uint8(c.places + 1)}, scoring.Exact{Coef: c.coef*10 + slack, Scale: uint8(c.places + 1)}
}

// checkClaim returns the fault of a claim that is no number from 0 to 10.
func checkClaim(what, text string) *source.Error {
	c, ok := parseClaim(text)
	if ok && c.exact().Cmp(scoring.Exact{Coef: 10}) <= 0 {
		return nil
	}
	return &source.Error{ID: "value-not-allowed", Message: what + " is " + quote(text), Expected: "a number from 0 to 10"}
}

func (a *Agent) checkBand(res *scoring.Result) {
	if a.StatedBand.Value == "" {
		return
	}
	band, err := scoring.ParseBand(a.StatedBand.Value)
	if err != nil || band >= res.BandLow && band <= res.BandHigh {
		return
	}
	follows := res.BandLow.String()
	if res.BandHigh != res.BandLow {
		follows += "–" + res.BandHigh.String()
	}
	at := source.Location{File: a.File}
	if len(a.StatedBand.Evidence) > 0 {
		at = a.StatedBand.Evidence[0].At
	}
	a.warn(WarnStatedBand, fmt.Sprintf("band is stated as %s, but the score %s is %s", a.StatedBand.Value, res.Score, follows), at)
}
