package enforce_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	audit.SetDriverLog(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// clock is a clock that the test moves. It starts on a Wednesday at noon.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Microsecond)
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// bench is an open runtime over a home of its own.
type bench struct {
	*testing.T
	*enforce.Runtime
	clock   *clock
	options enforce.Options
	lost    string // the step at which the process ends, between intent and effect
}

// now is the clock, and the place where a process may end: the engine looks at the
// time when it calls a provider.
func (b *bench) now() time.Time {
	if b.lost != "" && calledFrom(".(*runner).call") {
		panic(b.lost)
	}
	return b.clock.now()
}

// calledFrom reports whether a function is among those under way above the caller.
func calledFrom(function string) bool {
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		if strings.HasSuffix(frame.Function, function) {
			return true
		}
	}
	return false
}

func demo(t testing.TB) *world.World {
	t.Helper()
	w, err := world.Demo()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func setup(t *testing.T, change ...func(*enforce.Options)) *bench {
	t.Helper()
	b := &bench{T: t, clock: newClock()}
	b.options = enforce.Options{Home: filepath.Join(t.TempDir(), "home"), World: demo(t), Clock: b.now, Random: rand.Reader}
	for _, one := range change {
		one(&b.options)
	}
	b.open()
	t.Cleanup(b.close)
	return b
}

func (b *bench) open() {
	b.Helper()
	var err error
	if b.Runtime, err = enforce.Open(ctx, b.options); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) close() {
	b.Helper()
	if b.Runtime == nil {
		return
	}
	if err := b.Close(ctx); err != nil {
		b.Error(err)
	}
	b.Runtime = nil
}

// reopen is what another process would do.
func (b *bench) reopen() {
	b.Helper()
	b.close()
	b.open()
}

// root is the folder with go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// shared is a file of the shared material. Without it a test is skipped, and fails
// where CI=true.
func shared(t testing.TB, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root(t), "..", "shared", pattern))
	if err != nil || len(names) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not there: %v", pattern, err)
		}
		t.Skipf("%s is not there", pattern)
	}
	return names[0]
}

const composition = "testdata/capabilities/composition/agent-key.yaml"

