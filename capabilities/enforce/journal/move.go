package journal

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/store"
)

// move changes the state of a run that is held. States that nobody executes have
// no owner; the fence stays, so that an old lease cannot come back.
func (j *Journal) move(tx *store.Tx, run hold, to State, reason string) error {
	if !run.state.CanBecome(to) {
		return &Error{Kind: Illegal, Run: run.id, Detail: fmt.Sprintf("from %s to %s", run.state, to)}
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	owner, ready := run.owner, any(run.ready.UnixNano())
	if to.Ended() {
		owner, ready = "", nil
	}
	if to == Waiting {
		owner = ""
	}
	_, err = tx.Exec(`UPDATE runs SET state = ?, reason = ?, owner = ?, ready_at = ?, waiting_on = ?, updated_at = ? WHERE id = ?`,
		string(to), clip(reason), owner, ready, run.waitingOn, now.UnixNano(), run.id)
	return err
}

// Wait puts a run to rest until something is decided or the time is up, whichever
// comes first, and gives up the lease. A run that rests costs its row and no more.
func (j *Journal) Wait(tx *store.Tx, l Lease, on string, until time.Time, reason string) error {
	if err := named("name of what the run waits for", on); err != nil {
		return err
	}
	run, err := j.live(tx, l)
	if err != nil {
		return err
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	if !until.After(now) {
		return &Error{Kind: Invalid, Run: l.Run, Detail: "a run waits until some time to come"}
	}
	if run.cancelled != "" {
		return &Error{Kind: Cancelled, Run: l.Run, Detail: "by " + run.cancelled}
	}
	run.waitingOn, run.ready = on, until
	return j.move(tx, run, Waiting, reason)
}

// Wake makes the runs ready that wait for something, and tells how many.
func (j *Journal) Wake(tx *store.Tx, on string) (int64, error) {
	now, err := tx.Now()
	if err != nil || on == "" {
		return 0, err
	}
	return tx.Exec(`UPDATE runs SET ready_at = ? WHERE waiting_on = ? AND state = 'waiting' AND ready_at > ?`,
		now.UnixNano(), on, now.UnixNano())
}

// Cancel asks for the end of a run. Whoever executes it is told at the next
// intent; a run that nobody executes becomes ready, for its effects to be undone.
func (j *Journal) Cancel(tx *store.Tx, tenant, id, by, reason string) error {
	if err := named("person who cancels", by); err != nil {
		return err
	}
	run, err := find(tx, id)
	if err != nil {
		return err
	}
	switch {
	case run.Tenant != tenant:
		return &Error{Kind: NotFound, Run: id}
	case run.State.Ended():
		return &Error{Kind: Over, Run: id, Detail: string(run.State)}
	case run.CancelledBy != "":
		return nil
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	ready := run.Ready
	if run.Owner == "" && now.Before(ready) {
		ready = now
	}
	_, err = tx.Exec(`UPDATE runs SET cancelled_by = ?, reason = ?, ready_at = ?, updated_at = ? WHERE id = ?`,
		by, clip(reason), ready.UnixNano(), now.UnixNano(), id)
	return err
}

// End closes a run. The journal holds the word it ends with to what the steps
// say: completed has nothing in doubt; denied has left nothing behind;
// compensated has undone everything; failed may have left something.
func (j *Journal) End(tx *store.Tx, l Lease, state State, reason string) error {
	run, err := held(tx, l)
	if err != nil {
		return err
	}
	if !state.Ended() {
		return &Error{Kind: Invalid, Run: l.Run, Detail: string(state) + " is not an end"}
	}
	steps, err := standings(tx, l.Run)
	if err != nil {
		return err
	}
	left := remaining(steps)
	problem := ""
	switch {
	case state == Failed:
	case len(left.InDoubt) > 0:
		problem = fmt.Sprintf("nobody knows what came of step %q", left.InDoubt[0].Name)
	case state == Completed:
	case len(left.Undo) > 0:
		problem = fmt.Sprintf("the effect of step %q is not undone", left.Undo[0].Name)
	case len(left.Cannot) > 0:
		problem = fmt.Sprintf("the effect of step %q stays", left.Cannot[0].Name)
	}
	if problem != "" {
		return &Error{Kind: Unfinished, Run: l.Run, Detail: problem + fmt.Sprintf(", so the run is not %s", state)}
	}
	return j.move(tx, run, state, reason)
}
