package enforce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/plan"
)

// maxItems bounds the list that a step acts on, item by item.
const maxItems = 1000

// step does one step of the plan, once for each item where it loops.
func (r *runner) step(ctx context.Context, s *plan.Step, name string) (stand, error) {
	if r.stale() {
		if err := r.authenticate(ctx); err != nil {
			return stand{}, err
		}
	}
	rep := r.begin(s, name)
	holds, err := r.hold(s.When)
	switch {
	case err != nil:
		return r.deny(ctx, nil, rep, decision.Denied("plan", "whether the step should happen cannot be told: "+err.Error()))
	case !holds:
		return r.tell(rep, StepSkipped, "its conditions do not hold"), nil
	case s.Kind == plan.Outside:
		r.env.Steps[s.ID] = plan.Result{}
		return r.tell(rep, StepOutside, s.Reason), nil
	case s.Kind == plan.Lookup:
		return r.lookup(s, rep)
	case s.ForEach != nil:
		return r.each(ctx, s, name, rep)
	}
	return r.act(ctx, s, name, rep)
}

func (r *runner) begin(s *plan.Step, name string) *StepReport {
	r.began = r.now()
	rep := &StepReport{Step: name, Title: s.Title, Operation: s.Operation.ID, Effect: string(s.Operation.Effect), Control: string(s.Operation.Control),
		Decisions: []decision.Decision{}, Simulated: s.Operation.Simulated}
	if s.Named != s.Operation.ID {
		rep.Named = s.Named
	}
	return rep
}

// tell puts a step into the report.
func (r *runner) tell(rep *StepReport, outcome, reason string) stand {
	rep.Outcome, rep.Reason = outcome, r.masked(reason)
	rep.Millis = r.now().Sub(r.began).Milliseconds()
	for i := range rep.Decisions {
		rep.Decisions[i].Reason = r.masked(rep.Decisions[i].Reason)
	}
	r.report.Steps = append(r.report.Steps, *rep)
	if r.options.Progress != nil {
		r.options.Progress(*rep)
	}
	return stand{outcome, rep.Reason}
}

// lookup joins earlier results.
func (r *runner) lookup(s *plan.Step, rep *StepReport) (stand, error) {
	c, err := r.bind(s, rep.Step)
	if err != nil {
		return r.tell(rep, StepFailed, err.Error()), nil
	}
	r.env.Steps[s.ID] = r.named(s, plan.Result{Body: c.values, Status: 200, Known: true})
	return r.tell(rep, StepDone, "joins earlier results"), nil
}

// each acts once for every item of a list. The first that does not go through ends
// the step.
func (r *runner) each(ctx context.Context, s *plan.Step, name string, rep *StepReport) (stand, error) {
	value, err := s.ForEach.Eval(r.env)
	if errors.Is(err, plan.ErrUnknown) && r.req.Mode == DryRun {
		return r.tell(rep, StepWould, "once for each item of a list that does not exist yet"), nil
	}
	items, ok := value.([]any)
	if err != nil || !ok || len(items) > maxItems {
		return r.deny(ctx, nil, rep, decision.Denied("plan", fmt.Sprintf("the list to act on is not there, or holds more than %d items", maxItems)))
	}
	if len(items) == 0 {
		r.tell(rep, StepSkipped, "the list to act on is empty")
	}
	results := make([]any, 0, len(items))
	defer func() { r.env.Item, r.env.HasItem = nil, false }()
	for i, item := range items {
		r.env.Item, r.env.HasItem = item, true
		one := fmt.Sprintf("%s[%d]", name, i)
		got, err := r.act(ctx, s, one, r.begin(s, one))
		if err != nil || got.outcome != StepDone && got.outcome != StepWould {
			return got, err
		}
		results = append(results, r.env.Steps[s.ID].Body)
	}
	r.env.Steps[s.ID] = plan.Result{Body: results, Status: 200, Known: r.req.Mode != DryRun}
	return stand{outcome: StepDone}, nil
}

