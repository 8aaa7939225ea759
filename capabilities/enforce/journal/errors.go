package journal

import (
	"fmt"
	"time"
)

// Kind says why the journal refused. It is itself an error: errors.Is(err,
// journal.Owned).
type Kind string

// The kinds.
const (
	NotFound   Kind = "there is no such run"
	Owned      Kind = "another process executes the run"
	Lost       Kind = "the lease is lost: another process took the run over"
	Expired    Kind = "the lease ran out"
	Over       Kind = "the run has ended"
	Cancelled  Kind = "the run was cancelled"
	Illegal    Kind = "the run cannot move there"
	Conflict   Kind = "the step stands in the journal with something else"
	OutOfTurn  Kind = "a later effect must be undone first"
	Unfinished Kind = "effects are left"
	Invalid    Kind = "the request is not valid"
	Tampered   Kind = "the journal was altered"
)

func (k Kind) Error() string { return string(k) }

// Error is every refusal of this package. Errors of the database pass as
// *store.Error.
type Error struct {
	Kind   Kind
	Run    string
	Step   string
	Detail string
	Until  time.Time // of Owned: when the lease ends
}

func (e *Error) Error() string {
	text := "journal"
	if e.Run != "" {
		text += ": run " + e.Run
	}
	if e.Step != "" {
		text += fmt.Sprintf(", step %q", e.Step)
	}
	text += ": " + string(e.Kind)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap makes the kind visible to errors.Is.
func (e *Error) Unwrap() error { return e.Kind }
