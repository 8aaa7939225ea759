package listing

import (
	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Agent is what an input says of one agent, whatever form the input has. Each
// part carries its basis and its evidence; a part that the input does not give
// is unknown, never zero.
type Agent struct {
	Form        Form // the reader that made it
	File        string
	Name        Text
	Provider    Text
	Description Text
	// Formula is the id of the formula that the input belongs to: stated by
	// it, derived from the names of its factors, or assumed. Never empty.
	Formula Text

	Vector     Text  // CVSS vector as stated
	Base       Value // CVSS base, 0 to 10 in tenths
	Threat     Value // threat multiplier
	Mitigation Value // mitigation factor
	// Vulnerability and Impact are scales of aivss-ssvc; for any other
	// formula their basis is empty.
	Vulnerability, Impact Value
	// AARS is what an assessment by an averaging formula states in place of,
	// or against, its factors; its basis is empty where it does not.
	AARS Value
	// Factors are those of the formula in its order, the unknown ones too.
	Factors []Factor

	// What the input claims to have computed. Shown beside our own numbers when
	// they differ, never used in place of them.
	StatedSum, StatedAARS, StatedScore, StatedBand Text

	Layers   []LayerNote
	Tools    []Tool
	Reported *Reported // of the v0.8 report, nil for any other form
	Warnings []Warning
}

// Text is a piece of text an input gives. A text of several lines has one piece
// of evidence a line.
type Text struct {
	Value    string
	Basis    source.Basis // Unknown where the input is silent
	Evidence []source.Evidence
}

// Value is a number an input gives, or the interval that an unknown one may lie
// in.
type Value struct {
	Interval scoring.Interval
	Basis    source.Basis
	Why      string // the reason that the input's author gave
	Source   string // where the input's author says it comes from
	Evidence []source.Evidence
}

// Factor is the value of one amplification factor, by its key in the formula.
type Factor struct {
	Key    string
	Letter string // in place of a number, for a metric of aivss-1.0-candidate
	Value
}

// LayerNote is what an input says of one MAESTRO layer.
type LayerNote struct {
	Layer    string       // L1 to L7
	Status   Status       // empty where neither a tag nor the text tells
	Basis    source.Basis // of Status: stated by a tag, derived from the text
	Text     string
	Evidence []source.Evidence // one piece a line of the text; the tag's last
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

// The ids of warnings.
const (
	WarnNoName        = "no-name"                   // nothing names the agent
	WarnStatedSum     = "stated-sum"                // does not follow from the factors
	WarnStatedAARS    = "stated-aars"               // does not follow from base, factors and threat
	WarnStatedScore   = "stated-score"              // does not follow from the parts
	WarnStatedBand    = "stated-band"               // does not follow from the score
	WarnStatedBase    = "stated-base"               // does not follow from the vector
	WarnFormulaOption = "formula-not-used"          // the caller's formula does not fit the factors
	WarnFormulaText   = "formula-text-differs"      // the formula on the page is another one
	WarnLayersUntold  = "layers-not-told"           // layer texts that no layer can claim
	WarnLayerTag      = "layer-tag-differs"         // tag and text of a layer disagree
	WarnBetweenLevels = "mitigation-between-levels" // allowed by a report's form, not by the formula's text
	WarnUnread        = "not-read"                  // a part of the input that this form does not hold
)

// FormulaOf returns the agent's formula.
func (a *Agent) FormulaOf() *scoring.Formula {
	f, ok := scoring.Lookup(a.Formula.Value)
	if !ok {
		f, _ = scoring.Lookup(scoring.DefaultID)
	}
	return f
}

// Input returns the agent's formula and what it computes from: every part that
// is not known spans its published range. For a formula that gives no score it
// returns the formula and a *scoring.KindError.
func (a *Agent) Input() (*scoring.Formula, scoring.Input, error) {
	f := a.FormulaOf()
	in := f.Unknown()
	for _, factor := range a.Factors {
		if i, ok := f.Factor(factor.Key); ok && i < len(in.Factors) && factor.known() {
			in.Factors[i] = factor.Interval
		}
	}
	set := func(to *scoring.Interval, v *Value) {
		if v.known() {
			*to = v.Interval
		}
	}
	set(&in.Base, &a.Base)
	set(&in.Threat, &a.Threat)
	set(&in.Mitigation, &a.Mitigation)
	if a.AARS.known() {
		in.AARS, in.AARSStated = a.AARS.Interval, true
	}
	if a.Form == FormAppendixA {
		return f, in, f.CheckSchema(&in)
	}
	return f, in, f.Check(&in)
}

// known reports whether the input gives the value, exactly or as a range.
func (v *Value) known() bool { return v.Basis != "" && v.Basis != source.Unknown }

func (a *Agent) warn(id, message string, at source.Location) {
	a.Warnings = append(a.Warnings, Warning{ID: id, Message: message, At: at})
}
