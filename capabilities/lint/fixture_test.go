package lint

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/capabilities"
)

// readFixture reads one of our own files.
func readFixture(t *testing.T, folder, name string) []*capabilities.Document {
	t.Helper()
	return read(capabilities.NewReader(os.DirFS(filepath.Join("testdata", folder)), capabilities.Options{}), name)
}

// lintFixture lints one of our own files.
func lintFixture(t *testing.T, l *Linter, folder, name string) Result {
	t.Helper()
	return l.Lint(context.Background(), readFixture(t, folder, name))
}

// TestFixtures: every rule has a file that it fires on, and one, with the fault
// mended, that it does not fire on. What else the first brings out is held by a
// golden file.
func TestFixtures(t *testing.T) {
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	l := newLinter(t, Config{Profile: Audit})
	for _, rule := range rules {
		t.Run(rule.Name, func(t *testing.T) {
			file := rule.Name + ".yaml"
			r := lintFixture(t, l, "err", file)
			if len(r.Incomplete) > 0 {
				t.Error(r.Incomplete)
			}
			if !strings.Contains(joined(r.Findings), rule.ID+" ") {
				t.Errorf("%s does not fire on err/%s:\n%s", rule.ID, file, render(r))
			}
			golden(t, filepath.Join("testdata/err", rule.Name+".out"), []byte(render(r)))
			if r := lintFixture(t, l, "ok", file); strings.Contains(joined(r.Findings), rule.ID+" ") || len(r.Incomplete) > 0 {
				t.Errorf("%s fires on ok/%s:\n%s", rule.ID, file, render(r))
			}
		})
	}
}

// render writes findings for a golden file.
func render(r Result) string {
	var b bytes.Buffer
	for _, f := range r.Findings {
		suppressed := ""
		if f.Suppressed {
			suppressed = " (suppressed)"
		}
		fmt.Fprintf(&b, "%s: %s[%s] %s: %s%s\n", place(f), f.Severity, f.Rule, f.Confidence, f.Message, suppressed)
		for _, related := range f.Related {
			fmt.Fprintf(&b, "\t%d:%d: %s\n", related.Location.Range.Start.Line, related.Location.Range.Start.Column, related.Message)
		}
	}
	return b.String()
}

func place(f Finding) string {
	return fmt.Sprintf("%d:%d", f.Location.Range.Start.Line, f.Location.Range.Start.Column)
}
