package fga

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store/storetest"
)

// BenchmarkQuery asks one question that takes two hops, among a thousand
// relations, and reports its median.
func BenchmarkQuery(b *testing.B) {
	onEach(b, func(b *testing.B, e *Engine) {
		q := Query{Tenant: "acme", User: "user:ada", Relation: "viewer", Object: "file:1"}
		median(b, func() bool { ok, err := e.Query(context.Background(), q); return ok && err == nil })
	})
}

// BenchmarkCheck answers a whole request: the delegation and the relation.
func BenchmarkCheck(b *testing.B) {
	onEach(b, func(b *testing.B, e *Engine) {
		r := request()
		median(b, func() bool { return e.Check(context.Background(), r).Verdict == decision.Allow })
	})
}

func onEach(b *testing.B, run func(*testing.B, *Engine)) {
	var tuples []Tuple
	for i := range 1000 {
		tuples = append(tuples, Tuple{User: fmt.Sprintf("user:u%d", i), Relation: "viewer", Object: fmt.Sprintf("file:%d", i%50)})
	}
	for _, at := range []struct {
		name     string
		location func(*testing.B) string
	}{
		{"memory", func(*testing.B) string { return Memory }},
		{"sqlite", func(b *testing.B) string { return filepath.Join(b.TempDir(), "r.db") }},
		{"postgres", func(b *testing.B) string { return storetest.Postgres(b).Location }},
		{"remote", func(b *testing.B) string { return remoteMemory(b) }},
	} {
		b.Run(at.name, func(b *testing.B) {
			e := open(b, at.location(b), Options{})
			setUp(b, e, "acme", append(tuples, acme...))
			run(b, e)
		})
	}
}

func median(b *testing.B, do func() bool) {
	b.Helper()
	times := make([]time.Duration, 0, b.N)
	for b.Loop() {
		start := time.Now()
		if !do() {
			b.Fatal("denied")
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkOpen opens and sets up one tenant: what a cold start pays.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		e, err := Open(context.Background(), Memory, Options{Guard: everybody})
		must(b, err)
		setUp(b, e, "acme", acme)
		e.Close()
	}
}
