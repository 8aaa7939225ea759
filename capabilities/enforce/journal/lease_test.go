package journal_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

func TestOneOwnerAtATime(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		for _, owner := range []string{"worker-2", "worker-1"} {
			b.refused(journal.Owned, func(tx *store.Tx) error { _, err := b.Claim(tx, "acme", l.Run, owner); return err })
		}
		b.clock.Add(leaseTime - 1)
		b.refused(journal.Owned, func(tx *store.Tx) error { _, err := b.Claim(tx, "acme", l.Run, "worker-2"); return err })
		b.intend(l, "a", 1) // renews
		b.clock.Add(leaseTime - 1)
		b.refused(journal.Owned, func(tx *store.Tx) error { _, err := b.Claim(tx, "acme", l.Run, "worker-2"); return err })
		b.clock.Add(1)

		// It ran out: no new effect, but the outcome of the old one is kept.
		b.refused(journal.Expired, func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, "b", 1)); return err })
		b.refused(journal.Expired, func(tx *store.Tx) error { _, err := b.Renew(tx, l); return err })
		b.write(func(tx *store.Tx) error { return b.Finish(tx, l, "a", outcome(t, "a", journal.UndoNone)) })

		var second journal.Lease
		b.write(func(tx *store.Tx) (err error) { second, err = b.Claim(tx, "acme", l.Run, "worker-2"); return err })
		if second.Fence != l.Fence+1 {
			t.Errorf("fence %d after %d", second.Fence, l.Fence)
		}
		if standing, _ := b.intend(second, "a", 1); standing != journal.Done {
			t.Errorf("the outcome is lost: %s", standing)
		}
	})
}

// Whoever was taken over changes nothing any more, whatever it tries.
func TestFencedOut(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		b.did(l, "a", journal.UndoPossible)
		b.intend(l, "b", 1)
		b.clock.Add(leaseTime)
		var second journal.Lease
		b.write(func(tx *store.Tx) (err error) { second, err = b.Claim(tx, "acme", l.Run, "worker-2"); return err })
		before := b.show(second)
		stolen := second
		stolen.Fence-- // the right owner, an old fence
		for _, old := range []journal.Lease{l, stolen} {
			for name, try := range map[string]func(tx *store.Tx) error{
				"intend":       func(tx *store.Tx) error { _, _, err := b.Intend(tx, old, intent(t, "c", 1)); return err },
				"finish":       func(tx *store.Tx) error { return b.Finish(tx, old, "b", outcome(t, "b", journal.UndoNone)) },
				"fail":         func(tx *store.Tx) error { return b.Fail(tx, old, "b", "") },
				"wait":         func(tx *store.Tx) error { return b.Wait(tx, old, "x", b.clock.Now().Add(time.Hour), "") },
				"renew":        func(tx *store.Tx) error { _, err := b.Renew(tx, old); return err },
				"release":      func(tx *store.Tx) error { return b.Release(tx, old, b.clock.Now()) },
				"compensate":   func(tx *store.Tx) error { return b.Compensate(tx, old, "") },
				"compensation": func(tx *store.Tx) error { _, err := b.Compensation(tx, old); return err },
				"undo":         func(tx *store.Tx) error { _, _, err := b.IntendUndo(tx, old, "a"); return err },
				"finish undo":  func(tx *store.Tx) error { return b.FinishUndo(tx, old, "a") },
				"stick undo":   func(tx *store.Tx) error { return b.StickUndo(tx, old, "a", "") },
				"end":          func(tx *store.Tx) error { return b.End(tx, old, journal.Failed, "") },
				"note":         func(tx *store.Tx) error { return b.Note(tx, old, "", "k", []byte("1")) },
			} {
				if err := b.db.Write(ctx, try); !errors.Is(err, journal.Lost) {
					t.Errorf("%s: %v, want %v", name, err, journal.Lost)
				}
			}
		}
		if after := b.show(second); after.Run != before.Run || len(after.Steps) != len(before.Steps) || len(after.Notes) != 0 {
			t.Errorf("changed from %+v to %+v", before, after)
		}
	})
}

func TestOtherTenantFindsNothing(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		forged := l
		forged.Tenant = "beta"
		b.refused(journal.NotFound, func(tx *store.Tx) error { _, err := b.Claim(tx, "beta", l.Run, "w"); return err })
		b.refused(journal.NotFound, func(tx *store.Tx) error { _, err := b.Show(tx, "beta", l.Run); return err })
		b.refused(journal.NotFound, func(tx *store.Tx) error { return b.Cancel(tx, "beta", l.Run, "eve", "") })
		b.refused(journal.NotFound, func(tx *store.Tx) error { _, _, err := b.Intend(tx, forged, intent(t, "a", 1)); return err })
		b.refused(journal.NotFound, func(tx *store.Tx) error { return b.End(tx, forged, journal.Failed, "") })
		b.write(func(tx *store.Tx) error {
			page, err := b.List(tx, journal.Filter{Tenant: "beta"})
			if len(page.Runs) != 0 {
				t.Errorf("beta sees %+v", page.Runs)
			}
			return err
		})
	})
}

