package enforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/inputs"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/world"
)

// A check looks at a step that wants to act. The order of the checks is the one in
// docs/runtime/order.md.
type check func(ctx context.Context, c *call, approved bool) []decision.Decision

// check asks every check in turn and stops at the first denial. A control of the
// capability's own needs no grant and no relation: it is what decides them.
func (r *runner) check(ctx context.Context, c *call, approved bool) []decision.Decision {
	list := []check{r.checkTenant, r.checkIdentity}
	if !c.guards() {
		list = append(list, r.checkScope)
	}
	list = append(list, r.checkLimits)
	if !c.guards() {
		list = append(list, r.checkRelation, r.checkPolicy)
	}
	list = append(list, r.checkInputs, r.checkEgress, r.checkCanary)
	all := make([]decision.Decision, 0, 2*len(list))
	for _, one := range list {
		got := one(ctx, c, approved)
		all = append(all, got...)
		if decision.Strictest(got...) == decision.Deny {
			break
		}
	}
	return all
}

// checkTenant holds what the step names to the sealed tenant, outside of every
// other part.
func (r *runner) checkTenant(_ context.Context, c *call, _ bool) []decision.Decision {
	if name, found := r.foreignName(c.values); found {
		return one(decision.Denied("tenant", fmt.Sprintf("%q is not of the tenant %s", name, r.req.Tenant)))
	}
	if r.foreign(r.req.Tenant, c.req.Resource) {
		return one(decision.Denied("tenant", fmt.Sprintf("%q is not of the tenant %s", c.req.Resource, r.req.Tenant)))
	}
	for _, p := range c.step.Operation.Params {
		value, stated := c.values[p.Name].(string)
		if p.Role == provider.RoleTenant && stated && value != r.req.Tenant {
			return one(decision.Denied("tenant", fmt.Sprintf("the step asks for %q, the run is sealed to %s", value, r.req.Tenant)))
		}
	}
	return one(allowed("tenant", "sealed to "+r.req.Tenant, decision.ByRuntime))
}

// foreignName finds a text that is the name of another tenant's.
func (r *runner) foreignName(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, r.foreign(r.req.Tenant, v)
	case []any:
		for _, item := range v {
			if name, found := r.foreignName(item); found {
				return name, true
			}
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if r.foreign(r.req.Tenant, key) {
				return key, true
			}
			if name, found := r.foreignName(v[key]); found {
				return name, true
			}
		}
	}
	return "", false
}

// checkIdentity verifies the token of the run again, at every step.
func (r *runner) checkIdentity(ctx context.Context, c *call, _ bool) []decision.Decision {
	by := r.suppliedBy(c.step.Needs.Authentication)
	if r.denied != nil {
		return one(supplied(r.denied.Decision(), by))
	}
	for _, p := range c.step.Operation.Params {
		value, stated := c.values[p.Name].(string)
		if p.Role == provider.RoleUser && stated && speaksFor(c.step.Operation) && value != r.req.User {
			return one(supplied(decision.Denied("identity", fmt.Sprintf("the step is about %q, the run acts for %s", value, r.req.User)), by))
		}
		if p.Role == provider.RoleAgent && stated && value != r.req.Agent {
			return one(supplied(decision.Denied("identity", fmt.Sprintf("the step names the agent %q, %s acts", value, r.req.Agent)), by))
		}
	}
	var err error
	if c.claims, err = r.identity.Verify(ctx, r.token.Token.Expose(), identity.Expect{Tenant: r.req.Tenant, Agent: r.req.Agent}); err != nil {
		return one(supplied(identityDenial(err), by))
	}
	reason := r.req.Agent + " acts for " + r.req.User
	if need := c.step.Needs.Authentication; by == decision.ByCapability && need.By != "" {
		reason += "; the capability authenticates in " + need.By
	}
	return one(allowed("identity", reason, by))
}

// speaksFor: who logs in and whose credential is handed out must be the user of the
// run. What an agent does to others, such as giving them a role, is for relations
// and policy to decide.
func speaksFor(op provider.Operation) bool {
	return op.Control == effects.Authenticate || op.Effect == effects.Credential
}

