package approval_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

// Whoever can write to the database but has no key cannot forge an answer: every
// column of the row is bound by its proof.
func TestForgedRows(t *testing.T) {
	for column, value := range map[string]string{
		"state": "'approved'", "decided_by": "'ann'", "decided_at": "5", "expires_at": "expires_at + 1", "created_at": "created_at + 1", "used_at": "5",
		"run": "'run_2'", "step": "'other'", "tenant": "'beta'", "operation": "'x'", "effect": "'read'", "resource": "'x'", "purpose": "'x'",
		"arguments_sha256": "'x'", "policy_version": "'x'", "requesters": "'[]'", "reason": "'x'", "id": "'apr_x'",
		"sealed_arguments": "(SELECT sealed_arguments FROM approvals o WHERE o.id <> approvals.id)",
		"proof":            "(SELECT proof FROM approvals o WHERE o.id <> approvals.id)",
	} {
		t.Run(column, func(t *testing.T) {
			b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
			b.approved(request(func(r *decision.Request) { r.Run = "run_other" }))
			a := b.ask(request(), policy)
			storetest.Write(t, b.db, func(tx *store.Tx) error {
				changed, err := tx.Exec(fmt.Sprintf(`UPDATE approvals SET %s = %s WHERE id = ?`, column, value), a.ID)
				if changed != 1 {
					t.Errorf("%d rows changed", changed)
				}
				return err
			})
			id, tenant := a.ID, "acme"
			switch column {
			case "id":
				id = "apr_x"
			case "tenant":
				tenant = "beta"
			}
			err := b.db.Write(ctx, func(tx *store.Tx) error {
				answer, err := b.Use(tx, id, request(func(r *decision.Request) { r.Tenant = tenant }), policy)
				if answer.Verdict != decision.Deny {
					t.Errorf("%s", answer.Verdict)
				}
				return err
			})
			if !errors.Is(err, approval.Tampered) {
				t.Errorf("got %v, want %v", err, approval.Tampered)
			}
		})
	}
}

// Some approve and some deny at the same time: one answer stands.
func TestConcurrentAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend)
		for round := range 5 {
			a := b.ask(request(func(r *decision.Request) { r.Run = fmt.Sprintf("run_%d", round) }), policy)
			var mu sync.Mutex
			stood := map[string]int{}
			var all sync.WaitGroup
			for _, person := range []string{"ann", "bob"} {
				for _, approve := range []bool{true, false} {
					all.Go(func() {
						_, err := b.decide(answer(a.ID, person, approve))
						if err != nil && !errors.Is(err, approval.Settled) {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						if err == nil {
							stood[fmt.Sprintf("%s %v", person, approve)]++
						}
					})
				}
			}
			all.Wait()
			if len(stood) != 1 {
				t.Errorf("%d answers stood: %v", len(stood), stood)
			}
		}
	})
}

const (
	useLocation = "AGENTRISK_TEST_USE_LOCATION"
	useID       = "AGENTRISK_TEST_USE_ID"
)

// Several processes try to use one approval at once: one may.
func TestUsedInSeveralProcesses(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend)
		a := b.approved(request())
		outputs := make([]string, 4)
		var all sync.WaitGroup
		for i := range outputs {
			all.Go(func() {
				child := exec.Command(os.Args[0], "-test.run=^TestUsingProcess$", "-test.v")
				child.Env = append(os.Environ(), useLocation+"="+backend.Location, useID+"="+a.ID)
				out, err := child.CombinedOutput()
				if err != nil {
					t.Errorf("%v\n%s", err, out)
				}
				outputs[i] = string(out)
			})
		}
		all.Wait()
		together := strings.Join(outputs, "")
		if allowed, denied := strings.Count(together, "verdict allow"), strings.Count(together, "verdict deny"); allowed != 1 || denied != 4*20-1 {
			t.Errorf("%d allowed, %d denied", allowed, denied)
		}
	})
}

// TestUsingProcess is what the processes run; alone it has nothing to do.
func TestUsingProcess(t *testing.T) {
	location, id := os.Getenv(useLocation), os.Getenv(useID)
	if location == "" {
		return
	}
	b := newBench(t, storetest.Backend{Name: "child", Location: location})
	for range 20 {
		var got decision.Decision
		for {
			err := b.db.Write(ctx, func(tx *store.Tx) (err error) { got, err = b.Use(tx, id, request(), policy); return err })
			if err == nil {
				break
			}
			if !errors.Is(err, store.Locked) {
				t.Fatal(err)
			}
		}
		fmt.Println("verdict", got.Verdict)
	}
}

