package approval_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

const life = time.Hour

var ctx = context.Background()

// directory lists approvers by "tenant effect person".
type directory map[string]bool

var errDown = errors.New("no answer")

func (d directory) Approves(_ context.Context, tenant, effect, person string) (bool, error) {
	if d["down"] {
		return false, errDown
	}
	return d[tenant+" "+effect+" "+person], nil
}

type bench struct {
	t     testing.TB
	db    *store.DB
	clock *storetest.Clock
	list  directory
	*approval.Desk
}

func newBench(t testing.TB, b storetest.Backend) bench {
	t.Helper()
	clock := storetest.NewClock()
	return newBenchOn(t, b.Open(t, clock), clock)
}

func newBenchOn(t testing.TB, db *store.DB, clock *storetest.Clock) bench {
	t.Helper()
	list := directory{"acme money ann": true, "acme money bob": true, "acme money uma": true, "acme money bot-7": true, "acme money sub-1": true,
		"acme access cid": true, "beta money eve": true, "beta money ann": true}
	desk, err := approval.New(storetest.Box(t), rand.Reader, list, life)
	if err != nil {
		t.Fatal(err)
	}
	return bench{t, db, clock, list, desk}
}

func each(t *testing.T, test func(t *testing.T, b bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) { test(t, newBench(t, backend)) })
}

const policy = "policy-1"

// request is uma's agent asking to pay 100.
func request(change ...func(*decision.Request)) decision.Request {
	uma, bot, sub := decision.Actor{Kind: "user", ID: "uma"}, decision.Actor{Kind: "agent", ID: "bot-7"}, decision.Actor{Kind: "agent", ID: "sub-1"}
	req := decision.Request{
		Context: decision.Context{Tenant: "acme", User: uma, Agent: sub, Chain: []decision.Actor{uma, bot, sub}, Purpose: "pay the invoice", Run: "run_1"},
		Step:    "pay", Operation: "payments.create", Effect: "money", Resource: "account:7",
	}
	setArguments(&req, `{"amount":100,"to":"acc-9"}`)
	for _, c := range change {
		c(&req)
	}
	return req
}

func setArguments(req *decision.Request, text string) {
	j, err := canonical.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	req.Arguments, req.Hash = j.Bytes(), j.Hash()
}

func (b bench) ask(req decision.Request, policy string) (a approval.Approval) {
	b.t.Helper()
	storetest.Write(b.t, b.db, func(tx *store.Tx) (err error) { a, err = b.Ask(tx, req, policy); return err })
	return a
}

func answer(id, person string, approve bool) approval.Answer {
	return approval.Answer{ID: id, Tenant: "acme", Person: decision.Actor{Kind: "user", ID: person}, Approve: approve, Reason: "looked at it", PolicyVersion: policy}
}

func (b bench) decide(in approval.Answer) (a approval.Approval, err error) {
	err = b.db.Write(ctx, func(tx *store.Tx) (err error) { a, err = b.Decide(tx, in); return err })
	return a, err
}

func (b bench) approved(req decision.Request) approval.Approval {
	b.t.Helper()
	a, err := b.decide(answer(b.ask(req, policy).ID, "ann", true))
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// use asks to go on, and holds the verdict to what is expected.
func (b bench) use(id string, req decision.Request, policy string, want decision.Verdict, reason string) {
	b.t.Helper()
	var got decision.Decision
	storetest.Write(b.t, b.db, func(tx *store.Tx) (err error) { got, err = b.Use(tx, id, req, policy); return err })
	if got.Verdict != want || !strings.Contains(got.Reason, reason) || got.Check != approval.Check || got.Rule != id {
		b.t.Errorf("got %s %q, want %s with %q", got.Verdict, got.Reason, want, reason)
	}
}

func (b bench) state(id string) approval.State {
	b.t.Helper()
	var a approval.Approval
	if err := b.db.Read(ctx, func(tx *store.Tx) (err error) { a, err = b.Show(tx, "acme", id); return err }); err != nil {
		b.t.Fatal(err)
	}
	return a.State
}

func TestAskedApprovedUsed(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		req := request()
		a := b.ask(req, policy)
		if a.State != approval.Open || !a.Expires.Equal(a.Created.Add(life)) || a.Arguments.String() != `{"amount":100,"to":"acc-9"}` {
			t.Errorf("%+v", a)
		}
		b.use(a.ID, req, policy, decision.StepUp, "waits for a person")
		if _, err := b.decide(answer(a.ID, "ann", true)); err != nil {
			t.Fatal(err)
		}
		b.use(a.ID, req, policy, decision.Allow, "approved by ann")
		if got := b.state(a.ID); got != approval.Used {
			t.Error(got)
		}
	})
}

