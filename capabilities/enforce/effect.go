package enforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/inputs"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
)

// effect writes the intent down, does the effect, and writes down what came of it.
func (r *runner) effect(ctx context.Context, c *call, rep *StepReport, id string) (stand, error) {
	step, no, err := r.intend(ctx, c, id)
	if err != nil {
		return r.notIntended(ctx, c, rep, err)
	}
	if no.Check != "" {
		if no.Verdict == decision.Defer {
			return r.waitForTime(ctx, c, rep, no.Check+": "+no.Reason, no)
		}
		no.Verdict = decision.Deny
		return r.deny(ctx, c, rep, no)
	}
	if c.answer.Check != "" {
		rep.Decisions = append(rep.Decisions, c.answer)
	}
	rep.Attempt = int(step.Attempt)
	event := audit.EventOf(audit.KindIntent, c.req, r.clean(rep.Decisions)...)
	event.Attempt, event.Approval, event.Simulated = rep.Attempt, id, r.req.Mode != Enforce || c.step.Operation.Simulated
	event.Facts = map[string]string{"idempotency_id": step.Key}
	if err := r.append(ctx, event); err != nil {
		return stand{}, err // not recorded, not done: the step stays intended
	}
	response, err := r.call(ctx, c, step)
	return r.outcome(ctx, c, rep, response, err)
}

// notIntended: the journal refused, so nothing may happen.
func (r *runner) notIntended(ctx context.Context, c *call, rep *StepReport, err error) (stand, error) {
	if errors.Is(err, journal.Cancelled) {
		got := r.tell(rep, StepFailed, "the run was cancelled")
		got.outcome = StepUncertain // no way of the capability's own leads on from here
		return got, nil
	}
	if errors.Is(err, journal.Conflict) {
		return r.deny(ctx, c, rep, decision.Denied("journal", err.Error()))
	}
	return stand{}, &Error{Kind: Unavailable, Op: "write the intent of " + c.name, Err: err}
}

func (r *runner) write(ctx context.Context, do func(*store.Tx) error) error {
	return r.db.Write(context.WithoutCancel(ctx), do)
}

// call asks the provider. A call that may have happened is looked up, and repeated
// under the same key where the provider honours it. A busy provider is asked again
// as often as the plan allows.
func (r *runner) call(ctx context.Context, c *call, step journal.Step) (provider.Response, error) {
	p, err := r.provider(c.step)
	if err != nil {
		return provider.Response{}, err
	}
	request := provider.Call{Tenant: r.req.Tenant, User: r.req.User, Agent: r.req.Agent, Key: step.Key, Fence: r.lease.Fence,
		Arguments: c.values, At: r.now(), Scratch: r.scratchName()}
	for try := 1; ; try++ {
		response, err := r.ask(ctx, p, c.step.Operation, request, c.inDoubt && try == 1)
		if err == nil && c.step.Operation.Simulated {
			r.gate(ctx, c, &response)
		}
		var failure *provider.Failure
		if !errors.As(err, &failure) || failure.Kind != provider.Busy || try >= max(c.step.MaxTries, 1) {
			return response, err
		}
	}
}

func (r *runner) ask(ctx context.Context, p provider.Provider, op provider.Operation, request provider.Call, inDoubt bool) (provider.Response, error) {
	// What was intended is seen to its end: whoever stops waiting stops the step after.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.effectTime())
	defer cancel()
	if inDoubt { // never repeated blindly
		before, found, err := lookup(ctx, p, op.ID, request)
		if err != nil { // whatever is known of the question, the call stays in doubt
			return before, &provider.Failure{Operation: op.ID, Kind: provider.Uncertain, Message: "what became of an earlier call is not known", Err: err,
				Hint: "look up what became of the call before trying again"}
		}
		if found {
			return before, nil
		}
	}
	response, err := p.Call(ctx, op.ID, request)
	var failure *provider.Failure
	if !errors.As(err, &failure) || failure.Kind != provider.Uncertain {
		return response, err
	}
	look, stop := context.WithTimeout(context.WithoutCancel(ctx), r.effectTime()) // ctx may have ended
	defer stop()
	before, found, lookErr := lookup(look, p, op.ID, request)
	switch {
	case lookErr != nil:
		return response, err
	case found:
		return before, nil
	case op.Keyed:
		again, againErr := p.Call(look, op.ID, request)
		if againErr == nil {
			return again, nil
		}
	}
	return response, err
}

