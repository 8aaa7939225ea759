package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/secrets"
)

// stream is randomness that is the same in every test run.
type stream struct{ n uint64 }

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		sum := sha256.Sum256(fmt.Append(nil, s.n))
		p[i] = sum[0]
		s.n++
	}
	return len(p), nil
}

const testSecret = "ars_a-client-secret-of-many-characters"

type fixture struct {
	*Service
	now     *time.Time
	state   State
	clients ClientMap
	signer  ed25519.PrivateKey // of the client bot-c's assertions
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func setup(t testing.TB, state State) fixture {
	t.Helper()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	random := &stream{}
	key, err := NewKey(random)
	must(t, err)
	hash, err := HashSecret(random, secrets.New(testSecret))
	must(t, err)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	f := fixture{now: &now, state: state, signer: private, clients: ClientMap{
		"bot-a":   {ID: "bot-a", Tenant: "acme", Agent: "agent-a", SecretHash: hash, AssertionKey: public, Scopes: []string{"read", "write", "pay"}, Resources: []string{"project:*", "doc:1"}},
		"bot-b":   {ID: "bot-b", Tenant: "acme", Agent: "agent-b", SecretHash: hash, AssertionKey: public, Scopes: []string{"read", "write"}, Resources: []string{"project:7"}, MaxLifetime: time.Minute},
		"bot-x":   {ID: "bot-x", Tenant: "globex", Agent: "agent-a", SecretHash: hash, AssertionKey: public, Scopes: []string{"read"}, Resources: []string{"*"}},
		"off":     {ID: "off", Tenant: "acme", Agent: "agent-o", SecretHash: hash, AssertionKey: public, Disabled: true},
		"keyless": {ID: "keyless", Tenant: "acme", Agent: "agent-k"},
		"broken":  {ID: "broken", Tenant: "acme", Agent: "agent-z", SecretHash: "plain"},
	}}
	f.Service, err = New(Config{
		Issuer: "urn:test:issuer", Audience: "urn:test:runtime", Key: key, Clients: f.clients, State: state,
		Now: func() time.Time { return *f.now }, Random: random,
	})
	must(t, err)
	return f
}

// agent authenticates by assertion, which is quick.
func (f fixture) agent(t testing.TB, client string) Issued {
	t.Helper()
	a, err := SignAssertion(f.signer, client, "urn:test:issuer", *f.now, rand.Reader)
	must(t, err)
	issued, err := f.Authenticate(context.Background(), Credentials{ClientID: client, Assertion: a})
	must(t, err)
	return issued
}

func (f fixture) user(t testing.TB, in Session) Issued {
	t.Helper()
	issued, err := f.StartSession(context.Background(), in)
	must(t, err)
	return issued
}

var ada = Session{Tenant: "acme", User: "ada", Scopes: []string{"read", "write", "admin"}, Resources: []string{"project:7", "project:8", "doc:*"}, Lifetime: 10 * time.Minute}

func codeOf(err error) Code {
	var d *Denial
	if errors.As(err, &d) {
		return d.Code
	}
	return ""
}

func wantCode(t testing.TB, what string, err error, want Code) {
	t.Helper()
	if got := codeOf(err); got != want {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
	}
}

func TestAuthenticateWithSecret(t *testing.T) {
	f := setup(t, NewMemory())
	issued, err := f.Authenticate(t.Context(), Credentials{ClientID: "bot-a", Secret: secrets.New(testSecret)})
	must(t, err)
	c, err := f.Verify(t.Context(), issued.Token.Expose(), Expect{Tenant: "acme", Agent: "agent-a", Scope: "pay", Resource: "project:99"})
	must(t, err)
	if c.ExpiresAt() != f.now.Add(DefaultLifetime) || c.ClientID != "bot-a" || c.Subject != "agent-a" {
		t.Errorf("claims %+v", c)
	}
	short, err := f.Authenticate(t.Context(), Credentials{ClientID: "bot-b", Secret: secrets.New(testSecret), Scopes: []string{"read"}})
	must(t, err)
	if short.Claims.Scope != "read" || short.Claims.ExpiresAt() != f.now.Add(time.Minute) {
		t.Errorf("claims %+v", short.Claims)
	}
	good := secrets.New(testSecret)
	cases := []struct {
		name string
		req  Credentials
		want Code
	}{
		{"wrong secret", Credentials{ClientID: "bot-a", Secret: secrets.New(testSecret + "x")}, CodeClient},
		{"unknown client", Credentials{ClientID: "nobody", Secret: good}, CodeClient},
		{"disabled client", Credentials{ClientID: "off", Secret: good}, CodeClient},
		{"client without a secret", Credentials{ClientID: "keyless", Secret: good}, CodeClient},
		{"broken hash", Credentials{ClientID: "broken", Secret: good}, CodeUnavailable},
		{"no credential", Credentials{ClientID: "bot-a"}, CodeRequest},
		{"two credentials", Credentials{ClientID: "bot-a", Secret: good, Assertion: good}, CodeRequest},
		{"more scope", Credentials{ClientID: "bot-b", Secret: good, Scopes: []string{"pay"}}, CodeScope},
		{"more resource", Credentials{ClientID: "bot-b", Secret: good, Resources: []string{"project:*"}}, CodeResource},
		{"more life", Credentials{ClientID: "bot-b", Secret: good, Lifetime: 2 * time.Minute}, CodeLifetime},
		{"much more life", Credentials{ClientID: "bot-a", Secret: good, Lifetime: MaxLifetime + 1}, CodeLifetime},
		{"scope with a space", Credentials{ClientID: "bot-a", Secret: good, Scopes: []string{"read write"}}, CodeRequest},
	}
	for _, c := range cases {
		_, err := f.Authenticate(t.Context(), c.req)
		wantCode(t, c.name, err, c.want)
	}
	_, unknown := f.Authenticate(t.Context(), Credentials{ClientID: "nobody", Secret: good})
	_, wrong := f.Authenticate(t.Context(), Credentials{ClientID: "bot-a", Secret: secrets.New("wrong-secret")})
	if unknown.Error() != wrong.Error() {
		t.Errorf("the reason tells which clients exist: %q, %q", unknown, wrong)
	}
}

func TestExchangeBuildsTheChain(t *testing.T) {
	f := setup(t, NewMemory())
	user, a, b := f.user(t, ada), f.agent(t, "bot-a"), f.agent(t, "bot-b")
	first, err := f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token})
	must(t, err)
	second, err := f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: first.Token, Actor: b.Token, Scopes: []string{"read"}})
	must(t, err)
	want := []decision.Actor{{Kind: "user", ID: "ada"}, {Kind: "agent", ID: "agent-a"}, {Kind: "agent", ID: "agent-b"}}
	if got := second.Claims.Chain(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("chain %v", got)
	}
	if second.Claims.Act.Subject != "agent-b" || second.Claims.Act.Act.Subject != "agent-a" || second.Claims.Subject != "ada" {
		t.Errorf("act %+v", second.Claims.Act)
	}
	if got := first.Claims.Resources(); fmt.Sprint(got) != "[doc:1 project:7 project:8]" {
		t.Errorf("resources %v", got)
	}
	if second.Claims.Scope != "read" || fmt.Sprint(second.Claims.Resources()) != "[project:7]" {
		t.Errorf("scope %q, resources %v", second.Claims.Scope, second.Claims.Resources())
	}
	if second.Claims.Expires > b.Claims.Expires || len(second.Claims.Lineage) != 4 {
		t.Errorf("ends %d, lineage %v", second.Claims.Expires, second.Claims.Lineage)
	}
	_, err = f.Verify(t.Context(), second.Token.Expose(), Expect{Tenant: "acme", Agent: "agent-b", Scope: "read", Resource: "project:7"})
	must(t, err)
	narrowed, err := f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: a.Token, Actor: a.Token, Scopes: []string{"read"}})
	must(t, err)
	if narrowed.Claims.Act != nil || narrowed.Claims.Agent() != "agent-a" {
		t.Errorf("an agent that narrows its own token got the chain %v", narrowed.Claims.Chain())
	}
}