func TestDenied(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.ask(request(), policy)
		if _, err := b.decide(answer(a.ID, "ann", false)); err != nil {
			t.Fatal(err)
		}
		b.use(a.ID, request(), policy, decision.Deny, "denied by ann: looked at it")
		// Asking again is no second chance.
		if again := b.ask(request(), policy); again.ID != a.ID || again.State != approval.Denied {
			t.Errorf("%+v", again)
		}
		if _, err := b.decide(answer(a.ID, "bob", true)); !errors.Is(err, approval.Settled) {
			t.Errorf("got %v", err)
		}
	})
}

// Bound to the exact arguments, run, step, tenant and more: an approval that was
// given lets nothing else pass, and still serves what it was given for.
func TestBoundToExactlyWhatWasAsked(t *testing.T) {
	changes := map[string]func(*decision.Request){
		"other amount":        func(r *decision.Request) { setArguments(r, `{"amount":101,"to":"acc-9"}`) },
		"other order and key": func(r *decision.Request) { setArguments(r, `{"to":"acc-9","Amount":100}`) },
		"more arguments":      func(r *decision.Request) { setArguments(r, `{"amount":100,"to":"acc-9","note":""}`) },
		"hash kept, arguments changed": func(r *decision.Request) {
			r.Arguments = []byte(`{"amount":999,"to":"acc-9"}`)
		},
		"arguments kept, not canonical": func(r *decision.Request) { r.Arguments = []byte(`{"to":"acc-9","amount":100}`) },
		"no arguments":                  func(r *decision.Request) { r.Arguments, r.Hash = nil, "" },
		"other run":                     func(r *decision.Request) { r.Run = "run_2" },
		"other step":                    func(r *decision.Request) { r.Step = "pay-again" },
		"other tenant":                  func(r *decision.Request) { r.Tenant = "beta" },
		"other operation":               func(r *decision.Request) { r.Operation = "payments.refund" },
		"other effect":                  func(r *decision.Request) { r.Effect = "access" },
		"other resource":                func(r *decision.Request) { r.Resource = "account:8" },
		"other purpose":                 func(r *decision.Request) { r.Purpose = "something else" },
		"other user":                    func(r *decision.Request) { r.User.ID = "mal" },
		"other agent":                   func(r *decision.Request) { r.Agent.ID = "bot-8" },
		"longer chain": func(r *decision.Request) {
			r.Chain = append(r.Chain[:len(r.Chain):len(r.Chain)], decision.Actor{Kind: "agent", ID: "bot-9"})
		},
	}
	each(t, func(t *testing.T, b bench) {
		a := b.approved(request())
		for name, change := range changes {
			t.Run(name, func(t *testing.T) {
				b := b
				b.t = t
				b.use(a.ID, request(change), policy, decision.Deny, "")
			})
		}
		b.use("apr_unknown", request(), policy, decision.Deny, "no such approval")
		b.use(a.ID, request(), policy, decision.Allow, "approved by ann")
	})
}

func TestUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.approved(request())
		b.use(a.ID, request(), policy, decision.Allow, "")
		for range 3 {
			b.use(a.ID, request(), policy, decision.Deny, "used already")
		}
		if again := b.ask(request(), policy); again.ID != a.ID || again.State != approval.Used {
			t.Errorf("asked again: %+v", again)
		}
		if _, err := b.decide(answer(a.ID, "bob", true)); !errors.Is(err, approval.Settled) {
			t.Errorf("given twice: %v", err)
		}
		b.use(a.ID, request(), policy, decision.Deny, "used already")
	})
}

// The use and what it permits are one transaction: when that fails, the approval
// is not spent.
func TestUseIsUndoneWithItsTransaction(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.approved(request())
		stop := errors.New("the intent cannot be written")
		if err := b.db.Write(ctx, func(tx *store.Tx) error {
			if _, err := b.Use(tx, a.ID, request(), policy); err != nil {
				return err
			}
			return stop
		}); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		b.use(a.ID, request(), policy, decision.Allow, "")
	})
}

