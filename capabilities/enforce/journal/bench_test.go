package journal_test

import (
	"fmt"
	"testing"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

func eachBench(b *testing.B, run func(b *testing.B, bench bench)) {
	b.Helper()
	b.Run("memory", func(b *testing.B) {
		run(b, newBench(b, storetest.Backend{Name: "memory", Location: store.Memory}))
	})
	b.Run("sqlite", func(b *testing.B) { run(b, newBench(b, storetest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { run(b, newBench(b, storetest.Postgres(b))) })
}

// BenchmarkStep writes an intent and an outcome, each durable: two transactions.
func BenchmarkStep(b *testing.B) {
	eachBench(b, func(b *testing.B, bench bench) {
		l := bench.begin("acme")
		for i := 0; b.Loop(); i++ {
			if i%1000 == 999 { // runs are not that long
				l = bench.begin("acme")
			}
			bench.did(l, fmt.Sprintf("s%d", i), journal.UndoPossible)
		}
	})
}

// BenchmarkClaim takes the next run among 10,000 that wait.
func BenchmarkClaim(b *testing.B) {
	eachBench(b, func(b *testing.B, bench bench) {
		manyWaiting(b, bench, 10_000)
		for b.Loop() {
			b.StopTimer()
			bench.write(func(tx *store.Tx) error {
				_, err := bench.Create(tx, journal.NewRun{Tenant: "acme", Capability: "c"})
				return err
			})
			b.StartTimer()
			if _, found := bench.claimNext(); !found {
				b.Fatal("nothing to claim")
			}
		}
	})
}

// BenchmarkList reads a page of 100 of 10,000 waiting runs.
func BenchmarkList(b *testing.B) {
	eachBench(b, func(b *testing.B, bench bench) {
		manyWaiting(b, bench, 10_000)
		for b.Loop() {
			if err := bench.db.Read(ctx, func(tx *store.Tx) error {
				_, err := bench.List(tx, journal.Filter{Tenant: "t1", State: journal.Waiting})
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
