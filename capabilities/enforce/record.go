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

// append writes to the log what was kept for it, and an event, in the order of the
// run. Without a record nothing goes on. A dry run has no record. What has happened is
// put on record whoever stops waiting.
func (r *runner) append(ctx context.Context, v audit.Event) error {
	if len(r.unwritten) > 0 {
		ctx = context.WithoutCancel(ctx)
	}
	r.record(v)
	return r.recorded(ctx)
}

// record keeps an event for the log until the next that something waits for: an
// outcome is written together with the intent behind it, which takes the disk as long
// as one of them. So nothing is done and nothing is reported before all that came
// before is on disk; what a break takes along, the journal knows.
func (r *runner) record(v audit.Event) {
	if r.trail != nil {
		r.unwritten = append(r.unwritten, v)
	}
}

// recorded writes to the log what was kept for it.
func (r *runner) recorded(ctx context.Context) error {
	if len(r.unwritten) == 0 {
		return nil
	}
	events := r.unwritten
	r.unwritten = nil
	receipts, err := r.trail.AppendAll(ctx, events...)
	if r.first == nil && len(receipts) > 0 {
		r.first = &receipts[0].Index
	}
	if err != nil {
		return &Error{Kind: Unavailable, Op: "record", Err: err}
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
// log does not: an outcome is in the log with the next intent, which is in the journal
// before, and a process may end between them. So only the last two steps can be so.
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
