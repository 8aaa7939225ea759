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
	d, err := scoring.ParseDecimal(claim.Value)
	if err != nil {
		return // its reader has reported it
	}
	low, high := scoring.ExactOf(d), scoring.ExactOf(d)
	if rounded {
		low, high = aroundLastPlace(claim.Value, d)
	}
	if high.Cmp(follows.Low) >= 0 && low.Cmp(follows.High) <= 0 {
		return
	}
	a.warn(id, fmt.Sprintf("%s is stated as %s, but %s %s", what, d, gives, follows), claim.Evidence[0].At)
}

// aroundLastPlace returns d less and plus half of the last place that text
// shows.
func aroundLastPlace(text string, d scoring.Decimal) (low, high scoring.Exact) {
	_, decimals, _ := strings.Cut(text, ".")
	places := len(decimals)
	if places > 4 {
		places = 4
	}
	half := int64(5)
	for range 4 - places {
		half *= 10
	}
	// One place finer than a Decimal, so that the half is whole.
	return scoring.Exact{Coef: int64(d)*10 - half, Scale: 5}, scoring.Exact{Coef: int64(d)*10 + half, Scale: 5}
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
