package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"

	"agentrisk/capabilities/enforce/secrets"
)

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// craft signs any header and any claims with a key: what somebody with another key,
// or with ours, could make.
func craft(key ed25519.PrivateKey, header, payload string) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	return text + "." + b64(ed25519.Sign(key, []byte(text)))
}

func claimsJSON(t testing.TB, c Claims, change func(*Claims)) string {
	t.Helper()
	if change != nil {
		change(&c)
	}
	raw, err := json.Marshal(c)
	must(t, err)
	return string(raw)
}

func TestForgedHeaders(t *testing.T) {
	f := setup(t, NewMemory())
	good := f.user(t, ada)
	payload := claimsJSON(t, good.Claims, nil)
	ours, kid := f.cfg.Key.private, f.cfg.Key.id
	_, other, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	head := `{"alg":"EdDSA","kid":"` + kid + `","typ":"at+jwt"}`
	if _, err := f.Verify(t.Context(), craft(ours, head, payload), Expect{Tenant: "acme"}); err != nil {
		t.Fatalf("the honest token: %v", err)
	}
	text := b64([]byte(`{"alg":"HS256","kid":"`+kid+`","typ":"at+jwt"}`)) + "." + b64([]byte(payload))
	mac := hmac.New(sha256.New, f.cfg.Key.Public())
	mac.Write([]byte(text))
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	esHead := jws.NewHeaders()
	must(t, esHead.Set(jws.TypeKey, typeToken))
	must(t, esHead.Set(jws.KeyIDKey, kid))
	es, err := jws.Sign([]byte(payload), jws.WithKey(jwa.ES256(), ec, jws.WithProtectedHeaders(esHead)))
	must(t, err)
	full, err := jws.Sign([]byte(payload), jws.WithJSON(), jws.WithKey(jwa.EdDSA(), ours))
	must(t, err)
	withHead := func(h string) string { return craft(ours, h, payload) }
	cases := []struct {
		name, token string
		want        Code
	}{
		{"none, no signature", b64([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + b64([]byte(payload)) + ".", CodeAlgorithm},
		{"none, our header", strings.Join(strings.Split(good.Token.Expose(), ".")[:2], ".") + ".", CodeSignature},
		{"NONE", withHead(`{"alg":"NONE","kid":"` + kid + `","typ":"at+jwt"}`), CodeAlgorithm},
		{"HMAC with the public key", text + "." + b64(mac.Sum(nil)), CodeAlgorithm},
		{"ES256", string(es), CodeAlgorithm},
		{"Ed25519 under its newer name", withHead(`{"alg":"Ed25519","kid":"` + kid + `","typ":"at+jwt"}`), CodeAlgorithm},
		{"other key, our name for it", craft(other, head, payload), CodeSignature},
		{"other key's name", withHead(`{"alg":"EdDSA","kid":"x","typ":"at+jwt"}`), CodeKey},
		{"no key's name", withHead(`{"alg":"EdDSA","typ":"at+jwt"}`), CodeKey},
		{"key in the header", withHead(`{"alg":"EdDSA","jwk":{"kty":"OKP"},"kid":"` + kid + `","typ":"at+jwt"}`), CodeMalformed},
		{"key by address", withHead(`{"alg":"EdDSA","jku":"https://evil.example/","kid":"` + kid + `","typ":"at+jwt"}`), CodeMalformed},
		{"critical extension", withHead(`{"alg":"EdDSA","crit":["b64"],"b64":false,"kid":"` + kid + `","typ":"at+jwt"}`), CodeMalformed},
		{"algorithm twice", withHead(`{"alg":"none","alg":"EdDSA","kid":"` + kid + `","typ":"at+jwt"}`), CodeMalformed},
		{"algorithm in capitals", withHead(`{"ALG":"EdDSA","kid":"` + kid + `","typ":"at+jwt"}`), CodeMalformed},
		{"an ID token's type", withHead(`{"alg":"EdDSA","kid":"` + kid + `","typ":"JWT"}`), CodeMalformed},
		{"JSON serialization", string(full), CodeMalformed},
		{"four parts", good.Token.Expose() + ".x", CodeMalformed},
		{"padding", good.Token.Expose() + "=", CodeMalformed},
		{"line break", good.Token.Expose()[:40] + "\n" + good.Token.Expose()[40:], CodeMalformed},
		{"empty", "", CodeMalformed},
		{"long", strings.Repeat("a", maxToken+1), CodeMalformed},
	}
	for _, c := range cases {
		_, err := f.Verify(t.Context(), c.token, Expect{Tenant: "acme"})
		wantCode(t, c.name, err, c.want)
	}
}

// TestForgedClaims signs wrong claims with the service's own key: every check holds
// by itself, not only because the signature would have failed before.
func TestForgedClaims(t *testing.T) {
	f := setup(t, NewMemory())
	base := f.user(t, ada).Claims
	head := `{"alg":"EdDSA","kid":"` + f.cfg.Key.id + `","typ":"at+jwt"}`
	cases := []struct {
		name   string
		change func(*Claims)
		want   Code
	}{
		{"issuer", func(c *Claims) { c.Issuer = "urn:evil" }, CodeIssuer},
		{"audience", func(c *Claims) { c.Audience = "urn:test:other" }, CodeAudience},
		{"expired", func(c *Claims) { c.Issued -= 600; c.Starts -= 600; c.Expires = f.now.Unix() - 5 }, CodeExpired},
		{"not yet", func(c *Claims) { c.Starts = f.now.Unix() + 6 }, CodeNotYet},
		{"issued in the future", func(c *Claims) { c.Issued = f.now.Unix() + 6 }, CodeNotYet},
		{"lives for ever", func(c *Claims) { c.Expires = f.now.Unix() + 365*86400 }, CodeLifetime},
		{"lives for ever, issued late", func(c *Claims) { c.Issued = f.now.Unix() + 365*86400; c.Expires = c.Issued + 60 }, CodeLifetime},
		{"ends before it starts", func(c *Claims) { c.Expires = c.Starts }, CodeLifetime},
		{"times out of range", func(c *Claims) { c.Issued = -1 << 63; c.Expires = 1<<63 - 1 }, CodeLifetime},
		{"no subject", func(c *Claims) { c.Subject = "" }, CodeMalformed},
		{"no tenant", func(c *Claims) { c.Tenant = "" }, CodeMalformed},
		{"no id", func(c *Claims) { c.ID = "" }, CodeMalformed},
		{"no kind", func(c *Claims) { c.Kind = "" }, CodeMalformed},
		{"nameless actor", func(c *Claims) { c.Act = &Act{} }, CodeMalformed},
		{"unknown detail", func(c *Claims) { c.Details = []Detail{{Type: "payment", Identifier: "x:1"}} }, CodeMalformed},
	}
	for _, c := range cases {
		_, err := f.Verify(t.Context(), craft(f.cfg.Key.private, head, claimsJSON(t, base, c.change)), Expect{Tenant: "acme"})
		wantCode(t, c.name, err, c.want)
	}
	good := claimsJSON(t, base, nil)
	for name, payload := range map[string]string{
		"tenant twice":       strings.Replace(good, `"tenant":"acme"`, `"tenant":"globex","tenant":"acme"`, 1),
		"tenant in capitals": strings.Replace(good, `"tenant":`, `"Tenant":`, 1),
		"unknown claim":      strings.Replace(good, `"tenant":`, `"role":"admin","tenant":`, 1),
		"two objects":        good + good,
		"audience list":      strings.Replace(good, `"aud":"urn:test:runtime"`, `"aud":["urn:test:runtime","x"]`, 1),
		"not JSON":           "hello",
	} {
		_, err := f.Verify(t.Context(), craft(f.cfg.Key.private, head, payload), Expect{Tenant: "acme"})
		wantCode(t, name, err, CodeMalformed)
	}
}

func TestEveryCharacterOfATokenIsHeld(t *testing.T) {
	f := setup(t, NewMemory())
	token := []byte(f.user(t, ada).Token.Expose())
	for i := range token {
		for _, mask := range []byte{1, 2, 0x20} {
			token[i] ^= mask
			if _, err := f.Verify(t.Context(), string(token), Expect{Tenant: "acme"}); err == nil {
				t.Errorf("character %d xor %#x was not noticed", i, mask)
			}
			token[i] ^= mask
		}
	}
}

func TestClockAndSkew(t *testing.T) {
	f := setup(t, NewMemory())
	token := f.user(t, ada).Token.Expose()
	start := *f.now
	for _, c := range []struct {
		after time.Duration
		want  Code
	}{
		{-6 * time.Second, CodeNotYet}, {-5 * time.Second, ""}, {0, ""}, {10 * time.Minute, ""},
		{10*time.Minute + 5*time.Second - 1, ""}, {10*time.Minute + 5*time.Second, CodeExpired}, {1000 * time.Hour, CodeExpired},
	} {
		*f.now = start.Add(c.after)
		_, err := f.Verify(t.Context(), token, Expect{Tenant: "acme"})
		wantCode(t, c.after.String(), err, c.want)
	}
}

func TestExpectations(t *testing.T) {
	f := setup(t, NewMemory())
	user, a := f.user(t, ada), f.agent(t, "bot-a")
	token, err := f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token})
	must(t, err)
	for _, c := range []struct {
		name  string
		token Issued
		want  Expect
		code  Code
	}{
		{"fits", token, Expect{"acme", "agent-a", "read", "project:7"}, ""},
		{"no tenant", token, Expect{"", "agent-a", "", ""}, CodeTenant},
		{"other tenant", token, Expect{"globex", "agent-a", "", ""}, CodeTenant},
		{"other agent", token, Expect{"acme", "agent-b", "", ""}, CodeAgent},
		{"no agent", token, Expect{"acme", "", "", ""}, CodeAgent},
		{"user's token by an agent", user, Expect{"acme", "agent-a", "", ""}, CodeAgent},
		{"scope", token, Expect{"acme", "agent-a", "admin", ""}, CodeScope},
		{"part of a scope", token, Expect{"acme", "agent-a", "rea", ""}, CodeScope},
		{"resource", token, Expect{"acme", "agent-a", "read", "project:9"}, CodeResource},
		{"type that begins the same", token, Expect{"acme", "agent-a", "read", "projects:7"}, CodeResource},
		{"pattern as resource", token, Expect{"acme", "agent-a", "read", "project:*"}, CodeResource},
		{"no resource's form", token, Expect{"acme", "agent-a", "read", "project 7"}, CodeRequest},
	} {
		_, err := f.Verify(t.Context(), c.token.Token.Expose(), c.want)
		wantCode(t, c.name, err, c.code)
	}
}

