package enforce

import (
	"context"
	"encoding/json"
	"errors"

	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/store"
)

// Approvals lists what people are asked, and were.
func (r *Runtime) Approvals(ctx context.Context, f approval.Filter) (page approval.Page, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error { page, err = r.desk.List(tx, f); return err })
	return page, err
}

// Approval shows one.
func (r *Runtime) Approval(ctx context.Context, tenant, id string) (one approval.Approval, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error { one, err = r.desk.Show(tx, tenant, id); return err })
	return one, err
}

// Decide records the answer of a person: in the log first, then where it counts.
// An answer that is refused is on record too. The run that waits for it may go on.
func (r *Runtime) Decide(ctx context.Context, answer approval.Answer) (one approval.Approval, err error) {
	if answer.Person.ID == "" {
		return one, invalid("decide", "nobody says who decides")
	}
	asked, err := r.Approval(ctx, answer.Tenant, answer.ID)
	if err != nil {
		return one, err
	}
	if answer.PolicyVersion == "" {
		answer.PolicyVersion = r.policyVersion(answer.Tenant)
	}
	trail, err := r.log.Resume(ctx, asked.Run)
	if err != nil {
		return one, &Error{Kind: Unavailable, Op: "record the answer", Hint: "the run may be at work: try again", Err: err}
	}
	defer trail.Close()
	said := decision.Decision{Check: approval.Check, Verdict: decision.Deny, SuppliedBy: decision.ByRuntime, Rule: asked.ID, Reason: "denied by " + answer.Person.ID}
	if answer.Approve {
		said.Verdict, said.Reason = decision.Allow, "approved by "+answer.Person.ID
	}
	if answer.Reason != "" {
		said.Reason += ": " + r.masker.Text(answer.Reason)
	}
	event := audit.Event{Kind: audit.KindApproval, At: r.options.Clock().UTC(), Tenant: asked.Tenant, Chain: []decision.Actor{answer.Person},
		Purpose: asked.Purpose, Step: asked.Step, Operation: asked.Operation, Effect: asked.Effect, Resource: asked.Resource, Arguments: asked.ArgumentsSHA256,
		Approval: asked.ID, Decisions: []decision.Decision{said}, Reason: said.Reason}
	if _, err := trail.Append(ctx, event); err != nil {
		return one, &Error{Kind: Unavailable, Op: "record the answer", Err: err}
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		if one, err = r.desk.Decide(tx, answer); err != nil {
			return err
		}
		_, err = r.journal.Wake(tx, one.ID)
		return err
	})
	if err == nil {
		return one, nil
	}
	event.Kind, event.Reason = audit.KindDenial, "the answer does not count: "+err.Error()
	event.Decisions = []decision.Decision{decision.Denied(approval.Check, err.Error())}
	_, recordErr := trail.Append(context.WithoutCancel(ctx), event)
	return one, errors.Join(err, recordErr)
}

// Runs lists runs of a tenant.
func (r *Runtime) Runs(ctx context.Context, f journal.Filter) (page journal.Page, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error { page, err = r.journal.List(tx, f); return err })
	return page, err
}

// ShowRun reports a run as far as the journal knows it.
func (r *Runtime) ShowRun(ctx context.Context, tenant, id string) (*Report, error) {
	var s journal.Snapshot
	err := r.db.Read(ctx, func(tx *store.Tx) (err error) { s, err = r.journal.Show(tx, tenant, id); return err })
	if err != nil {
		return nil, runError("show "+id, err)
	}
	for _, note := range s.Notes {
		var report Report
		if note.Kind == noteEnd && json.Unmarshal(note.Body, &report) == nil {
			report.Audit.Location = r.auditDir
			return &report, nil
		}
	}
	var k kept
	if err := json.Unmarshal(s.Input.Bytes(), &k); err != nil {
		return nil, &Error{Kind: Unavailable, Op: "show " + id, Err: err}
	}
	one := r.newRunner(nil, k.Request, id)
	one.report.Capability, one.report.File = s.Run.Capability, k.File
	one.report.Outcome, one.report.Reason = outcomeOf(s.Run.State), s.Run.Reason
	one.report.Audit.Location = r.auditDir
	for _, note := range s.Notes {
		if told, ok := readRemark(note); ok {
			one.replace(told.Step)
			one.report.Audit.First = told.First
		}
	}
	if s.Run.State == journal.Waiting {
		one.report.Wait = &WaitReport{Until: s.Run.Ready.UTC(), Who: []string{}}
		if asked, err := r.Approval(ctx, tenant, s.Run.WaitingOn); err == nil {
			one.report.Wait = &WaitReport{Approval: asked.ID, Step: asked.Step, Until: asked.Expires.UTC(), Who: one.approvers(asked.Effect)}
		}
	}
	return one.report, nil
}

// replace puts the newest word about a step in place of an older one.
func (r *runner) replace(told StepReport) {
	for i := range r.report.Steps {
		if r.report.Steps[i].Step == told.Step {
			r.report.Steps[i] = told
			return
		}
	}
	r.report.Steps = append(r.report.Steps, told)
}

// outcomeOf is the word for a run that has not ended: nobody may take one that is
// under way for a success.
func outcomeOf(s journal.State) Outcome {
	switch s {
	case journal.Completed:
		return Completed
	case journal.Denied:
		return Denied
	case journal.Compensated:
		return Compensated
	case journal.Failed:
		return Failed
	}
	return Waiting
}

// Cancel asks for the end of a run. What happened is undone by whoever executes it,
// or at once where nobody does.
func (r *Runtime) Cancel(ctx context.Context, tenant, id, by, reason string) error {
	err := r.db.Write(ctx, func(tx *store.Tx) error { return r.journal.Cancel(tx, tenant, id, by, reason) })
	if err != nil {
		return runError("cancel "+id, err)
	}
	return nil
}

// Breaker is how often in a row an agent was denied, and since when it is paused.
func (r *Runtime) Breaker(ctx context.Context, tenant, agent string) (s limits.BreakerState, err error) {
	l, found := r.limits[tenant]
	if !found {
		return s, &Error{Kind: Unknown, Op: "show the breaker", Detail: "there is no tenant " + tenant}
	}
	err = r.db.Read(ctx, func(tx *store.Tx) error { s, err = l.State(tx, tenant, agent); return err })
	return s, err
}

// ResetBreaker lets an agent go on. Only a person may, and their name is kept.
func (r *Runtime) ResetBreaker(ctx context.Context, tenant, agent, by string) error {
	t, err := r.tenant(tenant)
	if err != nil {
		return err
	}
	if err := member(t, by, agent); err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		return r.limits[tenant].Reset(tx, tenant, agent, decision.Actor{Kind: "user", ID: by})
	})
}

// AcceptClock takes the present time as right, where the clock was ahead and is
// behind what is on record since. Until then nothing happens. Only who operates the
// runtime may decide it: what had expired may be valid again.
func (r *Runtime) AcceptClock(ctx context.Context) error { return r.db.AcceptClock(ctx) }
