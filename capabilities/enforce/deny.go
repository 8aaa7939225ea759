package enforce

import (
	"context"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store"
)

// deny records a denial: in the log, and towards the agent's breaker. Where the
// record cannot be written the step is denied all the same.
func (r *runner) deny(ctx context.Context, c *call, rep *StepReport, why decision.Decision) (stand, error) {
	if err := ctx.Err(); err != nil && r.req.Mode != DryRun {
		// The caller went away: a check that was broken off says nothing of the step.
		return stand{}, &Error{Kind: Unavailable, Op: "check " + rep.Step, Err: err}
	}
	if why.Check != "" {
		rep.Decisions = append(rep.Decisions, why)
	}
	reason := "denied"
	for _, d := range rep.Decisions {
		if d.Verdict == decision.Deny {
			reason = d.Check + ": " + d.Reason
		}
	}
	if c != nil {
		r.supplies(c, rep, true)
	}
	if r.req.Mode == DryRun {
		return r.tell(rep, StepDenied, reason), nil
	}
	event := audit.Event{Kind: audit.KindDenial, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose, Step: rep.Step, Operation: rep.Operation, Effect: rep.Effect}
	if c != nil {
		event = audit.EventOf(audit.KindDenial, c.req)
	}
	event.Decisions, event.Reason, event.Approval = r.clean(rep.Decisions), r.masked(reason), rep.Approval
	event.Simulated = r.req.Mode != Enforce
	if err := r.append(ctx, event); err != nil {
		r.warn(rep.Step, "the denial could not be recorded: %v", err)
	}
	paused := false
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if paused, err = r.Runtime.limits[r.req.Tenant].Denied(tx, r.req.Tenant, r.req.Agent); err != nil {
			return err
		}
		return r.note(tx, rep, StepDenied, reason)
	})
	if err != nil {
		r.warn(rep.Step, "the denial could not be counted: %v", err)
	}
	if paused {
		r.warn(rep.Step, "%s was denied too often in a row and is paused until a person resets it", r.req.Agent)
	}
	return r.tell(rep, StepDenied, reason), nil
}

// clean masks the reasons of decisions for the log.
func (r *runner) clean(list []decision.Decision) []decision.Decision {
	out := make([]decision.Decision, len(list))
	for i, d := range list {
		d.Reason = r.masked(d.Reason)
		out[i] = d
	}
	return out
}
