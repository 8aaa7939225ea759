package approval_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

// flow is the parts put together as the documentation tells an engine to.
type flow struct {
	bench
	journal *journal.Journal
	limits  *limits.Limiter
	req     decision.Request
	lease   journal.Lease
	asked   approval.Approval
}

func newFlow(t *testing.T, backend storetest.Backend) *flow {
	t.Helper()
	f := &flow{bench: newBench(t, backend)}
	var err error
	if f.journal, err = journal.New(storetest.Box(t), rand.Reader, time.Minute); err != nil {
		t.Fatal(err)
	}
	if f.limits, err = limits.New(limits.Policy{
		Budgets: []limits.Budget{{ID: "one", Measure: limits.Calls, Limit: 1, Window: 24 * time.Hour, Then: decision.Deny}},
		Breaker: limits.Breaker{Denials: 3},
		Anomaly: limits.Anomaly{FirstUse: decision.StepUp, Percent: 200, Floor: 10},
	}); err != nil {
		t.Fatal(err)
	}
	return f
}

// wait begins a run, asks, and puts the run to rest, in one transaction.
func (f *flow) wait() {
	f.t.Helper()
	storetest.Write(f.t, f.db, func(tx *store.Tx) error {
		run, err := f.journal.Create(tx, journal.NewRun{Tenant: "acme", Capability: "pay"})
		if err != nil {
			return err
		}
		if f.lease, err = f.journal.Claim(tx, "acme", run.ID, "worker-1"); err != nil {
			return err
		}
		f.req = request(func(r *decision.Request) { r.Run = run.ID })
		if f.asked, err = f.Ask(tx, f.req, policy); err != nil {
			return err
		}
		return f.journal.Wait(tx, f.lease, f.asked.ID, f.asked.Expires, "asks for an approval")
	})
}

var errStop = errors.New("a check said no")

// goOn claims the run and does what the effect needs, in one transaction.
func (f *flow) goOn() (answer decision.Decision, standing journal.Standing) {
	f.t.Helper()
	storetest.Write(f.t, f.db, func(tx *store.Tx) error {
		lease, found, err := f.journal.ClaimNext(tx, "worker-2")
		if err != nil || !found || lease.Run != f.lease.Run {
			f.t.Fatalf("claimed %+v, %v, %v", lease, found, err)
		}
		f.lease = lease
		return nil
	})
	err := f.db.Write(ctx, func(tx *store.Tx) (err error) {
		if answer, err = f.Use(tx, f.asked.ID, f.req, policy); err != nil || answer.Verdict != decision.Allow {
			return err
		}
		charged, err := f.limits.Charge(tx, limits.Use{Tenant: "acme", Agent: f.req.Agent.ID, Operation: f.req.Operation, Effect: f.req.Effect, Approved: true})
		if err != nil {
			return err
		}
		if decision.Strictest(charged...) != decision.Allow {
			return errStop
		}
		arguments, err := canonical.Parse(f.req.Arguments)
		if err != nil {
			return err
		}
		standing, _, err = f.journal.Intend(tx, f.lease, journal.Intent{Step: f.req.Step, Operation: f.req.Operation, Effect: f.req.Effect, Arguments: arguments})
		return err
	})
	if err != nil && !errors.Is(err, errStop) {
		f.t.Fatal(err)
	}
	return answer, standing
}

func TestThePartsTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		f := newFlow(t, backend)
		f.wait()
		storetest.Write(t, f.db, func(tx *store.Tx) error { // the answer and the waking are one
			if _, err := f.Decide(tx, answer(f.asked.ID, "ann", true)); err != nil {
				return err
			}
			_, err := f.journal.Wake(tx, f.asked.ID)
			return err
		})
		if got, standing := f.goOn(); got.Verdict != decision.Allow || standing != journal.Fresh {
			t.Errorf("%+v, %q", got, standing)
		}

		// The second run is approved too, but the budget is used up: nothing is
		// intended, and the approval is not spent.
		f.wait()
		storetest.Write(t, f.db, func(tx *store.Tx) error {
			if _, err := f.Decide(tx, answer(f.asked.ID, "ann", true)); err != nil {
				return err
			}
			_, err := f.journal.Wake(tx, f.asked.ID)
			return err
		})
		if _, standing := f.goOn(); standing != "" {
			t.Errorf("intended beyond the budget: %q", standing)
		}
		if got := f.state(f.asked.ID); got != approval.Approved {
			t.Errorf("the approval is %s", got)
		}
		storetest.Write(t, f.db, func(tx *store.Tx) error { return f.journal.End(tx, f.lease, journal.Denied, "the budget is used up") })
	})
}

// Nobody answers: the run becomes ready by itself, and is denied.
func TestSilenceIsADenial(t *testing.T) {
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		f := newFlow(t, backend)
		f.wait()
		f.clock.Add(life)
		got, standing := f.goOn()
		if got.Verdict != decision.Deny || standing != "" {
			t.Errorf("%+v, %q", got, standing)
		}
		storetest.Write(t, f.db, func(tx *store.Tx) error { return f.journal.End(tx, f.lease, journal.Denied, got.Reason) })
		if state := f.state(f.asked.ID); state != approval.Expired {
			t.Errorf("the approval is %s", state)
		}
	})
}
