//go:build !windows

package enforce_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/world"
)

// fiveSteps: three writes and two reads of the same service.
var fiveSteps = writes(create, list, create, list, create)

// quick is the demo world without the latency of its stand-in: what is measured is
// the runtime. Every limit is asked as ever; they are wide enough for many runs.
func quick(b *testing.B) *world.World {
	w := demo(b)
	w.Providers = nil
	for i := range w.Tenants {
		for j := range w.Tenants[i].Limits {
			w.Tenants[i].Limits[j].Most = 1 << 40
		}
	}
	return w
}

func benchOpen(b *testing.B, o enforce.Options) *enforce.Runtime {
	b.Helper()
	r, err := enforce.Open(ctx, o)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func benchClose(b *testing.B, r *enforce.Runtime) {
	b.Helper()
	if err := r.Close(ctx); err != nil {
		b.Error(err)
	}
}

// memoryDir is a folder in memory, where syncing costs nothing.
func memoryDir(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "enforce-bench-*")
	if err != nil {
		b.Skipf("no folder in memory here: %v", err)
	}
	b.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	return dir
}

// quantile in milliseconds.
func quantile(took []time.Duration, q float64) float64 {
	return milliseconds(slices.Sorted(slices.Values(took))[int(float64(len(took)-1)*q)])
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// cpuTime is what this process has used of all cores. On a machine with other work
// it says more than the clock on the wall does.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRun measures runs of five steps with everything durable, one after the
// other. The same on a folder in memory, where syncing costs nothing, shows the part
// of the disk: p50 of the one less p50 of the other. How often it syncs is counted
// too: commits in the database's write-ahead log, and entries of the audit log.
func BenchmarkRun(b *testing.B) {
	for _, place := range []string{"disk", "memory"} {
		b.Run("steps/"+place, func(b *testing.B) { benchRuns(b, place, benchSteps) })
		b.Run("approved/"+place, func(b *testing.B) { benchRuns(b, place, benchApproved) })
	}
}

func benchRuns(b *testing.B, place string, one func(*testing.B, *enforce.Runtime) func(i int)) {
	dir := b.TempDir()
	if place == "memory" {
		dir = memoryDir(b)
	}
	clock := newClock()
	home := filepath.Join(dir, "home")
	r := benchOpen(b, enforce.Options{Home: home, World: quick(b), Clock: clock.now, Random: rand.Reader})
	defer benchClose(b, r)
	run := one(b, r)
	commits, entries := counts(b, home, func() { run(-1) })
	var took []time.Duration
	i, busy := 0, cpuTime(b)
	for b.Loop() {
		start := time.Now()
		run(i)
		took = append(took, time.Since(start))
		clock.add(time.Minute) // the next run is no rush
		i++
	}
	b.ReportMetric(milliseconds(cpuTime(b)-busy)/float64(i), "ms-cpu/run")
	b.ReportMetric(quantile(took, 0.5), "ms-p50")
	b.ReportMetric(quantile(took, 0.99), "ms-p99")
	b.ReportMetric(float64(commits), "commits/run")
	b.ReportMetric(float64(entries), "entries/run")
}

func benchSteps(b *testing.B, r *enforce.Runtime) func(int) {
	p := compiled(b, r, "five.yaml", fiveSteps)
	return func(i int) { mustComplete(b, r, p, fmt.Sprint("org ", i)) }
}

func mustComplete(b *testing.B, r *enforce.Runtime, p *plan.Plan, name string) {
	b.Helper()
	report, err := r.Start(ctx, p, request("user_amara", named(name)))
	switch {
	case err != nil:
		b.Error(err)
	case report.Outcome != enforce.Completed || len(report.Steps) != len(p.Steps):
		b.Errorf("%s: %s", report.Outcome, report.Reason)
	}
}

// benchApproved is the composition of the main job: a run that waits for a person
// before it hands out a key, the answer, and the rest of the run.
func benchApproved(b *testing.B, r *enforce.Runtime) func(int) {
	text, err := os.ReadFile(filepath.Join(root(b), composition))
	if err != nil {
		b.Fatal(err)
	}
	p := compiled(b, r, composition, string(text))
	return func(int) {
		report, err := r.Start(ctx, p, request("user_amara"))
		if err != nil || report.Wait == nil {
			b.Fatalf("%v %+v", err, report)
		}
		if _, err := r.Decide(ctx, approval.Answer{Tenant: "lakeside", ID: report.Wait.Approval, Person: decision.Actor{Kind: "user", ID: "user_chidi"}, Approve: true}); err != nil {
			b.Fatal(err)
		}
		if report, err = r.Resume(ctx, "lakeside", report.Run); err != nil || report.Outcome != enforce.Completed {
			b.Fatalf("%v %+v", err, report)
		}
	}
}

// counts says how many commits and entries of the log something takes.
func counts(b *testing.B, home string, do func()) (commits, entries int) {
	b.Helper()
	before, logged := walCommits(b, home), logSize(b, home)
	do()
	return walCommits(b, home) - before, logSize(b, home) - logged
}

// walCommits counts the commits in an SQLite write-ahead log that was not begun
// anew meanwhile: frames that carry the size of the database end a transaction.
// Format: https://www.sqlite.org/fileformat2.html#walformat
func walCommits(b *testing.B, home string) (n int) {
	raw, err := os.ReadFile(filepath.Join(home, "runtime.db-wal"))
	if err != nil || len(raw) < 32 {
		b.Fatalf("no write-ahead log: %v", err)
	}
	frame := 24 + int(binary.BigEndian.Uint32(raw[8:]))
	for at := 32; at+frame <= len(raw); at += frame {
		if binary.BigEndian.Uint32(raw[at+4:]) != 0 && string(raw[at+8:at+16]) == string(raw[16:24]) {
			n++
		}
	}
	return n
}

// logSize is how many entries the log's tree holds.
func logSize(b *testing.B, home string) (n int) {
	for _, err := range audit.Records(filepath.Join(home, "audit"), audit.Filter{Scope: audit.AllTenants()}) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n
}

// BenchmarkMany measures 64 runs at once, of one step and of five, with the stores in
// memory and the log in a folder in memory.
func BenchmarkMany(b *testing.B) {
	b.Run("one", func(b *testing.B) { benchMany(b, writes(create)) })
	b.Run("five", func(b *testing.B) { benchMany(b, fiveSteps) })
}

func benchMany(b *testing.B, text string) {
	const at, rounds = 64, 2
	b.Setenv("TMPDIR", memoryDir(b))
	clock := newClock()
	r := benchOpen(b, enforce.Options{World: quick(b), Clock: clock.now, Random: rand.Reader})
	defer benchClose(b, r)
	p := compiled(b, r, "steps.yaml", text)
	runs, busy := 0, cpuTime(b)
	start := time.Now()
	for b.Loop() {
		var wait sync.WaitGroup
		for worker := range at {
			wait.Go(func() {
				for round := range rounds {
					mustComplete(b, r, p, fmt.Sprint("org ", worker, round))
				}
			})
		}
		wait.Wait()
		runs += at * rounds
		clock.add(time.Hour) // no rush, and nothing unusual
	}
	b.ReportMetric(float64(runs)/time.Since(start).Seconds(), "runs/s")
	b.ReportMetric(milliseconds(cpuTime(b)-busy)/float64(runs), "ms-cpu/run")
}

// BenchmarkWaiting measures what runs that wait for a person cost whoever opens the
// runtime beside them: in memory of the process, in the time to open, to list a page
// of them, and for a run that has nothing to do with them.
func BenchmarkWaiting(b *testing.B) {
	for _, waiting := range []int{0, 10_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			clock := newClock()
			o := enforce.Options{Home: filepath.Join(memoryDir(b), "home"), World: quick(b), Clock: clock.now, Random: rand.Reader}
			makeWaiting(b, o, clock, waiting)
			var opened, listed, ran time.Duration
			var heap float64
			n := 0
			for b.Loop() {
				before := heapInUse()
				start := time.Now()
				r := benchOpen(b, o)
				opened += time.Since(start)
				start = time.Now()
				page, err := r.Runs(ctx, journal.Filter{Tenant: "lakeside", State: journal.Waiting})
				if err != nil || len(page.Runs) != min(waiting, 100) {
					b.Fatalf("%d runs: %v", len(page.Runs), err)
				}
				listed += time.Since(start)
				heap += heapInUse() - before
				start = time.Now()
				mustComplete(b, r, compiled(b, r, "five.yaml", fiveSteps), "beside")
				ran += time.Since(start)
				benchClose(b, r)
				n++
			}
			for name, d := range map[string]time.Duration{"open-ms": opened, "list-ms": listed, "run-ms": ran} {
				b.ReportMetric(milliseconds(d)/float64(n), name)
			}
			b.ReportMetric(heap/float64(n)/1024, "heap-KiB")
			info, err := os.Stat(filepath.Join(o.Home, "runtime.db"))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size())/1024/float64(max(waiting, 1)), "KiB-db/run")
		})
	}
}

func heapInUse() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// makeWaiting leaves runs behind that wait for a person.
func makeWaiting(b *testing.B, o enforce.Options, clock *clock, n int) {
	b.Helper()
	r := benchOpen(b, o)
	defer benchClose(b, r)
	text, err := os.ReadFile(filepath.Join(root(b), composition))
	if err != nil {
		b.Fatal(err)
	}
	p := compiled(b, r, composition, string(text))
	const at = 64
	for made := 0; made < n; made += at {
		var wait sync.WaitGroup
		for range min(at, n-made) {
			wait.Go(func() {
				if report, err := r.Start(context.WithoutCancel(ctx), p, request("user_amara")); err != nil || report.Wait == nil {
					b.Errorf("no run that waits: %v", err)
				}
			})
		}
		wait.Wait()
		clock.add(5 * time.Second) // approvals do not end meanwhile
	}
	clock.add(time.Hour) // what is done beside them is nothing unusual
}