func TestAssertions(t *testing.T) {
	f := setup(t, NewMemory())
	now := *f.now
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	make := func(key ed25519.PrivateKey, change func(*assertion)) string {
		a := assertion{Issuer: "bot-a", Subject: "bot-a", Audience: "urn:test:issuer", ID: "id-" + b64(sumOf(t)), Issued: now.Unix(), Expires: now.Add(time.Minute).Unix()}
		change(&a)
		token, err := sign(key, "", typeAssertion, a)
		must(t, err)
		return token
	}
	auth := func(client, token string) error {
		_, err := f.Authenticate(t.Context(), Credentials{ClientID: client, Assertion: secrets.New(token)})
		return err
	}
	once := make(f.signer, func(*assertion) {})
	must(t, auth("bot-a", once))
	wantCode(t, "replay", auth("bot-a", once), CodeReplay)
	*f.now = now.Add(time.Minute)
	wantCode(t, "replay in the skew", auth("bot-a", once), CodeReplay)
	*f.now = now.Add(2 * time.Minute)
	wantCode(t, "replay after its end", auth("bot-a", once), CodeExpired)
	*f.now = now
	for _, c := range []struct {
		name, client, token string
		want                Code
	}{
		{"another client's", "bot-b", make(f.signer, func(*assertion) {}), CodeIssuer},
		{"another signer's", "bot-a", make(stranger, func(*assertion) {}), CodeSignature},
		{"subject", "bot-a", make(f.signer, func(a *assertion) { a.Subject = "bot-b" }), CodeIssuer},
		{"audience", "bot-a", make(f.signer, func(a *assertion) { a.Audience = "urn:test:runtime" }), CodeAudience},
		{"no id", "bot-a", make(f.signer, func(a *assertion) { a.ID = "" }), CodeMalformed},
		{"long life", "bot-a", make(f.signer, func(a *assertion) { a.Expires += 3600 }), CodeLifetime},
		{"expired", "bot-a", make(f.signer, func(a *assertion) { a.Issued -= 120; a.Expires -= 120 }), CodeExpired},
		{"early", "bot-a", make(f.signer, func(a *assertion) { a.Issued += 30; a.Expires += 30 }), CodeNotYet},
		{"disabled client", "off", make(f.signer, func(a *assertion) { a.Issuer, a.Subject = "off", "off" }), CodeClient},
		{"client without a key", "keyless", make(f.signer, func(a *assertion) { a.Issuer, a.Subject = "keyless", "keyless" }), CodeClient},
		{"unknown client", "nobody", make(f.signer, func(*assertion) {}), CodeClient},
		{"an access token", "bot-a", f.user(t, ada).Token.Expose(), CodeMalformed},
	} {
		wantCode(t, c.name, auth(c.client, c.token), c.want)
	}
	_, err = f.Verify(t.Context(), make(f.cfg.Key.private, func(*assertion) {}), Expect{Tenant: "acme"})
	wantCode(t, "an assertion as access token", err, CodeMalformed)
}

