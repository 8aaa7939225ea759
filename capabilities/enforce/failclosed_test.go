//go:build !windows

package enforce_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/safefile"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
	"agentrisk/capabilities/enforce/world"
)

// A part fails in the middle of a run. Nothing may happen without it, nothing that
// happened may be lost, and once the part is back the run goes on to its end.

const issue = "DataIntegrationsController_getUserlandUserToken"

// handedOut counts the keys that were handed out, whoever says so.
func (b *bench) handedOut() (n int64) {
	b.Helper()
	err := b.DB().Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Get(`SELECT COALESCE(SUM(k.effects), 0) FROM provider_keys k JOIN provider_calls c
			ON k.tenant = c.tenant AND k.provider = c.provider AND k.scratch = c.scratch AND k.key = c.key WHERE c.operation = ?`, []any{issue}, &n)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// approved begins a run and has its approval given; the run rests.
func (b *bench) approved() string {
	b.Helper()
	report := b.start(b.plan(composition), request("user_amara"))
	if err := b.decide(report, "user_chidi", true); err != nil {
		b.Fatal(err)
	}
	return report.Run
}

// recovers holds that a run goes on to its end and handed out one key, once.
func (b *bench) recovers(run string) {
	b.Helper()
	before := b.handedOut()
	b.completed(b.resume(run), before)
	b.verifies()
}

// completed holds that a run handed out at most one key more than were before.
func (b *bench) completed(report *enforce.Report, before int64) {
	b.Helper()
	if report.Outcome != enforce.Completed {
		b.Fatalf("the run does not go on: %s: %s", report.Outcome, report.Reason)
	}
	if n := b.handedOut(); n > before+1 {
		b.Errorf("%d keys were handed out where %d were before", n, before)
	}
	if credentials(b.entries(report.Run)) == 0 {
		b.Error("the key is not on record")
	}
}

// TestDiskFull lets the database grow by one page at a time: the run breaks off at
// one place after another, and in the end goes through.
func TestDiskFull(t *testing.T) {
	b := setup(t)
	run := b.approved()
	b.close()
	file := filepath.Join(b.options.Home, "runtime.db")
	if err := compact(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	broke := 0
	for extra := int64(0); extra < 40; extra++ {
		b.options.StoreBytes = info.Size() + extra*4096
		b.open()
		report, err := b.Resume(ctx, "lakeside", run)
		n := b.handedOut()
		b.close()
		if err == nil {
			if report.Outcome != enforce.Completed || n != 1 {
				t.Errorf("%s: %s; %d keys", report.Outcome, report.Reason, n)
			}
			t.Logf("measured: broke off at %d sizes of the database, and went through at the next", broke)
			if broke < 2 {
				t.Error("the database was never full")
			}
			b.options.StoreBytes = 0
			b.open()
			b.verifies()
			return
		}
		if broke++; n > 1 {
			t.Fatalf("%d keys", n)
		}
		if !errors.Is(err, store.Full) {
			t.Fatal(err)
		}
	}
	t.Fatal("the run never went through")
}

// compact leaves no free page in a database.
func compact(file string) (err error) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.Exec("VACUUM")
	return err
}

// breaking opens a bench whose clock breaks something when it is asked for the
// at-th time, as soon as that can be broken.
func breaking(t *testing.T, change ...func(*enforce.Options)) (b *bench, at func(place int, broken func() bool)) {
	b = setup(t, change...)
	ticks, place := 0, 0
	var do func() bool
	b.options.Clock = func() time.Time {
		if ticks++; do != nil && ticks >= place && do() {
			do = nil
		}
		return b.clock.now()
	}
	b.reopen()
	return b, func(n int, broken func() bool) { ticks, place, do = 0, n, broken }
}

// everywhere breaks something at one place of a run after the other, has it mended
// when the run broke off, and holds that the run then goes on to its end. It gives
// the errors that broke runs off.
func (b *bench) everywhere(stride int, at func(int, func() bool), stop func() bool, mend func()) (errs []error) {
	b.Helper()
	return b.everywhereBut(stride, at, stop, mend, nil)
}

// everywhereBut lets runs end as else says where they do not complete.
func (b *bench) everywhereBut(stride int, at func(int, func() bool), stop func() bool, mend func(), or func(*enforce.Report) bool) (errs []error) {
	b.Helper()
	for place, whole, denied := 1, 0, 0; whole < 3; place += stride {
		b.clock.add(time.Hour) // no budget is used up
		run := b.approved()
		before, broken := b.handedOut(), false
		at(place, func() bool { broken = stop(); return broken })
		report, err := b.Resume(ctx, "lakeside", run)
		at(0, nil)
		if broken {
			mend()
		}
		gone := b.handedOut() - before
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("at %d: %w", place, err))
			if told := b.entries(run); gone > 0 && credentialIntents(told) == 0 {
				b.Fatalf("at %d: a key was handed out without a record", place)
			}
			b.clock.add(time.Minute) // where nobody could give the run back, its lease ends
			if report = b.resume(run); or != nil && or(report) {
				break
			}
			b.completed(report, before)
		case broken && or != nil && or(report):
			denied++
			continue
		case report.Outcome != enforce.Completed:
			b.Fatalf("at %d: %s: %s", place, report.Outcome, report.Reason)
		case !broken:
			whole++
		}
		if n := b.handedOut() - before; n != 1 {
			b.Fatalf("at %d: %d keys: %v", place, n, err)
		}
		if place > 1000 || denied > 3 {
			b.Fatalf("no run went through; %d were denied", denied)
		}
	}
	b.verifies()
	return errs
}

