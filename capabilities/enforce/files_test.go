package enforce_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/provider/state"
)

// credential is how the stand-in's credentials look; three letters of it turn up in
// anything sealed.
const credential = "sk_[0-9a-z]{32}"

// holdsNo looks for a pattern in every file of the runtime's home, which nobody but its
// owner may enter; what is a key or a database is closed by itself too.
func (b *bench) holdsNo(pattern string) {
	b.Helper()
	looked := regexp.MustCompile(pattern)
	if info, err := os.Stat(b.options.Home); err != nil || info.Mode().Perm() != 0o700 {
		b.Errorf("the home is open to others: %v %v", info, err)
	}
	seen := 0
	err := filepath.WalkDir(b.options.Home, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		seen++
		if looked.Match(raw) {
			b.Errorf("%s holds %q", name, pattern)
		}
		info, err := entry.Info()
		if closed := slices.Contains([]string{".key", ".pem", ".db", ".age", ".state"}, filepath.Ext(name)); err == nil && closed && info.Mode().Perm()&0o077 != 0 {
			b.Errorf("%s has the mode %o", name, info.Mode().Perm())
		}
		return err
	})
	if err != nil || seen < 5 {
		b.Fatalf("%d files: %v", seen, err)
	}
}

// rows counts what the stand-in keeps of a kind for the tenant.
func (b *bench) rows(kind string) (n int) {
	b.Helper()
	err := b.State().View(ctx, state.Space{Provider: "workos", Tenant: "lakeside"}, func(tx *state.Tx) error {
		rows, _, err := tx.List(kind, "", state.Page{Limit: 100}, func(state.Row) (bool, error) { return true, nil })
		n = len(rows)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// TestHomeHoldsRows: what a run leaves in the home is rows and entries of the log; no
// other file grows with it, so that the next process opens as fast as the first.
func TestHomeHoldsRows(t *testing.T) {
	b := setup(t)
	sizes := func() map[string]int64 {
		out := map[string]int64{}
		entries, err := os.ReadDir(b.options.Home)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			info, err := entry.Info()
			if err != nil {
				t.Fatal(err)
			}
			if !entry.IsDir() && !strings.HasPrefix(entry.Name(), "runtime.db") {
				out[entry.Name()] = info.Size()
			}
		}
		return out
	}
	p := b.planOf("a.yaml", writes(create))
	b.start(p, request("user_amara", named("one")))
	before := sizes()
	for range 3 {
		if report := b.start(p, request("user_amara", named("again"))); report.Outcome != enforce.Completed {
			t.Fatalf("%s: %s", report.Outcome, report.Reason)
		}
	}
	if after := sizes(); len(before) < 4 || !maps.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}
