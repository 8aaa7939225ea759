package journal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

const leaseTime = time.Minute

var ctx = context.Background()

// bench is a journal on an open database, with a clock that goes when told.
type bench struct {
	t     testing.TB
	db    *store.DB
	clock *storetest.Clock
	*journal.Journal
}

func newBench(t testing.TB, b storetest.Backend) bench {
	t.Helper()
	clock := storetest.NewClock()
	j, err := journal.New(storetest.Box(t), rand.Reader, leaseTime)
	if err != nil {
		t.Fatal(err)
	}
	return bench{t, b.Open(t, clock), clock, j}
}

func (b bench) write(do func(*store.Tx) error) {
	b.t.Helper()
	storetest.Write(b.t, b.db, do)
}

// refused runs a transaction that must be refused for a reason.
func (b bench) refused(want journal.Kind, do func(*store.Tx) error) {
	b.t.Helper()
	err := b.db.Write(ctx, do)
	var typed *journal.Error
	if !errors.Is(err, want) || !errors.As(err, &typed) {
		b.t.Errorf("got %v, want %v", err, want)
	}
}

func (b bench) begin(tenant string) journal.Lease {
	b.t.Helper()
	var lease journal.Lease
	b.write(func(tx *store.Tx) error {
		run, err := b.Create(tx, journal.NewRun{Tenant: tenant, Capability: "close-account", Input: value(b.t, map[string]any{"user": "u1"})})
		if err != nil {
			return err
		}
		lease, err = b.Claim(tx, tenant, run.ID, "worker-1")
		return err
	})
	return lease
}

func (b bench) intend(l journal.Lease, step string, arguments any) (standing journal.Standing, s journal.Step) {
	b.t.Helper()
	b.write(func(tx *store.Tx) (err error) {
		standing, s, err = b.Intend(tx, l, intent(b.t, step, arguments))
		return err
	})
	return standing, s
}

// did intends a step and finishes it, with an undo where asked.
func (b bench) did(l journal.Lease, step string, undo journal.Undo) {
	b.t.Helper()
	b.intend(l, step, step)
	b.write(func(tx *store.Tx) error { return b.Finish(tx, l, step, outcome(b.t, step, undo)) })
}

func intent(t fataler, step string, arguments any) journal.Intent {
	return journal.Intent{Step: step, Operation: "op-" + step, Effect: "write", Arguments: value(t, arguments)}
}

func outcome(t fataler, step string, undo journal.Undo) journal.Outcome {
	out := journal.Outcome{Result: value(t, "result of "+step), Undo: undo}
	if undo == journal.UndoPossible {
		out.UndoOperation, out.UndoArguments = "undo-"+step, value(t, step)
	}
	return out
}

// fataler is what tests and property tests share.
type fataler interface {
	Helper()
	Fatal(...any)
}

func value(t fataler, v any) canonical.JSON {
	t.Helper()
	j, err := canonical.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (b bench) show(l journal.Lease) (s journal.Snapshot) {
	b.t.Helper()
	if err := b.db.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = b.Show(tx, l.Tenant, l.Run)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func each(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) { test(t, newBench(t, backend)) })
}

func TestRunToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		standing, step := b.intend(l, "a", map[string]any{"amount": 5})
		if standing != journal.Fresh || step.Attempt != 1 || step.Key != journal.Key(l.Run, "a", value(t, map[string]any{"amount": 5})) {
			t.Errorf("first: %v, %+v", standing, step)
		}
		b.write(func(tx *store.Tx) error { return b.Finish(tx, l, "a", outcome(t, "a", journal.UndoPossible)) })
		b.write(func(tx *store.Tx) error { return b.Note(tx, l, "a", "decisions", []byte(`["allow"]`)) })
		b.write(func(tx *store.Tx) error { return b.End(tx, l, journal.Completed, "all done") })
		s := b.show(l)
		if s.Run.State != journal.Completed || s.Run.Reason != "all done" || !s.Run.Ready.IsZero() || s.Run.Owner != "" {
			t.Errorf("run: %+v", s.Run)
		}
		if s.Input.String() != `{"user":"u1"}` || s.Run.InputSHA256 != s.Input.Hash() {
			t.Errorf("input: %s", s.Input)
		}
		if len(s.Steps) != 1 || s.Steps[0].Result.String() != `"result of a"` || s.Steps[0].UndoArguments.String() != `"a"` || s.Steps[0].OutcomeAt.IsZero() {
			t.Errorf("steps: %+v", s.Steps)
		}
		if len(s.Notes) != 1 || string(s.Notes[0].Body) != `["allow"]` || s.Notes[0].Step != "a" {
			t.Errorf("notes: %+v", s.Notes)
		}
		b.refused(journal.Over, func(tx *store.Tx) error { _, err := b.Claim(tx, "acme", l.Run, "worker-2"); return err })
		b.refused(journal.Over, func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, "b", 1)); return err })
		b.refused(journal.Over, func(tx *store.Tx) error { return b.Cancel(tx, "acme", l.Run, "ann", "late") })
	})
}