func TestExchangeDenials(t *testing.T) {
	f := setup(t, NewMemory())
	user, a, b, x := f.user(t, ada), f.agent(t, "bot-a"), f.agent(t, "bot-b"), f.agent(t, "bot-x")
	bound := ada
	bound.MayAct = "agent-b"
	only := f.user(t, bound)
	admin := f.user(t, Session{Tenant: "acme", User: "root", Scopes: []string{"admin"}})
	delegated, err := f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token})
	must(t, err)
	cases := []struct {
		name string
		req  ExchangeRequest
		want Code
	}{
		{"actor of another tenant", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: x.Token}, CodeTenant},
		{"both of another tenant", ExchangeRequest{Tenant: "globex", Subject: user.Token, Actor: a.Token}, CodeTenant},
		{"no tenant", ExchangeRequest{Subject: user.Token, Actor: a.Token}, CodeTenant},
		{"user as actor", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: user.Token}, CodeChain},
		{"delegated token as actor", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: delegated.Token}, CodeChain},
		{"not the named actor", ExchangeRequest{Tenant: "acme", Subject: only.Token, Actor: a.Token}, CodeChain},
		{"scope the agent lacks", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token, Scopes: []string{"admin"}}, CodeScope},
		{"scope the user lacks", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token, Scopes: []string{"pay"}}, CodeScope},
		{"nothing in common", ExchangeRequest{Tenant: "acme", Subject: admin.Token, Actor: a.Token}, CodeScope},
		{"resource the user lacks", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token, Resources: []string{"project:9"}}, CodeResource},
		{"resource the agent lacks", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token, Resources: []string{"doc:2"}}, CodeResource},
		{"wider pattern", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token, Resources: []string{"*"}}, CodeResource},
		{"subject is no token", ExchangeRequest{Tenant: "acme", Subject: secrets.New("x"), Actor: a.Token}, CodeMalformed},
		{"actor is no token", ExchangeRequest{Tenant: "acme", Subject: user.Token}, CodeMalformed},
		{"life", ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token, Lifetime: time.Hour}, CodeLifetime},
	}
	for _, c := range cases {
		_, err := f.Exchange(t.Context(), c.req)
		wantCode(t, c.name, err, c.want)
	}
	_, err = f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: only.Token, Actor: b.Token})
	must(t, err)
}

