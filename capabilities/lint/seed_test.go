package lint

import (
	"context"
	"testing"
	"time"
)

var today = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func newLinter(t testing.TB, c Config) *Linter {
	t.Helper()
	c.Today = today
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSeed(t *testing.T) {
	l := newLinter(t, Config{Profile: Audit})
	r := l.Lint(context.Background(), readShared(t, shared(t), "seeds/002_b6e3f7c8a7d52d31.txt"))
	for _, f := range r.Findings {
		t.Logf("%s %s %s %s: %s [%s]", f.Location, f.Rule, f.Severity, f.Confidence, f.Message, f.Label)
		for _, o := range f.Related {
			t.Logf("      %s %s", o.Location, o.Message)
		}
	}
	for _, s := range r.Steps {
		t.Logf("%s %s %s %s %+v", s.Step, s.Effect, s.Control, s.Basis, s.Needs)
	}
	t.Log(r.Incomplete, r.Summary)
}
