package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"agentrisk/internal/source"
)

// BenchmarkLintCorpus lints the shared capabilities, from the start of the process
// to its report, and reads and parses the same files on the same cores for
// comparison.
func BenchmarkLintCorpus(b *testing.B) {
	root, name := filepath.Join(shared(b), "capabilities"), program(b)
	report := "json=" + filepath.Join(b.TempDir(), "out.json")
	var floor, linting time.Duration
	for b.Loop() {
		start := time.Now()
		parseAll(b, root)
		floor += time.Since(start)
		start = time.Now()
		if _, code := run(b, name, nil, "lint", "-f", report, root); code != exitFailed {
			b.Fatalf("exit code %d", code)
		}
		linting += time.Since(start)
	}
	b.ReportMetric(float64(floor.Milliseconds())/float64(b.N), "floor-ms")
	b.ReportMetric(float64(linting.Milliseconds())/float64(b.N), "lint-ms")
	b.ReportMetric(float64(linting)/float64(floor), "lint/floor")
}

// BenchmarkFloor reads and parses the shared capabilities on every core: less is
// not possible with this parser.
func BenchmarkFloor(b *testing.B) {
	root := filepath.Join(shared(b), "capabilities")
	for b.Loop() {
		parseAll(b, root)
	}
}

func parseAll(b *testing.B, root string) {
	b.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // Go's own, in place of what package early leaves to main
	tree := os.DirFS(root)
	jobs := make(chan string)
	var done sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for name := range jobs {
				if f, err := source.ReadFile(tree, name, source.Limits{}); err == nil {
					_, _ = source.Parse(f, source.Limits{}) // some do not parse
				}
			}
		})
	}
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			jobs <- name
		}
		return err
	})
	close(jobs)
	done.Wait()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStart measures a whole process, from start to the result of one file.
func BenchmarkStart(b *testing.B) {
	name := program(b)
	input := filepath.Join(b.TempDir(), "a.yaml")
	text := `specification: Naftiko Capability Composition
specificationVersion: "0.1"
name: Remove
description: One of the test.
provider: Example
steps:
  - {id: remove, capability: tasks, operation: delete_task, description: Removes.}
`
	if err := os.WriteFile(input, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		run(b, name, nil, "lint", input)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/start")
}
