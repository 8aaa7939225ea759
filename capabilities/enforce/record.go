package enforce

import (
	"context"
	"encoding/json"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/store"
)

// noteStep is the kind of a note that holds the report of a step.
const noteStep = "step"

// remark is what the journal keeps of a step beside its result.
type remark struct {
	First  *uint64    `json:"first"` // the run's first entry in the log
	Step   StepReport `json:"step"`
	Status int        `json:"status,omitempty"` // of the answer, where the step failed
}

func readRemark(note journal.Note) (remark, bool) {
	var one remark
	if note.Kind != noteStep || json.Unmarshal(note.Body, &one) != nil {
		return one, false
	}
	return one, true
}

// append writes to the log, in the order of the run. Without a record nothing goes
// on. A dry run has no record.
func (r *runner) append(ctx context.Context, v audit.Event) error {
	if r.trail == nil {
		return nil
	}
	if err := r.recorded(); err != nil {
		return err
	}
	receipt, err := r.trail.Append(ctx, v)
	return r.receive(receipt, err)
}

// beginRecord writes to the log while the run looks at its next step: the disk takes
// longer for an entry than every check does. Whatever is recorded next waits for it,
// so nothing is done and nothing is reported before it is on disk.
func (r *runner) beginRecord(ctx context.Context, v audit.Event) error {
	if r.trail == nil {
		return nil
	}
	if err := r.recorded(); err != nil {
		return err
	}
	r.writing = make(chan written, 1)
	go func(done chan<- written) {
		receipt, err := r.trail.Append(context.WithoutCancel(ctx), v)
		done <- written{receipt, err}
	}(r.writing)
	return nil
}

// written is what became of an entry.
type written struct {
	receipt audit.Receipt
	err     error
}

// recorded waits for the entry under way.
func (r *runner) recorded() error {
	if r.writing == nil {
		return nil
	}
	got := <-r.writing
	r.writing = nil
	return r.receive(got.receipt, got.err)
}

func (r *runner) receive(receipt audit.Receipt, err error) error {
	if err != nil {
		return &Error{Kind: Unavailable, Op: "record", Err: err}
	}
	if r.first == nil {
		r.first = &receipt.Index
	}
	return nil
}

// note keeps the report of a step with the run, for whoever goes on with it or
// looks at it later.
func (r *runner) note(tx *store.Tx, rep *StepReport, outcome, reason string) error {
	told := *rep
	told.Millis = r.now().Sub(r.began).Milliseconds()
	told.Outcome, told.Reason, told.Decisions = outcome, r.masked(reason), r.clean(rep.Decisions)
	body, err := json.Marshal(remark{First: r.first, Step: told, Status: r.statuses[rep.Step]})
	if err != nil {
		return err
	}
	return r.journal.Note(tx, r.lease, rep.Step, noteStep, body)
}

// complement writes the outcomes that the journal of a broken-off run holds and the
// log does not: the two are written at a time, and a process may end between them.
// The log is waited for before the next intent is recorded, which is after it is in
// the journal: so only the last two steps can be so.
func (r *runner) complement(ctx context.Context, s journal.Snapshot) error {
	if s.Run.State != journal.Running {
		return nil
	}
	for _, step := range s.Steps[max(0, len(s.Steps)-2):] {
		if err := r.complementStep(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) complementStep(ctx context.Context, step journal.Step) error {
	event := audit.Event{Kind: audit.KindOutcome, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose, Step: step.Name,
		Attempt: int(step.Attempt), Operation: step.Operation, Effect: step.Effect, Arguments: step.ArgumentsSHA256, Outcome: "failed",
		Reason: "from the journal, after a break", Simulated: r.req.Mode != Enforce}
	switch step.State {
	case journal.StepFailed:
	case journal.StepDone:
		var kept result
		if err := json.Unmarshal(step.Result.Bytes(), &kept); err != nil {
			return &Error{Kind: Unavailable, Op: "read the result of " + step.Name, Err: err}
		}
		if !kept.Denied {
			event.Outcome = "succeeded"
		}
	default:
		return nil
	}
	of := audit.Filter{Scope: audit.ForTenant(r.req.Tenant), Run: r.lease.Run, Step: step.Name, Kind: audit.KindOutcome}
	for record, err := range audit.Records(r.auditDir, of) {
		if err != nil {
			return &Error{Kind: Unavailable, Op: "read the record", Err: err}
		}
		if record.Entry.Attempt == int(step.Attempt) {
			return nil
		}
	}
	return r.append(ctx, event)
}