// TestAnySequence: whatever happens in whatever order, a request passes at most
// once, and only while an approval of somebody else stands that was given under
// the policy in force and in time.
func TestAnySequence(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		clock := storetest.NewClock()
		db, err := store.Open(ctx, store.Memory, store.Options{Clock: clock.Now})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		b := newBenchOn(t, db, clock)
		version, id, passed := 1, "", 0
		standing, until := false, clock.Now() // what an onlooker knows of the present approval
		rt.Repeat(map[string]func(*rapid.T){
			"ask": func(t *rapid.T) {
				a := b.ask(request(), fmt.Sprint(version))
				if a.ID != id {
					id, standing, until = a.ID, false, a.Expires
				}
			},
			"time": func(t *rapid.T) { clock.Add(life / 4) },
			"policy": func(t *rapid.T) {
				version++
				standing = false
			},
			"decide": func(t *rapid.T) {
				if id == "" {
					t.Skip()
				}
				in := answer(id, rapid.SampledFrom([]string{"ann", "bob", "uma", "cid", "sub-1"}).Draw(t, "person"), rapid.Bool().Draw(t, "approve"))
				in.PolicyVersion = fmt.Sprint(version)
				if a, err := b.decide(in); err == nil && a.State == approval.Approved {
					if in.Person.ID != "ann" && in.Person.ID != "bob" || !clock.Now().Before(until) {
						t.Fatalf("%s approved at %v, until %v", in.Person.ID, clock.Now(), until)
					}
					standing = true
				}
			},
			"use": func(t *rapid.T) {
				if id == "" {
					t.Skip()
				}
				var got decision.Decision
				if err := db.Write(ctx, func(tx *store.Tx) (err error) {
					got, err = b.Use(tx, id, request(), fmt.Sprint(version))
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if got.Verdict == decision.Allow {
					if !standing || !clock.Now().Before(until) {
						t.Fatalf("allowed without a standing approval: %s", got.Reason)
					}
					standing = false
					passed++
				} else if standing && clock.Now().Before(until) {
					t.Fatalf("%s with a standing approval: %s", got.Verdict, got.Reason)
				}
			},
		})
		if passed > version {
			rt.Fatalf("passed %d times under %d policies", passed, version)
		}
	})
}

func TestListAndExpire(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for i := range 5 {
			a := b.ask(request(func(r *decision.Request) { r.Run = fmt.Sprintf("run_%d", i) }), policy)
			if i == 0 {
				if _, err := b.decide(answer(a.ID, "ann", true)); err != nil {
					t.Fatal(err)
				}
			}
			b.clock.Add(life / 5)
		} // the first one ends now
		for _, limit := range []int{1, 2, 5, 100} {
			all, open := b.all(approval.Filter{Tenant: "acme", Limit: limit}), b.all(approval.Filter{Tenant: "acme", Open: true, Limit: limit})
			if len(all) != 5 || len(open) != 4 || all[4].State != approval.Expired {
				t.Errorf("limit %d: %d, %d open, first %s", limit, len(all), len(open), all[4].State)
			}
		}
		b.clock.Add(life / 5)
		for _, want := range []int{1, 1, 0} {
			storetest.Write(t, b.db, func(tx *store.Tx) error {
				ended, err := b.Expire(tx, 1)
				if len(ended) != want {
					t.Errorf("%d ended, want %d", len(ended), want)
				}
				return err
			})
		}
		for _, bad := range []approval.Filter{{}, {Tenant: "acme", Limit: 501}, {Tenant: "acme", Limit: -1}, {Tenant: "acme", After: "x"}} {
			if err := b.db.Read(ctx, func(tx *store.Tx) error { _, err := b.List(tx, bad); return err }); !errors.Is(err, approval.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

func (b bench) all(f approval.Filter) (list []approval.Approval) {
	b.t.Helper()
	for {
		var page approval.Page
		if err := b.db.Read(ctx, func(tx *store.Tx) (err error) { page, err = b.List(tx, f); return err }); err != nil {
			b.t.Fatal(err)
		}
		list = append(list, page.Approvals...)
		if f.After = page.Next; f.After == "" {
			return list
		}
	}
}

// BenchmarkRoundTrip asks, approves and uses: three durable transactions.
func BenchmarkRoundTrip(b *testing.B) {
	for _, kind := range []string{"memory", "sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			backend := storetest.Backend{Name: kind, Location: store.Memory}
			switch kind {
			case "sqlite":
				backend = storetest.SQLite(b)
			case "postgres":
				backend = storetest.Postgres(b)
			}
			bench := newBench(b, backend)
			for i := 0; b.Loop(); i++ {
				req := request(func(r *decision.Request) { r.Run = fmt.Sprintf("run_%d", i) })
				bench.use(bench.approved(req).ID, req, policy, decision.Allow, "")
			}
		})
	}
}
