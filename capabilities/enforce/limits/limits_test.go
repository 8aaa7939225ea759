package limits_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

var ctx = context.Background()

// policy pauses after three denials and has one budget of each kind.
func policy() limits.Policy {
	return limits.Policy{
		Budgets: []limits.Budget{
			{ID: "calls", PerAgent: true, Measure: limits.Calls, Limit: 5, Window: time.Minute, Then: decision.Defer},
			{ID: "money", Effect: "money", Measure: limits.Volume, Limit: 1000, Window: 24 * time.Hour, Then: decision.StepUp},
		},
		Breaker: limits.Breaker{Denials: 3, CoolDown: time.Hour},
		Anomaly: limits.Anomaly{FirstUse: decision.Allow, Rate: decision.StepUp, Percent: 200, Floor: 100, TenantSwitch: decision.StepUp, Within: time.Hour},
	}
}

type bench struct {
	t     testing.TB
	db    *store.DB
	clock *storetest.Clock
	*limits.Limiter
}

func newBench(t testing.TB, b storetest.Backend, p limits.Policy) bench {
	t.Helper()
	clock := storetest.NewClock()
	l, err := limits.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return bench{t, b.Open(t, clock), clock, l}
}

func each(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) { test(t, newBench(t, backend, policy())) })
}

func use(change ...func(*limits.Use)) limits.Use {
	u := limits.Use{Tenant: "acme", Agent: "bot-7", Operation: "payments.create", Effect: "money", Volume: 10}
	for _, c := range change {
		c(&u)
	}
	return u
}

// charge counts a use and holds the verdict to what is expected.
func (b bench) charge(u limits.Use, want decision.Verdict, reason string) {
	b.t.Helper()
	got, err := charge(b.db, b.Limiter, u)
	if err != nil {
		b.t.Fatal(err)
	}
	if decision.Strictest(got...) != want || !strings.Contains(text(got), reason) {
		b.t.Errorf("%+v: want %s with %q, got\n%s", u, want, reason, text(got))
	}
}

var errNotAllowed = errors.New("not allowed")

// charge does as an engine does: what is not allowed is undone.
func charge(db *store.DB, l *limits.Limiter, u limits.Use) (list []decision.Decision, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		list, err = l.Charge(tx, u)
		if err == nil && decision.Strictest(list...) != decision.Allow {
			err = errNotAllowed
		}
		return err
	})
	if errors.Is(err, errNotAllowed) {
		err = nil
	}
	return list, err
}

func text(list []decision.Decision) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", d.Check, d.Rule, d.Verdict, d.Reason))
	}
	return strings.Join(lines, "\n")
}

func TestRate(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for range 5 {
			b.charge(use(), decision.Allow, "")
			b.clock.Add(time.Second)
		}
		b.charge(use(), decision.Defer, "5 of 5 calls in 1m0s used, and this takes 1; room from 2026-03-04T12:01:0")
		b.charge(use(func(u *limits.Use) { u.Agent = "bot-8" }), decision.Allow, "0 of 5 calls")
		b.charge(use(func(u *limits.Use) { u.Tenant = "beta" }), decision.StepUp, "0 of 5 calls") // another tenant's budget, and a switch
		b.clock.Add(time.Minute)
		b.charge(use(), decision.Allow, "")
	})
}

func TestVolume(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		large := func(u *limits.Use) { u.Volume = 600 }
		b.charge(use(large), decision.Allow, "0 of 1000 volume")
		b.charge(use(large), decision.StepUp, "600 of 1000 volume in 24h0m0s used, and this takes 600; room from 2026-03-05T12:")
		b.charge(use(large, func(u *limits.Use) { u.Agent = "bot-8" }), decision.StepUp, "600 of 1000") // all agents together
		b.charge(use(large, func(u *limits.Use) { u.Approved = true }), decision.Allow, "a person approved it")
		b.charge(use(), decision.StepUp, "1200 of 1000")
		b.charge(use(func(u *limits.Use) { u.Effect, u.Volume = "read", 9999 }), decision.Allow, "")
		b.charge(use(func(u *limits.Use) { u.Volume = limits.UnknownVolume }), decision.StepUp, "nobody knows")
	})
}

// What is not allowed is not counted, even where the caller forgets to undo it.
func TestChargeCountsOnlyWhatIsAllowed(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		large := use(func(u *limits.Use) { u.Volume = 1001 })
		storetest.Write(t, b.db, func(tx *store.Tx) error {
			list, err := b.Charge(tx, large)
			if decision.Strictest(list...) != decision.StepUp {
				t.Error(text(list))
			}
			return err
		})
		b.charge(use(), decision.Allow, "0 of 1000 volume")
	})
}

func TestCheckChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for range 20 {
			if err := b.db.Read(ctx, func(tx *store.Tx) error {
				list, err := b.Check(tx, use())
				if decision.Strictest(list...) != decision.Allow {
					t.Error(text(list))
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestBreakerPausesUntilAPersonResets(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		denied := func(want bool) {
			t.Helper()
			storetest.Write(t, b.db, func(tx *store.Tx) error {
				paused, err := b.Denied(tx, "acme", "bot-7")
				if paused != want {
					t.Errorf("paused: %v", paused)
				}
				return err
			})
		}
		succeeded := func() {
			t.Helper()
			storetest.Write(t, b.db, func(tx *store.Tx) error { return b.Succeeded(tx, "acme", "bot-7") })
		}
		succeeded()
		denied(false)
		denied(false)
		succeeded() // the row ends
		denied(false)
		denied(false)
		denied(true)
		succeeded() // something that was under way
		b.charge(use(), decision.Defer, "paused since 2026-03-04T12:00:00Z after 3 denials in a row")
		b.charge(use(func(u *limits.Use) { u.Approved = true }), decision.Defer, "paused")
		b.charge(use(func(u *limits.Use) { u.Agent = "bot-8" }), decision.Allow, "")
		b.clock.Add(time.Hour)
		b.charge(use(), decision.StepUp, "each use needs one")
		b.charge(use(func(u *limits.Use) { u.Approved = true }), decision.Allow, "a person approved it")
		b.charge(use(), decision.StepUp, "each use needs one")

		for _, by := range []decision.Actor{{Kind: "agent", ID: "bot-8"}, {Kind: "user"}, {}, {Kind: "user", ID: "bot-7"}} {
			if err := b.db.Write(ctx, func(tx *store.Tx) error { return b.Reset(tx, "acme", "bot-7", by) }); !errors.Is(err, limits.ErrInvalid) {
				t.Errorf("%+v reset the breaker: %v", by, err)
			}
		}
		storetest.Write(t, b.db, func(tx *store.Tx) error {
			return b.Reset(tx, "acme", "bot-7", decision.Actor{Kind: "user", ID: "ann"})
		})
		b.charge(use(), decision.Allow, "")
		storetest.Write(t, b.db, func(tx *store.Tx) error {
			state, err := b.State(tx, "acme", "bot-7")
			if state.ResetBy != "ann" || state.ResetAt.IsZero() || state.Denials != 0 {
				t.Errorf("%+v", state)
			}
			return err
		})
	})
}

func TestHabits(t *testing.T) {
	p := policy()
	p.Budgets = nil
	p.Anomaly.FirstUse, p.Anomaly.Floor = decision.StepUp, 3
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend, p)
		ok := func(u *limits.Use) { u.Approved = true }
		b.charge(use(), decision.StepUp, "never used payments.create for this tenant")
		b.charge(use(), decision.StepUp, "never used") // what was not allowed is no habit
		b.charge(use(ok), decision.Allow, "never used")
		b.charge(use(), decision.Allow, "nothing unusual")
		b.charge(use(func(u *limits.Use) { u.Operation = "users.delete" }), decision.StepUp, "never used users.delete")
		b.charge(use(), decision.Allow, "")
		b.charge(use(), decision.StepUp, "3 uses in this hour already; the busiest of the past 7 days had 0, and up to 3 pass")
		b.clock.Add(time.Hour)
		for range 6 { // twice the three of the hour before
			b.charge(use(), decision.Allow, "")
		}
		b.charge(use(), decision.StepUp, "the busiest of the past 7 days had 3, and up to 6 pass")
		b.clock.Add(9 * 24 * time.Hour)
		for range 3 {
			b.charge(use(), decision.Allow, "")
		}
		b.charge(use(), decision.StepUp, "had 0, and up to 3 pass") // what is long ago is no habit
	})
}

func TestTenantSwitch(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		beta := func(u *limits.Use) { u.Tenant = "beta" }
		b.charge(use(), decision.Allow, "")
		b.clock.Add(time.Minute)
		b.charge(use(beta), decision.StepUp, "acted for another tenant 1m0s ago")
		list, err := charge(b.db, b.Limiter, use(beta))
		if err != nil || strings.Contains(text(list), "acme") {
			t.Errorf("one tenant's name shows to another: %s, %v", text(list), err)
		}
		b.clock.Add(time.Hour)
		b.charge(use(beta), decision.Allow, "")
	})
}