func (b *bench) plan(name string) *plan.Plan {
	b.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(root(b), name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return b.planOf(filepath.Base(name), string(text))
}

func (b *bench) planOf(name, text string) *plan.Plan {
	b.Helper()
	return compiled(b, b.Runtime, name, text)
}

// compiled is the plan of the last document of a text.
func compiled(t testing.TB, r *enforce.Runtime, name, text string) *plan.Plan {
	t.Helper()
	file, err := source.NewFile(name, []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	docs := capabilities.NewReader(nil, capabilities.Options{}).ReadFile(file)
	p, err := r.Compile(docs[len(docs)-1], "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// amara is who may, bruno who may not.
func request(user string, change ...func(*enforce.Request)) enforce.Request {
	req := enforce.Request{Tenant: "lakeside", User: user, Agent: "support-assistant", Purpose: "test", Inputs: map[string]any{
		"user_id": user, "agent_name": "support-assistant", "requested_scopes": []any{"repository:read"},
		"target_resource": "repository:field-notes", "target_relation": "editor"}}
	for _, one := range change {
		one(&req)
	}
	return req
}

func (b *bench) start(p *plan.Plan, req enforce.Request) *enforce.Report {
	b.Helper()
	report, err := b.Start(ctx, p, req)
	if err != nil {
		b.Fatal(err)
	}
	return report
}

func (b *bench) resume(id string) *enforce.Report {
	b.Helper()
	report, err := b.Resume(ctx, "lakeside", id)
	if err != nil {
		b.Fatal(err)
	}
	return report
}

func (b *bench) decide(r *enforce.Report, by string, approve bool) error {
	b.Helper()
	if r.Wait == nil || r.Wait.Approval == "" {
		b.Fatalf("the run waits for nobody: %s: %s %v", r.Outcome, r.Reason, r.Warnings)
	}
	_, err := b.Decide(ctx, approval.Answer{Tenant: r.Tenant, ID: r.Wait.Approval, Person: decision.Actor{Kind: "user", ID: by}, Approve: approve})
	return err
}

// through starts a run and has it approved as often as it asks.
func (b *bench) through(p *plan.Plan, req enforce.Request) *enforce.Report {
	b.Helper()
	report := b.start(p, req)
	for n := 0; report.Outcome == enforce.Waiting && n < 20; n++ {
		if err := b.decide(report, "user_chidi", true); err != nil {
			b.Fatal(err)
		}
		report = b.resume(report.Run)
	}
	return report
}

func step(t testing.TB, r *enforce.Report, id string) enforce.StepReport {
	t.Helper()
	i := slices.IndexFunc(r.Steps, func(s enforce.StepReport) bool { return s.Step == id })
	if i < 0 {
		t.Fatalf("no step %s in %+v", id, r.Steps)
	}
	return r.Steps[i]
}

func said(s enforce.StepReport, check string) decision.Decision {
	for _, d := range s.Decisions {
		if d.Check == check {
			return d
		}
	}
	return decision.Decision{}
}

func (b *bench) entries(run string) []audit.Entry {
	b.Helper()
	var out []audit.Entry
	for record, err := range audit.Records(b.AuditDir(), audit.Filter{Scope: audit.AllTenants(), Run: run}) {
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, record.Entry)
	}
	return out
}

// credentials counts what the stand-in handed out to the run.
func credentials(entries []audit.Entry) (n int) {
	for _, e := range entries {
		if e.Kind == audit.KindOutcome && e.Effect == "credential" && e.Operation == "DataIntegrationsController_getUserlandUserToken" && e.Outcome == "succeeded" {
			n++
		}
	}
	return n
}

func (b *bench) verifies() {
	b.Helper()
	if _, err := b.Checkpoint(ctx); err != nil {
		b.Fatal(err)
	}
	report, err := audit.Verify(b.AuditDir(), audit.VerifyOptions{})
	if err != nil || !report.OK() {
		b.Fatalf("the log does not verify: %v %+v", err, report)
	}
}

func TestRunsThrough(t *testing.T) {
	b := setup(t)
	report := b.start(b.plan(composition), request("user_amara"))
	if report.Outcome != enforce.Waiting || report.Wait == nil || !slices.Equal(report.Wait.Who, []string{"user_chidi"}) {
		t.Fatalf("%s: %s, %+v", report.Outcome, report.Reason, report.Wait)
	}
	b.reopen() // it survives exit and restart
	if err := b.decide(report, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	report = b.resume(report.Run)
	if report.Outcome != enforce.Completed || report.Outputs["allowed"] != true || report.Outputs["key"] != "[secret]" {
		t.Fatalf("%s: %s %v\n%v", report.Outcome, report.Reason, report.Outputs, report.Warnings)
	}
	issue := step(t, report, "issue-key")
	for check, by := range map[string]decision.Source{"identity": decision.ByCapability, "fga": decision.ByRuntime, "approval": decision.ByRuntime, "audit": decision.ByCapability} {
		if d := said(issue, check); d.SuppliedBy != by || d.Verdict != decision.Allow {
			t.Errorf("%s: %+v", check, d)
		}
	}
	if report.Audit.First == nil || *report.Audit.First != 0 || report.Audit.Last == nil || *report.Audit.Last < 10 {
		t.Errorf("%+v", report.Audit)
	}
	if credentials(b.entries(report.Run)) != 1 {
		t.Errorf("%+v", b.entries(report.Run))
	}
	b.verifies()
	again, err := b.ShowRun(ctx, "lakeside", report.Run)
	if err != nil || again.Outcome != enforce.Completed || len(again.Steps) != 5 {
		t.Errorf("%v %+v", err, again)
	}
}

// TestSeedEnforced: the denied user of the demo world gets no credential, and the
// denial is on record.
func TestSeedEnforced(t *testing.T) {
	b := setup(t)
	for _, name := range []string{composition, shared(t, "seeds/002*")} {
		report := b.start(b.plan(name), request("user_bruno"))
		entries := b.entries(report.Run)
		if report.Outcome != enforce.Denied || credentials(entries) != 0 {
			t.Errorf("%s: %s: %s", name, report.Outcome, report.Reason)
		}
		if !slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Kind == audit.KindDenial && e.Step != "" }) {
			t.Errorf("%s: no denial on record", name)
		}
		if report := b.through(b.plan(name), request("user_amara")); report.Outcome != enforce.Completed {
			t.Errorf("%s: %s: %s %v", name, report.Outcome, report.Reason, report.Warnings)
		}
	}
	b.verifies()
}

// TestSeedUnreadableResource: a resource that cannot be read is not taken for the
// service as a whole, on which the user may do more.
func TestSeedUnreadableResource(t *testing.T) {
	b := setup(t)
	for _, resource := range []string{"", "field-notes", "repository:", ":field-notes", "repository:field-notes repository:payroll"} {
		report := b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["target_resource"] = resource }))
		if report.Outcome != enforce.Denied || credentials(b.entries(report.Run)) != 0 {
			t.Errorf("%q: %s: %s", resource, report.Outcome, report.Reason)
		}
	}
	b.verifies()
}

// TestSeedDry: a dry run calls and records nothing in either reading, and tells what
// would happen.
func TestSeedDry(t *testing.T) {
	b := setup(t)
	for reading, want := range map[enforce.Reading]enforce.Outcome{enforce.Declared: enforce.Completed, enforce.Enforced: enforce.Denied} {
		report := b.start(b.plan(composition), request("user_bruno", func(r *enforce.Request) { r.Reading, r.Mode = reading, enforce.DryRun }))
		if report.Outcome != want || len(report.Steps) != 5 || report.Audit.First != nil || len(b.entries(report.Run)) != 0 {
			t.Errorf("%s: %s: %s %+v", reading, report.Outcome, report.Reason, report.Audit)
		}
		slipped := strings.Contains(strings.Join(report.Warnings, "\n"), "would slip through: a credential handed out or changed; authorization only later, in check-access, approval missing; the enforced reading denies it")
		if slipped != (reading == enforce.Declared) {
			t.Errorf("%s: %v", reading, report.Warnings)
		}
	}
	b.verifies()
}

// TestSeedDeclared: the same user gets a credential before the capability learns
// that it should not, and the run says so.
func TestSeedDeclared(t *testing.T) {
	b := setup(t)
	for _, name := range []string{composition, shared(t, "seeds/002*")} {
		report := b.start(b.plan(name), request("user_bruno", func(r *enforce.Request) { r.Reading = enforce.Declared }))
		if report.Outcome != enforce.Denied || credentials(b.entries(report.Run)) != 1 {
			t.Errorf("%s: %s: %s %v", name, report.Outcome, report.Reason, report.Warnings)
		}
		text := strings.Join(report.Warnings, "\n")
		for _, want := range []string{"slipped through: a credential was handed out", "a credential was handed out or changed happened before", "the enforced reading denies it"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the run does not say %q:\n%s", name, want, text)
			}
		}
	}
	b.verifies()
}
