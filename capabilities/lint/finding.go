package lint

import (
	"cmp"
	"slices"

	"agentrisk/internal/source"
)

// Severity says how bad it is if a finding is true.
type Severity string

// The severities, from the worst down.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Severities lists the severities from the worst down.
func Severities() []Severity { return []Severity{Error, Warning, Note} }

// AtLeast reports whether s is as bad as floor or worse.
func (s Severity) AtLeast(floor Severity) bool {
	return slices.Index(Severities(), s) <= slices.Index(Severities(), floor)
}

// Confidence says how sure it is that a finding is true.
type Confidence string

// The confidences, from the surest down.
const (
	Certain  Confidence = "certain"  // the document itself shows it
	Likely   Confidence = "likely"   // it follows from what the operations are known or named to do
	Possible Confidence = "possible" // a person has to look
)

// Confidences lists the confidences from the surest down.
func Confidences() []Confidence { return []Confidence{Certain, Likely, Possible} }

// AtLeast reports whether c is as sure as floor or surer.
func (c Confidence) AtLeast(floor Confidence) bool {
	return slices.Index(Confidences(), c) <= slices.Index(Confidences(), floor)
}

// Finding is one fault, told once: further places of the same cause are Related.
type Finding struct {
	Rule        string            `json:"rule"` // CAP102
	Severity    Severity          `json:"severity"`
	Confidence  Confidence        `json:"confidence"`
	Message     string            `json:"message"`
	Location    source.Location   `json:"location"`
	Label       string            `json:"label,omitempty"` // a few words that stand beside the place
	Related     []Related         `json:"related"`         // never nil
	Evidence    []source.Evidence `json:"evidence"`        // never nil
	Risk        string            `json:"risk"`            // what may happen because of it
	Help        string            `json:"help"`            // what to do
	Docs        string            `json:"docs"`            // path of the rule's page in the repository
	Fingerprint string            `json:"fingerprint"`     // stays the same when lines move
	Suppressed  bool              `json:"suppressed"`
	Suppression *Suppression      `json:"suppression,omitempty"` // the comment that suppresses it
	Flow        string            `json:"flow,omitempty"`        // the flow it lies in, as in StepResult
	Step        string            `json:"step,omitempty"`        // the step it lies in, as in StepResult
}

// Related is a further place of a finding and what is to be seen there.
type Related struct {
	Location source.Location `json:"location"`
	Message  string          `json:"message"`
}

// compareFindings orders findings by place, then rule, then fingerprint.
func compareFindings(a, b Finding) int {
	return cmp.Or(
		compareLocations(a.Location, b.Location),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
		cmp.Compare(a.Message, b.Message),
	)
}

func compareLocations(a, b source.Location) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
		cmp.Compare(a.Range.Start.Column, b.Range.Start.Column),
		cmp.Compare(a.Range.End.Line, b.Range.End.Line),
		cmp.Compare(a.Range.End.Column, b.Range.End.Column),
	)
}