// act takes one call through the checks to its effect.
func (r *runner) act(ctx context.Context, s *plan.Step, name string, rep *StepReport) (stand, error) {
	c, err := r.bind(s, name)
	if err != nil {
		return r.deny(ctx, nil, rep, decision.Denied("plan", err.Error()))
	}
	c.asks(rep)
	rep.Simulated = rep.Simulated || r.req.Mode != Enforce
	before := r.prior[name]
	switch told := r.told[name]; {
	case before.State == journal.StepDone:
		return r.replay(ctx, c, rep, before)
	case before.State == journal.StepFailed && told.Outcome == StepFailed:
		return r.replayFailure(c, told), nil
	}
	if r.req.Reading == Declared {
		return r.declared(ctx, c, rep)
	}
	rep.Decisions = r.checkAll(ctx, c, rep, false)
	if decision.Strictest(rep.Decisions...) == decision.Deny {
		return r.deny(ctx, c, rep, decision.Decision{})
	}
	if deferred, reason := first(rep.Decisions, decision.Defer); deferred {
		return r.waitForTime(ctx, c, rep, reason)
	}
	if r.req.Mode == DryRun {
		return r.would(c, rep), nil
	}
	approval := ""
	if r.needsApproval(c, rep.Decisions) {
		got, id, err := r.approve(ctx, c, rep)
		if err != nil || got.outcome != "" {
			return got, err
		}
		approval = id
	}
	rep.Approval = cmp.Or(approval, rep.Approval)
	rep.Decisions = append(rep.Decisions, r.auditing(c))
	r.supplies(c, rep, false)
	return r.effect(ctx, c, rep, approval)
}

// first finds a verdict among decisions.
func first(list []decision.Decision, v decision.Verdict) (bool, string) {
	for _, d := range list {
		if d.Verdict == v {
			return true, d.Check + ": " + d.Reason
		}
	}
	return false, ""
}

// needsApproval: a grave effect needs a person, and so does whatever a check says.
// What stands in for a control of the capability needs none of its own, but for the
// approval that it is.
func (r *runner) needsApproval(c *call, list []decision.Decision) bool {
	op := c.step.Operation
	if stepUp, _ := first(list, decision.StepUp); stepUp {
		return true
	}
	return op.Control == effects.Approve || op.Effect.Privileged() && !c.guards()
}

// auditing says who records the step.
func (r *runner) auditing(c *call) decision.Decision {
	need := c.step.Needs.Audit
	if r.req.Mode == DryRun {
		return allowed("audit", "it would be recorded", suppliedBy(need))
	}
	if suppliedBy(need) == decision.ByCapability {
		return allowed("audit", "recorded; the capability writes a record of its own in "+need.By, decision.ByCapability)
	}
	return allowed("audit", "recorded in the runtime's log", decision.ByRuntime)
}

// supplies lists the controls that the capability lacks here. Where the step ended
// at a check, the later ones were not supplied.
func (r *runner) supplies(c *call, rep *StepReport, ended bool) {
	for _, n := range []struct {
		check string
		need  plan.Need
	}{
		{"identity", c.step.Needs.Authentication}, {"fga", c.step.Needs.Authorization},
		{"approval", c.step.Needs.Approval}, {"audit", c.step.Needs.Audit},
	} {
		asked := n.check == "audit" || slices.ContainsFunc(rep.Decisions, func(d decision.Decision) bool { return d.Check == n.check })
		if n.need.State != string(stateLate) && n.need.State != string(stateMissing) || ended && !asked {
			continue
		}
		one := SuppliedReport{Step: c.step.ID, Check: n.check, State: n.need.State}
		if !slices.Contains(r.report.Supplied, one) {
			r.report.Supplied = append(r.report.Supplied, one)
		}
	}
}

// would is the end of a step in a dry run.
func (r *runner) would(c *call, rep *StepReport) stand {
	r.env.Steps[c.step.ID] = plan.Result{}
	reason := "every check allows it"
	if r.needsApproval(c, rep.Decisions) {
		answer := allowed("approval", "a person would be asked", suppliedBy(c.step.Needs.Approval))
		answer.Verdict = decision.StepUp
		rep.Decisions = append(rep.Decisions, answer)
		reason = "after a person approves it"
	}
	rep.Decisions = append(rep.Decisions, r.auditing(c))
	r.supplies(c, rep, false)
	if c.step.Operation.Effect != effects.Read {
		r.acted++
	}
	if len(c.unknown) > 0 {
		reason += "; what is not known yet: " + fmt.Sprint(c.unknown)
	}
	return r.tell(rep, StepWould, reason)
}

// named adds the names that the document gives to parts of a result.
func (r *runner) named(s *plan.Step, result plan.Result) plan.Result {
	r.env.Steps[s.ID] = result
	result.Outputs = map[string]any{}
	for _, o := range s.Outputs {
		if v, err := o.Value.Eval(r.env); err == nil {
			result.Outputs[o.Name] = v
		}
	}
	return result
}

const effectShare = 3 // an effect may take this part of a lease

func (r *runner) effectTime() time.Duration { return r.options.Lease / effectShare }