// lookup asks what became of a call. Its key stands for its arguments: what a
// provider fills in beside them, such as the time, is another's at every call.
func lookup(ctx context.Context, p provider.Provider, id string, request provider.Call) (provider.Response, bool, error) {
	request.Arguments = nil
	return p.Lookup(ctx, id, request)
}

// outcome writes down what came of a call, in the journal and in the log.
func (r *runner) outcome(ctx context.Context, c *call, rep *StepReport, response provider.Response, callErr error) (stand, error) {
	var failure *provider.Failure
	switch {
	case callErr == nil:
		return r.happened(ctx, c, rep, response)
	case errors.As(callErr, &failure) && failure.Kind != provider.Uncertain:
		reason := callErr.Error()
		r.statuses[rep.Step] = failure.Status
		err := r.both(ctx, c, rep, "failed", reason, func(tx *store.Tx) error {
			if err := r.journal.Fail(tx, r.lease, c.name, r.masked(reason)); err != nil {
				return err
			}
			return r.note(tx, rep, StepFailed, reason)
		})
		r.env.Steps[c.step.ID] = plan.Result{Status: failure.Status, Known: true}
		return r.tell(rep, StepFailed, reason), err
	}
	reason := "whether it happened is not known: " + callErr.Error()
	err := r.both(ctx, c, rep, "unknown", reason, func(tx *store.Tx) error { return r.note(tx, rep, StepUncertain, reason) })
	return r.tell(rep, StepUncertain, reason), err
}