func identityDenial(err error) decision.Decision {
	var denial *identity.Denial
	if errors.As(err, &denial) {
		return denial.Decision()
	}
	return decision.Denied("identity", err.Error())
}

// checkScope asks for every scope within the token that was verified just before, and
// within one grant of the user: the scopes of one grant do not reach the resources of
// another.
func (r *runner) checkScope(_ context.Context, c *call, _ bool) []decision.Decision {
	list := one(r.inGrant(c.claims, c.req, c.scopes))
	if c.whole != nil {
		list = append(list, r.inGrant(c.claims, *c.whole, []string{c.whole.Scope}))
	}
	return list
}

// inGrant asks for scopes on one resource.
func (r *runner) inGrant(claims identity.Claims, req decision.Request, scopes []string) decision.Decision {
	for _, scope := range scopes {
		err := identity.Covers(claims, identity.Expect{Tenant: r.req.Tenant, Agent: r.req.Agent, Scope: scope, Resource: req.Resource})
		if err != nil {
			denial := identityDenial(err)
			denial.Check = "scope"
			return denial
		}
		granted := slices.ContainsFunc(r.program().Grants, func(g world.Grant) bool {
			return g.User == r.req.User && (g.Until.IsZero() || req.At.Before(g.Until)) && slices.Contains(g.Scopes, scope) && covers(g.Resources, req.Resource)
		})
		if !granted {
			return decision.Denied("scope", fmt.Sprintf("no single grant of %s covers %s on %s", r.req.User, scope, req.Resource))
		}
	}
	return allowed("scope", strings.Join(scopes, ", ")+" on "+req.Resource+" is within the grant", decision.ByRuntime)
}

func covers(patterns []string, resource string) bool {
	kind, _, _ := strings.Cut(resource, ":")
	return slices.Contains(patterns, resource) || slices.Contains(patterns, kind+":*")
}

// use is what the limits see of a step. What is unusual about a control of the
// capability's own is noted and stops nobody: it is the step behind it that counts.
func (r *runner) use(c *call, approved bool) limits.Use {
	return limits.Use{Tenant: r.req.Tenant, Agent: r.req.Agent, Operation: c.req.Operation, Effect: c.req.Effect, Volume: c.volume,
		Approved: approved || c.guards()}
}

// checkLimits asks budgets, breaker and signals of anomaly.
func (r *runner) checkLimits(ctx context.Context, c *call, approved bool) []decision.Decision {
	err := r.db.Read(ctx, func(tx *store.Tx) (err error) {
		c.lately, err = r.Runtime.limits[r.req.Tenant].Look(tx, r.use(c, approved))
		return err
	})
	if err != nil {
		return one(decision.Denied("limits", "the limits cannot be read: "+err.Error()))
	}
	return c.lately.Decisions
}

// checkRelation asks who is related to the resource, before anything is read or
// changed there.
func (r *runner) checkRelation(ctx context.Context, c *call, _ bool) []decision.Decision {
	list := one(r.isRelated(ctx, c, c.req))
	if c.whole != nil && list[0].Verdict == decision.Allow {
		list = append(list, r.isRelated(ctx, c, *c.whole))
	}
	return list
}

// isRelated asks for one resource.
func (r *runner) isRelated(ctx context.Context, c *call, req decision.Request) decision.Decision {
	answer := r.relations.Check(ctx, req)
	need := c.step.Needs.Authorization
	answer.SuppliedBy = r.suppliedBy(need)
	if c.step.Operation.Effect == effects.Read && answer.Verdict == decision.Allow {
		answer.Reason += "; asked before the data is read"
	}
	if need.State == string(stateLate) {
		answer.Reason += "; the capability asks only later, in " + need.By
	}
	return answer
}

