package enforce

import (
	"context"
	"errors"
	"slices"
	"time"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/world"
)

// authenticate gives the run its token: the agent proves who it is, the user's
// session is exchanged for a token in which the agent acts for the user, within
// what the user granted. Whether it works or not is on record before the first
// effect. Nobody authenticated is no error: every step then denies.
func (r *runner) authenticate(ctx context.Context) error {
	r.denied = nil
	token, err := r.exchange(ctx)
	answer := decision.Decision{Check: "identity", Verdict: decision.Allow, SuppliedBy: decision.ByRuntime,
		Reason: r.req.Agent + " acts for " + r.req.User}
	if err != nil {
		if !errors.As(err, &r.denied) {
			return err
		}
		answer = r.denied.Decision()
	}
	r.token = token
	event := audit.Event{Kind: audit.KindAuthentication, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose,
		Decisions: []decision.Decision{answer}, Reason: answer.Reason, Simulated: r.req.Mode != Enforce,
		Facts: map[string]string{"reading": string(r.req.Reading), "mode": string(r.req.Mode), "plan_sha256": r.digest, "token_id": token.Claims.ID}}
	r.record(event)
	return nil
}

func (r *runner) exchange(ctx context.Context) (identity.Issued, error) {
	user, agent := r.person(), r.program()
	if !user.Session {
		return identity.Issued{}, &identity.Denial{Code: identity.CodeClient, Reason: r.req.User + " is not signed in", Hint: "sign in first"}
	}
	grant, found := grantOf(agent, r.req.User, r.now())
	if !found {
		return identity.Issued{}, &identity.Denial{Code: identity.CodeChain, Reason: r.req.User + " granted " + r.req.Agent + " nothing that still holds", Hint: "grant scopes in the world"}
	}
	id := clientID(r.req.Tenant, r.req.Agent)
	assertion, err := identity.SignAssertion(r.agents[id], id, issuer, r.now(), r.options.Random)
	if err != nil {
		return identity.Issued{}, err
	}
	actor, err := r.identity.Authenticate(ctx, identity.Credentials{ClientID: id, Assertion: assertion})
	if err != nil {
		return identity.Issued{}, err
	}
	subject, err := r.identity.StartSession(ctx, identity.Session{Tenant: r.req.Tenant, User: r.req.User, Scopes: grant.Scopes,
		Resources: grant.Resources, MayAct: r.req.Agent})
	if err != nil {
		return identity.Issued{}, err
	}
	return r.identity.Exchange(ctx, identity.ExchangeRequest{Tenant: r.req.Tenant, Subject: subject.Token, Actor: actor.Token})
}

// grantOf is all that a user lets an agent do at a time.
func grantOf(agent world.Agent, user string, at time.Time) (world.Grant, bool) {
	all := world.Grant{User: user}
	found := false
	for _, g := range agent.Grants {
		if g.User == user && (g.Until.IsZero() || at.Before(g.Until)) {
			all.Scopes, all.Resources = append(all.Scopes, g.Scopes...), append(all.Resources, g.Resources...)
			found = true
		}
	}
	slices.Sort(all.Scopes)
	slices.Sort(all.Resources)
	all.Scopes, all.Resources = slices.Compact(all.Scopes), slices.Compact(all.Resources)
	return all, found
}

func (r *runner) person() world.User {
	i := slices.IndexFunc(r.tenant.Users, func(u world.User) bool { return u.ID == r.req.User })
	if i < 0 {
		return world.User{}
	}
	return r.tenant.Users[i]
}

func (r *runner) program() world.Agent {
	i := slices.IndexFunc(r.tenant.Agents, func(a world.Agent) bool { return a.ID == r.req.Agent })
	if i < 0 {
		return world.Agent{}
	}
	return r.tenant.Agents[i]
}

func (r *runner) now() time.Time { return r.options.Clock().UTC() }

// stale says that the run's token is about to end; a long run renews it.
func (r *runner) stale() bool {
	return r.denied == nil && r.token.Claims.ExpiresAt().Sub(r.now()) < time.Minute
}
