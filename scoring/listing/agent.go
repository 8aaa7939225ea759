package listing

import (
	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Agent is what an input says of one agent, whatever form the input has. Each
// part carries its basis and its evidence; a part that the input does not give
// is unknown, never zero.
type Agent struct {
	Form        string // the reader that made it: FormAssessment, FormAppendixA, FormListing, …
	File        string
	Name        Text
	Provider    Text
	Description Text
	Formula     Text // id as stated; empty where the input leaves it open

	Vector     Text  // CVSS vector as stated
	Base       Value // CVSS base, 0 to 10 in tenths
	Threat     Value // threat multiplier
	Mitigation Value // mitigation factor
	Factors    []Factor

	// What the input claims to have computed. Shown beside our own numbers when
	// they differ, never used in place of them.
	StatedSum, StatedAARS, StatedScore, StatedBand Text

	Layers   []LayerNote
	Tools    []Tool
	Warnings []Warning
}

// Text is a piece of text an input gives.
type Text struct {
	Value    string
	Basis    source.Basis
	Evidence []source.Evidence
}

// Value is a number an input gives, or the interval that an unknown one may lie
// in. Why is the reason that the input's author gave.
type Value struct {
	Interval scoring.Interval
	Basis    source.Basis
	Why      string
	Evidence []source.Evidence
}

// Factor is the value of one amplification factor, by its key in the formula.
type Factor struct {
	Key string
	Value
}

// LayerNote is what an input says of one MAESTRO layer.
type LayerNote struct {
	Layer    string // L1 to L7
	Status   Status // as stated by a tag or by how the text begins; empty where neither tells
	Text     string
	Evidence []source.Evidence
}

// Status is the state of a MAESTRO layer for one agent.
type Status string

// The states of a layer. There is no "clean": absence of words shows nothing.
const (
	Mapped        Status = "mapped"
	NotCertain    Status = "not-certain"
	NotApplicable Status = "not-applicable"
)

// Tool is something the agent can call.
type Tool struct {
	Name        string
	Description string
	Evidence    []source.Evidence
}

// Warning is something a reviewer should know that does not stop the reading.
type Warning struct {
	ID      string          `json:"id"`
	Message string          `json:"message"`
	At      source.Location `json:"at"`
}
