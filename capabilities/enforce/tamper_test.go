//go:build !windows

package enforce_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
)

// recorded makes a log of a run that was denied, and of one that was undone where
// it is to be longer. It gives the checkpoint that somebody kept elsewhere.
func recorded(t *testing.T, longer bool) (dir string, kept []byte) {
	b := setup(t, func(o *enforce.Options) { o.World = killWorld(t) })
	b.start(b.plan(composition), request("user_bruno"))
	if longer {
		flow := killFlows()[1]
		b.through(b.planOf("set-up.yaml", flow.text), request("user_amara", func(r *enforce.Request) { r.Inputs = flow.inputs(1) }))
	}
	kept, err := b.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b.close()
	return filepath.Join(b.options.Home, "audit"), kept
}

// live are the files that a verification goes by: the checkpoint, the state and the
// newest of each tile and bundle. What the driver notes about itself is none.
func live(t *testing.T, dir string) (names []string) {
	t.Helper()
	newest := map[string]string{}
	err := filepath.WalkDir(filepath.Join(dir, "log"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".lock") || d.Name() == "version" {
			return err
		}
		whole, _, partial := strings.Cut(name, ".p"+string(filepath.Separator))
		if !partial {
			newest[whole] = name
			return nil
		}
		if was := newest[whole]; was == "" || longer(t, name, was) {
			newest[whole] = name
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range newest {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func longer(t *testing.T, a, b string) bool {
	t.Helper()
	return len(read(t, a)) > len(read(t, b))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sound verifies a log against the kept checkpoint.
func sound(t *testing.T, dir string, kept []byte) bool {
	t.Helper()
	report, err := audit.Verify(dir, audit.VerifyOptions{Checkpoint: kept})
	return err == nil && report.OK() && report.Anchored > 0
}

// TestTamperedBytes changes every single byte of what the engine left of a log, one
// after the other. A verification against the kept checkpoint finds each.
func TestTamperedBytes(t *testing.T) {
	dir, kept := recorded(t, false)
	if !sound(t, dir, kept) {
		t.Fatal("the log does not verify")
	}
	changed := 0
	for _, name := range live(t, dir) {
		text := read(t, name)
		for i := range text {
			text[i] ^= 1 << (i % 8)
			write(t, name, text)
			if sound(t, dir, kept) {
				t.Errorf("%s: a change of byte %d is not found", name, i)
			}
			text[i] ^= 1 << (i % 8)
			changed++
		}
		write(t, name, text)
	}
	if !sound(t, dir, kept) {
		t.Error("the log does not verify any more")
	}
	t.Logf("measured: %d bytes of %d files changed one by one, all found", changed, len(live(t, dir)))
}

// TestTamperedEntries: whoever holds the key of the log writes it anew, without an
// entry, with two in another order, with another reason, or cut short. By itself
// the new log is in order; the kept checkpoint finds it.
func TestTamperedEntries(t *testing.T) {
	dir, kept := recorded(t, true)
	var entries []audit.Entry
	for record, err := range audit.Records(dir, audit.Filter{Scope: audit.AllTenants()}) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, record.Entry)
	}
	denial := slices.IndexFunc(entries, func(e audit.Entry) bool { return e.Kind == audit.KindDenial })
	if denial < 0 {
		t.Fatal("no denial is on record")
	}
	if !sound(t, rewritten(t, dir, entries), kept) {
		t.Fatal("the same entries are not the same log: the forgeries below prove nothing")
	}
	for name, change := range map[string]func([]audit.Entry) []audit.Entry{
		"an entry dropped":    func(l []audit.Entry) []audit.Entry { return slices.Delete(l, denial, denial+1) },
		"two swapped":         func(l []audit.Entry) []audit.Entry { l[denial], l[denial-1] = l[denial-1], l[denial]; return l },
		"a reason rewritten":  func(l []audit.Entry) []audit.Entry { l[denial].Reason = "nothing to see"; return l },
		"a denial made right": func(l []audit.Entry) []audit.Entry { return allowedAt(l, denial) },
		"cut short":           func(l []audit.Entry) []audit.Entry { return l[:len(l)-1] },
	} {
		forged := rewritten(t, dir, change(slices.Clone(entries)))
		report, err := audit.Verify(forged, audit.VerifyOptions{})
		if err != nil || !report.OK() || !strings.Contains(strings.Join(report.Unproven, " "), "rewritten and signed again") {
			t.Errorf("%s: by itself: %v %+v", name, err, report)
		}
		report, err = audit.Verify(forged, audit.VerifyOptions{Checkpoint: kept})
		if err != nil || report.OK() || report.Check(audit.CheckKept).Status != audit.Failed {
			t.Errorf("%s: not found against the kept checkpoint: %v %+v", name, err, report)
		}
	}
}

// allowedAt makes a decision that allows of a denial.
func allowedAt(l []audit.Entry, i int) []audit.Entry {
	l[i].Kind, l[i].Decisions = audit.KindDecision, slices.Clone(l[i].Decisions)
	for n := range l[i].Decisions {
		l[i].Decisions[n].Verdict = decision.Allow
	}
	return l
}

// rewritten writes entries to a new log with the key of another.
func rewritten(t *testing.T, from string, entries []audit.Entry) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "audit")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"log.key", "log.pub"} {
		write(t, filepath.Join(dir, name), read(t, filepath.Join(from, name)))
	}
	l, err := audit.Open(ctx, dir, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	trails := map[string]*audit.Trail{}
	for _, e := range entries {
		if trails[e.Run] == nil {
			if trails[e.Run], err = l.Begin(e.Run); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := trails[e.Run].Append(ctx, eventOf(e)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}
	return dir
}

// eventOf is the event that gives an entry.
func eventOf(e audit.Entry) audit.Event {
	v := audit.Event{Kind: e.Kind, At: e.At, Tenant: e.Tenant, Purpose: e.Purpose, Step: e.Step, Attempt: e.Attempt, Operation: e.Operation, Effect: e.Effect,
		Resource: e.Resource, Arguments: e.Arguments, Outcome: e.Outcome, Approval: e.Approval, Reason: e.Reason, Simulated: e.Simulated, Facts: e.Facts}
	for _, a := range e.Actors {
		v.Chain = append(v.Chain, decision.Actor{Kind: a.Kind, ID: a.ID})
	}
	for _, d := range e.Decisions {
		v.Decisions = append(v.Decisions, decision.Decision{Check: d.Check, Verdict: d.Verdict, Reason: d.Reason, Rule: d.Rule, SuppliedBy: d.SuppliedBy})
	}
	return v
}
