package journal_test

import (
	"crypto/rand"
	"testing"
	"time"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

// TestStatesMoveAsTheyMay holds the whole table of moves.
func TestStatesMoveAsTheyMay(t *testing.T) {
	all := []journal.State{journal.Pending, journal.Running, journal.Waiting, journal.Compensating,
		journal.Completed, journal.Denied, journal.Compensated, journal.Failed}
	legal := map[string]bool{
		"pending running": true, "running waiting": true, "waiting running": true, "running compensating": true,
		"running completed": true, "running denied": true, "running failed": true,
		"compensating compensated": true, "compensating failed": true,
	}
	for _, from := range all {
		for _, to := range all {
			if got := from.CanBecome(to); got != legal[string(from)+" "+string(to)] {
				t.Errorf("%s to %s: %v", from, to, got)
			}
			if from.Ended() && from.CanBecome(to) {
				t.Errorf("%s is an end and becomes %s", from, to)
			}
		}
	}
}

// TestAnySequence lets three processes do anything in any order, with a clock
// that goes on, and watches from outside: states move only as they may, fences
// only grow, ends stay, no step is told "fresh" twice without having failed, and
// no undo is begun twice or out of turn.
func TestAnySequence(t *testing.T) {
	box := storetest.Box(t)
	rapid.Check(t, func(rt *rapid.T) {
		clock := storetest.NewClock()
		db, err := store.Open(ctx, store.Memory, store.Options{Clock: clock.Now})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		j, err := journal.New(box, rand.Reader, leaseTime)
		if err != nil {
			rt.Fatal(err)
		}
		m := &model{t: rt, j: j, db: db, clock: clock, leases: map[string]journal.Lease{}, steps: map[string]journal.StepState{}}
		m.do(func(tx *store.Tx) error {
			run, err := j.Create(tx, journal.NewRun{Tenant: "acme", Capability: "c"})
			m.run = run
			return err
		})
		rt.Repeat(map[string]func(*rapid.T){"act": m.act, "": m.watch})
	})
}

type model struct {
	t      *rapid.T
	j      *journal.Journal
	db     *store.DB
	clock  *storetest.Clock
	run    journal.Run // as it was seen last
	leases map[string]journal.Lease
	steps  map[string]journal.StepState // as they were seen last
}

func (m *model) do(f func(*store.Tx) error) error { return m.db.Write(ctx, f) }

func (m *model) act(t *rapid.T) {
	owner := rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(t, "owner")
	step := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "step")
	lease, fence := m.leases[owner], m.run.Fence
	holds := lease.Fence == fence && lease.Run != ""
	lease.Run, lease.Tenant, lease.Owner = m.run.ID, "acme", owner
	var err error
	changing := true
	switch kind := rapid.IntRange(0, 11).Draw(t, "kind"); kind {
	case 0:
		m.clock.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
		return
	case 1:
		changing = false
		if m.do(func(tx *store.Tx) (err error) { lease, err = m.j.Claim(tx, "acme", m.run.ID, owner); return err }) == nil {
			m.leases[owner] = lease
		}
	case 2:
		arguments := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "arguments")
		var standing journal.Standing
		err = m.do(func(tx *store.Tx) (err error) {
			standing, _, err = m.j.Intend(tx, lease, journal.Intent{Step: step, Operation: "o", Effect: "write", Arguments: value(t, arguments)})
			return err
		})
		if before, seen := m.steps[step]; err == nil && standing == journal.Fresh && seen && before != journal.StepFailed {
			t.Fatalf("step %s is %s and was told fresh", step, before)
		}
	case 3:
		undo := rapid.SampledFrom([]journal.Undo{journal.UndoNone, journal.UndoPossible, journal.UndoImpossible}).Draw(t, "undo")
		err = m.do(func(tx *store.Tx) error { return m.j.Finish(tx, lease, step, outcome(t, step, undo)) })
	case 4:
		err = m.do(func(tx *store.Tx) error { return m.j.Fail(tx, lease, step, "") })
	case 5:
		err = m.do(func(tx *store.Tx) error {
			return m.j.Wait(tx, lease, "apr", m.clock.Now().Add(time.Minute), "")
		})
	case 6:
		changing = false
		_ = m.do(func(tx *store.Tx) error { _, err := m.j.Wake(tx, "apr"); return err })
	case 7:
		err = m.do(func(tx *store.Tx) error { return m.j.Compensate(tx, lease, "") })
	case 8:
		err = m.do(func(tx *store.Tx) error {
			standing, _, err := m.j.IntendUndo(tx, lease, step)
			if err == nil && standing == journal.Fresh && m.steps[step] != journal.StepDone {
				t.Fatalf("step %s is %s and was told to undo afresh", step, m.steps[step])
			}
			return err
		})
	case 9:
		err = m.do(func(tx *store.Tx) error { return m.j.FinishUndo(tx, lease, step) })
	case 10:
		err = m.do(func(tx *store.Tx) error { return m.j.StickUndo(tx, lease, step, "") })
	case 11:
		state := rapid.SampledFrom([]journal.State{journal.Completed, journal.Denied, journal.Compensated, journal.Failed}).Draw(t, "end")
		err = m.do(func(tx *store.Tx) error { return m.j.End(tx, lease, state, "") })
	}
	if changing && err == nil && !holds {
		t.Fatalf("%s changed the run without its lease", owner)
	}
}

// watch looks at the run from outside after every act.
func (m *model) watch(t *rapid.T) {
	var now journal.Snapshot
	if err := m.db.Read(ctx, func(tx *store.Tx) (err error) { now, err = m.j.Show(tx, "acme", m.run.ID); return err }); err != nil {
		t.Fatal(err)
	}
	if now.Run.State != m.run.State && !m.run.State.CanBecome(now.Run.State) {
		t.Fatalf("from %s to %s", m.run.State, now.Run.State)
	}
	if now.Run.Fence < m.run.Fence {
		t.Fatalf("the fence went back from %d to %d", m.run.Fence, now.Run.Fence)
	}
	left := false
	for _, step := range now.Steps {
		kept := step.State == journal.StepDone && step.Undo != journal.UndoNone || step.State == journal.Undoing || step.State == journal.Stuck || step.State == journal.Intended
		left = left || kept
		m.steps[step.Name] = step.State
	}
	if left && (now.Run.State == journal.Denied || now.Run.State == journal.Compensated) {
		t.Fatalf("%s, and yet: %+v", now.Run.State, now.Steps)
	}
	m.run = now.Run
}
