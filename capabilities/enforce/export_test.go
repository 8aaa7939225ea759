package enforce

import (
	"context"
	"encoding/json"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/store"
)

// State is the state of the stand-ins, for tests to count effects in.
func (r *Runtime) State() *state.State { return r.state }

// DB is where runs, approvals, limits and the state of the stand-ins are kept.
func (r *Runtime) DB() *store.DB { return r.db }

// Snapshot is all that the journal knows of a run.
func (r *Runtime) Snapshot(ctx context.Context, tenant, id string) (s journal.Snapshot, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) (err error) { s, err = r.journal.Show(tx, tenant, id); return err })
	return s, err
}

// Later is when a run that was put off is asked again.
var Later = later

// FindAgain makes the plan of a run again, from what is kept of the run.
func (r *Runtime) FindAgain(p *plan.Plan, folder string) (*plan.Plan, error) {
	text, err := keep(p, Request{Folder: folder}, p.Digest())
	if err != nil {
		return nil, err
	}
	var k kept
	if err := json.Unmarshal(text.Bytes(), &k); err != nil {
		return nil, err
	}
	return r.recompile(k)
}
