package enforce

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
)

// endStep is what the log calls the end of a run.
const endStep = "(end)"

// noteEnd is the kind of a note that holds the report of a run.
const noteEnd = "end"

// turned goes on with a run that was turned around or cancelled before.
func (r *runner) turned(ctx context.Context, run journal.Run) (bool, error) {
	reason := run.Reason
	switch {
	case run.State == journal.Compensating:
	case run.CancelledBy != "":
		reason = "cancelled by " + run.CancelledBy
	default:
		return false, nil
	}
	r.recall()
	return true, r.unwind(ctx, Failed, reason)
}

// unwind ends a run that may not go on. The enforced reading undoes what can be
// undone, the last effect first; the declared one leaves what the capability
// leaves.
func (r *runner) unwind(ctx context.Context, outcome Outcome, reason string) error {
	r.report.Outcome, r.report.Reason = outcome, r.masked(reason)
	if r.trail == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if err := r.recorded(ctx); err != nil {
		return err
	}
	if r.req.Reading == Declared {
		return r.leave(ctx, outcome, reason)
	}
	var left journal.Compensation
	turn := false
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		if left, err = r.journal.Compensation(tx, r.lease); err != nil {
			return err
		}
		if turn = len(left.InDoubt)+len(left.Undo)+r.undoneBefore() > 0; !turn {
			return nil
		}
		return r.journal.Compensate(tx, r.lease, clip(r.masked(reason)))
	})
	if err != nil {
		return &Error{Kind: Unavailable, Op: "turn the run around", Err: err}
	}
	for _, step := range left.InDoubt {
		if err := r.settle(ctx, step); err != nil {
			return err
		}
	}
	if len(left.InDoubt) > 0 {
		reason = r.report.Reason // with what the looking up showed
		if err := r.db.Read(ctx, func(tx *store.Tx) (err error) {
			left, err = r.journal.Compensation(tx, r.lease)
			return err
		}); err != nil {
			return &Error{Kind: Unavailable, Op: "turn the run around", Err: err}
		}
	}
	for _, step := range left.Undo {
		ok, err := r.undo(ctx, step)
		if err != nil {
			return err
		}
		if !ok {
			left.Cannot = append(left.Cannot, step)
		}
	}
	if turn {
		outcome = Compensated
	}
	return r.finish(ctx, outcome, reason, append(left.Cannot, left.InDoubt...))
}

// undoneBefore counts what an earlier process undid.
func (r *runner) undoneBefore() (n int) {
	for _, step := range r.prior {
		if step.State == journal.Undone {
			n++
		}
	}
	return n
}

// settle finds out whether an effect in doubt happened.
func (r *runner) settle(ctx context.Context, step journal.Step) error {
	p, op, found := r.operation(step.Operation, step.Name)
	if !found {
		r.warn(step.Name, "whether it happened is not known, and its provider is not there")
		return nil
	}
	request := provider.Call{Tenant: r.req.Tenant, User: r.req.User, Agent: r.req.Agent, Key: step.Key, Fence: r.lease.Fence, At: r.now(), Scratch: r.scratchName()}
	look, stop := context.WithTimeout(ctx, r.effectTime())
	defer stop()
	response, happened, err := lookup(look, p, op.ID, request)
	if passing(err) {
		return unsettled(step.Name, err)
	}
	if err != nil {
		r.warn(step.Name, "whether it happened is not known: %v", err)
		return nil
	}
	event := audit.Event{Kind: audit.KindOutcome, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose, Step: step.Name,
		Attempt: int(step.Attempt), Operation: step.Operation, Effect: step.Effect, Outcome: "failed", Reason: "looked up after a break: it did not happen", Simulated: r.req.Mode != Enforce}
	if happened {
		event.Outcome, event.Reason = "succeeded", "looked up after a break: it happened"
	}
	if err := r.append(ctx, event); err != nil {
		return err
	}
	err = r.write(ctx, func(tx *store.Tx) error {
		if !happened {
			return r.journal.Fail(tx, r.lease, step.Name, "it did not happen")
		}
		out, err := undoing(p, op, response)
		if err != nil {
			return err
		}
		return r.journal.Finish(tx, r.lease, step.Name, out)
	})
	if err == nil {
		r.lookedUp(step.Name, happened)
	}
	return err
}

// lookedUp says in the report what a look-up showed of a step that was in doubt.
func (r *runner) lookedUp(name string, happened bool) {
	for i := range r.report.Steps {
		if one := &r.report.Steps[i]; one.Step == name && one.Outcome == StepUncertain {
			said := "looked up afterwards: it did not happen"
			one.Outcome = StepFailed
			if happened {
				one.Outcome, said = StepDone, "looked up afterwards: it happened"
			}
			one.Reason = "no answer came; " + said
			r.report.Reason += "; " + said
		}
	}
}

// mark changes the step in the report.
func (r *runner) mark(name string, err error) {
	for i := range r.report.Steps {
		one := &r.report.Steps[i]
		if one.Step != name {
			continue
		}
		one.Outcome = StepUndone
		if err != nil {
			one.Outcome, one.Reason = StepStuck, r.masked("could not be undone: "+err.Error())
		}
		return
	}
	if err != nil {
		r.warn(name, "could not be undone: %v", err)
		return
	}
	r.warn(name, "undone")
}