// both writes to the journal, and to the log before anything else is done.
func (r *runner) both(ctx context.Context, c *call, rep *StepReport, outcome, reason string, do func(*store.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	event := audit.EventOf(audit.KindOutcome, c.req)
	event.Outcome, event.Reason, event.Attempt = outcome, r.masked(reason), rep.Attempt
	event.Simulated = r.req.Mode != Enforce || c.step.Operation.Simulated
	r.record(event)
	if err := r.db.Write(ctx, do); err != nil {
		return &Error{Kind: Unavailable, Op: "write the outcome of " + c.name, Err: err}
	}
	return nil
}

// result is what the journal keeps of a response: no secret is in it.
type result struct {
	Status int    `json:"status"`
	Body   any    `json:"body"`
	Denied bool   `json:"denied"`
	Reason string `json:"reason"`
	Secret bool   `json:"secret"` // something of the body was left out
}

func (r *runner) happened(ctx context.Context, c *call, rep *StepReport, response provider.Response) (stand, error) {
	rep.Simulated = rep.Simulated || response.Simulated
	r.report.Simulated = r.report.Simulated || response.Simulated
	response, err := plainly(response)
	if err != nil {
		return stand{}, fmt.Errorf("%s: the answer is no JSON: %w", c.name, err)
	}
	hidden, secret := r.learn(c.step, response)
	body, err := canonical.Marshal(map[string]any{"status": response.Status, "body": hidden, "denied": response.Denied, "reason": response.Reason, "secret": secret})
	if err != nil {
		return stand{}, fmt.Errorf("%s: the answer cannot be kept: %w", c.name, err)
	}
	op := c.step.Operation
	p, err := r.provider(c.step)
	if err != nil {
		return stand{}, err
	}
	out, err := undoing(p, op, response)
	if err != nil {
		return stand{}, fmt.Errorf("%s: how it is undone cannot be kept: %w", c.name, err)
	}
	out.Result = body
	outcome, reason, word := r.judge(c, response)
	if outcome == StepDenied {
		rep.Decisions = append(rep.Decisions, decision.Decision{Check: checkOf(op.Control), Verdict: decision.Deny, Reason: r.masked(reason), SuppliedBy: decision.ByCapability, Rule: op.ID})
	}
	err = r.both(ctx, c, rep, word, reason, func(tx *store.Tx) error {
		if err := r.journal.Finish(tx, r.lease, c.name, out); err != nil {
			return err
		}
		if outcome == StepDone && !c.guards() && r.req.Mode != Sandbox {
			if err := r.Runtime.limits[r.req.Tenant].Succeeded(tx, r.req.Tenant, r.req.Agent); err != nil {
				return err
			}
		} else if outcome == StepDenied {
			if _, err := r.Runtime.limits[r.req.Tenant].Denied(tx, r.req.Tenant, r.req.Agent); err != nil {
				return err
			}
		}
		return r.note(tx, rep, outcome, reason)
	})
	r.after(c, rep, response)
	r.warnOfText(c.name, hidden)
	return r.tell(rep, outcome, reason), err
}

// judge says how a call stands that was answered: the service may refuse with
// status 200, and the capability may have conditions of its own.
func (r *runner) judge(c *call, response provider.Response) (outcome, reason, word string) {
	r.env.Steps[c.step.ID] = r.named(c.step, plan.Result{Body: response.Body, Status: response.Status, Known: true})
	if response.Denied {
		return StepDenied, fmt.Sprintf("answered with status %d and refused: %s", response.Status, response.Reason), "failed"
	}
	holds, err := r.hold(c.step.Success)
	switch {
	case err != nil:
		return StepFailed, "whether it succeeded cannot be told: " + err.Error(), "succeeded"
	case !holds:
		return StepFailed, "the capability's conditions of success do not hold", "succeeded"
	}
	return StepDone, response.Reason, "succeeded"
}

// checkOf names the check that a control of the capability is.
func checkOf(c effects.Control) string {
	switch c {
	case effects.Authenticate, effects.ValidateCredential:
		return "identity"
	case effects.Authorize:
		return "fga"
	case effects.Approve:
		return "approval"
	case effects.Limit:
		return "limits"
	}
	return "provider"
}

// after counts what happened.
func (r *runner) after(c *call, rep *StepReport, response provider.Response) {
	if c.step.Operation.Effect != effects.Read && !response.Denied {
		r.acted++
	}
	version, _ := plan.Pick(response.Body, "policy_version").(string)
	for _, one := range c.covers {
		r.cover[one.step] = coverage{covering: one, by: c.name, approval: rep.Approval, policy: version}
	}
}

// plainly is a response whose body is made of the values that JSON has, as it is when
// it comes back from the journal: masks, scans and paths look at nothing else.
func plainly(response provider.Response) (provider.Response, error) {
	body, err := canonical.Plain(response.Body)
	response.Body = body
	return response, err
}

// warnOfText tells what in an answer reads as if it was written to steer the agent.
func (r *runner) warnOfText(step string, answer any) {
	for _, signal := range inputs.Scan(answer) {
		switch {
		case signal.Severity != inputs.Warn:
		case signal.ID == inputs.Incomplete:
			r.warn(step, "whether the answer holds instructions is not known (%s): %s; it stays data", signal.ID, signal.Reason)
		default:
			r.warn(step, "the answer holds what reads like instructions (%s, %s): %s; it stays data", signal.ID, signal.Path, signal.Reason)
		}
	}
}

// learn makes the run's masker know the secrets of a response, and takes them out
// of what is kept.
func (r *runner) learn(s *plan.Step, response provider.Response) (hidden any, secret bool) {
	hidden = response.Body
	for _, o := range s.Operation.Outputs {
		if o.Secret {
			var found []any
			hidden, found = without(hidden, plan.Path(o.Path))
			for _, value := range found {
				secret = true
				r.teach(s.ID, value)
			}
		}
	}
	return r.maskAll(hidden), secret
}

// without puts a mark in the place of what lies at a path, in every item of a list,
// and gives what was there.
func without(v any, path []string) (any, []any) {
	if len(path) == 0 {
		if v == nil || v == "" {
			return v, nil
		}
		return secrets.Mask, []any{v}
	}
	var found []any
	switch in := v.(type) {
	case map[string]any:
		inner, known := in[path[0]]
		if !known {
			return v, nil
		}
		out := maps.Clone(in)
		out[path[0]], found = without(inner, path[1:])
		return out, found
	case []any:
		rest := path
		if _, err := strconv.Atoi(path[0]); err == nil { // data[0].key stands for every item
			rest = path[1:]
		}
		out := make([]any, len(in))
		for i, item := range in {
			var some []any
			out[i], some = without(item, rest)
			found = append(found, some...)
		}
		return out, found
	}
	return v, nil
}

// teach makes the run's masker know every text of a secret value.
func (r *runner) teach(step string, value any) {
	switch v := value.(type) {
	case nil, bool:
	case map[string]any:
		for _, key := range sortedKeys(v) {
			r.teach(step, v[key])
		}
	case []any:
		for _, item := range v {
			r.teach(step, item)
		}
	default:
		if text := fmt.Sprint(v); text != "" && r.mask.Add(secrets.New(text)) != nil {
			r.warn(step, "a credential is too short to be masked wherever else it stands")
		}
	}
}

// maskAll masks every text in a JSON value.
func (r *runner) maskAll(v any) any {
	switch v := v.(type) {
	case string:
		return r.masked(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = r.maskAll(item)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[r.masked(key)] = r.maskAll(item)
		}
		return out
	}
	return v
}

// replayFailure takes over a step that failed before, and that the run went on from:
// trying it anew could act twice.
func (r *runner) replayFailure(c *call, told StepReport) stand {
	r.env.Steps[c.step.ID] = plan.Result{Status: r.statuses[c.name], Known: true}
	r.report.Steps = append(r.report.Steps, told)
	return stand{told.Outcome, told.Reason}
}

// replay takes over a step that the journal holds as done. A secret of its answer
// is not in the journal: the provider, asked again under the same key, gives it
// without doing anything again.
func (r *runner) replay(ctx context.Context, c *call, rep *StepReport, before journal.Step) (stand, error) {
	if r.told[c.name].Modified { // the policy made other arguments of these
		r.checkAll(ctx, c, rep, true)
	}
	if before.Key != journal.Key(r.lease.Run, c.name, c.shown) {
		return r.deny(ctx, c, rep, decision.Denied("journal", "the step was done with other arguments"))
	}
	var kept result
	if err := json.Unmarshal(before.Result.Bytes(), &kept); err != nil {
		return stand{}, fmt.Errorf("%s: what was kept cannot be read: %w", c.name, err)
	}
	response := provider.Response{Status: kept.Status, Body: before.Result.Value().(map[string]any)["body"], Denied: kept.Denied, Reason: kept.Reason}
	if kept.Secret {
		p, err := r.provider(c.step)
		if err != nil {
			return stand{}, err
		}
		again, found, err := lookup(ctx, p, c.step.Operation.ID, provider.Call{Tenant: r.req.Tenant, User: r.req.User, Agent: r.req.Agent, Key: before.Key,
			Fence: r.lease.Fence, At: r.now(), Scratch: r.scratchName()})
		if passing(err) {
			return stand{}, &Error{Kind: Unavailable, Op: "ask for the credential of " + c.name, Err: err}
		}
		if err != nil || !found {
			return r.tell(rep, StepFailed, "the provider does not give the credential again"), nil
		}
		if response, err = plainly(again); err != nil {
			return stand{}, fmt.Errorf("%s: the answer is no JSON: %w", c.name, err)
		}
		r.learn(c.step, response)
	}
	if told, found := r.told[c.name]; found {
		*rep = told
	}
	if c.step.Operation.Control == effects.Approve {
		if _, err := r.askFor(c); err != nil { // what it covers
			return stand{}, err
		}
	}
	outcome, reason, _ := r.judge(c, response)
	r.after(c, rep, response)
	r.supplies(c, rep, false)
	if r.req.Reading == Declared && outcome == StepDone && acts(c.step.Operation) {
		r.slips(c, r.check(ctx, c, true))
	}
	rep.Outcome = outcome
	r.report.Steps = append(r.report.Steps, *rep)
	return stand{outcome, reason}, nil
}
