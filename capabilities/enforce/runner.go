package enforce

import (
	"context"
	"errors"
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/world"
)

// maxVisits bounds how many steps a run takes, however its edges lead.
const maxVisits = 10_000

// runner executes one run, in one goroutine.
type runner struct {
	*Runtime
	plan   *plan.Plan
	digest string // of the plan
	req    Request
	tenant world.Tenant
	sealed decision.Context
	lease  journal.Lease
	trail  *audit.Trail // nil in a dry run
	report *Report

	env    plan.Env
	mask   *secrets.Masker // knows the secrets that came up in this run
	prior  map[string]journal.Step
	told   map[string]StepReport // of an earlier process, by step
	token  identity.Issued
	denied *identity.Denial // nobody could be authenticated; nil: somebody was
	first  *uint64          // audit entries
	// unwritten is what the log is told with the next entry that something waits for.
	unwritten []audit.Event
	// statuses of failed steps, for conditions that look at them.
	statuses map[string]int
	visits   map[string]int
	taken    int       // steps so far
	began    time.Time // of the step under way
	acted    int       // effects so far, for the canary
	cover    map[string]coverage
	// slippedBy are the effects that the declared reading let through.
	slippedBy []slipped
}

// stand is how a step stands after it was looked at.
type stand struct {
	outcome string
	reason  string
}

func (r *Runtime) newRunner(p *plan.Plan, req Request, run string) *runner {
	one := &runner{Runtime: r, plan: p, req: req, sealed: sealed(req, run), mask: secrets.NewMasker(),
		prior: map[string]journal.Step{}, told: map[string]StepReport{}, visits: map[string]int{}, statuses: map[string]int{}, cover: map[string]coverage{}}
	one.tenant, _ = r.world.Tenant(req.Tenant) // looked up when the request was accepted
	one.report = &Report{Schema: ReportSchema, Run: run, Tenant: req.Tenant, User: req.User, Agent: req.Agent, Purpose: req.Purpose,
		Reading: req.Reading, Mode: req.Mode, Steps: []StepReport{}, Outputs: map[string]any{}, Warnings: []string{},
		Supplied: []SuppliedReport{}, Simulated: req.Mode != Enforce}
	if p != nil {
		one.report.Capability, one.report.File = p.Capability, p.File
		for _, w := range p.Warnings {
			one.warn(w.Step, "%s", w.Text)
		}
	}
	one.env = plan.Env{Inputs: req.Inputs, Steps: map[string]plan.Result{}, Secret: one.secret, Context: map[string]any{
		"tenant": req.Tenant, "user": req.User, "agent": req.Agent, "purpose": req.Purpose, "run": run,
		"session": req.User, "membership": membership(req), "time": r.options.Clock().UTC().Format(time.RFC3339)}}
	return one
}

// membership names the place of a user in an organization.
func membership(req Request) string { return "om_" + req.Tenant + "_" + req.User }

func (r *runner) warn(step, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if step != "" {
		text = step + ": " + text
	}
	r.report.Warnings = append(r.report.Warnings, r.masked(text))
}

// masked takes the known secrets out of a text.
func (r *runner) masked(text string) string { return r.mask.Text(r.masker.Text(text)) }

// remember takes over what the journal knows of the steps.
func (r *runner) remember(s journal.Snapshot) {
	for _, step := range s.Steps {
		r.prior[step.Name] = step
	}
	for _, note := range s.Notes {
		if told, ok := readRemark(note); ok {
			r.told[note.Step], r.first, r.statuses[note.Step] = told.Step, told.First, told.Status
		}
	}
}

// run executes the plan from its beginning. Steps that the journal holds as done
// are not repeated.
func (r *runner) run(ctx context.Context) (*Report, error) {
	r.credentials()
	if err := r.authenticate(ctx); err != nil {
		return r.done(ctx, err)
	}
	at := 0
	for at >= 0 && at < len(r.plan.Steps) {
		if err := r.interrupted(ctx); err != nil {
			return r.done(ctx, err)
		}
		s := r.plan.Steps[at]
		name, err := r.visit(s)
		if err != nil {
			return r.done(ctx, r.unwind(ctx, Failed, err.Error()))
		}
		got, err := r.step(ctx, s, name)
		if err != nil {
			return r.done(ctx, err)
		}
		var end bool
		if at, end, err = r.next(ctx, s, got); end || err != nil {
			return r.done(ctx, err)
		}
	}
	return r.done(ctx, r.complete(ctx))
}

