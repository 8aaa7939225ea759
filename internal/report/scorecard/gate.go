package scorecard

import (
	"encoding/json"
	"errors"
	"fmt"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Gate decides whether scores pass. The zero Gate passes everything.
type Gate struct {
	// FailOn is the lowest score that fails, in tenths; 0 means no limit.
	FailOn scoring.Decimal
	// Certain lets an interval pass unless all of it fails.
	Certain bool
	// Baseline holds earlier scores: then only what got worse can fail.
	Baseline *Baseline
}

// ParseFailOn reads a band's name or a score.
func ParseFailOn(text string) (scoring.Decimal, error) {
	if band, err := scoring.ParseBand(text); err == nil {
		if band == scoring.BandNone {
			return 0, errors.New(`--fail-on none would fail every score; expected low, medium, high, critical or a score`)
		}
		return band.Floor(), nil
	}
	limit, err := scoring.ParseDecimal(text)
	if err != nil || limit <= 0 || limit > 10*scoring.One || limit%(scoring.One/10) != 0 {
		return 0, fmt.Errorf("--fail-on %q is not a limit; expected low, medium, high, critical or a score from 0.1 to 10 in tenths", text)
	}
	return limit, nil
}

// Failure is a card that does not pass, and why.
type Failure struct {
	Card   *Card
	Reason string
}

// Check returns the cards that do not pass, and as problems those that cannot
// be judged because their formula gives no score.
func (g Gate) Check(cards []*Card) (failures []Failure, problems []Problem) {
	if g.FailOn == 0 && g.Baseline == nil {
		return nil, nil
	}
	for _, c := range cards {
		if c.Scored == nil {
			problems = append(problems, Problem{At: source.Location{File: c.Subject.File}, ID: "no-score",
				Message: fmt.Sprintf("%s gives no score, which the gate needs", c.Formula)})
			continue
		}
		if reason := g.reason(c); reason != "" {
			failures = append(failures, Failure{c, reason})
		}
	}
	return failures, problems
}

func (g Gate) reason(c *Card) string {
	if g.FailOn > 0 && !g.Fails(c.Score) {
		return ""
	}
	limit := ""
	if g.FailOn > 0 {
		limit = fmt.Sprintf("score %s reaches the limit %s", score(c.Score), tenths(g.FailOn))
	}
	if g.Baseline == nil {
		return limit
	}
	before, known := g.Baseline.find(c.key())
	switch {
	case !known && limit == "":
		return fmt.Sprintf("score %s is new and not in the baseline", score(c.Score))
	case !known:
		return limit + " and is not in the baseline"
	case g.end(c.Score) <= g.end(before):
		return ""
	}
	return fmt.Sprintf("score %s got worse; it was %s", score(c.Score), score(before))
}

// Fails reports whether a score alone reaches the limit, the baseline aside.
func (g Gate) Fails(v scoring.Interval) bool { return g.FailOn > 0 && g.end(v) >= g.FailOn }

// end is the end of an interval that the gate looks at.
func (g Gate) end(v scoring.Interval) scoring.Decimal {
	if g.Certain {
		return v.Low
	}
	return v.High
}

// Baseline is the scores of an earlier report, by agent and formula.
type Baseline struct {
	scores map[key]scoring.Interval
}

// key identifies an agent across reports; a file may move.
type key struct{ name, provider, formula string }

func (c *Card) key() key { return key{c.Subject.Name, c.Subject.Provider, c.Formula} }

func (b *Baseline) find(k key) (scoring.Interval, bool) {
	v, ok := b.scores[k]
	return v, ok
}

// stored is the part of a JSON report that a baseline needs.
type stored struct {
	Schema  string `json:"schema"`
	Formula string `json:"formula"`
	Subject struct{ Name, Provider string }
	Score   *scoring.Interval `json:"score"`
	Scores  []stored          `json:"scores"`
}

// ReadBaseline reads an earlier JSON report of one agent or of several. Two
// scores for one agent and formula keep the higher.
func ReadBaseline(file string, data []byte) (*Baseline, error) {
	fail := func(message string) (*Baseline, error) {
		return nil, &source.Error{At: source.Location{File: file}, ID: "baseline", Message: message,
			Expected: "a report written with -f json", Hint: "schema " + Schema + " or " + SetSchema}
	}
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return fail("is no report: " + err.Error())
	}
	switch s.Schema {
	case Schema:
		s.Scores = []stored{s}
	case SetSchema:
	default:
		return fail(fmt.Sprintf("has schema %q", s.Schema))
	}
	b := &Baseline{scores: map[key]scoring.Interval{}}
	for _, one := range s.Scores {
		if one.Score == nil {
			continue
		}
		k := key{one.Subject.Name, one.Subject.Provider, one.Formula}
		if old, again := b.scores[k]; !again || old.High < one.Score.High {
			b.scores[k] = *one.Score
		}
	}
	return b, nil
}