func credentialIntents(entries []audit.Entry) (n int) {
	for _, e := range entries {
		if e.Kind == audit.KindIntent && e.Operation == issue {
			n++
		}
	}
	return n
}

// TestDatabaseLocked: another process holds the database, from any place of a run on.
func TestDatabaseLocked(t *testing.T) {
	b, at := breaking(t, func(o *enforce.Options) { o.StoreWait = 30 * time.Millisecond })
	other, err := sql.Open("sqlite", filepath.Join(b.options.Home, "runtime.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	conn, err := other.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	errs := b.everywhere(11, at, func() bool {
		_, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		return err == nil // inside of a transaction of the run it is not to be had
	}, func() {
		if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	})
	for _, err := range errs {
		if !errors.Is(err, store.Locked) {
			t.Error(err)
		}
	}
	t.Logf("measured: the database was locked at %d places of a run", len(errs))
	if len(errs) < 5 {
		t.Error("too few")
	}
}

// TestRelationsGone: nobody can say who is related to what. That is a denial.
func TestRelationsGone(t *testing.T) {
	b := setup(t, func(o *enforce.Options) { o.FGA = filepath.Join(t.TempDir(), "fga.db") })
	run := b.approved()
	other, err := sql.Open("sqlite", b.options.FGA)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	rename := func(from, to string) {
		t.Helper()
		if _, err := other.Exec("ALTER TABLE " + from + " RENAME TO " + to); err != nil {
			t.Fatal(err)
		}
	}
	rename("tuple", "away")
	b.denies("fga", b.resume(run))
	if !slices.ContainsFunc(b.entries(run), func(e audit.Entry) bool { return e.Kind == audit.KindDenial && e.Step == "issue-key" }) {
		t.Error("the denial is not on record")
	}
	rename("away", "tuple")
	b.recovers(b.approved())
}

// proxy passes connections on, until it is cut.
type proxy struct {
	net.Listener
	to string

	mu   sync.Mutex
	cut  bool
	open []net.Conn
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, to: to}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			p.pass(in)
		}
	}()
	t.Cleanup(func() { p.sever(true); _ = l.Close() })
	return p
}

func (p *proxy) pass(in net.Conn) {
	out, err := net.Dial("tcp", p.to)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || p.cut {
		_ = in.Close()
		if err == nil {
			_ = out.Close()
		}
		return
	}
	p.open = append(p.open, in, out)
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		}()
	}
}