func TestExpires(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		// Nobody answers: a denial, for good.
		open := b.ask(request(), policy)
		b.clock.Add(life - 1)
		b.use(open.ID, request(), policy, decision.StepUp, "")
		b.clock.Add(1)
		if _, err := b.decide(answer(open.ID, "ann", true)); !errors.Is(err, approval.TooLate) {
			t.Errorf("approved too late: %v", err)
		}
		b.use(open.ID, request(), policy, decision.Deny, "nobody approved in time")
		if again := b.ask(request(), policy); again.ID != open.ID || again.State != approval.Expired {
			t.Errorf("asked again: %+v", again)
		}

		// Approved, and used too late.
		other := request(func(r *decision.Request) { r.Run = "run_2" })
		given := b.approved(other)
		b.clock.Add(life)
		b.use(given.ID, other, policy, decision.Deny, "not used in time")

		// Setting the clock back brings nothing to life.
		b.clock.Add(-life - time.Minute)
		err := b.db.Write(ctx, func(tx *store.Tx) error { _, err := b.Use(tx, given.ID, other, policy); return err })
		if !errors.Is(err, store.ClockBack) {
			t.Errorf("the clock went back: %v", err)
		}
		if err := b.db.AcceptClock(ctx); err != nil {
			t.Fatal(err)
		}
		b.use(given.ID, other, policy, decision.Deny, "not used in time")
	})
}

func TestPolicyChanged(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		// Before the decision.
		a := b.ask(request(), policy)
		late := answer(a.ID, "ann", true)
		late.PolicyVersion = "policy-2"
		if _, err := b.decide(late); !errors.Is(err, approval.Outdated) {
			t.Errorf("decided under a newer policy: %v", err)
		}
		second := b.ask(request(), "policy-2")
		if second.ID == a.ID || b.state(a.ID) != approval.Void {
			t.Errorf("%s, %s", second.ID, b.state(a.ID))
		}
		// After it was given.
		given := answer(second.ID, "ann", true)
		given.PolicyVersion = "policy-2"
		if _, err := b.decide(given); err != nil {
			t.Fatal(err)
		}
		given.PolicyVersion = "policy-3"
		if _, err := b.decide(given); !errors.Is(err, approval.Outdated) {
			t.Errorf("the same answer under a newer policy: %v", err)
		}
		b.use(second.ID, request(), "policy-3", decision.Deny, "the policy changed after it was given")
		b.use(second.ID, request(), "policy-2", decision.Deny, "void")
	})
}

func TestNotByWhoTakesPart(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.ask(request(), policy)
		for name, person := range map[string]string{
			"the requester": "uma", "another spelling": "UMA", "full-width letters": "ｕｍａ", "with blanks": " uma ",
			"the agent": "sub-1", "an agent on the way": "bot-7",
		} {
			b.list["acme money "+person] = true // even where somebody listed them
			for _, approve := range []bool{true, false} {
				if _, err := b.decide(answer(a.ID, person, approve)); !errors.Is(err, approval.OwnRequest) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if got := b.state(a.ID); got != approval.Open {
			t.Error(got)
		}
	})
}

func TestOnlyListedPeople(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.ask(request(), policy)
		for name, change := range map[string]func(*approval.Answer){
			"not listed":                func(in *approval.Answer) { in.Person.ID = "dan" },
			"listed for another effect": func(in *approval.Answer) { in.Person.ID = "cid" },
			"listed for another tenant": func(in *approval.Answer) { in.Person.ID = "eve" },
			"an agent":                  func(in *approval.Answer) { in.Person.Kind = "agent" },
			"no kind":                   func(in *approval.Answer) { in.Person.Kind = "" },
			"nobody":                    func(in *approval.Answer) { in.Person.ID = "" },
		} {
			in := answer(a.ID, "ann", true)
			change(&in)
			if _, err := b.decide(in); !errors.Is(err, approval.NotListed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		b.list["down"] = true
		if _, err := b.decide(answer(a.ID, "ann", true)); !errors.Is(err, approval.NotListed) {
			t.Errorf("the directory is down: %v", err)
		}
		if got := b.state(a.ID); got != approval.Open {
			t.Error(got)
		}
	})
}