// finish closes a run that may not go on, with the word that its steps allow.
func (r *runner) finish(ctx context.Context, outcome Outcome, reason string, left []journal.Step) error {
	for _, step := range left {
		outcome = Failed
		r.warn(step.Name, "%s is left: it could not be undone", step.Operation)
	}
	r.report.Outcome = outcome
	return r.end(ctx, map[Outcome]journal.State{Denied: journal.Denied, Compensated: journal.Compensated, Failed: journal.Failed}[outcome], reason)
}

// leave ends a run in the declared reading: nothing is undone.
func (r *runner) leave(ctx context.Context, outcome Outcome, reason string) error {
	state := journal.Failed // something may be left
	for _, s := range r.slippedBy {
		r.warn(s.step, "%s, and the capability does not take it back", article(s.effect))
	}
	r.report.Outcome = outcome
	return r.end(ctx, state, reason)
}

// complete ends a run that went through.
func (r *runner) complete(ctx context.Context) error {
	for _, o := range r.plan.Outputs {
		value, err := o.Value.Eval(r.env)
		if err != nil {
			r.report.Outputs[o.Name] = nil
			r.warn("", "output %s: %v", o.Name, err)
			continue
		}
		r.report.Outputs[o.Name] = r.maskAll(value)
		if _, truth := value.(bool); o.Secret && value != nil && !truth {
			r.report.Outputs[o.Name] = secrets.Mask
		}
	}
	r.report.Outcome, r.report.Reason = Completed, ""
	if r.trail == nil {
		return nil
	}
	return r.end(ctx, journal.Completed, "")
}

// end records the end of the run, in the log first.
func (r *runner) end(ctx context.Context, state journal.State, reason string) error {
	ctx = context.WithoutCancel(ctx)
	word := map[Outcome]string{Completed: "succeeded", Compensated: "compensated"}[r.report.Outcome]
	if word == "" {
		word = "failed"
	}
	if reason == "" {
		reason = "the run is " + string(r.report.Outcome)
	}
	if err := r.append(ctx, audit.Event{Kind: audit.KindOutcome, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose,
		Step: endStep, Outcome: word, Reason: r.masked(reason), Simulated: r.req.Mode != Enforce, Facts: map[string]string{"run": string(r.report.Outcome)}}); err != nil {
		return err
	}
	if head := r.trail.Head(); head.Seq > 0 {
		last := head.Index
		r.report.Audit.First, r.report.Audit.Last = r.first, &last
	}
	r.notReached()
	if err := r.dropScratch(ctx); err != nil {
		r.warn("", "the scratch copy could not be dropped: %v", err)
	}
	return r.write(ctx, func(tx *store.Tx) error {
		body, err := json.Marshal(r.report)
		if err != nil {
			return err
		}
		if err := r.journal.Note(tx, r.lease, "", noteEnd, body); err != nil {
			return err
		}
		return r.journal.End(tx, r.lease, state, clip(r.masked(reason)))
	})
}

// recall puts the steps that an earlier process told of into the report, where
// this one does not come to them again.
func (r *runner) recall() {
	names := sortedKeys(r.told)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(r.prior[a].Seq, r.prior[b].Seq) })
	for _, name := range names {
		told := r.told[name]
		switch r.prior[name].State {
		case journal.Intended:
			told.Outcome = StepUncertain
		case journal.Undone:
			told.Outcome = StepUndone
		case journal.Stuck:
			told.Outcome = StepStuck
		}
		r.report.Steps = append(r.report.Steps, told)
	}
}

// notReached lists the steps that the run did not come to.
func (r *runner) notReached() {
	if r.plan == nil {
		return
	}
	seen := map[string]bool{}
	for _, s := range r.report.Steps {
		seen[baseName(s.Step)] = true
	}
	for _, s := range r.plan.Steps {
		if !seen[s.ID] {
			rep := r.begin(s, s.ID)
			rep.Outcome = StepNotReached
			r.report.Steps = append(r.report.Steps, *rep)
		}
	}
}

// abandon ends a run whose plan cannot be made again: nothing new happens, and
// what happened is undone.
func (r *runner) abandon(ctx context.Context, why error) (*Report, error) {
	r.recall()
	r.req.Reading = Enforced
	return r.done(ctx, r.unwind(ctx, Failed, why.Error()))
}

func clip(text string) string { return store.Clip(text, 500) }

// release gives a run back that cannot go on now.
func (r *runner) release(ctx context.Context) error {
	err := r.write(ctx, func(tx *store.Tx) error { return r.journal.Release(tx, r.lease, r.now()) })
	if errors.Is(err, journal.Over) || errors.Is(err, journal.Lost) || errors.Is(err, journal.Illegal) {
		return nil // there is nothing to give back
	}
	return err
}

// done completes the report with the place of the record.
func (r *runner) done(ctx context.Context, err error) (*Report, error) {
	if err = errors.Join(err, r.recorded(context.WithoutCancel(ctx))); err != nil {
		if r.trail != nil { // whoever comes next need not wait for the lease to end
			err = errors.Join(err, r.release(ctx))
		}
		return nil, err
	}
	if r.trail == nil {
		return r.report, nil
	}
	if head := r.trail.Head(); head.Seq > 0 {
		last := head.Index
		r.report.Audit.Last, r.report.Audit.First = &last, r.first
	}
	r.report.Audit.Location = r.auditDir
	if r.options.Checkpoint {
		checkpoint, err := r.log.Checkpoint(ctx)
		if err != nil {
			r.warn("", "no checkpoint covers the record yet: %v", err)
		}
		r.report.Audit.Checkpoint = string(checkpoint)
	}
	return r.report, nil
}