func TestStandings(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		b.intend(l, "a", 1)
		if standing, _ := b.intend(l, "a", 1); standing != journal.InDoubt {
			t.Errorf("no outcome: %s", standing)
		}
		b.refused(journal.Conflict, func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, "a", 2)); return err })
		b.refused(journal.Conflict, func(tx *store.Tx) error {
			in := intent(t, "a", 1)
			in.Operation = "another"
			_, _, err := b.Intend(tx, l, in)
			return err
		})
		b.write(func(tx *store.Tx) error { return b.Fail(tx, l, "a", "the provider refused") })
		b.write(func(tx *store.Tx) error { return b.Fail(tx, l, "a", "said again") })
		if standing, step := b.intend(l, "a", 2); standing != journal.Fresh || step.Attempt != 2 {
			t.Errorf("after a failure without effect: %s, %+v", standing, step)
		}
		done := outcome(t, "a", journal.UndoNone)
		b.write(func(tx *store.Tx) error { return b.Finish(tx, l, "a", done) })
		b.write(func(tx *store.Tx) error { return b.Finish(tx, l, "a", done) })
		b.refused(journal.Conflict, func(tx *store.Tx) error {
			return b.Finish(tx, l, "a", journal.Outcome{Result: value(t, "other"), Undo: journal.UndoNone})
		})
		b.refused(journal.Conflict, func(tx *store.Tx) error { return b.Fail(tx, l, "a", "it did happen") })
		standing, step := b.intend(l, "a", 2)
		if standing != journal.Done || step.Result.String() != `"result of a"` {
			t.Errorf("done: %s, %+v", standing, step)
		}
		b.refused(journal.Conflict, func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, "a", 1)); return err })
		b.refused(journal.Conflict, func(tx *store.Tx) error { return b.Finish(tx, l, "never", done) })
	})
}

func TestOutcomeMustSayWhetherItCanBeUndone(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
	l := b.begin("acme")
	b.intend(l, "a", 1)
	for _, out := range []journal.Outcome{{}, {Undo: "maybe"}, {Undo: journal.UndoPossible}, {Undo: journal.UndoNone, UndoOperation: "x"}} {
		b.refused(journal.Invalid, func(tx *store.Tx) error { return b.Finish(tx, l, "a", out) })
	}
}

func TestEndsMustBeTrue(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(b bench, l journal.Lease)
		allowed []journal.State
	}{
		{"nothing happened", func(bench, journal.Lease) {}, []journal.State{journal.Completed, journal.Denied, journal.Failed}},
		{"a step in doubt", func(b bench, l journal.Lease) { b.intend(l, "a", 1) }, []journal.State{journal.Failed}},
		{"a reading", func(b bench, l journal.Lease) { b.did(l, "a", journal.UndoNone) }, []journal.State{journal.Completed, journal.Denied, journal.Failed}},
		{"an effect", func(b bench, l journal.Lease) { b.did(l, "a", journal.UndoPossible) }, []journal.State{journal.Completed, journal.Failed}},
		{"an effect that stays", func(b bench, l journal.Lease) { b.did(l, "a", journal.UndoImpossible) }, []journal.State{journal.Completed, journal.Failed}},
		{"turned around, effect left", func(b bench, l journal.Lease) {
			b.did(l, "a", journal.UndoPossible)
			b.write(func(tx *store.Tx) error { return b.Compensate(tx, l, "no") })
		}, []journal.State{journal.Failed}},
		{"turned around, undone", func(b bench, l journal.Lease) {
			b.did(l, "a", journal.UndoPossible)
			b.write(func(tx *store.Tx) error { return b.Compensate(tx, l, "no") })
			b.write(func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "a"); return err })
			b.write(func(tx *store.Tx) error { return b.FinishUndo(tx, l, "a") })
		}, []journal.State{journal.Compensated, journal.Failed}},
		{"turned around, stuck", func(b bench, l journal.Lease) {
			b.did(l, "a", journal.UndoPossible)
			b.write(func(tx *store.Tx) error { return b.Compensate(tx, l, "no") })
			b.write(func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "a"); return err })
			b.write(func(tx *store.Tx) error { return b.StickUndo(tx, l, "a", "gone") })
		}, []journal.State{journal.Failed}},
		{"turned around, undoing", func(b bench, l journal.Lease) {
			b.did(l, "a", journal.UndoPossible)
			b.write(func(tx *store.Tx) error { return b.Compensate(tx, l, "no") })
			b.write(func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "a"); return err })
		}, []journal.State{journal.Failed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
			allowed := map[journal.State]bool{}
			for _, state := range tt.allowed {
				allowed[state] = true
			}
			for _, state := range []journal.State{journal.Completed, journal.Denied, journal.Compensated, journal.Failed, journal.Waiting, journal.Running, journal.Pending, journal.Compensating, "gone"} {
				l := b.begin("acme")
				tt.prepare(b, l)
				err := b.db.Write(ctx, func(tx *store.Tx) error { return b.End(tx, l, state, "") })
				if (err == nil) != allowed[state] {
					t.Errorf("end as %s: %v", state, err)
				}
			}
		})
	}
}

