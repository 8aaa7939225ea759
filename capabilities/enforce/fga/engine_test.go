package fga

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store/storetest"
)

// each runs a test in memory, on an SQLite file, on Postgres and against a server.
func each(t *testing.T, test func(t *testing.T, location string)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, Memory) })
	eachShared(t, test)
}

// eachShared runs a test where several engines can open the same relations.
func eachShared(t *testing.T, test func(t *testing.T, location string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "rel?ations.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t).Location) })
	t.Run("remote", func(t *testing.T) { test(t, remoteMemory(t)) })
}

// bothWays runs a test in the process and against a server.
func bothWays(t *testing.T, test func(t *testing.T, location string)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, Memory) })
	t.Run("remote", func(t *testing.T) { test(t, remoteMemory(t)) })
}

func everybody(string, string) bool { return true }

func open(t testing.TB, location string, o Options) *Engine {
	t.Helper()
	if o.Guard == nil {
		o.Guard = everybody
	}
	e, err := Open(context.Background(), location, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func model(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := ParseModel(text)
	must(t, err)
	return p
}

const files = `
model
  schema 1.1
type user
  relations
    define delegate: [agent, agent with until]
type agent
  relations
    define delegate: [agent]
type folder
  relations
    define owner: [user]
    define viewer: [user] or owner
type file
  relations
    define parent: [folder]
    define blocked: [user]
    define viewer: ([user, user with mine] or viewer from parent) but not blocked
condition until(trusted_time: timestamp, end: timestamp) {
  trusted_time < end
}
condition mine(trusted_tenant: string, home: string) {
  trusted_tenant == home
}
`

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

func request() decision.Request {
	user, agent := decision.Actor{Kind: "user", ID: "ada"}, decision.Actor{Kind: "agent", ID: "bot"}
	return decision.Request{Context: decision.Context{Tenant: "acme", User: user, Agent: agent, Chain: []decision.Actor{user, agent}, Purpose: "support", Run: "r1"},
		Step: "read", Operation: "files.read", Effect: "read", Resource: "file:1", Relation: "viewer", At: noon}
}

var acme = []Tuple{
	{User: "agent:bot", Relation: "delegate", Object: "user:ada"},
	{User: "user:ada", Relation: "owner", Object: "folder:a"},
	{User: "folder:a", Relation: "parent", Object: "file:1"},
}

func setUp(t testing.TB, e *Engine, tenant string, tuples []Tuple) {
	t.Helper()
	must(t, e.Provision(context.Background(), tenant, model(t, files)))
	must(t, e.Replace(context.Background(), tenant, tuples))
}

func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		setUp(t, e, "acme", acme)
		if d := e.Check(context.Background(), request()); d.Verdict != decision.Allow || d.Rule != "file:1#viewer" {
			t.Fatalf("%+v", d)
		}
		must(t, e.Write(context.Background(), "acme", Change{Add: []Tuple{{User: "user:ada", Relation: "blocked", Object: "file:1"}}}))
		if d := e.Check(context.Background(), request()); d.Verdict != decision.Deny {
			t.Fatalf("blocked: %+v", d)
		}
	})
}

