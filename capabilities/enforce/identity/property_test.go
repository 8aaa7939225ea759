package identity

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	allScopes    = []string{"read", "write", "pay", "admin"}
	allResources = []string{"*", "project:*", "project:7", "project:8", "doc:*", "doc:1", "docs:1"}
	concrete     = []string{"project:7", "project:8", "project:9", "doc:1", "doc:2", "docs:1", "other:1"}
)

func some(t *rapid.T, from []string, name string) []string {
	if rapid.Bool().Draw(t, name+" all") {
		return from
	}
	return rapid.SliceOf(rapid.SampledFrom(from)).Draw(t, name)
}

// world issues random tokens and remembers what each was derived from.
type world struct {
	fixture
	tokens []node
}

type node struct {
	Issued
	parents []int
}

func (w *world) grow(t *rapid.T, what int) {
	tenant := rapid.SampledFrom([]string{"acme", "acme", "globex"}).Draw(t, "tenant")
	switch what {
	case 0:
		in := Session{Tenant: tenant, User: rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "user"),
			Scopes: some(t, allScopes, "scopes"), Resources: some(t, allResources, "resources"),
			Lifetime: time.Duration(rapid.IntRange(1, 900).Draw(t, "life")) * time.Second}
		if issued, err := w.StartSession(context.Background(), in); err == nil {
			w.tokens = append(w.tokens, node{Issued: issued})
		}
	case 1:
		client := rapid.SampledFrom([]string{"bot-a", "bot-b", "bot-x"}).Draw(t, "client")
		c := w.clients[client]
		c.Scopes, c.Resources, c.MaxLifetime = some(t, allScopes, "scopes"), some(t, allResources, "resources"), 0
		w.clients[client] = c
		a, err := SignAssertion(w.signer, client, "urn:test:issuer", *w.now, w.cfg.Random)
		if err != nil {
			t.Fatal(err)
		}
		if issued, err := w.Authenticate(context.Background(), Credentials{ClientID: client, Assertion: a}); err == nil {
			w.tokens = append(w.tokens, node{Issued: issued})
		}
	default:
		w.exchange(t, tenant)
	}
}

func (w *world) exchange(t *rapid.T, tenant string) {
	if len(w.tokens) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.tokens)-1).Draw(t, "subject")
	j := rapid.IntRange(0, len(w.tokens)-1).Draw(t, "actor")
	s, a := w.tokens[i], w.tokens[j]
	if rapid.IntRange(0, 4).Draw(t, "mostly its own") > 0 {
		tenant = s.Claims.Tenant
	}
	req := ExchangeRequest{Tenant: tenant, Subject: s.Token, Actor: a.Token, Lifetime: time.Duration(rapid.IntRange(0, 900).Draw(t, "life")) * time.Second}
	if rapid.Bool().Draw(t, "narrow") {
		held := s.Claims.bounds().meet(a.Claims.bounds())
		req.Scopes, req.Resources = some(t, append(held.scopes, "pay"), "scopes"), some(t, append(held.resources, "project:7"), "resources")
	}
	issued, err := w.Exchange(context.Background(), req)
	if err != nil {
		return
	}
	w.tokens = append(w.tokens, node{issued, []int{i, j}})
	narrower(t, issued.Claims, s.Claims)
	narrower(t, issued.Claims, a.Claims)
	if s.Claims.Tenant != tenant || a.Claims.Tenant != tenant || issued.Claims.Tenant != tenant {
		t.Fatalf("tenants %s and %s met in %s", s.Claims.Tenant, a.Claims.Tenant, issued.Claims.Tenant)
	}
	chain, before := issued.Claims.Chain(), s.Claims.Chain()
	if !slices.Equal(chain[:len(before)], before) || len(chain) > len(before)+1 || issued.Claims.Agent() != a.Claims.Subject {
		t.Fatalf("chain %v came from %v and %s", chain, before, a.Claims.Subject)
	}
}

// narrower holds that one token allows nothing that another does not, asked
// resource by resource and not by comparing patterns.
func narrower(t *rapid.T, c, than Claims) {
	for _, s := range c.Scopes() {
		if !slices.Contains(than.Scopes(), s) {
			t.Fatalf("scope %q is not in %q", s, than.Scope)
		}
	}
	for _, r := range concrete {
		if anyCovers(c.Resources(), r) && !anyCovers(than.Resources(), r) {
			t.Fatalf("%v reaches %s, %v does not", c.Resources(), r, than.Resources())
		}
	}
	for _, kind := range []string{"*", "project:*", "doc:*", "new:*"} {
		if anyCovers(c.Resources(), kind) && !anyCovers(than.Resources(), kind) {
			t.Fatalf("%v reaches all of %s, %v does not", c.Resources(), kind, than.Resources())
		}
	}
	if c.Expires > than.Expires {
		t.Fatalf("ends at %d, after %d", c.Expires, than.Expires)
	}
}

