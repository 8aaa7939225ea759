package journal

import (
	"slices"

	"agentrisk/capabilities/enforce/store"
)

// Compensate turns a run around: from now on it begins no effect, and those that
// happened are undone.
func (j *Journal) Compensate(tx *store.Tx, l Lease, reason string) error {
	run, err := j.live(tx, l)
	if err != nil || run.state == Compensating {
		return err
	}
	return j.move(tx, run, Compensating, reason)
}

// Compensation is what is left to do, and what cannot be done.
type Compensation struct {
	InDoubt []Step // must be settled first: the effect may have happened
	Undo    []Step // the last effect first
	Cannot  []Step // impossible or stuck
}

// Compensation lists what is left of a run that is turned around.
func (j *Journal) Compensation(tx *store.Tx, l Lease) (Compensation, error) {
	if _, err := held(tx, l); err != nil {
		return Compensation{}, err
	}
	steps, err := j.steps(tx, l.Tenant, l.Run)
	if err != nil {
		return Compensation{}, err
	}
	return remaining(steps), nil
}

// standings reads where the steps of a run stand, and no more of them.
func standings(tx *store.Tx, run string) ([]Step, error) {
	var steps []Step
	err := tx.Each(`SELECT seq, step, state, undo FROM steps WHERE run = ? ORDER BY seq`, []any{run}, func(scan func(...any) error) error {
		var s Step
		err := scan(&s.Seq, &s.Name, &s.State, &s.Undo)
		steps = append(steps, s)
		return err
	})
	return steps, err
}

func remaining(steps []Step) Compensation {
	var c Compensation
	for _, step := range slices.Backward(steps) {
		switch {
		case step.State == Intended:
			c.InDoubt = append(c.InDoubt, step)
		case step.State == Undoing, step.State == StepDone && step.Undo == UndoPossible:
			c.Undo = append(c.Undo, step)
		case step.State == Stuck, step.State == StepDone && step.Undo == UndoImpossible:
			c.Cannot = append(c.Cannot, step)
		}
	}
	return c
}

// IntendUndo records that an effect is about to be undone, the last one first,
// and tells where that stands.
func (j *Journal) IntendUndo(tx *store.Tx, l Lease, name string) (Standing, Step, error) {
	run, err := j.live(tx, l)
	if err != nil {
		return "", Step{}, err
	}
	if run.state != Compensating {
		return "", Step{}, &Error{Kind: Illegal, Run: l.Run, Step: name, Detail: "it is " + string(run.state) + " and undoes nothing"}
	}
	steps, err := j.steps(tx, l.Tenant, l.Run)
	if err != nil {
		return "", Step{}, err
	}
	i := slices.IndexFunc(steps, func(s Step) bool { return s.Name == name })
	if i < 0 {
		return "", Step{}, &Error{Kind: Conflict, Run: l.Run, Step: name, Detail: "it was never intended"}
	}
	step := steps[i]
	later := remaining(steps[i+1:])
	switch {
	case step.State == Undone:
		return Done, step, nil
	case len(later.InDoubt)+len(later.Undo) > 0:
		return "", step, &Error{Kind: OutOfTurn, Run: l.Run, Step: name}
	case step.State == Undoing:
		return InDoubt, step, nil
	case step.State != StepDone || step.Undo != UndoPossible:
		return "", step, &Error{Kind: Conflict, Run: l.Run, Step: name, Detail: "it is " + string(step.State) + ", and undoing it is " + string(step.Undo)}
	}
	return Fresh, step, j.undo(tx, l, name, Undoing, "")
}

// FinishUndo records that an effect is undone.
func (j *Journal) FinishUndo(tx *store.Tx, l Lease, name string) error {
	return j.endUndo(tx, l, name, Undone, "")
}

// StickUndo records that an effect could not be undone, for good, and why.
func (j *Journal) StickUndo(tx *store.Tx, l Lease, name, reason string) error {
	return j.endUndo(tx, l, name, Stuck, reason)
}

func (j *Journal) endUndo(tx *store.Tx, l Lease, name string, state StepState, reason string) error {
	step, err := j.outcome(tx, l, name)
	if err != nil || step.State == state {
		return err
	}
	if step.State != Undoing {
		return &Error{Kind: Conflict, Run: l.Run, Step: name, Detail: "it is " + string(step.State)}
	}
	return j.undo(tx, l, name, state, reason)
}

func (j *Journal) undo(tx *store.Tx, l Lease, name string, state StepState, reason string) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE steps SET state = ?, reason = ?, fence = ?, undone_at = ? WHERE run = ? AND step = ?`,
		string(state), clip(reason), l.Fence, now.UnixNano(), l.Run, name)
	return err
}
