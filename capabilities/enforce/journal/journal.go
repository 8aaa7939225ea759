package journal

import (
	"fmt"
	"io"
	"time"

	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
)

// Bounds on what one run may hold.
const (
	MaxSteps = 10_000
	MaxNotes = 100_000
	maxName  = 512 // bytes of a tenant, a step, a reason and the like
)

// Journal records runs. It holds no state of its own.
type Journal struct {
	box    *seal.Box
	random io.Reader
	lease  time.Duration
}

// New makes a journal that seals with box, draws ids from random, and grants
// leases of the given length. A lease is renewed by every intent and must outlast
// the longest single effect.
func New(box *seal.Box, random io.Reader, lease time.Duration) (*Journal, error) {
	if box == nil || random == nil || lease <= 0 {
		return nil, &Error{Kind: Invalid, Detail: "expected a box, a source of randomness and a positive length of leases"}
	}
	return &Journal{box: box, random: random, lease: lease}, nil
}

// Run is one execution of a capability.
type Run struct {
	ID          string
	Tenant      string
	Capability  string
	State       State
	Reason      string // why it is in this state, for a person
	WaitingOn   string // what a waiting run waits for
	CancelledBy string
	Owner       string
	Fence       int64
	InputSHA256 string
	Created     time.Time
	Updated     time.Time
	// Ready is from when anyone may claim the run; zero when it has ended.
	Ready time.Time
}

// NewRun is what a run begins with. Input holds all that is needed to compile and
// repeat it: it is sealed.
type NewRun struct {
	Tenant     string
	Capability string
	Input      canonical.JSON
}

// Create records a run that nobody executes yet.
func (j *Journal) Create(tx *store.Tx, n NewRun) (Run, error) {
	if err := named("tenant", n.Tenant, "capability", n.Capability); err != nil {
		return Run{}, err
	}
	now, err := tx.Now()
	if err != nil {
		return Run{}, err
	}
	id, err := store.NewID(j.random, "run")
	if err != nil {
		return Run{}, err
	}
	input, err := j.box.Seal(n.Input.Bytes(), "run", n.Tenant, id, "input")
	if err != nil {
		return Run{}, err
	}
	run := Run{ID: id, Tenant: n.Tenant, Capability: n.Capability, State: Pending, InputSHA256: n.Input.Hash(),
		Created: now, Updated: now, Ready: now}
	_, err = tx.Exec(`INSERT INTO runs (id, tenant, capability, state, reason, sealed_input, input_sha256,
		owner, fence, ready_at, waiting_on, cancelled_by, created_at, updated_at)
		VALUES (?, ?, ?, ?, '', ?, ?, '', 0, ?, '', '', ?, ?)`,
		run.ID, run.Tenant, run.Capability, string(run.State), input, run.InputSHA256,
		now.UnixNano(), now.UnixNano(), now.UnixNano())
	return run, err
}

// named checks pairs of a field and its value.
func named(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if field, value := pairs[i], pairs[i+1]; !store.IsName(value, maxName) {
			return &Error{Kind: Invalid, Detail: fmt.Sprintf("expected a %s of 1 to %d bytes without control characters", field, maxName)}
		}
	}
	return nil
}

func clip(reason string) string { return store.Clip(reason, maxName) }

const runColumns = `id, tenant, capability, state, reason, waiting_on, cancelled_by, owner, fence, input_sha256, created_at, updated_at, COALESCE(ready_at, 0)`

func scanRun(scan func(...any) error) (Run, error) {
	var r Run
	var created, updated, ready int64
	err := scan(&r.ID, &r.Tenant, &r.Capability, &r.State, &r.Reason, &r.WaitingOn, &r.CancelledBy, &r.Owner, &r.Fence,
		&r.InputSHA256, &created, &updated, &ready)
	r.Created, r.Updated = fromNanos(created), fromNanos(updated)
	if ready != 0 {
		r.Ready = fromNanos(ready)
	}
	return r, err
}

func fromNanos(n int64) time.Time { return time.Unix(0, n).UTC() }

// find reads a run, or says that there is none.
func find(tx *store.Tx, id string) (Run, error) {
	var run Run
	found := false
	err := tx.Each(`SELECT `+runColumns+` FROM runs WHERE id = ?`, []any{id}, func(scan func(...any) error) (err error) {
		found = true
		run, err = scanRun(scan)
		return err
	})
	if err == nil && !found {
		err = &Error{Kind: NotFound, Run: id}
	}
	return run, err
}
