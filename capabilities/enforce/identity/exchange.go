package identity

import (
	"context"
	"slices"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

// ExchangeRequest asks for a token in which an agent acts for a subject (RFC 8693).
type ExchangeRequest struct {
	Tenant    string        // of the run
	Subject   secrets.Value // token of the one acted for: a user's, or an agent's who hands the task on
	Actor     secrets.Value // token of the agent that will act, as Authenticate gave it
	Scopes    []string      // none asks for all that both tokens allow
	Resources []string      // none asks for all that both tokens allow
	Lifetime  time.Duration
}

// Exchange derives a token. It allows only what both tokens allow, ends no later
// than either, keeps the chain of who handed the task to whom, and ends with any
// token it was derived from.
func (s *Service) Exchange(ctx context.Context, req ExchangeRequest) (Issued, error) {
	subject, d := s.valid(ctx, req.Subject.Expose())
	if d != nil {
		return Issued{}, d
	}
	actor, d := s.valid(ctx, req.Actor.Expose())
	if d != nil {
		return Issued{}, d
	}
	if d := allowed(req.Tenant, subject, actor); d != nil {
		return Issued{}, d
	}
	b, d := grant(subject.bounds().meet(actor.bounds()), bounds{req.Scopes, req.Resources})
	if d != nil {
		return Issued{}, d
	}
	if len(b.scopes) == 0 {
		return Issued{}, deny(CodeScope, "grant the agent and the subject a common scope", "the two tokens have no scope in common")
	}
	lifetime := req.Lifetime
	latest := time.Unix(min(subject.Expires, actor.Expires), 0).UTC()
	if lifetime == 0 {
		lifetime = DefaultLifetime
	}
	return s.issue(derive(subject, actor), b, lifetime, latest)
}

// allowed holds who may act for whom.
func allowed(tenant string, subject, actor Claims) *Denial {
	switch {
	case tenant == "" || subject.Tenant != tenant || actor.Tenant != tenant:
		return deny(CodeTenant, "use tokens of the run's own tenant", "both tokens must belong to the tenant of the run")
	case actor.Kind != KindAgent || actor.Act != nil:
		return deny(CodeChain, "present the token the agent got for itself", "the actor's token is not an agent's own")
	case subject.MayAct != nil && subject.MayAct.Subject != actor.Subject:
		return deny(CodeChain, "let the named agent act", "the subject lets %q act and no one else", subject.MayAct.Subject)
	case len(subject.Chain()) >= maxChain:
		return deny(CodeChain, "hand the task to fewer agents", "the chain has %d links already", maxChain)
	}
	return nil
}

// derive builds the claims of the new token. An agent that narrows its own token
// adds no link to the chain.
func derive(subject, actor Claims) Claims {
	c := Claims{
		Subject: subject.Subject, Kind: subject.Kind, Tenant: subject.Tenant, ClientID: actor.ClientID,
		Act: subject.Act, MayAct: subject.MayAct,
	}
	if subject.Agent() != actor.Subject {
		c.Act = &Act{Subject: actor.Subject, Act: subject.Act}
	}
	for _, from := range []Claims{subject, actor} {
		for _, p := range append(slices.Clone(from.Lineage), Parent{from.ID, from.ClientID}) {
			if !slices.Contains(c.Lineage, p) {
				c.Lineage = append(c.Lineage, p)
			}
		}
	}
	return c
}