// checkPolicy asks the rules about time, sensitivity and what happened lately: what
// the limits saw just before.
func (r *runner) checkPolicy(ctx context.Context, c *call, approved bool) []decision.Decision {
	in := policy.Input{Zone: r.tenant.Zone, Approved: approved}
	if h := r.tenant.Hours; h != nil {
		in.Hours = &policy.Hours{Days: h.Days, From: h.From, To: h.To}
	}
	if len(c.lately.Decisions) == 0 {
		return one(decision.Denied(policy.Check, "what happened lately was not read"))
	}
	history := c.lately.History
	in.Recent = policy.Recent{Calls: int(history.ThisHour), Usual: int(history.BusiestHour), Denials: int(c.lately.Breaker.Denials), FirstUse: history.Uses == 0, Tenants: 1}
	if !history.OtherTenant.IsZero() && c.req.At.Sub(history.OtherTenant) < anomaly.Within {
		in.Recent.Tenants = 2
	}
	requests := []decision.Request{c.req}
	if c.whole != nil {
		requests = append(requests, *c.whole)
	}
	var list []decision.Decision
	c.wanted = nil
	for _, req := range requests {
		in.Request, in.Sensitivity = req, r.tenant.Sensitivity(req.Resource)
		out := r.policy.Decide(ctx, in)
		if c.wanted == nil {
			c.wanted = out.Arguments // of Modify
		}
		if d := r.untilAllowed(out, req.At); !slices.Contains(list, d) { // both are told once where they are one
			list = append(list, d)
		}
	}
	return list
}

// checkInputs looks for signs that a text wants to lead the agent. It is a signal:
// where the effect is grave a person looks, elsewhere it is noted.
func (r *runner) checkInputs(_ context.Context, c *call, approved bool) []decision.Decision {
	worst := allowed("inputs", "no sign of instructions in the data", decision.ByRuntime)
	signals := inputs.Scan(withoutCredentials(c))
	if len(signals) == 0 {
		return one(worst)
	}
	var parts []string
	warn := false
	for _, s := range signals {
		parts = append(parts, s.Path+": "+s.Reason)
		warn = warn || s.Severity == inputs.Warn
	}
	worst.Rule, worst.Reason = signals[0].ID, r.masked(strings.Join(parts, "; "))
	if warn && !approved && c.step.Operation.Effect != effects.Read {
		worst.Verdict = decision.StepUp
	}
	return one(worst)
}

// withoutCredentials are the values that people or services wrote: a credential is
// no text, and looks like one that was pasted by mistake.
func withoutCredentials(c *call) map[string]any {
	out := make(map[string]any, len(c.values))
	for name, value := range c.values {
		out[name] = value
	}
	for _, p := range c.step.Operation.Params {
		if p.Role == provider.RoleCredential {
			delete(out, p.Name)
		}
	}
	return out
}

// HostRule begins the rule of a denial of egress for the host that the operation is at;
// the host follows.
const HostRule = "host/"

// checkEgress holds the host to the tenant's list.
func (r *runner) checkEgress(_ context.Context, c *call, _ bool) []decision.Decision {
	op := c.step.Operation
	host := op.Host
	switch {
	case c.step.Kind != plan.Call, host == "" && op.Simulated:
		return one(allowed("egress", "a local stand-in answers, no host is known", decision.ByRuntime))
	case host == "":
		return one(decision.Denied("egress", "the host of "+op.ID+" is not known"))
	case !slices.Contains(r.tenant.Egress, host):
		denied := decision.Denied("egress", host+" is not on the tenant's list of hosts")
		denied.Rule = HostRule + host
		return one(denied)
	}
	for _, p := range op.Params {
		if p.Role != provider.RoleHost {
			continue
		}
		for _, text := range texts(c.values[p.Name]) {
			if !slices.Contains(r.tenant.Egress, hostOf(text)) {
				return one(decision.Denied("egress", fmt.Sprintf("%s is %q, which is not on the tenant's list of hosts", p.Name, hostOf(text))))
			}
		}
	}
	return one(allowed("egress", host+" is on the tenant's list", decision.ByRuntime))
}

// checkCanary lets the first effects through and then asks a person.
func (r *runner) checkCanary(_ context.Context, c *call, approved bool) []decision.Decision {
	if r.req.Canary == 0 || c.step.Operation.Effect == effects.Read {
		return nil
	}
	if r.acted < r.req.Canary {
		return one(allowed("canary", fmt.Sprintf("effect %d of %d that go through", r.acted+1, r.req.Canary), decision.ByRuntime))
	}
	answer := allowed("canary", fmt.Sprintf("%d effects went through; a person looks before more", r.acted), decision.ByRuntime)
	if !approved {
		answer.Verdict = decision.StepUp
	}
	return one(answer)
}
