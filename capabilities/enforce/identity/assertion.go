package identity

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"io"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

// maxAssertion is the longest life of an assertion.
const maxAssertion = 5 * time.Minute

// assertion is what a client signs to authenticate (RFC 7523, section 3).
type assertion struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	ID       string `json:"jti"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// SignAssertion makes the assertion a client presents once. The audience is the
// issuer of the service.
func SignAssertion(key ed25519.PrivateKey, clientID, audience string, now time.Time, random io.Reader) (secrets.Value, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(random, raw); err != nil {
		return secrets.Value{}, err
	}
	token, err := sign(key, "", typeAssertion, assertion{
		Issuer: clientID, Subject: clientID, Audience: audience, ID: base64.RawURLEncoding.EncodeToString(raw),
		Issued: now.Unix(), Expires: now.Add(time.Minute).Unix(),
	})
	return secrets.New(token), err
}

// checkAssertion verifies an assertion with the client's registered key and uses it
// up. Assertions of other clients, for other services, or seen before are denied.
func (s *Service) checkAssertion(ctx context.Context, client Client, token string) *Denial {
	if len(client.AssertionKey) != ed25519.PublicKeySize {
		return deny(CodeKey, "register an Ed25519 key of 32 bytes", "the client's registered key is not one")
	}
	var a assertion
	if d := open(token, client.AssertionKey, "", typeAssertion, &a); d != nil {
		return d
	}
	switch {
	case a.Issuer != client.ID || a.Subject != client.ID:
		return deny(CodeIssuer, "", "the assertion is not the client's own")
	case a.Audience != s.cfg.Issuer:
		return deny(CodeAudience, "sign it for the issuer of this service", "the assertion is for %q", a.Audience)
	case a.ID == "" || len(a.ID) > 128:
		return deny(CodeMalformed, "", "the assertion needs an id of at most 128 bytes")
	}
	if d := s.inTime(a.Issued, a.Issued, a.Expires, maxAssertion); d != nil {
		return d
	}
	until := time.Unix(a.Expires, 0).Add(s.cfg.Skew)
	fresh, err := s.cfg.State.Spend(ctx, client.Tenant+"\x00"+client.ID+"\x00"+a.ID, s.cfg.Now(), until)
	if err != nil {
		return unavailable("the list of used assertions", err)
	}
	if !fresh {
		return deny(CodeReplay, "sign a new one", "the assertion was used before")
	}
	return nil
}
