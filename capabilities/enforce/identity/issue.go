package identity

import (
	"context"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

// Credentials is a request for a token by a client itself (RFC 6749, section 4.4),
// with a secret or a signed assertion (RFC 7523).
type Credentials struct {
	ClientID  string
	Secret    secrets.Value
	Assertion secrets.Value
	Scopes    []string // none asks for all that is registered
	Resources []string // none asks for all that is registered
	Lifetime  time.Duration
}

// Authenticate gives a client the token of its agent.
func (s *Service) Authenticate(ctx context.Context, req Credentials) (Issued, error) {
	client, d := s.authenticate(ctx, req)
	if d != nil {
		return Issued{}, d
	}
	if d := s.notRevoked(ctx, []Target{{client.Tenant, TargetClient, client.ID}, {client.Tenant, TargetAgent, client.Agent}}); d != nil {
		return Issued{}, d
	}
	b, d := grant(bounds{set(client.Scopes), set(client.Resources)}, bounds{req.Scopes, req.Resources})
	if d != nil {
		return Issued{}, d
	}
	lifetime := req.Lifetime
	if client.MaxLifetime > 0 {
		if lifetime > client.MaxLifetime {
			return Issued{}, deny(CodeLifetime, "ask for a shorter one", "the client may have tokens of at most %s", client.MaxLifetime)
		}
		if lifetime == 0 {
			lifetime = min(DefaultLifetime, client.MaxLifetime)
		}
	}
	return s.issue(Claims{Subject: client.Agent, Kind: KindAgent, Tenant: client.Tenant, ClientID: client.ID}, b, lifetime, time.Time{})
}

// authenticate finds out that the request comes from the client. Whatever is wrong,
// the reason is the same and takes the same work, so that it does not tell which
// clients exist.
func (s *Service) authenticate(ctx context.Context, req Credentials) (Client, *Denial) {
	refused := deny(CodeClient, "check the client's id and its credential", "the client did not authenticate")
	if req.Secret.IsZero() == req.Assertion.IsZero() {
		return Client{}, deny(CodeRequest, "", "a client authenticates with a secret or with an assertion, one of them")
	}
	client, found, err := s.cfg.Clients.Client(ctx, req.ClientID)
	if err != nil {
		return Client{}, unavailable("the registry of clients", err)
	}
	usable := found && !client.Disabled && client.ID == req.ClientID && client.Tenant != "" && client.Agent != ""
	if !req.Assertion.IsZero() {
		if !usable || len(client.AssertionKey) == 0 {
			return Client{}, refused
		}
		return client, s.checkAssertion(ctx, client, req.Assertion.Expose())
	}
	hash := client.SecretHash
	if !usable || hash == "" {
		hash = nobody
		usable = false
	}
	match, d := s.matches(ctx, hash, req.Secret)
	if d != nil {
		return Client{}, d
	}
	if !match || !usable {
		return Client{}, refused
	}
	return client, nil
}

// matches hashes a presented secret, a few at a time: each takes 19 MiB.
func (s *Service) matches(ctx context.Context, hash string, secret secrets.Value) (bool, *Denial) {
	if len(secret.Expose()) > maxSecret {
		return false, deny(CodeRequest, "", "a secret of more than %d bytes", maxSecret)
	}
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return false, unavailable("the check of secrets", ctx.Err())
	}
	match, err := checkSecret(hash, secret)
	if err != nil {
		return false, unavailable("the registry of clients", err)
	}
	return match, nil
}

// Session is a user who authenticated elsewhere. Whoever may call StartSession
// vouches for that.
type Session struct {
	Tenant    string
	User      string
	ClientID  string // of the application the user signed in to, may be empty
	Scopes    []string
	Resources []string
	// MayAct names the only agent that may act for the user in this session; empty
	// leaves it to the exchange.
	MayAct   string
	Lifetime time.Duration
}

// StartSession gives a user's token, from which tokens of agents are derived.
func (s *Service) StartSession(ctx context.Context, in Session) (Issued, error) {
	if in.Tenant == "" || in.User == "" {
		return Issued{}, deny(CodeRequest, "", "a session needs a tenant and a user")
	}
	c := Claims{Subject: in.User, Kind: KindUser, Tenant: in.Tenant, ClientID: in.ClientID}
	if in.MayAct != "" {
		c.MayAct = &MayAct{Subject: in.MayAct}
	}
	if d := s.notRevoked(ctx, c.stakes()); d != nil {
		return Issued{}, d
	}
	b, d := grant(bounds{set(in.Scopes), set(in.Resources)}, bounds{in.Scopes, in.Resources})
	if d != nil {
		return Issued{}, d
	}
	return s.issue(c, b, in.Lifetime, time.Time{})
}
