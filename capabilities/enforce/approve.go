package enforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

// policyVersion names everything that an approval was given under: the rules, the
// model of relations, the limits of the tenant and how sensitive what it has is. When one changes, approvals
// given before are void.
func (r *Runtime) policyVersion(tenant string) string {
	t, _ := r.world.Tenant(tenant)
	zone := ""
	if t.Zone != nil {
		zone = t.Zone.String()
	}
	rules, err := json.Marshal([]any{t.Limits, t.Hours, zone, t.Approvers, t.Resources, anomaly, breaker})
	if err != nil {
		return ""
	}
	return canonical.Sum(r.policy.Version(), r.relations.Version(tenant), string(rules))
}

// coverage is an approval that a capability asked for itself and that names the
// exact arguments of a later step.
type coverage struct {
	covering
	by       string // the step that asked
	approval string // id of what was approved there
	policy   string // the version it was given under
}

// approve gets the approval of a step, or lets the run wait for it. An empty stand
// means that it is there, and that every check said yes again with it.
func (r *runner) approve(ctx context.Context, c *call, rep *StepReport) (stand, string, error) {
	if answer, covered := r.covered(ctx, c, rep); covered {
		c.covered = true
		rep.Decisions = append(rep.Decisions, answer)
		return stand{}, "", nil
	}
	req := c.req
	if c.step.Operation.Control == effects.Approve {
		var err error
		if req, err = r.askFor(c); err != nil {
			got, err := r.deny(ctx, c, rep, decision.Denied(approval.Check, err.Error()))
			return got, "", err
		}
	}
	var asked approval.Approval
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		asked, err = r.desk.Ask(tx, req, r.policyVersion(r.req.Tenant))
		return err
	})
	if err != nil {
		got, err := r.deny(ctx, c, rep, decision.Denied(approval.Check, "nobody can be asked: "+err.Error()))
		return got, "", err
	}
	rep.Approval = asked.ID
	c.asked = req
	if asked.State == approval.Open {
		got, err := r.waitForPerson(ctx, c, rep, asked)
		return got, "", err
	}
	if r.req.Reading == Declared {
		return stand{}, asked.ID, nil
	}
	id := asked.ID
	if asked.State == approval.Used && r.prior[c.name].State == journal.Intended {
		if !r.now().Before(asked.Expires) {
			got, err := r.deny(ctx, c, rep, decision.Denied(approval.Check, "the approval that the intent used has ended since"))
			return got, "", err
		}
		id = "" // used at the intent that is in doubt now, for exactly this
	}
	// Somebody answered: what was true when they were asked may not be so any more.
	rep.Decisions = r.checkAll(ctx, c, rep, asked.State == approval.Approved)
	if c.req.Hash != req.Hash && c.step.Operation.Control != effects.Approve {
		got, err := r.deny(ctx, c, rep, decision.Denied(approval.Check, "the arguments are not the ones that were approved"))
		return got, "", err
	}
	if decision.Strictest(rep.Decisions...) == decision.Deny {
		got, err := r.deny(ctx, c, rep, decision.Decision{})
		return got, "", err
	}
	if deferred, reason := first(rep.Decisions, decision.Defer); deferred {
		got, err := r.waitForTime(ctx, c, rep, reason)
		return got, "", err
	}
	return stand{}, id, nil
}

// covered: the capability itself had a person approve exactly this, not too long
// ago, who may approve such an effect. Who looks after the first effects of a canary
// wants to look again.
func (r *runner) covered(ctx context.Context, c *call, rep *StepReport) (decision.Decision, bool) {
	by, found := r.cover[c.name]
	if !found || c.step.Operation.Control == effects.Approve || c.step.Needs.Approval.State != string(statePresent) {
		return decision.Decision{}, false
	}
	if by.covering != coveringOf(c) || by.policy == "" || by.policy != r.policyVersion(r.req.Tenant) {
		return decision.Decision{}, false
	}
	for _, d := range rep.Decisions {
		if d.Check == "canary" && d.Verdict != decision.Allow {
			return decision.Decision{}, false
		}
	}
	given, err := r.Approval(ctx, r.req.Tenant, by.approval)
	if err != nil || given.Run != r.sealed.Run || given.State != approval.Used || !r.now().Before(given.Expires) {
		return decision.Decision{}, false
	}
	if may, err := (directory{r.world}).Approves(ctx, r.req.Tenant, c.req.Effect, given.DecidedBy); err != nil || !may {
		return decision.Decision{}, false
	}
	return allowed(approval.Check, "approved by "+given.DecidedBy+" in "+by.by+" for these arguments", decision.ByCapability), true
}