// TestCheckDenies changes one thing at a time of a request that is allowed.
func TestCheckDenies(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{Guard: func(tenant, entity string) bool { return tenant == "acme" && entity != "user:eve" }})
		setUp(t, e, "acme", acme)
		for name, change := range map[string]func(*decision.Request){
			"tenant":                func(r *decision.Request) { r.Tenant = "" },
			"another tenant":        func(r *decision.Request) { r.Tenant = "globex" },
			"no user":               func(r *decision.Request) { r.User.ID = "" },
			"no agent":              func(r *decision.Request) { r.Agent.ID = "" },
			"no purpose":            func(r *decision.Request) { r.Purpose = "" },
			"no resource":           func(r *decision.Request) { r.Resource = "" },
			"no relation":           func(r *decision.Request) { r.Relation = "" },
			"no time":               func(r *decision.Request) { r.At = time.Time{} },
			"unknown relation":      func(r *decision.Request) { r.Relation = "editor" },
			"unknown type":          func(r *decision.Request) { r.Resource = "planet:1" },
			"resource of no type":   func(r *decision.Request) { r.Resource = "1" },
			"everybody":             func(r *decision.Request) { r.User.ID = "*"; r.Chain[0].ID = "*" },
			"no chain":              func(r *decision.Request) { r.Chain = nil },
			"chain of one":          func(r *decision.Request) { r.Chain = r.Chain[:1] },
			"chain of another":      func(r *decision.Request) { r.Chain[1].ID = "other" },
			"no delegate":           func(r *decision.Request) { r.Agent.ID, r.Chain[1].ID = "other", "other" },
			"user as agent":         func(r *decision.Request) { r.Agent.Kind, r.Chain[1].Kind = "user", "user" },
			"agent as user":         func(r *decision.Request) { r.User.Kind, r.Chain[0].Kind = "agent", "agent" },
			"user of nobody":        func(r *decision.Request) { r.User.ID, r.Chain[0].ID = "eve", "eve" },
			"not related":           func(r *decision.Request) { r.Resource = "file:2" },
			"relation of a userset": func(r *decision.Request) { r.User.ID, r.Chain[0].ID = "ada#delegate", "ada#delegate" },
			"long chain": func(r *decision.Request) {
				for range maxChain {
					r.Chain = append(r.Chain, r.Agent)
				}
			},
		} {
			t.Run(name, func(t *testing.T) {
				r := request()
				r.Chain = append([]decision.Actor(nil), r.Chain...)
				change(&r)
				if d := e.Check(context.Background(), r); d.Verdict != decision.Deny || d.Reason == "" || d.Check != Name {
					t.Errorf("%+v", d)
				}
			})
		}
	})
}

func TestDelegationEnds(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		tuples := append([]Tuple{{User: "agent:bot", Relation: "delegate", Object: "user:ada",
			Condition: &Condition{Name: "until", Context: map[string]any{"end": noon.Add(time.Hour).Format(time.RFC3339)}}}}, acme[1:]...)
		setUp(t, e, "acme", tuples)
		for _, at := range []struct {
			time time.Time
			want decision.Verdict
		}{{noon, decision.Allow}, {noon.Add(time.Hour), decision.Deny}, {noon.Add(2 * time.Hour), decision.Deny}} {
			r := request()
			r.At = at.time
			if d := e.Check(context.Background(), r); d.Verdict != at.want {
				t.Errorf("%s: %+v", at.time, d)
			}
		}
	})
}

// TestSubDelegation: every link must be a delegate of the one before.
func TestSubDelegation(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		setUp(t, e, "acme", acme)
		r := request()
		sub := decision.Actor{Kind: "agent", ID: "sub"}
		r.Agent, r.Chain = sub, append(append([]decision.Actor(nil), r.Chain...), sub)
		if d := e.Check(context.Background(), r); d.Verdict != decision.Deny {
			t.Fatalf("%+v", d)
		}
		must(t, e.Write(context.Background(), "acme", Change{Add: []Tuple{{User: "agent:sub", Relation: "delegate", Object: "agent:bot"}}}))
		if d := e.Check(context.Background(), r); d.Verdict != decision.Allow {
			t.Fatalf("%+v", d)
		}
	})
}

// TestSealedKeys: neither a question nor a tuple can bring what only the runtime
// knows.
func TestSealedKeys(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		setUp(t, e, "acme", []Tuple{{User: "user:ada", Relation: "viewer", Object: "file:1",
			Condition: &Condition{Name: "mine", Context: map[string]any{"home": "globex"}}}})
		ctx := context.Background()
		q := Query{Tenant: "acme", User: "user:ada", Relation: "viewer", Object: "file:1"}
		if ok, err := e.Query(ctx, q); ok || err != nil {
			t.Fatalf("%t %v", ok, err)
		}
		q.Context = map[string]any{SealedTenant: "globex"}
		if ok, err := e.Query(ctx, q); ok || !errors.Is(err, Reserved) {
			t.Errorf("a question brought a sealed key: %t %v", ok, err)
		}
		forged := Tuple{User: "user:ada", Relation: "viewer", Object: "file:1",
			Condition: &Condition{Name: "mine", Context: map[string]any{"home": "globex", SealedTenant: "globex"}}}
		if err := e.Write(ctx, "acme", Change{Add: []Tuple{forged}}); !errors.Is(err, Reserved) {
			t.Errorf("a tuple brought a sealed key: %v", err)
		}
		q.Context, q.Tuples = nil, []Tuple{forged}
		if ok, err := e.Query(ctx, q); ok || !errors.Is(err, Reserved) {
			t.Errorf("a given tuple brought a sealed key: %t %v", ok, err)
		}
		must(t, e.Replace(ctx, "acme", []Tuple{{User: "user:ada", Relation: "viewer", Object: "file:1",
			Condition: &Condition{Name: "mine", Context: map[string]any{"home": "acme"}}}}))
		q.Tuples = nil
		if ok, err := e.Query(ctx, q); !ok || err != nil {
			t.Errorf("the sealed tenant is not there: %t %v", ok, err)
		}
	})
}