// sever cuts all connections and refuses new ones, or takes them again.
func (p *proxy) sever(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

// through is the URL of a server behind the proxy.
func (p *proxy) through(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.Addr().String()
	return u.String()
}

func serverOf(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// TestPostgresGone cuts the server of the relations off, and then that of the runs.
func TestPostgresGone(t *testing.T) {
	location := storetest.Postgres(t).Location
	relations, runs := newProxy(t, serverOf(t, location)), newProxy(t, serverOf(t, location))
	b, at := breaking(t, func(o *enforce.Options) {
		o.Store, o.FGA, o.StoreWait = runs.through(t, location), relations.through(t, location), time.Second
	})
	run := b.approved()
	relations.sever(true)
	b.denies("fga", b.resume(run))
	relations.sever(false)
	if n := b.handedOut(); n != 0 {
		t.Errorf("%d keys", n)
	}
	b.reopen()
	errs := b.everywhere(9, at, func() bool { runs.sever(true); return true }, func() { runs.sever(false) })
	t.Logf("measured: the database was gone at %d places of a run", len(errs))
	if len(errs) < 5 {
		t.Error("too few")
	}
}

// TestLogGone takes the folder of the log away: at each place nothing happens
// without a record, and the run goes on when the folder is back.
func TestLogGone(t *testing.T) {
	b, at := breaking(t)
	home, away := filepath.Join(b.AuditDir(), "log", ".state"), filepath.Join(b.AuditDir(), "away")
	// Under the gate of the log's driver, which panics where its folder goes while it
	// writes: then the process ends there, as in the kill test.
	move := func(from, to string) bool {
		unlock, err := safefile.Lock(ctx, filepath.Join(b.AuditDir(), "locks", "driver"))
		if err == nil {
			err = os.Rename(from, to)
			unlock()
		}
		if err != nil {
			t.Error(err)
		}
		return true
	}
	errs := b.everywhere(5, at, func() bool { return move(home, away) }, func() { move(away, home) })
	for _, err := range errs {
		if !errors.Is(err, audit.ErrUnwritable) {
			t.Error(err)
		}
	}
	t.Logf("measured: the log was gone at %d places of a run", len(errs))
	if len(errs) < 10 {
		t.Error("too few")
	}
	b.close()
	report, err := audit.Verify(filepath.Join(b.options.Home, "audit"), audit.VerifyOptions{})
	if err != nil || !report.OK() {
		t.Fatalf("%v %+v", err, report)
	}
	for _, notice := range report.Notices {
		if strings.Contains(notice, "no outcome") {
			t.Error(notice)
		}
	}
	under := b.options
	under.Audit = filepath.Join(b.options.Home, "seal.key", "log")
	if _, err := enforce.Open(ctx, under); !errors.Is(err, enforce.Unavailable) {
		t.Errorf("a log under a file: %v", err)
	}
}

// TestClockJumps sets the clock back or ahead by an hour.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			b, at := breaking(t)
			errs := b.everywhereBut(9, at, func() bool { b.clock.add(jump); return true }, func() {
				if jump < 0 { // somebody sets it right; what is ahead only goes on
					b.clock.add(-jump)
				}
			}, func(r *enforce.Report) bool { // tokens and keys of an hour ago have ended
				return strings.Contains(r.Reason, "the token ended") && r.Outcome == enforce.Denied ||
					strings.Contains(r.Reason, "has expired") && r.Outcome == enforce.Failed
			})
			for _, err := range errs {
				if !errors.Is(err, store.ClockBack) && !errors.Is(err, journal.Expired) {
					t.Error(err)
				}
			}
			t.Logf("measured: %d runs broke off and went on", len(errs))
			if len(errs) == 0 {
				t.Error("no run broke off")
			}
		})
	}
}