// askFor is the request of a step that is itself an approval. It names the steps
// that wait for it, with their arguments as far as they are known: those are what
// the person approves. Whoever may approve the gravest of them decides.
func (r *runner) askFor(c *call) (decision.Request, error) {
	req := c.req
	list := []any{}
	gravest := effects.Effect(req.Effect)
	for _, s := range r.plan.Steps {
		if s.Needs.Approval.State != string(statePresent) || s.Needs.Approval.By != c.step.ID || s.ForEach != nil {
			continue
		}
		if graver(s.Operation.Effect, gravest) {
			gravest = s.Operation.Effect
		}
		later, err := r.bind(s, s.ID)
		if err != nil {
			continue // it rests on results that are not there yet: it is asked for by itself
		}
		list = append(list, map[string]any{"step": s.ID, "operation": later.req.Operation, "effect": later.req.Effect,
			"resource": later.req.Resource, "arguments": later.shown.Value(), "arguments_sha256": later.req.Hash})
		c.covers = append(c.covers, coveringOf(later))
	}
	arguments, err := canonical.Marshal(map[string]any{"arguments": c.shown.Value(), "approves": list})
	if err != nil {
		return req, fmt.Errorf("what is to be approved cannot be written: %w", err)
	}
	req.Effect, req.Arguments, req.Hash = string(gravest), arguments.Bytes(), arguments.Hash()
	return req, nil
}

// covering is what a person saw of a later step.
type covering struct{ step, operation, effect, resource, relation, scope, hash string }

func coveringOf(c *call) covering {
	return covering{c.name, c.req.Operation, c.req.Effect, c.req.Resource, c.req.Relation, c.req.Scope, c.req.Hash}
}

func graver(a, b effects.Effect) bool {
	for _, e := range effects.AllEffects() {
		if e == a || e == b {
			return e == a && a != b
		}
	}
	return false
}

// waitForPerson puts the run to rest until somebody answers or the time is up. A
// run that waits costs its row.
func (r *runner) waitForPerson(ctx context.Context, c *call, rep *StepReport, asked approval.Approval) (stand, error) {
	answer := decision.Decision{Check: approval.Check, Verdict: decision.StepUp, SuppliedBy: decision.ByRuntime, Rule: asked.ID,
		Reason: "waits for a person until " + asked.Expires.UTC().Format(time.RFC3339)}
	if c.step.Operation.Control == effects.Approve {
		answer.SuppliedBy = decision.ByCapability
	}
	rep.Decisions = append(rep.Decisions, answer)
	r.supplies(c, rep, false)
	event := audit.EventOf(audit.KindApproval, c.asked, r.clean(rep.Decisions)...)
	event.Approval, event.Reason, event.Simulated = asked.ID, "a person is asked", r.req.Mode != Enforce
	if err := r.append(ctx, event); err != nil {
		return stand{}, err
	}
	r.report.Wait = &WaitReport{Approval: asked.ID, Step: c.name, Until: asked.Expires.UTC(), Who: r.approvers(asked.Effect)}
	return r.wait(ctx, rep, asked.ID, asked.Expires, answer.Reason)
}