// TestNoExpressions: a tuple cannot bring a rule of its own.
func TestNoExpressions(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		must(t, e.Provision(context.Background(), "acme", model(t, "model\n  schema 1.1\ntype user\ntype file\n  relations\n    define viewer: [user with $expression]\n")))
		own := Tuple{User: "user:ada", Relation: "viewer", Object: "file:1", Condition: &Condition{Name: "$expression", Context: map[string]any{"expression": "true"}}}
		if err := e.Write(context.Background(), "acme", Change{Add: []Tuple{own}}); !errors.Is(err, Refused) {
			t.Errorf("written: %v", err)
		}
		if ok, err := e.Query(context.Background(), Query{Tenant: "acme", User: "user:ada", Relation: "viewer", Object: "file:1", Tuples: []Tuple{own}}); ok || !errors.Is(err, Refused) {
			t.Errorf("given: %t %v", ok, err)
		}
	})
}

// TestMissingParameter: a condition that cannot be computed is an error.
func TestMissingParameter(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		setUp(t, e, "acme", []Tuple{{User: "agent:bot", Relation: "delegate", Object: "user:ada", Condition: &Condition{Name: "until"}}})
		if ok, err := e.Query(context.Background(), Query{Tenant: "acme", User: "agent:bot", Relation: "delegate", Object: "user:ada"}); ok || !errors.Is(err, Refused) {
			t.Errorf("%t %v", ok, err)
		}
	})
}

func TestReplace(t *testing.T) {
	each(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		setUp(t, e, "acme", acme)
		var many []Tuple
		for i := range 3 * MaxChange {
			many = append(many, Tuple{User: "user:u" + strings.Repeat("x", i), Relation: "viewer", Object: "file:9"})
		}
		ctx := context.Background()
		must(t, e.Replace(ctx, "acme", many))
		have, err := e.Read(ctx, "acme")
		must(t, err)
		if len(have) != len(many) {
			t.Fatalf("%d tuples, want %d", len(have), len(many))
		}
		must(t, e.Replace(ctx, "acme", many)) // nothing to do
		conditional := []Tuple{{User: "user:ada", Relation: "viewer", Object: "file:1", Condition: &Condition{Name: "mine", Context: map[string]any{"home": "acme"}}}}
		must(t, e.Replace(ctx, "acme", append(acme[:2:2], Tuple{User: "user:ada", Relation: "viewer", Object: "file:1"})))
		must(t, e.Replace(ctx, "acme", conditional)) // the same tuple, now restricted
		have, err = e.Read(ctx, "acme")
		must(t, err)
		if diff := cmp.Diff(conditional, have); diff != "" {
			t.Error(diff)
		}
		if err := e.Write(ctx, "acme", Change{Add: many}); !errors.Is(err, Refused) {
			t.Errorf("an oversized change: %v", err)
		}
	})
}

