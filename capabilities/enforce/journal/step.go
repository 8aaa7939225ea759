package journal

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

// Step is one step of a run, as far as it came.
type Step struct {
	Seq             int64
	Name            string
	Attempt         int64
	Operation       string
	Effect          string
	Key             string // to pass on where the provider takes one
	ArgumentsSHA256 string
	State           StepState
	Reason          string
	Result          canonical.JSON // of a step that is done
	Undo            Undo
	UndoOperation   string
	UndoArguments   canonical.JSON
	UndoKey         string
	IntentAt        time.Time
	OutcomeAt       time.Time // zero: none was written
	UndoneAt        time.Time
}

// Intent is what a step is about to do.
type Intent struct {
	Step      string
	Operation string
	Effect    string
	Arguments canonical.JSON
}

// Key is the idempotency key of a step: a hash of run, step and arguments.
func Key(run, step string, arguments canonical.JSON) string {
	return canonical.Sum("effect", run, step, arguments.String())
}

// Intend records that a step is about to act, and tells where it stands. The
// transaction must be committed before the effect.
func (j *Journal) Intend(tx *store.Tx, l Lease, in Intent) (Standing, Step, error) {
	if err := named("step", in.Step, "operation", in.Operation, "effect", in.Effect); err != nil {
		return "", Step{}, err
	}
	run, err := j.live(tx, l)
	if err != nil {
		return "", Step{}, err
	}
	if run.cancelled != "" {
		return "", Step{}, &Error{Kind: Cancelled, Run: l.Run, Step: in.Step, Detail: "by " + run.cancelled}
	}
	if run.state != Running {
		return "", Step{}, &Error{Kind: Illegal, Run: l.Run, Step: in.Step, Detail: "it is " + string(run.state) + " and begins no effect"}
	}
	key := Key(l.Run, in.Step, in.Arguments)
	step, found, err := j.step(tx, l, in.Step)
	if err != nil {
		return "", Step{}, err
	}
	if found && step.State != StepFailed {
		return stands(l, step, in, key)
	}
	return j.intend(tx, l, in, key, step, run.lastStep+1)
}

// stands answers for a step that acted, or may have acted, before.
func stands(l Lease, step Step, in Intent, key string) (Standing, Step, error) {
	if step.Key != key || step.Operation != in.Operation || step.Effect != in.Effect {
		return "", step, &Error{Kind: Conflict, Run: l.Run, Step: in.Step,
			Detail: fmt.Sprintf("%s with %s and other arguments or another operation", step.State, step.Operation)}
	}
	switch step.State {
	case Intended:
		return InDoubt, step, nil
	case StepDone:
		return Done, step, nil
	}
	return "", step, &Error{Kind: Conflict, Run: l.Run, Step: in.Step, Detail: string(step.State)}
}

// intend writes the first attempt of a step, or the next after one that is known
// to have done nothing. It goes to the end: effects are undone in the order they happened.
func (j *Journal) intend(tx *store.Tx, l Lease, in Intent, key string, before Step, seq int64) (Standing, Step, error) {
	now, err := tx.Now()
	if err != nil {
		return "", Step{}, err
	}
	step := Step{Seq: seq, Name: in.Step, Attempt: before.Attempt + 1, Operation: in.Operation, Effect: in.Effect,
		Key: key, ArgumentsSHA256: in.Arguments.Hash(), State: Intended, IntentAt: now}
	if before.Attempt > 0 {
		if _, err := tx.Exec(`DELETE FROM steps WHERE run = ? AND seq = ?`, l.Run, before.Seq); err != nil {
			return "", Step{}, err
		}
	}
	if step.Seq > MaxSteps {
		return "", Step{}, &Error{Kind: Invalid, Run: l.Run, Step: in.Step, Detail: fmt.Sprintf("a run has at most %d steps", MaxSteps)}
	}
	_, err = tx.Exec(`INSERT INTO steps (run, seq, step, attempt, operation, effect, idempotency_key, arguments_sha256, state, reason,
		sealed_result, result_sha256, undo, undo_operation, sealed_undo, undo_key, fence, intent_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', '', '', ?, ?)`,
		l.Run, step.Seq, step.Name, step.Attempt, step.Operation, step.Effect, step.Key, step.ArgumentsSHA256, string(step.State),
		l.Fence, now.UnixNano())
	return Fresh, step, err
}