func TestChainIsBounded(t *testing.T) {
	f := setup(t, NewMemory())
	tokens := []Issued{f.agent(t, "bot-a"), f.agent(t, "bot-b")}
	at := f.user(t, ada)
	for i := range 20 {
		next, err := f.Exchange(t.Context(), ExchangeRequest{Tenant: "acme", Subject: at.Token, Actor: tokens[i%2].Token})
		if err != nil {
			wantCode(t, "long chain", err, CodeChain)
			if got := len(at.Claims.Chain()); got != maxChain {
				t.Errorf("stopped at %d links", got)
			}
			return
		}
		at = next
	}
	t.Error("the chain grows without end")
}

func TestRevocation(t *testing.T) {
	f := setup(t, NewMemory())
	ctx := t.Context()
	user, a := f.user(t, ada), f.agent(t, "bot-a")
	token, err := f.Exchange(ctx, ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token})
	must(t, err)
	want := Expect{Tenant: "acme", Agent: "agent-a"}
	_, err = f.Verify(ctx, token.Token.Expose(), want)
	must(t, err)

	must(t, f.RevokeToken(ctx, "globex", user.Token)) // another tenant's wish changes nothing
	must(t, f.RevokeToken(ctx, "acme", secrets.New("no token")))
	must(t, f.Revoke(ctx, Target{"globex", TargetAgent, "agent-a"}))
	_, err = f.Verify(ctx, token.Token.Expose(), want)
	must(t, err)

	must(t, f.RevokeToken(ctx, "acme", user.Token))
	_, err = f.Verify(ctx, token.Token.Expose(), want)
	wantCode(t, "derived from a revoked token", err, CodeRevoked)
	_, err = f.Verify(ctx, a.Token.Expose(), want)
	must(t, err)

	must(t, f.Revoke(ctx, Target{"acme", TargetClient, "bot-a"}))
	_, err = f.Verify(ctx, a.Token.Expose(), want)
	wantCode(t, "token of a revoked client", err, CodeRevoked)
	_, err = f.Authenticate(ctx, Credentials{ClientID: "bot-a", Secret: secrets.New(testSecret)})
	wantCode(t, "new token of a revoked client", err, CodeRevoked)

	must(t, f.Revoke(ctx, Target{"acme", TargetUser, "bob"}))
	bob := ada
	bob.User = "bob"
	_, err = f.StartSession(ctx, bob)
	wantCode(t, "session of a revoked user", err, CodeRevoked)
	wantCode(t, "unknown kind", f.Revoke(ctx, Target{"acme", "planet", "x"}), CodeRequest)
	wantCode(t, "no tenant", f.Revoke(ctx, Target{"", TargetUser, "x"}), CodeRequest)
}

// brokenState fails where asked.
type brokenState struct{ *Memory }

func (brokenState) Revoked(context.Context, []Target) (Target, bool, error) {
	return Target{}, false, errors.New("disk gone")
}

func (brokenState) Spend(context.Context, string, time.Time, time.Time) (bool, error) {
	return true, errors.New("disk gone")
}

type brokenClients struct{}

func (brokenClients) Client(context.Context, string) (Client, bool, error) {
	return Client{}, true, errors.New("disk gone")
}