func TestOtherTenantFindsNothing(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.approved(request())
		in := answer(a.ID, "ann", true)
		in.Tenant = "beta" // where ann is an approver too
		if _, err := b.decide(in); !errors.Is(err, approval.NotFound) {
			t.Errorf("decide: %v", err)
		}
		if err := b.db.Read(ctx, func(tx *store.Tx) error { _, err := b.Show(tx, "beta", a.ID); return err }); !errors.Is(err, approval.NotFound) {
			t.Errorf("show: %v", err)
		}
		if err := b.db.Read(ctx, func(tx *store.Tx) error {
			page, err := b.List(tx, approval.Filter{Tenant: "beta"})
			if len(page.Approvals) != 0 {
				t.Errorf("list: %+v", page)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		b.use(a.ID, request(func(r *decision.Request) { r.Tenant = "beta" }), policy, decision.Deny, "no such approval")
	})
}

// Checked again after it was given: the approver may have left.
func TestApproverIsLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.approved(request())
		b.list["down"] = true
		b.use(a.ID, request(), policy, decision.Deny, "does not answer")
		delete(b.list, "down")
		delete(b.list, "acme money ann")
		b.use(a.ID, request(), policy, decision.Deny, "no longer listed")
		b.list["acme money ann"] = true
		b.use(a.ID, request(), policy, decision.Deny, "void")
	})
}

func TestTheSameAnswerAgain(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		a := b.approved(request())
		again, err := b.decide(answer(a.ID, "ann", true))
		if err != nil || !again.Decided.Equal(a.Decided) || again.State != approval.Approved {
			t.Errorf("%+v, %v", again, err)
		}
		for _, in := range []approval.Answer{answer(a.ID, "ann", false), answer(a.ID, "bob", true), answer(a.ID, "bob", false)} {
			if _, err := b.decide(in); !errors.Is(err, approval.Settled) || !strings.Contains(err.Error(), "approved by ann") {
				t.Errorf("%+v: %v", in, err)
			}
		}
		if first, second := b.ask(request(), policy), b.ask(request(), policy); first.ID != a.ID || second.ID != a.ID {
			t.Error("asking again makes another approval")
		}
	})
}

func TestSurvivesRestart(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, backend storetest.Backend) {
		clock := storetest.NewClock()
		first := newBenchOn(t, backend.Open(t, clock), clock)
		a := first.approved(request())
		if err := first.db.Close(); err != nil {
			t.Fatal(err)
		}
		second := newBenchOn(t, backend.Open(t, clock), clock)
		second.use(a.ID, request(), policy, decision.Allow, "approved by ann")
		third := newBenchOn(t, backend.Open(t, clock), clock)
		third.use(a.ID, request(), policy, decision.Deny, "used already")
	})
}

func TestInvalidRequests(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
	for name, change := range map[string]func(*decision.Request){
		"no tenant":       func(r *decision.Request) { r.Tenant = "" },
		"no run":          func(r *decision.Request) { r.Run = "" },
		"no step":         func(r *decision.Request) { r.Step = "" },
		"no effect":       func(r *decision.Request) { r.Effect = "" },
		"no user":         func(r *decision.Request) { r.User.ID = "" },
		"no agent":        func(r *decision.Request) { r.Agent.ID = "" },
		"wrong hash":      func(r *decision.Request) { r.Hash = strings.Repeat("0", 64) },
		"not canonical":   func(r *decision.Request) { r.Arguments = []byte(`{ }`) },
		"not JSON":        func(r *decision.Request) { r.Arguments = []byte(`{`) },
		"long chain":      func(r *decision.Request) { r.Chain = make([]decision.Actor, 100) },
		"long resource":   func(r *decision.Request) { r.Resource = strings.Repeat("x", 5000) },
		"control in step": func(r *decision.Request) { r.Step = "a\x00b" },
	} {
		err := b.db.Write(ctx, func(tx *store.Tx) error { _, err := b.Ask(tx, request(change), policy); return err })
		if !errors.Is(err, approval.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.db.Write(ctx, func(tx *store.Tx) error { _, err := b.Ask(tx, request(), ""); return err }); !errors.Is(err, approval.Invalid) {
		t.Errorf("no policy: %v", err)
	}
	b.ask(request(), policy)
	if err := b.db.Write(ctx, func(tx *store.Tx) error {
		_, err := b.Ask(tx, request(func(r *decision.Request) { r.User.ID = "mal" }), policy)
		return err
	}); !errors.Is(err, approval.Invalid) {
		t.Errorf("the same step asks for another user: %v", err)
	}
	for _, d := range []time.Duration{0, -1, approval.MaxLife + 1} {
		if _, err := approval.New(storetest.Box(t), rand.Reader, directory{}, d); err == nil {
			t.Errorf("valid for %s", d)
		}
	}
	if _, err := approval.New(storetest.Box(t), rand.Reader, nil, life); err == nil {
		t.Error("a desk without a directory")
	}
}