// Outcome is what came of an effect that happened.
type Outcome struct {
	Result canonical.JSON
	Undo   Undo // required
	// How it is undone, where that is possible.
	UndoOperation string
	UndoArguments canonical.JSON
}

// Finish records that the effect of a step happened. It may be said again, as
// long as the same is said.
func (j *Journal) Finish(tx *store.Tx, l Lease, name string, out Outcome) error {
	if err := out.valid(l.Run, name); err != nil {
		return err
	}
	step, err := j.outcome(tx, l, name)
	if err != nil {
		return err
	}
	if step.State == StepDone && step.told(out) {
		return nil
	}
	if step.State != Intended {
		return &Error{Kind: Conflict, Run: l.Run, Step: name, Detail: "it is " + string(step.State)}
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	result, err := j.box.Seal(out.Result.Bytes(), "step", l.Tenant, l.Run, step.Key, "result")
	if err != nil {
		return err
	}
	var undo, undoKey string
	if out.Undo == UndoPossible {
		undoKey = canonical.Sum("undo", l.Run, name, out.UndoOperation, out.UndoArguments.String())
		if undo, err = j.box.Seal(out.UndoArguments.Bytes(), "step", l.Tenant, l.Run, step.Key, "undo"); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE steps SET state = ?, sealed_result = ?, result_sha256 = ?, undo = ?, undo_operation = ?, sealed_undo = ?,
		undo_key = ?, fence = ?, outcome_at = ? WHERE run = ? AND step = ?`,
		string(StepDone), result, out.Result.Hash(), string(out.Undo), out.UndoOperation, undo, undoKey, l.Fence, now.UnixNano(), l.Run, name)
	return err
}

// told says whether a step already holds an outcome.
func (s Step) told(out Outcome) bool {
	return s.Result.String() == out.Result.String() && s.Undo == out.Undo &&
		s.UndoOperation == out.UndoOperation && s.UndoArguments.String() == out.UndoArguments.String()
}

func (out Outcome) valid(run, step string) error {
	switch {
	case out.Undo != UndoNone && out.Undo != UndoPossible && out.Undo != UndoImpossible:
		return &Error{Kind: Invalid, Run: run, Step: step, Detail: "the outcome does not say whether the effect can be undone"}
	case (out.Undo == UndoPossible) != (out.UndoOperation != ""):
		return &Error{Kind: Invalid, Run: run, Step: step, Detail: "an operation that undoes belongs to an effect that can be undone, and only there"}
	}
	return nil
}

// Fail records that a step is known to have had no effect: it was refused before
// it acted, or the provider says so. Only then may it be tried again with other
// arguments.
func (j *Journal) Fail(tx *store.Tx, l Lease, name, reason string) error {
	step, err := j.outcome(tx, l, name)
	if err != nil {
		return err
	}
	if step.State == StepFailed {
		return nil
	}
	if step.State != Intended {
		return &Error{Kind: Conflict, Run: l.Run, Step: name, Detail: "it is " + string(step.State)}
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE steps SET state = ?, reason = ?, fence = ?, outcome_at = ? WHERE run = ? AND step = ?`,
		string(StepFailed), clip(reason), l.Fence, now.UnixNano(), l.Run, name)
	return err
}

// outcome reads the step that something is to be recorded about. The lease may
// have run out: what happened is not lost as long as nobody else has taken over.
func (j *Journal) outcome(tx *store.Tx, l Lease, name string) (Step, error) {
	run, err := held(tx, l)
	if err != nil {
		return Step{}, err
	}
	if run.state != Running && run.state != Compensating {
		return Step{}, &Error{Kind: Illegal, Run: l.Run, Step: name, Detail: "it is " + string(run.state)}
	}
	step, found, err := j.step(tx, l, name)
	if err == nil && !found {
		err = &Error{Kind: Conflict, Run: l.Run, Step: name, Detail: "it was never intended"}
	}
	return step, err
}