// waitForTime puts the run to rest until what put it off may allow it. also are
// decisions that are not in the report.
func (r *runner) waitForTime(ctx context.Context, c *call, rep *StepReport, reason string, also ...decision.Decision) (stand, error) {
	until := later(r.now(), append(rep.Decisions, also...))
	r.report.Wait = &WaitReport{Step: c.name, Until: until, Who: []string{}}
	if r.req.Mode == DryRun {
		r.report.Outcome, r.report.Reason = Waiting, r.masked(reason)
		return r.tell(rep, StepWaiting, reason), nil
	}
	event := audit.EventOf(audit.KindDecision, c.req, r.clean(rep.Decisions)...)
	event.Reason, event.Simulated = "put off: "+r.masked(reason), r.req.Mode != Enforce
	if err := r.append(ctx, event); err != nil {
		return stand{}, err
	}
	return r.wait(ctx, rep, "time", until, reason)
}

func (r *runner) wait(ctx context.Context, rep *StepReport, on string, until time.Time, reason string) (stand, error) {
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		if err := r.note(tx, rep, StepWaiting, reason); err != nil {
			return err
		}
		if err := r.journal.Wait(tx, r.lease, on, until, r.masked(reason)); err != nil {
			return err
		}
		// The answer may have come in between: then nothing would wake the run.
		return r.wakeIfAnswered(tx, rep.Approval)
	})
	if err != nil {
		return stand{}, &Error{Kind: Unavailable, Op: "wait", Err: err}
	}
	r.report.Outcome, r.report.Reason = Waiting, r.masked(reason)
	return r.tell(rep, StepWaiting, reason), nil
}

func (r *Runtime) wakeIfAnswered(tx *store.Tx, id string) error {
	if id == "" {
		return nil
	}
	var state string
	found, err := tx.Get(`SELECT state FROM approvals WHERE id = ?`, []any{id}, &state)
	if err != nil || !found || state == string(approval.Open) {
		return err
	}
	_, err = r.journal.Wake(tx, id)
	return err
}

// approvers lists who may decide about an effect in this run.
func (r *runner) approvers(effect string) []string {
	var out []string
	for _, u := range r.tenant.Users {
		if listed, err := (directory{r.world}).Approves(context.Background(), r.req.Tenant, effect, u.ID); err == nil && listed && u.ID != r.req.User {
			out = append(out, u.ID)
		}
	}
	return out
}

// errRefused undoes a transaction whose checks said no.
var errRefused = errors.New("a check said no")

// intend is the last gate: in one transaction the approval is used, the budget
// spent and the intent written. Without all of them nothing happens.
func (r *runner) intend(ctx context.Context, c *call, id string) (journal.Step, decision.Decision, error) {
	var step journal.Step
	var no decision.Decision
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		no = decision.Decision{}
		approved := id != ""
		if approved {
			answer, err := r.desk.Use(tx, id, c.asked, r.policyVersion(r.req.Tenant))
			if err != nil {
				return err
			}
			answer.SuppliedBy = decision.ByRuntime
			if c.step.Operation.Control == effects.Approve {
				answer.SuppliedBy = decision.ByCapability
			}
			if answer.Verdict != decision.Allow {
				no = answer
				return nil // what has ended is marked: commit
			}
			c.answer = answer
		}
		standing, done, err := r.journal.Intend(tx, r.lease, journal.Intent{Step: c.name, Operation: c.req.Operation, Effect: c.req.Effect, Arguments: c.shown})
		if err != nil {
			return err
		}
		step, c.inDoubt = done, standing == journal.InDoubt
		if standing != journal.Fresh || r.req.Reading == Declared {
			return nil
		}
		charge := r.Runtime.limits[r.req.Tenant].Charge
		if r.req.Mode == Sandbox { // what does not happen uses nothing up, and makes nothing usual
			charge = r.Runtime.limits[r.req.Tenant].Check
		}
		charged, err := charge(tx, r.use(c, approved || c.covered))
		if err != nil {
			return err
		}
		if decision.Strictest(charged...) != decision.Allow {
			for _, d := range charged {
				if d.Verdict != decision.Allow {
					no = d
				}
			}
			return errRefused
		}
		return nil
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return step, no, err
}
