package decision

import (
	"fmt"
	"time"
)

// Verdict is the answer of one check. The zero Verdict is a denial: a check that
// forgets to answer denies.
type Verdict uint8

// The five verdicts.
const (
	Deny   Verdict = iota
	Allow          // go on
	Modify         // go on with the arguments the decision carries
	StepUp         // go on only after a person approved
	Defer          // not now: wait and ask again
)

// String is the word used in outputs and in the audit log.
func (v Verdict) String() string {
	switch v {
	case Allow:
		return "allow"
	case Modify:
		return "modify"
	case StepUp:
		return "step-up"
	case Defer:
		return "defer"
	}
	return "deny"
}

// MarshalText prints the word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word. Any other word is an error, never a verdict.
func (v *Verdict) UnmarshalText(text []byte) error {
	for _, known := range []Verdict{Deny, Allow, Modify, StepUp, Defer} {
		if string(text) == known.String() {
			*v = known
			return nil
		}
	}
	return fmt.Errorf("unknown verdict %q: expected deny, allow, modify, step-up or defer", text)
}

// Source says who brought a check into the flow.
type Source string

// A check stands in the capability itself, or the runtime had to supply it.
const (
	ByCapability Source = "capability"
	ByRuntime    Source = "runtime"
)

// Decision is what one check answered.
type Decision struct {
	Check      string  `json:"check"` // tenant, identity, scope, limits, anomaly, fga, policy, approval, egress, …
	Verdict    Verdict `json:"decision"`
	Reason     string  `json:"reason"` // for a person
	SuppliedBy Source  `json:"supplied_by"`
	// Rule is the id of what decided: a policy rule, a relation, a limit.
	Rule string `json:"rule,omitempty"`
	// Until is when to ask again after a Defer; zero where nobody knows. It is for the
	// one who waits, and no part of the answer that is recorded.
	Until time.Time `json:"-"`
}

// Denied builds the denial of a check. Every error becomes one.
func Denied(check, reason string) Decision {
	return Decision{Check: check, Verdict: Deny, Reason: reason, SuppliedBy: ByRuntime}
}

// Actor is one link of a delegation chain.
type Actor struct {
	Kind string `json:"kind"` // user or agent
	ID   string `json:"id"`
}

// Context is the sealed circumstance of a run. It is made once, by the runtime,
// from what identity and tenant guard established, and is never taken from an
// agent's input.
type Context struct {
	Tenant  string  `json:"tenant"`
	User    Actor   `json:"user"`  // on whose behalf
	Agent   Actor   `json:"agent"` // who acts
	Chain   []Actor `json:"chain"` // from the user down to the agent
	Purpose string  `json:"purpose"`
	Run     string  `json:"run"`
}

// Request is one step asking to act.
type Request struct {
	Context
	Step      string `json:"step"`
	Attempt   int    `json:"attempt"`
	Operation string `json:"operation"` // catalogue id
	Effect    string `json:"effect"`    // as in the effects package: money, credential, …
	Resource  string `json:"resource"`  // type:id, empty where the step names none
	Relation  string `json:"relation"`  // what is needed on the resource
	Scope     string `json:"scope"`     // what the grant must cover
	// Arguments is the canonical JSON of the arguments; Hash its SHA-256 in hex.
	// Logs carry the hash alone.
	Arguments []byte    `json:"-"`
	Hash      string    `json:"arguments_sha256"`
	At        time.Time `json:"at"` // from the run's one clock
}