// TestSeveralEngines: several open the same new place at once, and see what the
// others wrote at once, for nothing is cached.
func TestSeveralEngines(t *testing.T) {
	eachShared(t, func(t *testing.T, location string) {
		const n = 4
		engines := make([]*Engine, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				e, err := Open(context.Background(), location, Options{Guard: everybody, Timeout: 30 * time.Second})
				if err == nil {
					err = e.Provision(context.Background(), "acme", model(t, files))
				}
				if err != nil {
					t.Error(err)
				}
				engines[i] = e
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		for i, e := range engines {
			t.Cleanup(e.Close)
			must(t, e.Replace(context.Background(), "acme", acme))
			for j, other := range engines {
				if d := other.Check(context.Background(), request()); d.Verdict != decision.Allow {
					t.Errorf("engine %d wrote, %d does not see it: %+v", i, j, d)
				}
			}
			must(t, e.Replace(context.Background(), "acme", nil))
			for j, other := range engines {
				if d := other.Check(context.Background(), request()); d.Verdict != decision.Deny {
					t.Errorf("engine %d revoked, %d still allows: %+v", i, j, d)
				}
			}
		}
	})
}

// TestSurvivesReopening: relations are there again, and questions need the tenant
// to be set up again.
func TestSurvivesReopening(t *testing.T) {
	eachShared(t, func(t *testing.T, location string) {
		first, err := Open(context.Background(), location, Options{Guard: everybody})
		must(t, err)
		setUp(t, first, "acme", acme)
		first.Close()
		e := open(t, location, Options{})
		if d := e.Check(context.Background(), request()); d.Verdict != decision.Deny {
			t.Errorf("without a model: %+v", d)
		}
		must(t, e.Provision(context.Background(), "acme", model(t, files)))
		if d := e.Check(context.Background(), request()); d.Verdict != decision.Allow {
			t.Errorf("%+v", d)
		}
	})
}

// TestDatabaseGone: an engine whose database went away denies.
func TestDatabaseGone(t *testing.T) {
	e, err := Open(context.Background(), filepath.Join(t.TempDir(), "r.db"), Options{Guard: everybody})
	must(t, err)
	setUp(t, e, "acme", acme)
	e.server.(*local).data.Close()
	if d := e.Check(context.Background(), request()); d.Verdict != decision.Deny || !strings.Contains(d.Reason, "no answer is a no") {
		t.Errorf("%+v", d)
	}
	if err := e.Write(context.Background(), "acme", Change{Add: acme}); err == nil {
		t.Error("written")
	}
}

func TestDeadline(t *testing.T) {
	bothWays(t, func(t *testing.T, location string) {
		e := open(t, location, Options{})
		setUp(t, e, "acme", acme)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if d := e.Check(ctx, request()); d.Verdict != decision.Deny {
			t.Errorf("%+v", d)
		}
	})
}

// TestTampered: a stored model that is not what its name says is refused.
func TestTampered(t *testing.T) {
	e := open(t, Memory, Options{})
	p, other := model(t, files), model(t, "model\n  schema 1.1\ntype user\n")
	inside := e.server.(*local)
	must(t, inside.ensureStore(context.Background(), id("store", "acme"), "acme"))
	other.proto.Id = p.id
	must(t, inside.data.WriteAuthorizationModel(context.Background(), id("store", "acme"), other.proto))
	if err := e.Provision(context.Background(), "acme", p); !errors.Is(err, Refused) {
		t.Errorf("%v", err)
	}
	_, err := inside.data.CreateStore(context.Background(), newStore(id("store", "globex"), "acme"))
	must(t, err)
	if err := e.Provision(context.Background(), "globex", p); !errors.Is(err, Foreign) {
		t.Errorf("%v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	wide := filepath.Join(dir, "wide.db")
	must(t, os.WriteFile(wide, nil, 0o600))
	must(t, os.Chmod(wide, 0o644))
	text := filepath.Join(dir, "text.db")
	must(t, os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600))
	for location, want := range map[string]Kind{
		"": Refused, "mysql://h/d": Refused, dir: Unreachable, wide: Unreachable, text: Unreachable,
		filepath.Join(dir, "none", "r.db"):                  Unreachable,
		"postgres://u:secret@%zz/x":                         Invalid,
		"postgres://u:secret@db.example.com/x":              Refused,
		"postgres://u:secret@127.0.0.1:1/x?sslmode=disable": Unreachable,
	} {
		e, err := Open(context.Background(), location, Options{Guard: everybody})
		if err == nil {
			e.Close()
		}
		if !errors.Is(err, want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %v", location, err, want)
		}
	}
	if _, err := Open(context.Background(), Memory, Options{}); !errors.Is(err, Refused) {
		t.Errorf("no guard: %v", err)
	}
}