func TestWaitingAndWaking(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		b.did(l, "a", journal.UndoPossible)
		until := b.clock.Now().Add(time.Hour)
		b.write(func(tx *store.Tx) error { return b.Wait(tx, l, "apr_1", until, "waits for ann") })
		b.refused(journal.Lost, func(tx *store.Tx) error { _, err := b.Renew(tx, l); return err })
		b.clock.Add(time.Minute)
		if _, found := b.claimNext(); found {
			t.Error("claimed while it waits")
		}
		b.write(func(tx *store.Tx) error {
			if n, err := b.Wake(tx, "apr_2"); n != 0 || err != nil {
				t.Errorf("woke %d, %v", n, err)
			}
			if n, err := b.Wake(tx, "apr_1"); n != 1 || err != nil {
				t.Errorf("woke %d, %v", n, err)
			}
			return nil
		})
		again, found := b.claimNext()
		if !found || again.Run != l.Run || again.Fence <= l.Fence {
			t.Fatalf("%+v, %v", again, found)
		}
		if s := b.show(again); s.Run.State != journal.Running || s.Run.Reason != "" || s.Run.WaitingOn != "" || s.Steps[0].Result.String() != `"result of a"` {
			t.Errorf("%+v", s)
		}

		// Nobody answers: the run becomes ready when its time is up.
		b.write(func(tx *store.Tx) error { return b.Wait(tx, again, "apr_3", b.clock.Now().Add(time.Hour), "") })
		b.clock.Add(time.Hour)
		if _, found := b.claimNext(); !found {
			t.Error("not ready after the time is up")
		}
	})
}

func (b bench) claimNext() (l journal.Lease, found bool) {
	b.t.Helper()
	b.write(func(tx *store.Tx) (err error) { l, found, err = b.ClaimNext(tx, "worker-9"); return err })
	return l, found
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		running := b.begin("acme")
		b.write(func(tx *store.Tx) error { return b.Cancel(tx, "acme", running.Run, "ann", "wrong account") })
		b.write(func(tx *store.Tx) error { return b.Cancel(tx, "acme", running.Run, "bob", "me too") })
		b.refused(journal.Cancelled, func(tx *store.Tx) error { _, _, err := b.Intend(tx, running, intent(t, "a", 1)); return err })
		b.refused(journal.Cancelled, func(tx *store.Tx) error { _, err := b.Renew(tx, running); return err })
		b.refused(journal.Cancelled, func(tx *store.Tx) error {
			return b.Wait(tx, running, "x", b.clock.Now().Add(time.Hour), "")
		})
		b.write(func(tx *store.Tx) error { return b.End(tx, running, journal.Denied, "cancelled") })
		if run := b.show(running).Run; run.CancelledBy != "ann" {
			t.Errorf("%+v", run)
		}

		waiting := b.begin("acme")
		b.write(func(tx *store.Tx) error { return b.Wait(tx, waiting, "x", b.clock.Now().Add(time.Hour), "") })
		b.write(func(tx *store.Tx) error { return b.Cancel(tx, "acme", waiting.Run, "ann", "wrong") })
		if l, found := b.claimNext(); !found || l.Run != waiting.Run || b.show(l).Run.Reason != "wrong" {
			t.Error("a waiting run that was cancelled is not ready")
		}
	})
}

func TestRelease(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		b.write(func(tx *store.Tx) error { return b.Compensate(tx, l, "no") })
		b.write(func(tx *store.Tx) error { return b.Release(tx, l, b.clock.Now().Add(time.Hour)) })
		if _, found := b.claimNext(); found {
			t.Error("claimed before its time")
		}
		b.clock.Add(time.Hour)
		again, found := b.claimNext()
		if !found || b.show(again).Run.State != journal.Compensating {
			t.Errorf("%v, %+v", found, again)
		}
	})
}

// The clock goes back while a lease is held: nobody else gets the run early, and
// nothing is written at a time that was already past.
func TestClockGoesBack(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		l := b.begin("acme")
		b.clock.Add(-time.Hour)
		for _, try := range []func(tx *store.Tx) error{
			func(tx *store.Tx) error { _, _, err := b.Intend(tx, l, intent(t, "a", 1)); return err },
			func(tx *store.Tx) error { _, err := b.Claim(tx, "acme", l.Run, "worker-2"); return err },
		} {
			if err := b.db.Write(ctx, try); !errors.Is(err, store.ClockBack) {
				t.Errorf("got %v, want %v", err, store.ClockBack)
			}
		}
		b.clock.Add(time.Hour)
		b.intend(l, "a", 1)
	})
}

// Many claim at once, over two handles: each run goes to exactly one.
func TestConcurrentClaims(t *testing.T) {
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend)
		handles := []*store.DB{b.db}
		if backend.Shared() {
			handles = append(handles, backend.Open(t, b.clock))
		}
		const runs = 20
		b.write(func(tx *store.Tx) error {
			for range runs {
				if _, err := b.Create(tx, journal.NewRun{Tenant: "acme", Capability: "c"}); err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		claimed := map[string]string{}
		var all sync.WaitGroup
		for _, owner := range []string{"w0", "w1", "w2", "w3"} {
			all.Go(func() {
				for {
					var l journal.Lease
					var found bool
					err := handles[strings.Index("w0w1w2w3", owner)/2%len(handles)].Write(ctx, func(tx *store.Tx) (err error) {
						l, found, err = b.ClaimNext(tx, owner)
						return err
					})
					if errors.Is(err, store.Locked) {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					if err != nil || !found {
						return
					}
					mu.Lock()
					if other, twice := claimed[l.Run]; twice {
						t.Errorf("%s claimed by %s and %s", l.Run, other, owner)
					}
					claimed[l.Run] = owner
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if len(claimed) != runs {
			t.Errorf("%d of %d claimed", len(claimed), runs)
		}
	})
}
