package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkLintCorpus lints the shared capabilities, from the start of the process to
// its report. For comparison a program without anything else reads and parses the same
// files on the same cores: less is not possible with this parser.
func BenchmarkLintCorpus(b *testing.B) {
	root, name := filepath.Join(shared(b), "capabilities"), program(b)
	least := build(b, "./testdata/floor", "floor")
	for _, form := range []string{"json", "text"} {
		b.Run(form, func(b *testing.B) {
			report := form + "=" + filepath.Join(b.TempDir(), "out")
			var floor, linting time.Duration
			for b.Loop() {
				start := time.Now()
				if out, code := run(b, least, nil, root); code != exitOK {
					b.Fatalf("the floor: exit code %d, %s", code, out)
				}
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
		})
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