// A restart resets nothing.
func TestRestart(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, backend storetest.Backend) {
		first := newBench(t, backend, policy())
		for range 5 {
			first.charge(use(), decision.Allow, "")
		}
		storetest.Write(t, first.db, func(tx *store.Tx) error {
			for range 3 {
				if _, err := first.Denied(tx, "acme", "bot-9"); err != nil {
					return err
				}
			}
			return nil
		})
		if err := first.db.Close(); err != nil {
			t.Fatal(err)
		}
		second := newBench(t, backend, policy())
		second.charge(use(), decision.Defer, "5 of 5 calls")
		second.charge(use(func(u *limits.Use) { u.Agent = "bot-9" }), decision.Defer, "paused")
	})
}

func TestInvalidUses(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory}, policy())
	for name, change := range map[string]func(*limits.Use){
		"no tenant":       func(u *limits.Use) { u.Tenant = "" },
		"no agent":        func(u *limits.Use) { u.Agent = "" },
		"no operation":    func(u *limits.Use) { u.Operation = "" },
		"no effect":       func(u *limits.Use) { u.Effect = "" },
		"negative volume": func(u *limits.Use) { u.Volume = -2 },
		"control":         func(u *limits.Use) { u.Agent = "a\x00" },
	} {
		if list, err := charge(b.db, b.Limiter, use(change)); !errors.Is(err, limits.ErrInvalid) || len(list) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedCount(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory}, policy())
	b.charge(use(), decision.Allow, "")
	storetest.Write(t, b.db, func(tx *store.Tx) error { _, err := tx.Exec(`UPDATE limit_windows SET slots = '{}x'`); return err })
	if list, err := charge(b.db, b.Limiter, use()); err == nil {
		t.Errorf("went on with a count that cannot be read: %s", text(list))
	}
}

const chargeLocation = "AGENTRISK_TEST_CHARGE_LOCATION"

// Several processes share the last of a budget: together they pass no more than
// it holds.
func TestBudgetAcrossProcesses(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, backend storetest.Backend) {
		newBench(t, backend, policy())
		outputs := make([]string, 3)
		var all sync.WaitGroup
		for i := range outputs {
			all.Go(func() {
				child := exec.Command(os.Args[0], "-test.run=^TestChargingProcess$", "-test.v")
				child.Env = append(os.Environ(), chargeLocation+"="+backend.Location)
				out, err := child.CombinedOutput()
				if err != nil {
					t.Errorf("%v\n%s", err, out)
				}
				outputs[i] = string(out)
			})
		}
		all.Wait()
		if n := strings.Count(strings.Join(outputs, ""), "verdict allow"); n != 5 {
			t.Errorf("%d of 5 passed", n)
		}
	})
}

// TestChargingProcess is what the processes run; alone it has nothing to do.
func TestChargingProcess(t *testing.T) {
	location := os.Getenv(chargeLocation)
	if location == "" {
		return
	}
	b := newBench(t, storetest.Backend{Name: "child", Location: location}, policy())
	for range 10 {
		list, err := charge(b.db, b.Limiter, use())
		for errors.Is(err, store.Locked) {
			list, err = charge(b.db, b.Limiter, use())
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("verdict", decision.Strictest(list...))
	}
}

// BenchmarkCharge checks and counts one use, durably.
func BenchmarkCharge(b *testing.B) {
	for _, kind := range []string{"memory", "sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			backend := storetest.Backend{Name: kind, Location: store.Memory}
			switch kind {
			case "sqlite":
				backend = storetest.SQLite(b)
			case "postgres":
				backend = storetest.Postgres(b)
			}
			bench := newBench(b, backend, policy())
			for b.Loop() {
				bench.clock.Add(time.Minute)
				bench.charge(use(func(u *limits.Use) { u.Volume = 0 }), decision.Allow, "")
			}
		})
	}
}

// TestRowInWords: what a person reads counts in words that fit the number.
func TestRowInWords(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for _, want := range []string{"0 denials in a row, 3 pause", "1 denial in a row, 3 pause", "2 denials in a row, 3 pause", "after 3 denials in a row"} {
			storetest.Write(t, b.db, func(tx *store.Tx) error {
				got, err := b.Check(tx, use())
				if err == nil && !strings.Contains(got[0].Reason, want) {
					t.Errorf("%s, want %s", got[0].Reason, want)
				}
				if err == nil {
					_, err = b.Denied(tx, "acme", "bot-7")
				}
				return err
			})
		}
	})
	if got := (limits.BreakerState{Denials: 1}).Row(); got != "1 denial in a row" {
		t.Error(got)
	}
}