// credentials makes the run know from its first step on which of its inputs are
// credentials. What cannot be had is told by the step that takes it.
func (r *runner) credentials() {
	for _, s := range r.plan.Steps {
		for _, a := range s.Arguments {
			if a.Value.Input() == "" || !isCredential(a) {
				continue
			}
			if value, err := a.Value.Eval(r.env); err == nil {
				r.teach(s.ID, value)
			}
		}
	}
}

// interrupted: whoever runs this wants to stop. The run stays as it is: what is
// decided without time to ask is no decision.
func (r *runner) interrupted(ctx context.Context) error {
	if ctx.Err() == nil || r.trail == nil {
		return nil
	}
	return &Error{Kind: Unavailable, Op: "go on with " + r.sealed.Run, Hint: "nothing is lost: resume the run", Err: ctx.Err()}
}

// visit names a step of a run: a step that is come to again has another name.
func (r *runner) visit(s *plan.Step) (string, error) {
	r.visits[s.ID]++
	if r.taken++; r.taken > maxVisits {
		return "", fmt.Errorf("the run takes more than %d steps", maxVisits)
	}
	if n := r.visits[s.ID]; n > 1 {
		return fmt.Sprintf("%s#%d", s.ID, n), nil
	}
	return s.ID, nil
}

// next says where a run goes on after a step, or ends it.
func (r *runner) next(ctx context.Context, s *plan.Step, got stand) (at int, end bool, err error) {
	switch got.outcome {
	case StepWaiting:
		return -1, true, nil // the report says it all
	case StepDenied:
		if r.goesOn(s) {
			return r.follow(s, s.OnSuccess)
		}
		return -1, true, r.unwind(ctx, Denied, s.ID+": "+got.reason)
	case StepFailed, StepUncertain:
		if at, end, err := r.follow(s, s.OnFailure); err == nil && !end && got.outcome == StepFailed {
			return at, false, nil
		}
		return -1, true, r.unwind(ctx, Failed, s.ID+": "+got.reason)
	}
	at, _, err = r.follow(s, s.OnSuccess)
	if err != nil {
		return -1, true, r.unwind(ctx, Failed, err.Error())
	}
	return at, false, nil
}

// goesOn: in the declared reading, a capability that judges results itself goes on
// after a refusal that a service answered; one that judges nothing ends there. What a
// person refused is no answer to judge.
func (r *runner) goesOn(s *plan.Step) bool {
	if r.req.Reading != Declared || s.Operation.Control == "" || len(s.OnSuccess) == 0 || !r.env.Steps[s.ID].Known {
		return false
	}
	for _, step := range r.plan.Steps {
		if len(step.When) > 0 || len(step.Success) > 0 || len(step.OnFailure) > 0 {
			return true
		}
	}
	return false
}

// follow takes the first edge whose conditions hold. end is true where there is
// none.
func (r *runner) follow(s *plan.Step, edges []plan.Edge) (at int, end bool, err error) {
	for _, e := range edges {
		holds, err := r.hold(e.When)
		if err != nil {
			return -1, true, fmt.Errorf("%s: where to go on cannot be told: %w", s.ID, err)
		}
		if !holds {
			continue
		}
		switch e.Action {
		case "retry":
			if r.visits[s.ID] <= max(e.Limit, 1) {
				return s.Index, false, nil
			}
			continue
		case "end":
			return -1, false, nil
		}
		return e.To, false, nil
	}
	return -1, true, nil
}

// hold says whether all conditions hold. In a dry run, what depends on results
// that do not exist is taken to hold.
func (r *runner) hold(list []plan.Condition) (bool, error) {
	for _, c := range list {
		ok, err := c.Holds(r.env)
		if errors.Is(err, plan.ErrUnknown) && r.req.Mode == DryRun {
			continue
		}
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// secret gives a value of the vault to an expression. The run's masker learns it.
func (r *runner) secret(name string) (any, error) {
	value, _, err := r.vault.Get(context.Background(), secrets.Access{Tenant: r.req.Tenant, Name: name, Purpose: secretPurpose})
	if err != nil {
		return nil, err
	}
	if err := r.mask.Add(value); err != nil {
		return nil, err
	}
	return value.Expose(), nil
}

// secretPurpose is what secrets that runs may use are stored for.
const secretPurpose = "run"