// TestFailuresDeny: what cannot be asked is not assumed.
func TestFailuresDeny(t *testing.T) {
	f := setup(t, NewMemory())
	token := f.user(t, ada).Token
	f.cfg.State = brokenState{NewMemory()}
	_, err := f.Verify(t.Context(), token.Expose(), Expect{Tenant: "acme"})
	wantCode(t, "verify", err, CodeUnavailable)
	_, err = f.Introspect(t.Context(), "acme", token)
	wantCode(t, "introspect", err, CodeUnavailable)
	_, err = f.StartSession(t.Context(), ada)
	wantCode(t, "session", err, CodeUnavailable)
	a, err := SignAssertion(f.signer, "bot-a", "urn:test:issuer", *f.now, rand.Reader)
	must(t, err)
	_, err = f.Authenticate(t.Context(), Credentials{ClientID: "bot-a", Assertion: a})
	wantCode(t, "assertion", err, CodeUnavailable)
	f.cfg.Clients = brokenClients{}
	_, err = f.Authenticate(t.Context(), Credentials{ClientID: "bot-a", Secret: secrets.New(testSecret)})
	wantCode(t, "clients", err, CodeUnavailable)
	f = setup(t, NewMemory())
	f.cfg.Random = &failingRandom{}
	_, err = f.StartSession(t.Context(), ada)
	wantCode(t, "randomness", err, CodeUnavailable)
	var d *Denial
	if errors.As(err, &d); d.Decision().Verdict != decision.Deny || d.Decision().Rule != "identity/unavailable" {
		t.Errorf("decision %+v", d.Decision())
	}
}

type failingRandom struct{}

func (*failingRandom) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestIntrospection(t *testing.T) {
	f := setup(t, NewMemory())
	token := f.user(t, ada).Token
	got, err := f.Introspect(t.Context(), "acme", token)
	must(t, err)
	if !got.Active || got.Subject != "ada" || got.TokenType != "Bearer" {
		t.Errorf("%+v", got)
	}
	for name, ask := range map[string]func() (Introspection, error){
		"another tenant": func() (Introspection, error) { return f.Introspect(t.Context(), "globex", token) },
		"no tenant":      func() (Introspection, error) { return f.Introspect(t.Context(), "", token) },
		"no token":       func() (Introspection, error) { return f.Introspect(t.Context(), "acme", secrets.New("x")) },
		"expired": func() (Introspection, error) {
			*f.now = f.now.Add(time.Hour)
			return f.Introspect(t.Context(), "acme", token)
		},
	} {
		got, err := ask()
		must(t, err)
		if got.Active || got.Claims != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	f := setup(t, NewMemory())
	for name, spoil := range map[string]func(*Config){
		"issuer": func(c *Config) { c.Issuer = "" }, "key": func(c *Config) { c.Key = nil }, "clock": func(c *Config) { c.Now = nil },
		"skew": func(c *Config) { c.Skew = MaxSkew + 1 }, "state": func(c *Config) { c.State = nil },
	} {
		cfg := f.cfg
		spoil(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestIssuedDoesNotPrint(t *testing.T) {
	f := setup(t, NewMemory())
	issued := f.user(t, ada)
	m := secrets.NewMasker()
	must(t, m.Add(issued.Token))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(verb, issued); m.Text(out) != out {
			t.Errorf("%s shows the token", verb)
		}
	}
}

func BenchmarkIssue(b *testing.B) {
	f := setup(b, NewMemory())
	for b.Loop() {
		f.user(b, ada)
	}
}

// BenchmarkVerify measures a token that is seen for the first time, and one that was
// read before.
func BenchmarkVerify(b *testing.B) {
	f := setup(b, NewMemory())
	user, a := f.user(b, ada), f.agent(b, "bot-a")
	token, err := f.Exchange(b.Context(), ExchangeRequest{Tenant: "acme", Subject: user.Token, Actor: a.Token})
	must(b, err)
	raw := token.Token.Expose()
	for _, first := range []bool{true, false} {
		b.Run(map[bool]string{true: "first", false: "known"}[first], func(b *testing.B) {
			for b.Loop() {
				if first {
					clear(f.known.claims)
				}
				_, err := f.Verify(b.Context(), raw, Expect{Tenant: "acme", Agent: "agent-a"})
				must(b, err)
			}
		})
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	f := setup(b, NewMemory())
	b.Run("secret", func(b *testing.B) {
		for b.Loop() {
			_, err := f.Authenticate(b.Context(), Credentials{ClientID: "bot-a", Secret: secrets.New(testSecret)})
			must(b, err)
		}
	})
	b.Run("assertion", func(b *testing.B) {
		for b.Loop() {
			f.agent(b, "bot-a")
		}
	})
}