func TestCompensationRunsBackwards(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		b.did(l, "a", journal.UndoPossible)
		b.did(l, "read", journal.UndoNone)
		b.did(l, "mail", journal.UndoImpossible)
		b.did(l, "b", journal.UndoPossible)
		b.intend(l, "c", 1)
		b.refused(journal.Illegal, func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "b"); return err })
		b.write(func(tx *store.Tx) error { return b.Compensate(tx, l, "denied later") })
		b.refused(journal.Illegal, func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, "d", 1)); return err })
		b.refused(journal.OutOfTurn, func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "b"); return err })
		b.write(func(tx *store.Tx) error { return b.Finish(tx, l, "c", outcome(t, "c", journal.UndoPossible)) })

		var plan journal.Compensation
		b.write(func(tx *store.Tx) (err error) { plan, err = b.Compensation(tx, l); return err })
		if got := names(plan.Undo); got != "c b a" || names(plan.Cannot) != "mail" || len(plan.InDoubt) != 0 {
			t.Errorf("undo %q, cannot %q, in doubt %q", got, names(plan.Cannot), names(plan.InDoubt))
		}
		b.refused(journal.OutOfTurn, func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "a"); return err })
		b.refused(journal.Conflict, func(tx *store.Tx) error { return b.FinishUndo(tx, l, "c") })
		for _, step := range plan.Undo {
			for _, want := range []journal.Standing{journal.Fresh, journal.InDoubt} {
				b.write(func(tx *store.Tx) error {
					standing, s, err := b.IntendUndo(tx, l, step.Name)
					if standing != want || s.UndoOperation != "undo-"+step.Name || s.UndoKey == "" || s.UndoKey == s.Key {
						t.Errorf("%s: %s, %+v", step.Name, standing, s)
					}
					return err
				})
			}
			b.write(func(tx *store.Tx) error { return b.FinishUndo(tx, l, step.Name) })
			b.write(func(tx *store.Tx) error {
				if standing, _, err := b.IntendUndo(tx, l, step.Name); standing != journal.Done {
					t.Errorf("undone %s: %s, %v", step.Name, standing, err)
				}
				return nil
			})
		}
		b.refused(journal.Conflict, func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, l, "mail"); return err })
		b.refused(journal.Unfinished, func(tx *store.Tx) error { return b.End(tx, l, journal.Compensated, "") })
		b.write(func(tx *store.Tx) error { return b.End(tx, l, journal.Failed, "the mail is out") })
	})
}

func names(steps []journal.Step) string {
	var list []string
	for _, step := range steps {
		list = append(list, step.Name)
	}
	return strings.Join(list, " ")
}

func TestArgumentsOutOfBounds(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
	l := b.begin("acme")
	long := strings.Repeat("x", 513)
	b.refused(journal.Invalid, func(tx *store.Tx) error { _, err := b.Create(tx, journal.NewRun{Capability: "c"}); return err })
	b.refused(journal.Invalid, func(tx *store.Tx) error {
		_, err := b.Create(tx, journal.NewRun{Tenant: long, Capability: "c"})
		return err
	})
	b.refused(journal.Invalid, func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, long, 1)); return err })
	b.refused(journal.Invalid, func(tx *store.Tx) error { _, err := b.Claim(tx, "acme", l.Run, ""); return err })
	b.refused(journal.Invalid, func(tx *store.Tx) error { return b.Wait(tx, l, "", b.clock.Now().Add(1), "") })
	b.refused(journal.Invalid, func(tx *store.Tx) error { return b.Wait(tx, l, "x", b.clock.Now(), "") })
	b.refused(journal.Invalid, func(tx *store.Tx) error { return b.Note(tx, l, "", "", []byte("1")) })
	b.refused(journal.Invalid, func(tx *store.Tx) error { return b.Note(tx, l, "", "k", []byte("{")) })
	b.refused(journal.Invalid, func(tx *store.Tx) error {
		return b.Note(tx, l, "", "k", bytes.Repeat([]byte("1"), canonical.MaxBytes+1))
	})
	b.refused(journal.Invalid, func(tx *store.Tx) error { return b.Cancel(tx, "acme", l.Run, "", "") })
	b.write(func(tx *store.Tx) error { return b.End(tx, l, journal.Failed, strings.Repeat("ä", 600)) })
	if reason := b.show(l).Run.Reason; len(reason) > 520 || !strings.HasSuffix(reason, "ä…") {
		t.Errorf("reason of %d bytes", len(reason))
	}
	if _, err := journal.New(nil, rand.Reader, time.Second); err == nil {
		t.Error("a journal without a box")
	}
}
