package lint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// BenchmarkCorpus lints the shared capabilities, and prints how much longer that
// takes than reading and parsing the same files on the same cores.
func BenchmarkCorpus(b *testing.B) {
	loads, files := corpus(b, "capabilities")
	root := filepath.Join(shared(b), "data/capabilities")
	var parsing, linting time.Duration
	for b.Loop() {
		start := time.Now()
		parseAll(root, files)
		parsing += time.Since(start)
		start = time.Now()
		newLinter(b, Config{}).LintEach(context.Background(), loads)
		linting += time.Since(start)
	}
	b.ReportMetric(float64(parsing.Milliseconds())/float64(b.N), "parse-ms")
	b.ReportMetric(float64(linting.Milliseconds())/float64(b.N), "lint-ms")
	b.ReportMetric(float64(linting)/float64(parsing), "lint/parse")
}

// parseAll reads and parses files on every core.
func parseAll(root string, files []string) {
	tree := os.DirFS(root)
	jobs := make(chan string)
	var done sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for name := range jobs {
				if f, err := source.ReadFile(tree, name, source.Limits{}); err == nil {
					_, _ = source.Parse(f, source.Limits{})
				}
			}
		})
	}
	for _, name := range files {
		jobs <- name
	}
	close(jobs)
	done.Wait()
}

// BenchmarkSteps lints a flow of n steps, so that cost by step can be compared.
func BenchmarkSteps(b *testing.B) {
	for _, n := range []int{5, 50, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			docs := parseText(b, "steps.yaml", manySteps(n))
			l := newLinter(b, Config{})
			l.Lint(context.Background(), docs)
			for b.Loop() {
				l.Lint(context.Background(), docs)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/step")
		})
	}
}

// BenchmarkStart makes a linter and judges one small file, as a process does that
// was just started.
func BenchmarkStart(b *testing.B) {
	docs := parseText(b, "steps.yaml", manySteps(5))
	for b.Loop() {
		newLinter(b, Config{}).Lint(context.Background(), docs)
	}
}

func parseText(t testing.TB, name, text string) []*capabilities.Document {
	t.Helper()
	f, err := source.NewFile(name, []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return capabilities.NewReader(nil, capabilities.Options{}).ReadFile(f)
}

// manySteps is a workflow of n steps with checks, effects and values handed on.
func manySteps(n int) string {
	var b strings.Builder
	b.WriteString(`arazzo: 1.0.1
info: {title: Many, version: 1.0.0}
sourceDescriptions: [{name: api, url: api.yaml, type: openapi}]
workflows:
- workflowId: many
  inputs: {type: object, properties: {user_id: {type: string}, organization_id: {type: string}}}
  steps:
`)
	for i := range n {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "  - stepId: check%d\n    operationId: checkPermission\n    successCriteria: [{condition: $response.body#/allowed == true}]\n    outputs: {allowed: $response.body#/allowed}\n", i)
		case 4:
			fmt.Fprintf(&b, "  - stepId: log%d\n    operationId: createAuditEvent\n", i)
		default:
			from := "$inputs.user_id"
			if i > 5 {
				from = fmt.Sprintf("$steps.do%d.outputs.id", i-i%5-4)
			}
			fmt.Fprintf(&b, "  - stepId: do%d\n    operationId: deleteProject\n    parameters: [{name: id, in: path, value: %s}]\n    outputs: {id: $response.body#/id}\n", i, from)
		}
	}
	return b.String()
}