func sumOf(t testing.TB) []byte {
	t.Helper()
	raw := make([]byte, 12)
	_, err := rand.Read(raw)
	must(t, err)
	return raw
}

func FuzzVerify(f *testing.F) {
	fix := setup(f, NewMemory())
	good := fix.user(f, ada)
	f.Add(good.Token.Expose())
	f.Add("a.b.c")
	f.Add(craft(fix.cfg.Key.private, `{"alg":"none"}`, `{}`))
	f.Fuzz(func(t *testing.T, token string) {
		c, err := fix.Verify(t.Context(), token, Expect{Tenant: "acme"})
		if err == nil && token != good.Token.Expose() {
			t.Fatalf("accepted %q with %+v", token, c)
		}
		if err != nil && codeOf(err) == "" {
			t.Fatalf("not a denial: %v", err)
		}
	})
}

// FuzzClaims gives the claims' reader texts under a good signature.
func FuzzClaims(f *testing.F) {
	fix := setup(f, NewMemory())
	good := fix.user(f, ada)
	head := `{"alg":"EdDSA","kid":"` + fix.cfg.Key.id + `","typ":"at+jwt"}`
	f.Add(claimsJSON(f, good.Claims, nil))
	f.Add(claimsJSON(f, good.Claims, func(c *Claims) { c.Act = &Act{Subject: "a", Act: &Act{Subject: "b"}} }))
	f.Add(`{"act":{"act":{"act":{}}}}`)
	f.Fuzz(func(t *testing.T, payload string) {
		c, err := fix.Verify(t.Context(), craft(fix.cfg.Key.private, head, payload), Expect{Tenant: "acme"})
		if err != nil {
			return
		}
		if c.Tenant != "acme" || c.Expires-c.Issued > int64(MaxLifetime/time.Second) || len(c.Chain()) > maxChain {
			t.Fatalf("accepted %+v", c)
		}
	})
}
