package enforce

import (
	"context"
	"encoding/json"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

// noteStep is the kind of a note that holds the report of a step.
const noteStep = "step"

// remark is what the journal keeps of a step beside its result.
type remark struct {
	First *uint64    `json:"first"` // the run's first entry in the log
	Step  StepReport `json:"step"`
}

func readRemark(note journal.Note) (remark, bool) {
	var one remark
	if note.Kind != noteStep || json.Unmarshal(note.Body.Bytes(), &one) != nil {
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
	receipt, err := r.trail.Append(ctx, v)
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
	told.Outcome, told.Reason, told.Decisions = outcome, r.masked(reason), r.clean(rep.Decisions)
	text, err := json.Marshal(remark{First: r.first, Step: told})
	if err != nil {
		return err
	}
	body, err := canonical.Parse(text)
	if err != nil {
		return err
	}
	return r.journal.Note(tx, r.lease, rep.Step, noteStep, body)
}

// complement writes the outcome that the journal of a broken-off run holds and the
// log does not: the two are written at a time, and a process may end between them.
// Only the last step can be so.
func (r *runner) complement(ctx context.Context, s journal.Snapshot) error {
	if s.Run.State != journal.Running || len(s.Steps) == 0 {
		return nil
	}
	last := s.Steps[len(s.Steps)-1]
	event := audit.Event{Kind: audit.KindOutcome, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose, Step: last.Name,
		Attempt: int(last.Attempt), Operation: last.Operation, Effect: last.Effect, Arguments: last.ArgumentsSHA256, Outcome: "failed",
		Reason: "from the journal, after a break", Simulated: r.req.Mode != Enforce}
	switch last.State {
	case journal.StepFailed:
	case journal.StepDone:
		var kept result
		if err := json.Unmarshal(last.Result.Bytes(), &kept); err != nil {
			return &Error{Kind: Unavailable, Op: "read the result of " + last.Name, Err: err}
		}
		if !kept.Denied {
			event.Outcome = "succeeded"
		}
	default:
		return nil
	}
	of := audit.Filter{Scope: audit.ForTenant(r.req.Tenant), Run: r.lease.Run, Step: last.Name, Kind: audit.KindOutcome}
	for record, err := range audit.Records(r.auditDir, of) {
		if err != nil {
			return &Error{Kind: Unavailable, Op: "read the record", Err: err}
		}
		if record.Entry.Attempt == int(last.Attempt) {
			return nil
		}
	}
	return r.append(ctx, event)
}
