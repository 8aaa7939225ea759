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
