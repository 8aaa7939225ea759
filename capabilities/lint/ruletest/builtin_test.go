package ruletest

import (
	"context"
	"os"
	"testing"
)

// TestBuiltinRules: every test of the program's rules passes, every rule has
// one, and every line of the rules is run by one. The compiler is strict: unused
// variables and imports are errors.
func TestBuiltinRules(t *testing.T) {
	r, err := Run(context.Background(), os.DirFS("../rules"), Options{Name: "rules", Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range r.Tests {
		if !test.Passed {
			t.Errorf("%s:%d: %s: %s", test.File, test.Line, test.Name, test.Message)
		}
	}
	for _, gap := range r.Uncovered {
		t.Errorf("%s:%d-%d: no test runs it", gap.File, gap.First, gap.Last)
	}
	for _, file := range r.Untested {
		t.Errorf("%s has no test", file)
	}
	t.Logf("%d tests of %d files, %.1f %% of their lines covered", len(r.Tests), len(r.Rules), r.Coverage)
	if r.Coverage < 100 || len(r.Tests) < 100 {
		t.Errorf("%d tests cover %.2f %%", len(r.Tests), r.Coverage)
	}
}
