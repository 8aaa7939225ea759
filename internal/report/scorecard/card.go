package scorecard

import (
	"agentrisk/internal/source"
	"agentrisk/maestro"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// Schema names the version of Card's JSON form, published as schema/score.v1.json.
const Schema = "agentrisk.score/v1"

// Card is the whole report on one agent: what went in with its evidence, what
// came out, what moves it, the layers and the chains. Its lists are never nil.
type Card struct {
	Schema       string             `json:"schema"`
	Formula      string             `json:"formula"`
	FormulaBasis source.Basis       `json:"formula_basis"`
	Subject      Subject            `json:"subject"`
	CVSS         CVSS               `json:"cvss"`
	Factors      []Factor           `json:"factors"`
	Multipliers  Multipliers        `json:"multipliers"`
	*Scored                         // nil for a formula that gives no score
	Decision     *scoring.Decision  `json:"decision,omitempty"`  // of aivss-ssvc
	Candidate    *scoring.Candidate `json:"candidate,omitempty"` // of aivss-1.0-candidate

	Layers        []maestro.LayerResult `json:"layers"`
	Chains        []maestro.Chain       `json:"chains"`
	NotDetectable []string              `json:"not_detectable"`

	Warnings []Warning `json:"warnings"`

	formula *scoring.Formula
	named   source.Location // where the input names the agent
}

// Scored is the result of a formula that gives a score, and what moves it.
type Scored struct {
	FactorSum   scoring.Interval      `json:"factor_sum"`
	AARS        scoring.ExactInterval `json:"aars"`
	Clamped     bool                  `json:"aars_clamped"`
	Raw         scoring.ExactInterval `json:"raw"`
	Score       scoring.Interval      `json:"score"`
	Band        Bands                 `json:"band"`
	Inherent    Outcome               `json:"inherent"` // without mitigation
	Vector      string                `json:"vector"`   // empty where it holds a value that no vector does
	Distance    scoring.Distance      `json:"distance"`
	Drivers     []scoring.Driver      `json:"drivers"`
	Mitigations []MitigationLevel     `json:"mitigations"`
	Comparisons []Comparison          `json:"comparisons"`

	input  scoring.Input
	result scoring.Result
}

// Subject is the agent that the card is about.
type Subject struct {
	Name        string `json:"name"`
	Provider    string `json:"provider,omitempty"`
	Description string `json:"description,omitempty"`
	File        string `json:"file"`
	Form        string `json:"form"` // the form of the input: assessment, listing, …
}

// Part is a number of the input: its interval, how sure it is, and from where.
type Part struct {
	Low      scoring.Decimal   `json:"low"`
	High     scoring.Decimal   `json:"high"`
	Basis    source.Basis      `json:"basis"`
	Why      string            `json:"why,omitempty"`
	Evidence []source.Evidence `json:"evidence"`
}

// Interval is the part's numbers alone.
func (p Part) Interval() scoring.Interval { return scoring.Interval{Low: p.Low, High: p.High} }

// CVSS is the base and the vector behind it.
type CVSS struct {
	Base     scoring.Interval  `json:"base"`
	Basis    source.Basis      `json:"basis"`
	Vector   string            `json:"vector"`
	Version  string            `json:"version,omitempty"`
	Evidence []source.Evidence `json:"evidence"`
}

// Factor is one amplification factor.
type Factor struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Letter string `json:"letter,omitempty"` // in place of a number, in a profile
	Part
}

// Multipliers are the two that most formulas have; nil where a formula has none.
type Multipliers struct {
	Threat     *Part `json:"threat"`
	Mitigation *Part `json:"mitigation"`
}

// Bands is the lowest and the highest band that a score can have.
type Bands struct {
	Low  scoring.Band `json:"low"`
	High scoring.Band `json:"high"`
}

// String prints "High", or "Medium–High" where the band is not settled.
func (b Bands) String() string {
	if b.Low == b.High {
		return b.High.String()
	}
	return b.Low.String() + "–" + b.High.String()
}

// Outcome is a score with its band.
type Outcome struct {
	Score scoring.Interval `json:"score"`
	Band  Bands            `json:"band"`
}

// MitigationLevel is the outcome under one level of mitigation.
type MitigationLevel struct {
	Level string          `json:"level"`
	Value scoring.Decimal `json:"value"`
	Outcome
}

// Comparison is the outcome under another formula, or why there is none.
type Comparison struct {
	Formula string   `json:"formula"`
	Outcome *Outcome `json:"outcome,omitempty"`
	Refused string   `json:"refused,omitempty"`
	Missing []string `json:"missing,omitempty"`
	Dropped []string `json:"dropped,omitempty"`
	// Disagrees is set where the two bands cannot be the same.
	Disagrees bool `json:"disagrees"`
}

// Warning is something a reviewer should know. A note is about the formula or
// the vector; a warning is about the input.
type Warning struct {
	ID      string           `json:"id"`
	Kind    string           `json:"kind"` // warning or note
	Message string           `json:"message"`
	At      *source.Location `json:"at"` // null where no single place is meant
}

// listed turns nil into an empty list, which JSON prints as [].
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func part(v listing.Value) Part {
	return Part{Low: v.Interval.Low, High: v.Interval.High, Basis: v.Basis, Why: v.Why, Evidence: listed(v.Evidence)}
}
