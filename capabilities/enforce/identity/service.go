package identity

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

// Lifetimes of tokens. They are minutes, so that what is not revoked ends soon.
const (
	DefaultLifetime = 5 * time.Minute
	MaxLifetime     = 15 * time.Minute
	DefaultSkew     = 5 * time.Second
	MaxSkew         = time.Minute
)

// Config of a token service.
type Config struct {
	Issuer   string // of the tokens, such as https://runtime.example or urn:…
	Audience string // the one service that accepts them
	Key      *Key
	Clients  Clients
	State    State
	Now      func() time.Time // the runtime's one clock
	Random   io.Reader
	// Skew is how far the clock of a token may differ, DefaultSkew where 0. The
	// service has one clock; a negative value asks for none at all.
	Skew time.Duration
}

// Service issues, exchanges, verifies and revokes tokens. It holds no state of its
// own, so several may run over one key, one registry and one state.
type Service struct {
	cfg     Config
	hashing chan struct{} // bounds the memory that hashing takes
	known   known
}

// New makes a service.
func New(cfg Config) (*Service, error) {
	switch {
	case cfg.Issuer == "" || cfg.Audience == "":
		return nil, errors.New("identity: the service needs an issuer and an audience")
	case cfg.Key == nil || cfg.Clients == nil || cfg.State == nil || cfg.Now == nil || cfg.Random == nil:
		return nil, errors.New("identity: the service needs a key, clients, a state, a clock and randomness")
	case cfg.Skew > MaxSkew:
		return nil, fmt.Errorf("identity: a skew of %s, expected at most %s", cfg.Skew, MaxSkew)
	}
	if cfg.Skew == 0 {
		cfg.Skew = DefaultSkew
	}
	cfg.Skew = max(cfg.Skew, 0)
	return &Service{cfg: cfg, hashing: make(chan struct{}, 4)}, nil
}

// Issued is a token with what it says. The token itself does not print.
type Issued struct {
	Token  secrets.Value `json:"-"`
	Claims Claims        `json:"claims"`
}

// issue completes claims, signs them, and gives the token. latest is the moment no
// token of this kind may outlive; the zero time sets none.
func (s *Service) issue(c Claims, b bounds, lifetime time.Duration, latest time.Time) (Issued, error) {
	if lifetime == 0 {
		lifetime = DefaultLifetime
	}
	if lifetime < time.Second || lifetime > MaxLifetime {
		return Issued{}, deny(CodeLifetime, "ask for a shorter one and renew it", "a lifetime of %s, expected 1s to %s", lifetime, MaxLifetime)
	}
	now := s.cfg.Now().UTC().Truncate(time.Second)
	ends := now.Add(lifetime)
	if !latest.IsZero() && ends.After(latest) {
		ends = latest
	}
	if !ends.After(now) {
		return Issued{}, deny(CodeExpired, "authenticate again", "nothing is left of the lifetime of the token it comes from")
	}
	id, err := s.randomID()
	if err != nil {
		return Issued{}, unavailable("randomness", err)
	}
	c.Issuer, c.Audience, c.ID = s.cfg.Issuer, s.cfg.Audience, id
	c.Issued, c.Starts, c.Expires = now.Unix(), now.Unix(), ends.Unix()
	c.setBounds(b)
	if d := c.check(); d != nil {
		return Issued{}, d
	}
	token, err := sign(s.cfg.Key.private, s.cfg.Key.id, typeToken, c)
	if err != nil {
		return Issued{}, unavailable("the signing key", err)
	}
	if len(token) > maxToken {
		return Issued{}, deny(CodeRequest, "ask for fewer scopes or resources", "the token would have %d bytes, expected at most %d", len(token), maxToken)
	}
	s.known.put(token, c) // it need not be read to be believed
	return Issued{Token: secrets.New(token), Claims: c}, nil
}

// randomID gives 128 random bits.
func (s *Service) randomID() (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(s.cfg.Random, raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// notRevoked asks the state about everything a token rests on.
func (s *Service) notRevoked(ctx context.Context, stakes []Target) *Denial {
	hit, revoked, err := s.cfg.State.Revoked(ctx, stakes)
	if err != nil {
		return unavailable("the list of revocations", err)
	}
	if revoked {
		return deny(CodeRevoked, "authenticate as somebody who is not revoked", "the %s %s is revoked", hit.Kind, hit.ID)
	}
	return nil
}

// Revoke revokes something of a tenant. It counts from the moment Revoke returns,
// for all that was derived from it as well.
func (s *Service) Revoke(ctx context.Context, target Target) error {
	switch target.Kind {
	case TargetToken, TargetClient, TargetAgent, TargetUser:
	default:
		return deny(CodeRequest, "", "cannot revoke a %q: expected token, client, agent or user", target.Kind)
	}
	if target.Tenant == "" || target.ID == "" {
		return deny(CodeRequest, "", "a revocation needs a tenant and an id")
	}
	if err := s.cfg.State.Revoke(ctx, target, s.cfg.Now()); err != nil {
		return unavailable("the list of revocations", err)
	}
	return nil
}

// RevokeToken revokes a token by itself (RFC 7009). Whoever holds a token may end
// it, within the token's tenant. A token that is not valid is no error, as there is
// nothing left to revoke.
func (s *Service) RevokeToken(ctx context.Context, tenant string, token secrets.Value) error {
	c, d := s.read(token.Expose())
	if d != nil || c.Tenant != tenant {
		return nil
	}
	return s.Revoke(ctx, Target{c.Tenant, TargetToken, c.ID})
}