// TestClockAhead: a clock that was ahead and is set right is behind what is on
// record. Nothing happens until a person accepts it.
func TestClockAhead(t *testing.T) {
	b := setup(t)
	run := b.approved()
	b.clock.add(2 * time.Hour)
	b.start(b.plan(composition), request("user_bruno"))
	b.clock.add(-2 * time.Hour)
	if _, err := b.Resume(ctx, "lakeside", run); !errors.Is(err, store.ClockBack) {
		t.Errorf("%v", err)
	}
	if n := b.handedOut(); n != 0 {
		t.Errorf("%d keys", n)
	}
	if err := b.AcceptClock(ctx); err != nil {
		t.Fatal(err)
	}
	b.recovers(run)
}

// TestProviderFaults: whatever a service does instead of an answer, a key is handed
// out at most once, and what was handed out is told or taken back.
func TestProviderFaults(t *testing.T) {
	for _, one := range []struct {
		fault   world.Fault
		outcome enforce.Outcome
		keys    int64
	}{
		{world.Fault{Kind: "timeout"}, enforce.Compensated, 0},
		{world.Fault{Kind: "timeout", Times: 1}, enforce.Completed, 1},
		{world.Fault{Kind: "disconnect"}, enforce.Completed, 1},
		{world.Fault{Kind: "malformed"}, enforce.Completed, 1},
		{world.Fault{Kind: "status", Status: 429}, enforce.Failed, 0},
		{world.Fault{Kind: "status", Status: 500}, enforce.Compensated, 0},
		{world.Fault{Kind: "status", Status: 500, Times: 1}, enforce.Completed, 1},
		{world.Fault{Kind: "status", Status: 403}, enforce.Denied, 0},
		{world.Fault{Kind: "status", Status: 404}, enforce.Failed, 0},
	} {
		t.Run(fmt.Sprintf("%s %d %d", one.fault.Kind, one.fault.Status, one.fault.Times), func(t *testing.T) {
			b := setup(t, func(o *enforce.Options) {
				o.World.Providers = []world.Provider{{Name: "workos", Operations: []world.Operation{{ID: issue, Latency: time.Millisecond, Fault: one.fault}}}}
			})
			report := b.resume(b.approved())
			if report.Outcome != one.outcome || b.handedOut() != one.keys {
				t.Errorf("%s: %s; %d keys; %v", report.Outcome, report.Reason, b.handedOut(), report.Warnings)
			}
			if one.keys == 0 && one.outcome == enforce.Compensated && !strings.HasSuffix(report.Reason, "looked up afterwards: it did not happen") {
				t.Errorf("what the looking up showed is not told: %s", report.Reason)
			}
			told := b.entries(report.Run)
			if !slices.ContainsFunc(told, func(e audit.Entry) bool { return e.Step == "issue-key" && e.Kind == audit.KindOutcome }) {
				t.Errorf("no outcome on record: %+v", told)
			}
			b.verifies()
		})
	}
}

// TestUndoFaults: a service that does not answer when something is to be taken back
// is asked again, at once and whenever the run goes on. What it refuses is left, and
// said.
func TestUndoFaults(t *testing.T) {
	flow := killFlows()[1]
	for _, one := range []struct {
		fault world.Fault
		// first is how the run ends; "": it does not, and ends once the service answers
		first enforce.Outcome
	}{
		{world.Fault{Kind: "status", Status: 429, Times: 2}, enforce.Compensated},
		{world.Fault{Kind: "status", Status: 429}, ""},
		{world.Fault{Kind: "status", Status: 500}, ""},
		{world.Fault{Kind: "timeout"}, ""},
		{world.Fault{Kind: "timeout", Times: 1}, enforce.Compensated},
		{world.Fault{Kind: "disconnect"}, enforce.Compensated},
		{world.Fault{Kind: "malformed"}, enforce.Compensated},
		{world.Fault{Kind: "status", Status: 403}, enforce.Failed},
		{world.Fault{Kind: "status", Status: 404}, enforce.Failed},
	} {
		t.Run(fmt.Sprintf("%s %d %d", one.fault.Kind, one.fault.Status, one.fault.Times), func(t *testing.T) {
			b := setup(t, func(o *enforce.Options) {
				o.World = killWorld(t)
				o.World.Providers[0].Operations = append(o.World.Providers[0].Operations,
					world.Operation{ID: "WebhookEndpointsController_delete", Latency: time.Millisecond, Fault: one.fault})
			})
			report, err := b.Start(ctx, b.planOf("f.yaml", flow.text), request("user_amara", func(r *enforce.Request) { r.Inputs = flow.inputs(1) }))
			if one.first == "" {
				if err == nil {
					t.Fatalf("%s: %s", report.Outcome, report.Reason)
				}
				left := b.unfinished()
				if len(left) != 1 || left[0].State != journal.Compensating {
					t.Fatalf("%+v", left)
				}
				if _, err := b.Resume(ctx, "lakeside", left[0].ID); !errors.Is(err, enforce.Unavailable) {
					t.Errorf("%v", err)
				}
				b.options.World = killWorld(t) // the service answers again
				b.reopen()
				report, err = b.Resume(ctx, "lakeside", left[0].ID)
				one.first = enforce.Compensated
			}
			if err != nil || report.Outcome != one.first {
				t.Fatalf("%+v %v", report, err)
			}
			b.leftOrUndone(report)
			b.verifies()
		})
	}
}

