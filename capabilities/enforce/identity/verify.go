package identity

import (
	"context"
	"slices"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

// Expect is what the runtime knows about the caller. The tenant is always required;
// a token is never the only source of it.
type Expect struct {
	Tenant string
	// Agent is who presents the token. Empty accepts a user's own token alone.
	Agent string
	// Scope and Resource are what the step needs; empty needs none.
	Scope    string
	Resource string
}

// Verify accepts a token or denies it with a *Denial.
func (s *Service) Verify(ctx context.Context, token string, want Expect) (Claims, error) {
	c, d := s.valid(ctx, token)
	if d == nil {
		d = want.check(c)
	}
	if d != nil {
		return Claims{}, d
	}
	return c, nil
}

// Covers says whether a token that Verify has just accepted is what a step needs, or
// denies it with a *Denial.
func Covers(c Claims, want Expect) error {
	if d := want.check(c); d != nil {
		return d
	}
	return nil
}

// read checks the form, signature, issuer and audience of a token. None of them
// changes, so a token that was found good is not read again.
func (s *Service) read(token string) (Claims, *Denial) {
	if c, found := s.known.get(token); found {
		return c, nil
	}
	c, d := s.readAnew(token)
	if d == nil {
		s.known.put(token, c)
	}
	return c, d
}

func (s *Service) readAnew(token string) (Claims, *Denial) {
	var c Claims
	if d := open(token, s.cfg.Key.Public(), s.cfg.Key.id, typeToken, &c); d != nil {
		return Claims{}, d
	}
	if c.Issuer != s.cfg.Issuer {
		return Claims{}, deny(CodeIssuer, "", "the token was issued by %q", c.Issuer)
	}
	if c.Audience != s.cfg.Audience {
		return Claims{}, deny(CodeAudience, "", "the token is for %q", c.Audience)
	}
	if d := c.check(); d != nil {
		return Claims{}, d
	}
	return c, nil
}

// valid checks everything that does not depend on who presents the token.
func (s *Service) valid(ctx context.Context, token string) (Claims, *Denial) {
	c, d := s.read(token)
	if d != nil {
		return Claims{}, d
	}
	if d := s.inTime(c.Issued, c.Starts, c.Expires, MaxLifetime); d != nil {
		return Claims{}, d
	}
	if d := s.notRevoked(ctx, c.stakes()); d != nil {
		return Claims{}, d
	}
	return c, nil
}

// inTime holds the times of a JWT against the clock. The end is exclusive.
func (s *Service) inTime(issued, starts, expires int64, longest time.Duration) *Denial {
	now, skew := s.cfg.Now(), s.cfg.Skew
	switch from, start, end := time.Unix(issued, 0), time.Unix(starts, 0), time.Unix(expires, 0); {
	case end.Sub(from) > longest || end.Sub(start) > longest || !end.After(start):
		return deny(CodeLifetime, "get a new token", "the token lives for %s, expected more than nothing and at most %s", end.Sub(from), longest)
	case from.After(now.Add(skew)) || start.After(now.Add(skew)):
		return deny(CodeNotYet, "compare the clocks", "the token is valid from %s", start.UTC().Format(time.RFC3339))
	case !now.Before(end.Add(skew)):
		return deny(CodeExpired, "authenticate again", "the token ended at %s", end.UTC().Format(time.RFC3339))
	}
	return nil
}

func (w Expect) check(c Claims) *Denial {
	switch {
	case w.Tenant == "":
		return deny(CodeTenant, "name the tenant of the run", "no tenant was expected, so none can be right")
	case c.Tenant != w.Tenant:
		return deny(CodeTenant, "use a token of the run's own tenant", "the token belongs to another tenant")
	case c.Agent() != w.Agent:
		return deny(CodeAgent, "exchange the token for one of this agent", "the token is bound to %q, presented by %q", c.Agent(), w.Agent)
	case w.Scope != "" && !slices.Contains(c.Scopes(), w.Scope):
		return deny(CodeScope, "ask for the scope when getting the token", "the token does not cover the scope %q", w.Scope)
	case w.Resource != "" && !resourceName().MatchString(w.Resource):
		return deny(CodeRequest, "write type:id", "%q is not a resource", w.Resource)
	case w.Resource != "" && !anyCovers(c.Resources(), w.Resource):
		return deny(CodeResource, "ask for the resource when getting the token", "the token is not bound to the resource %q", w.Resource)
	}
	return nil
}

// Introspection is the answer of RFC 7662. Of a token that is not active it says
// nothing else.
type Introspection struct {
	Active bool `json:"active"`
	*Claims
	TokenType string `json:"token_type,omitempty"`
}

// Introspect describes a token to a caller of the given tenant. A failure to find
// out is an error; a token that is not valid for the tenant is inactive.
func (s *Service) Introspect(ctx context.Context, tenant string, token secrets.Value) (Introspection, error) {
	c, d := s.valid(ctx, token.Expose())
	switch {
	case d != nil && d.Code == CodeUnavailable:
		return Introspection{}, d
	case d != nil || tenant == "" || c.Tenant != tenant:
		return Introspection{}, nil
	}
	return Introspection{Active: true, Claims: &c, TokenType: "Bearer"}, nil
}
