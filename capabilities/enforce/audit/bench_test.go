//go:build !windows

package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/safefile"
)

// benchDirs are a folder on disk and, where the system has one, a folder in memory,
// where syncing costs nothing. The difference between them is the disk's share.
func benchDirs(b *testing.B) map[string]string {
	dirs := map[string]string{"disk": b.TempDir()}
	if dir, err := os.MkdirTemp("/dev/shm", "audit-bench-*"); err == nil {
		b.Cleanup(func() { must(b, os.RemoveAll(dir)) })
		dirs["memory"] = dir
	}
	return dirs
}

func reportMedian(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// BenchmarkAppend measures one writer that waits for each entry.
func BenchmarkAppend(b *testing.B) {
	for _, place := range []string{"disk", "memory"} {
		b.Run(place, func(b *testing.B) {
			dir := benchDirs(b)[place]
			if dir == "" {
				b.Skip("no folder in memory here")
			}
			l := openLog(b, filepath.Join(dir, "audit"))
			trail := mustBegin(b, l, "run-1")
			var took []time.Duration
			b.ResetTimer()
			for b.Loop() {
				start := time.Now()
				mustAppend(b, trail, testEvent(KindDecision))
				took = append(took, time.Since(start))
			}
			b.StopTimer()
			reportMedian(b, took)
			closeLog(b, l)
		})
	}
}

// BenchmarkSync measures what the disk takes for one append of the log: three files
// written and synced with their folders.
func BenchmarkSync(b *testing.B) {
	dir := b.TempDir()
	data := make([]byte, 64<<10) // half a bundle of entries
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		for i := range 3 {
			must(b, safefile.Write(filepath.Join(dir, fmt.Sprint(i)), data[:64<<10>>(8*i)], safefile.Private))
		}
		took = append(took, time.Since(start))
	}
	reportMedian(b, took)
}

// BenchmarkAppendMany measures 64 runs at once.
func BenchmarkAppendMany(b *testing.B) {
	l := openLog(b, filepath.Join(b.TempDir(), "audit"))
	trails := make([]*Trail, 64)
	for i := range trails {
		trails[i] = mustBegin(b, l, fmt.Sprintf("run-%d", i))
	}
	b.ResetTimer()
	start := time.Now()
	n := 0
	for b.Loop() {
		var wg sync.WaitGroup
		for _, trail := range trails {
			wg.Go(func() {
				if _, err := trail.Append(b.Context(), testEvent(KindDecision)); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		n += len(trails)
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "entries/s")
	b.StopTimer()
	closeLog(b, l)
}

// BenchmarkVerify measures the verification of 10,000 entries.
func BenchmarkVerify(b *testing.B) {
	dir := b.TempDir()
	l := openLog(b, dir)
	var wg sync.WaitGroup
	for i := range 100 {
		trail := mustBegin(b, l, fmt.Sprintf("run-%d", i))
		wg.Go(func() {
			for range 100 {
				if _, err := trail.Append(b.Context(), testEvent(KindDenial)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	closeLog(b, l)
	for b.Loop() {
		r := mustVerify(b, dir, VerifyOptions{})
		if !r.OK() || r.Size != 10_000 {
			b.Fatalf("%d entries, %+v", r.Size, r.Faults)
		}
	}
}

// BenchmarkOpenClose measures what a short program pays.
func BenchmarkOpenClose(b *testing.B) {
	dir := b.TempDir()
	closeLog(b, openLog(b, dir))
	for b.Loop() {
		closeLog(b, openLog(b, dir))
	}
}

func BenchmarkParseEntry(b *testing.B) {
	raw, err := mustEntry(b, testEvent(KindDenial), 1, "").Canonical()
	must(b, err)
	for b.Loop() {
		if _, err := ParseEntry(raw); err != nil {
			b.Fatal(err)
		}
	}
}