// leftOrUndone holds the end of a run to what is left of it.
func (b *bench) leftOrUndone(report *enforce.Report) {
	b.Helper()
	s, err := b.Snapshot(ctx, "lakeside", report.Run)
	if err != nil {
		b.Fatal(err)
	}
	for _, step := range s.Steps {
		if step.UndoKey == "" {
			continue
		}
		n, err := b.State().Effects(ctx, state.Space{Provider: "workos", Tenant: "lakeside"}, step.UndoKey)
		if err != nil {
			b.Fatal(err)
		}
		if undone := step.State == journal.Undone; undone != (n == 1) || n > 1 || !undone && report.Outcome != enforce.Failed {
			b.Errorf("%s: %s is %s and was undone %d times", report.Outcome, step.Name, step.State, n)
		}
		if step.State != journal.Undone && !strings.Contains(strings.Join(report.Warnings, "\n"), step.Name) {
			b.Errorf("nobody says that %s is left: %v", step.Name, report.Warnings)
		}
	}
}

// TestDoubtAtTheEnd: the process dies between an effect and the word of it, and when
// the run goes on it may not: what happened is found out and taken back.
func TestDoubtAtTheEnd(t *testing.T) {
	for _, happened := range []bool{true, false} {
		t.Run(fmt.Sprint(happened), func(t *testing.T) {
			b := setup(t)
			run := b.approved()
			broken := b.breakOff(run, happened)
			if (b.handedOut() == 1) != happened || !errors.Is(broken, errBroken) {
				t.Fatalf("%d keys: %v", b.handedOut(), broken)
			}
			b.clock.add(time.Minute)
			if err := b.Cancel(ctx, "lakeside", run, "user_chidi", "enough"); err != nil {
				t.Fatal(err)
			}
			report := b.resume(run)
			if report.Outcome != enforce.Compensated {
				t.Errorf("%s: %s %v", report.Outcome, report.Reason, report.Warnings)
			}
			s, err := b.Snapshot(ctx, "lakeside", run)
			if err != nil {
				t.Fatal(err)
			}
			want := map[bool]journal.StepState{true: journal.Undone, false: journal.StepFailed}[happened]
			if i := slices.IndexFunc(s.Steps, func(s journal.Step) bool { return s.Name == "issue-key" }); i < 0 || s.Steps[i].State != want {
				t.Errorf("%+v", s.Steps)
			}
			b.verifies()
		})
	}
}

var errBroken = errors.New("the process ends here")

