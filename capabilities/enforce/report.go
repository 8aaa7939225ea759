package enforce

import (
	"time"

	"agentrisk/capabilities/enforce/decision"
)

// ReportSchema names the version of Report as JSON.
const ReportSchema = "agentrisk.run/v1"

// Reading says whether the runtime adds the controls that a capability lacks.
type Reading string

// The readings.
const (
	Enforced Reading = "enforced" // the runtime supplies what is missing, and says so
	Declared Reading = "declared" // the capability's own steps act alone; shows what slips through
)

// Mode says what a run may change.
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // effects happen
	Sandbox Mode = "sandbox" // effects happen to a scratch copy and are thrown away
	DryRun  Mode = "dry-run" // checks alone: nothing is called
)

// Outcome is how a run stands.
type Outcome string

// The outcomes.
const (
	Completed   Outcome = "completed"
	Denied      Outcome = "denied"      // a check said no
	Waiting     Outcome = "waiting"     // for a person, or for a time
	Failed      Outcome = "failed"      // something broke; what is left stands in the steps
	Compensated Outcome = "compensated" // every effect was undone
)

// Outcomes of a step.
const (
	StepDone       = "done"
	StepDenied     = "denied"
	StepFailed     = "failed"
	StepUncertain  = "uncertain" // the effect may have happened, and nobody could tell
	StepWaiting    = "waiting"
	StepUndone     = "undone"
	StepStuck      = "stuck"       // could not be undone
	StepSkipped    = "skipped"     // its conditions do not hold
	StepOutside    = "outside"     // it happens elsewhere; nothing was confirmed
	StepWould      = "would"       // of a dry run: it would happen
	StepNotReached = "not-reached" // the run ended before
)

// Report is what became of a run. Secrets are masked in every part of it.
type Report struct {
	Schema     string         `json:"schema"`
	Run        string         `json:"run"`
	Capability string         `json:"capability"`
	File       string         `json:"file"`
	Tenant     string         `json:"tenant"`
	User       string         `json:"user"`
	Agent      string         `json:"agent"`
	Purpose    string         `json:"purpose"`
	Reading    Reading        `json:"reading"`
	Mode       Mode           `json:"mode"`
	Outcome    Outcome        `json:"outcome"`
	Reason     string         `json:"reason"`
	Steps      []StepReport   `json:"steps"`
	Outputs    map[string]any `json:"outputs"`
	Audit      AuditReport    `json:"audit"`
	Warnings   []string       `json:"warnings"`
	// Simulated: the time, the effects or some answers are not real.
	Simulated bool `json:"simulated"`
	// Wait says what a waiting run waits for.
	Wait *WaitReport `json:"wait,omitempty"`
	// Supplied lists the controls that the runtime had to supply, by step.
	Supplied []SuppliedReport `json:"supplied"`
}

// StepReport is one step of a run, in the order of the plan.
type StepReport struct {
	Step      string `json:"step"`
	Title     string `json:"title,omitempty"`
	Operation string `json:"operation,omitempty"`
	Named     string `json:"named,omitempty"` // the operation as the document names it, where that differs
	Effect    string `json:"effect"`
	Control   string `json:"control"`
	Resource  string `json:"resource,omitempty"`
	Relation  string `json:"relation,omitempty"`
	Scope     string `json:"scope,omitempty"`
	// Whole is what is asked for besides, where only the document says what the step
	// acts on: the service as a whole.
	Whole *WholeReport `json:"whole,omitempty"`

	Decisions []decision.Decision `json:"decisions"`
	Outcome   string              `json:"outcome"`
	Reason    string              `json:"reason,omitempty"`
	Millis    int64               `json:"millis"`
	Simulated bool                `json:"simulated,omitempty"`
	Attempt   int                 `json:"attempt,omitempty"`
	Approval  string              `json:"approval,omitempty"`
	Modified  bool                `json:"modified,omitempty"` // a policy changed the arguments
	// Arguments are shown as they are bound, never with a secret value.
	Arguments map[string]any `json:"arguments,omitempty"`
}

// WholeReport is the right that a step needs on its service as a whole.
type WholeReport struct {
	Resource string `json:"resource"`
	Relation string `json:"relation"`
	Scope    string `json:"scope"`
}

// AuditReport says where the record of a run stands.
type AuditReport struct {
	First      *uint64 `json:"first"` // index of the run's first entry in the log; nil: none
	Last       *uint64 `json:"last"`
	Checkpoint string  `json:"checkpoint"` // signed, over the entries so far; "" where none covers them yet
	Location   string  `json:"location"`   // the log's folder, "" in memory
}

// WaitReport says what a run waits for.
type WaitReport struct {
	Approval string    `json:"approval,omitempty"` // id of what is to be decided
	Step     string    `json:"step"`
	Until    time.Time `json:"until"`
	Who      []string  `json:"who"` // may decide
}

// SuppliedReport is a control that a capability lacks and the runtime supplied.
type SuppliedReport struct {
	Step  string `json:"step"`
	Check string `json:"check"` // identity, fga, approval or audit
	State string `json:"state"` // of the capability's own: late or missing
}
