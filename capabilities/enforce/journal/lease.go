package journal

import (
	"time"

	"agentrisk/capabilities/enforce/store"
)

// Lease is the right to execute a run. Its fence is higher than that of every
// lease before it; providers that take a fencing token should get it.
type Lease struct {
	Run    string
	Tenant string
	Owner  string
	Fence  int64
	Until  time.Time // as it was granted; every intent renews it
}

// Claim takes a run: a new one, a waiting one, or one whose owner's lease ran
// out. The owner is a name no other process uses.
func (j *Journal) Claim(tx *store.Tx, tenant, id, owner string) (Lease, error) {
	if err := named("owner", owner); err != nil {
		return Lease{}, err
	}
	run, err := find(tx, id)
	if err != nil {
		return Lease{}, err
	}
	if run.Tenant != tenant { // not even that it exists
		return Lease{}, &Error{Kind: NotFound, Run: id}
	}
	return j.take(tx, run, owner)
}

// ClaimNext takes the run that has been ready the longest, of any tenant. It
// tells whether there was one.
func (j *Journal) ClaimNext(tx *store.Tx, owner string) (Lease, bool, error) {
	if err := named("owner", owner); err != nil {
		return Lease{}, false, err
	}
	now, err := tx.Now()
	if err != nil {
		return Lease{}, false, err
	}
	var id string
	found, err := tx.Get(`SELECT id FROM runs WHERE ready_at IS NOT NULL AND ready_at <= ? ORDER BY ready_at, id LIMIT 1`,
		[]any{now.UnixNano()}, &id)
	if err != nil || !found {
		return Lease{}, false, err
	}
	run, err := find(tx, id)
	if err != nil {
		return Lease{}, false, err
	}
	lease, err := j.take(tx, run, owner)
	return lease, err == nil, err
}

func (j *Journal) take(tx *store.Tx, run Run, owner string) (Lease, error) {
	now, err := tx.Now()
	if err != nil {
		return Lease{}, err
	}
	if run.State.Ended() {
		return Lease{}, &Error{Kind: Over, Run: run.ID, Detail: string(run.State)}
	}
	if run.Owner != "" && now.Before(run.Ready) {
		return Lease{}, &Error{Kind: Owned, Run: run.ID, Detail: "until " + run.Ready.Format(time.RFC3339Nano), Until: run.Ready}
	}
	state, reason := run.State, run.Reason
	if state.CanBecome(Running) {
		state = Running
		if run.CancelledBy == "" { // what it waited for is over
			reason = ""
		}
	}
	until := now.Add(j.lease)
	_, err = tx.Exec(`UPDATE runs SET state = ?, reason = ?, owner = ?, fence = fence + 1, ready_at = ?, waiting_on = '', updated_at = ? WHERE id = ?`,
		string(state), reason, owner, until.UnixNano(), now.UnixNano(), run.ID)
	return Lease{Run: run.ID, Tenant: run.Tenant, Owner: owner, Fence: run.Fence + 1, Until: until}, err
}

// hold is what a lease gives a hand on: of the run, what may change, and the numbers
// that are in use. Every record of a step begins with it, so it reads no more.
type hold struct {
	id                   string
	state                State
	waitingOn, cancelled string // cancelled: by whom
	owner                string
	ready                time.Time
	lastStep, lastNote   int64
}

// held reads the run of a lease that nobody took over. It may have run out.
func held(tx *store.Tx, l Lease) (hold, error) {
	h := hold{id: l.Run}
	var tenant string
	var fence, ready int64
	found, err := tx.Get(`SELECT tenant, state, waiting_on, cancelled_by, owner, fence, COALESCE(ready_at, 0),
		(SELECT COALESCE(MAX(seq), 0) FROM steps WHERE run = runs.id), (SELECT COALESCE(MAX(seq), 0) FROM notes WHERE run = runs.id)
		FROM runs WHERE id = ?`, []any{l.Run}, &tenant, &h.state, &h.waitingOn, &h.cancelled, &h.owner, &fence, &ready, &h.lastStep, &h.lastNote)
	switch {
	case err != nil:
		return h, err
	case !found || tenant != l.Tenant:
		return h, &Error{Kind: NotFound, Run: l.Run}
	case fence == l.Fence && h.owner == l.Owner:
		h.ready = fromNanos(ready)
		return h, nil
	case h.state.Ended():
		return h, &Error{Kind: Over, Run: l.Run, Detail: string(h.state)}
	}
	return h, &Error{Kind: Lost, Run: l.Run}
}

// live reads the run of a lease that still holds, and renews the lease.
func (j *Journal) live(tx *store.Tx, l Lease) (hold, error) {
	run, err := held(tx, l)
	if err != nil {
		return run, err
	}
	now, err := tx.Now()
	if err != nil {
		return run, err
	}
	if !now.Before(run.ready) {
		return run, &Error{Kind: Expired, Run: l.Run, Detail: "claim the run again"}
	}
	run.ready = now.Add(j.lease)
	_, err = tx.Exec(`UPDATE runs SET ready_at = ? WHERE id = ?`, run.ready.UnixNano(), l.Run)
	return run, err
}

// Renew prolongs a lease while an effect takes its time. A run that was cancelled
// says so.
func (j *Journal) Renew(tx *store.Tx, l Lease) (Lease, error) {
	run, err := j.live(tx, l)
	if err != nil {
		return l, err
	}
	l.Until = run.ready
	if run.cancelled != "" && run.state == Running {
		return l, &Error{Kind: Cancelled, Run: l.Run, Detail: "by " + run.cancelled}
	}
	return l, nil
}

// Release gives a run back before it has ended, for anyone to claim from the
// given time on: a process that shuts down, or one that tries again later.
func (j *Journal) Release(tx *store.Tx, l Lease, from time.Time) error {
	if _, err := held(tx, l); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE runs SET owner = '', ready_at = ? WHERE id = ?`, from.UnixNano(), l.Run)
	return err
}