// breakOff executes a run up to the effect that hands the key out, and ends there,
// before or after it, as a process that is killed: nothing more is written.
func (b *bench) breakOff(run string, after bool) (err error) {
	b.Helper()
	query := `SELECT count(*) FROM steps WHERE step = 'issue-key' AND state = 'intended'`
	if after {
		query = `SELECT count(*) FROM provider_calls WHERE operation = '` + issue + `'`
	}
	armed := false
	b.options.Clock = func() time.Time {
		n := 0
		if armed {
			if err := b.DB().Read(ctx, func(tx *store.Tx) error { _, err := tx.Get(query, nil, &n); return err }); err != nil {
				b.Error(err)
			}
		}
		if n > 0 {
			armed = false
			panic(errBroken)
		}
		return b.clock.now()
	}
	b.reopen()
	armed = true
	defer func() {
		err, _ = recover().(error)
		b.reopen()
	}()
	_, err = b.Resume(ctx, "lakeside", run)
	return err
}

// TestVaultGone: a secret that cannot be had is a denial.
func TestVaultGone(t *testing.T) {
	b := setup(t)
	if err := b.Secrets().Put(ctx, "lakeside", "scope", secrets.New("a name that nobody may know"), "run"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(b.options.Home, "secrets.age")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	flow := killFlows()[0]
	with := func(r *enforce.Request) {
		r.Inputs = flow.inputs(1)
		r.Inputs["organization_name"] = map[string]any{"$secret": "scope"}
	}
	report := b.start(b.planOf("f.yaml", flow.text), request("user_amara", with))
	if report.Outcome != enforce.Denied || !slices.ContainsFunc(b.entries(report.Run), func(e audit.Entry) bool { return e.Kind == audit.KindDenial }) {
		t.Errorf("%s: %s", report.Outcome, report.Reason)
	}
	b.close()
	if _, err := enforce.Open(ctx, b.options); !errors.Is(err, enforce.Unavailable) {
		t.Errorf("a vault without its file was opened: %v", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	b.open()
	b.recovers(b.approved())
}

// TestPolicyFails: rules that contradict each other, that have no answer, or that
// do not end, deny.
func TestPolicyFails(t *testing.T) {
	for name, rego := range map[string]string{
		"contradicts": "package policy\n\ndecision := {\"verdict\": \"allow\"} if true\n\ndecision := {\"verdict\": \"deny\"} if input.effect == \"credential\"\n",
		"no answer":   "package policy\n\ndecision := {\"verdict\": \"allow\"} if input.effect == \"nothing\"\n",
		"nonsense":    "package policy\n\ndecision := {\"verdict\": \"perhaps\"}\n",
		"no end":      "package policy\n\ndecision := {\"verdict\": \"allow\"} if count([1 | some i in numbers.range(1, 2000); some j in numbers.range(1, 20000); i * j == 7]) > 0\n",
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			run := b.approved()
			b.options.Bundles = []policy.Bundle{{Name: "own", FS: fstest.MapFS{"p.rego": {Data: []byte(rego)}}}}
			b.reopen()
			report := b.resume(run)
			b.denies("policy", report)
			if !slices.ContainsFunc(b.entries(run), func(e audit.Entry) bool {
				return e.Kind == audit.KindDenial && slices.ContainsFunc(e.Decisions, func(d audit.Decision) bool { return d.Check == "policy" && d.Verdict == decision.Deny })
			}) {
				t.Error("the denial is not on record")
			}
			b.options.Bundles = nil
			b.reopen()
			b.recovers(b.approved())
		})
	}
}

// TestCallerGivesUp: a caller that stops waiting leaves a run that goes on later.
func TestCallerGivesUp(t *testing.T) {
	b, at := breaking(t)
	broke := 0
	for place, whole := 1, 0; whole < 3; place += 3 {
		b.clock.add(time.Hour)
		run := b.approved()
		before := b.handedOut()
		short, stop := context.WithCancel(ctx)
		at(place, func() bool { stop(); return true })
		report, err := b.Resume(short, "lakeside", run)
		at(0, nil)
		stop()
		switch {
		case err != nil:
			broke++
			b.recovers(run)
		case report.Outcome != enforce.Completed:
			t.Fatalf("at %d: %s: %s", place, report.Outcome, report.Reason)
		default:
			whole++
		}
		if n := b.handedOut() - before; n != 1 {
			t.Fatalf("at %d: %d keys: %v", place, n, err)
		}
	}
	if broke == 0 {
		t.Error("no run broke off")
	}
}