// TestProperties grows random families of tokens. No exchange widens; no token is
// accepted for another tenant or agent; after a random revocation exactly the
// tokens that rest on it are denied.
func TestProperties(t *testing.T) {
	base := setup(t, NewMemory())
	exchanged, denied := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := &world{fixture: base}
		w.clients = ClientMap{}
		for id, c := range base.clients {
			w.clients[id] = c
		}
		cfg := base.cfg
		cfg.State, cfg.Clients = NewMemory(), w.clients
		w.Service = &Service{cfg: cfg, hashing: base.hashing}
		for _, what := range []int{0, 1, 1, 1} { // users' and agents' own tokens first
			w.grow(t, what)
		}
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			w.grow(t, rapid.IntRange(0, 9).Draw(t, "what"))
		}
		for _, n := range w.tokens {
			exchanged += len(n.parents) / 2
			w.crossing(t, n)
		}
		if len(w.tokens) > 0 {
			denied += w.revokeOne(t)
		}
	})
	t.Logf("measured: %d exchanges held, %d tokens denied after a revocation", exchanged, denied)
	if exchanged < 20 || denied < 20 {
		t.Errorf("too few cases to mean something: %d exchanges, %d denials", exchanged, denied)
	}
}

func (w *world) crossing(t *rapid.T, n node) {
	ctx := context.Background()
	want := Expect{Tenant: n.Claims.Tenant, Agent: n.Claims.Agent()}
	if _, err := w.Verify(ctx, n.Token.Expose(), want); err != nil {
		t.Fatalf("its own tenant and agent: %v", err)
	}
	for _, tenant := range []string{"acme", "globex", ""} {
		for _, agent := range []string{"agent-a", "agent-b", ""} {
			_, err := w.Verify(ctx, n.Token.Expose(), Expect{Tenant: tenant, Agent: agent})
			if (err == nil) != (tenant == want.Tenant && agent == want.Agent) {
				t.Fatalf("%+v for %s and %q: %v", n.Claims, tenant, agent, err)
			}
		}
		got, err := w.Introspect(ctx, tenant, n.Token)
		if err != nil || got.Active != (tenant == want.Tenant) {
			t.Fatalf("introspection for %q: %+v, %v", tenant, got, err)
		}
	}
}

// revokeOne revokes something at random and compares with the family tree.
func (w *world) revokeOne(t *rapid.T) (denied int) {
	ctx := context.Background()
	i := rapid.IntRange(0, len(w.tokens)-1).Draw(t, "revoked")
	target := rapid.SampledFrom(w.tokens[i].Claims.stakes()).Draw(t, "target")
	if err := w.Revoke(ctx, target); err != nil {
		t.Fatal(err)
	}
	hit := make([]bool, len(w.tokens))
	for j, n := range w.tokens {
		c := n.Claims
		if c.Tenant == target.Tenant {
			switch target.Kind {
			case TargetToken:
				hit[j] = c.ID == target.ID
			case TargetClient:
				hit[j] = c.ClientID == target.ID
			case TargetUser:
				hit[j] = c.Kind == KindUser && c.Subject == target.ID
			case TargetAgent:
				hit[j] = c.Kind == KindAgent && c.Subject == target.ID
			}
		}
		for _, parent := range n.parents { // parents stand before their children
			hit[j] = hit[j] || hit[parent]
		}
		_, err := w.Verify(ctx, n.Token.Expose(), Expect{Tenant: c.Tenant, Agent: c.Agent()})
		if hit[j] != (codeOf(err) == CodeRevoked) || !hit[j] && err != nil {
			t.Fatalf("after revoking %+v: token %d (parents %v, %+v): %v", target, j, n.parents, c, err)
		}
		if hit[j] {
			denied++
		}
	}
	return denied
}

// TestMeetIsExact compares the meeting of patterns with asking each resource.
func TestMeetIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := some(t, allResources, "a"), some(t, allResources, "b")
		both := meetResources(a, b)
		for _, r := range concrete {
			if anyCovers(both, r) != (anyCovers(a, r) && anyCovers(b, r)) {
				t.Fatalf("%v and %v meet in %v, wrong for %s", a, b, both, r)
			}
		}
	})
}
