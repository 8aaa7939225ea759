package lint

import "agentrisk/internal/source"

// Schema names the version of Result as JSON.
const Schema = "agentrisk.findings/v1"

// Result is what linting some documents found. Lists are never nil, and sorted:
// the same documents give the same Result, whatever the number of cores.
type Result struct {
	Schema     string       `json:"schema"` // always Schema
	Files      []FileResult `json:"files"`
	Findings   []Finding    `json:"findings"` // suppressed ones among them
	Steps      []StepResult `json:"steps"`
	Summary    Summary      `json:"summary"`
	Incomplete []Incomplete `json:"incomplete"` // not empty: nothing may be concluded from the absence of findings
}

// FileResult is one document of a file.
type FileResult struct {
	File     string `json:"file"`
	Document int    `json:"document,omitempty"` // place among the documents of its file, from 0
	Dialect  string `json:"dialect"`
	Version  string `json:"version"`
	Conforms bool   `json:"conforms"` // to the rules of its own version; false where that cannot be told
}

// State says whether a step has a control that it needs.
type State string

// The states of a need.
const (
	Present   State = "present"
	Late      State = "late" // only after the step that needs it before
	Missing   State = "missing"
	NotNeeded State = "not-needed"
)

// StepResult is a row of the coverage matrix: a step, or an exposed operation or
// tool that calls one operation, and the controls it needs.
type StepResult struct {
	File     string          `json:"file"`
	Flow     string          `json:"flow"` // workflow id, name of the tool or operation; "-" where the document is the flow
	Step     string          `json:"step"` // its id, its name, or its place counted from 1
	Effect   string          `json:"effect"`
	Control  string          `json:"control"`
	Basis    string          `json:"basis"` // what told the effect, as in package effects
	Location source.Location `json:"location"`
	Needs    Needs           `json:"needs"`
	Where    Where           `json:"where"`
}

// Needs are the four controls of a step.
type Needs struct {
	Authentication State `json:"authentication"`
	Authorization  State `json:"authorization"`
	Approval       State `json:"approval"`
	Audit          State `json:"audit"`
}

// Where names what gives each control that is present or late: the label of a
// step, or "adapter" where the callers of the adapter authenticate; else "".
type Where struct {
	Authentication string `json:"authentication,omitempty"`
	Authorization  string `json:"authorization,omitempty"`
	Approval       string `json:"approval,omitempty"`
	Audit          string `json:"audit,omitempty"`
}

// Summary counts what a Result holds.
type Summary struct {
	Files      int `json:"files"`
	Documents  int `json:"documents"`
	Steps      int `json:"steps"`
	Privileged int `json:"privileged"` // steps whose effect needs approval
	Covered    int `json:"covered"`    // privileged steps with every control they need
	Findings   int `json:"findings"`   // not suppressed
	Errors     int `json:"errors"`     // not suppressed, as are the two below
	Warnings   int `json:"warnings"`
	Notes      int `json:"notes"`
	Suppressed int `json:"suppressed"`
	Incomplete int `json:"incomplete"`
}

// Incomplete says what could not be judged, and why.
type Incomplete struct {
	File    string `json:"file"`
	Rule    string `json:"rule,omitempty"` // the rule that failed, "" where it was all of them
	Message string `json:"message"`
}

// Suppression is a comment that suppresses findings, or one that should have.
type Suppression struct {
	Location source.Location `json:"location"`
	Rules    []string        `json:"rules"`
	Until    string          `json:"until,omitempty"` // YYYY-MM-DD, the last day it counts
	By       string          `json:"by,omitempty"`
	Reason   string          `json:"reason"`
}

// Worst returns the worst severity among the findings that are not suppressed,
// "" where there are none.
func (r *Result) Worst() Severity {
	for _, severity := range Severities() {
		for i := range r.Findings {
			if r.Findings[i].Severity == severity && !r.Findings[i].Suppressed {
				return severity
			}
		}
	}
	return ""
}
