package scorecard

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// SetSchema names the version of Set's JSON form.
const SetSchema = "agentrisk.scores/v1"

// Set is the report on several agents, and on what could not be read.
//
// Scores are never averaged: the summary gives the highest and the count a band.
type Set struct {
	Schema     string    `json:"schema"`
	Scores     []*Card   `json:"scores"`
	Summary    Summary   `json:"summary"`
	Incomplete []Problem `json:"incomplete"`
}

// Summary is how many agents there are, and of those with a score the highest
// and the count in each band.
type Summary struct {
	Agents int `json:"agents"`
	scoring.Summary
}

// Problem is an input, or a part of one, that could not be read.
type Problem struct {
	At       source.Location `json:"at"`
	ID       string          `json:"id"`
	Message  string          `json:"message"`
	Expected string          `json:"expected,omitempty"`
	Hint     string          `json:"hint,omitempty"`
}

// String prints the problem as an error message with its place.
func (p Problem) String() string {
	e := source.Error{At: p.At, Message: p.Message, Expected: p.Expected, Hint: p.Hint}
	return e.Error()
}

// text is the problem without its place.
func (p Problem) text() string {
	p.At = source.Location{}
	return p.String()
}

// Problems turns an error, which may stand for several, into problems. An error
// without a place gets the file's name.
func Problems(file string, err error) []Problem {
	var list interface{ Unwrap() []error }
	if errors.As(err, &list) {
		var out []Problem
		for _, one := range list.Unwrap() {
			out = append(out, Problems(file, one)...)
		}
		return out
	}
	var e *source.Error
	if errors.As(err, &e) {
		return []Problem{{At: e.At, ID: e.ID, Message: e.Message, Expected: e.Expected, Hint: e.Hint}}
	}
	return []Problem{{At: source.Location{File: file}, ID: "not-scored", Message: err.Error()}}
}

// NewSet sums up cards and problems, both in the order given.
func NewSet(cards []*Card, problems []Problem) *Set {
	s := &Set{Schema: SetSchema, Scores: listed(cards), Incomplete: listed(problems)}
	s.Summary.Agents = len(cards)
	for _, c := range cards {
		if c.Scored != nil {
			s.Summary.Add(&c.result)
		}
	}
	return s
}

// Text writes one card in full, and several as a table, the highest score first.
func (s *Set) Text(w io.Writer, term report.Terminal) error {
	switch len(s.Scores) {
	case 0:
		return nil
	case 1:
		return s.Scores[0].Text(w, term)
	}
	if err := s.table(term.Columns()).Text(w); err != nil {
		return err
	}
	n := s.Summary
	_, err := fmt.Fprintf(w, "\n%d agents: %d critical, %d high, %d medium, %d low, %d none, %d not settled\n",
		n.Agents, n.Critical, n.High, n.Medium, n.Low, n.None, n.Open)
	return err
}

func (s *Set) table(width int) report.Table {
	t := report.Table{Heading: []string{"score", "band", "formula", "name"}}
	for _, c := range s.ranked() {
		name := report.Cut(report.Printable(cmp.Or(c.Subject.Name, "unnamed")), max(width-56, 16))
		t.Rows = append(t.Rows, append(c.outcomeCells(), c.Formula, name))
	}
	return t
}

// outcomeCells is the card's result in two cells, whatever its formula gives.
func (c *Card) outcomeCells() []string {
	if c.Scored == nil {
		return []string{"", c.unscored()}
	}
	return []string{score(c.Score), c.Band.String()}
}

// ranked orders cards by their highest possible score; equals stay as read.
func (s *Set) ranked() []*Card {
	cards := slices.Clone(s.Scores)
	high := func(c *Card) scoring.Decimal {
		if c.Scored == nil {
			return -1
		}
		return c.Score.High
	}
	slices.SortStableFunc(cards, func(a, b *Card) int { return cmp.Compare(high(b), high(a)) })
	return cards
}

// NDJSON writes one card a line, each as -f json would.
func (s *Set) NDJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, c := range s.Scores {
		if err := enc.Encode(c); err != nil {
			return err
		}
	}
	return nil
}

// Unscored are the cards that CSV has no row for, as problems.
func Unscored(cards []*Card) []Problem {
	var out []Problem
	for _, c := range cards {
		if c.Scored == nil {
			out = append(out, Problem{At: source.Location{File: c.Subject.File}, ID: "no-score",
				Message: fmt.Sprintf("%s gives no score, which a row of the csv report needs", c.Formula),
				Hint:    "-f json and -f text show what it gives"})
		}
	}
	return out
}

// CSV writes one row a card that has a score, in the form of a scored stream;
// see Unscored for the others.
func (s *Set) CSV(w io.Writer) error {
	out := []byte(listing.CSVHeader)
	for _, c := range s.Scores {
		if c.Scored != nil {
			out = listing.AppendCSV(out, &listing.Row{Name: []byte(c.Subject.Name), Formula: c.formula, Input: c.input})
		}
	}
	_, err := w.Write(out)
	return err
}
