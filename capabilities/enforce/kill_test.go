//go:build !windows

package enforce_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	randv2 "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
	"agentrisk/capabilities/enforce/world"
)

// The kill test starts one process after another that begins runs, answers
// approvals, goes on with what the ones before left, and is killed: at a random
// moment from its start on, or when it asks the clock for a random time, which
// happens inside and between transactions, entries of the log and effects. In the
// end one process finishes every run. Then what happened is held against the
// journal, the approvals and the log.
//
// Time goes on by a minute from one process to the next, so that every lease of the
// one before has run out; two processes at once share their minute and their runs.

const (
	killHome   = "AGENTRISK_TEST_KILL_HOME"
	killStore  = "AGENTRISK_TEST_KILL_STORE"
	killSeed   = "AGENTRISK_TEST_KILL_SEED" // set it to repeat a test
	killNumber = "AGENTRISK_TEST_KILL_NUMBER"
	killPoint  = "AGENTRISK_TEST_KILL_POINT"
	killDelay  = "AGENTRISK_TEST_KILL_DELAY"
)

// killFlow is one of the capabilities that are killed, and how it ends where every
// approval is given.
type killFlow struct {
	name, text string
	end        enforce.Outcome
	inputs     func(n uint64) map[string]any
}

const killHead = `specification: Naftiko Capability Composition
specificationVersion: '0.1'
provider: PROVIDER
providerId: PROVIDER
api: PROVIDER
created: '2026-11-22'
`

// broken is the step that the world lets fail: what came before is to be undone.
const broken = `
  - id: people
    capability: directory-sync
    operation: DirectoryUsersController_list`

const setUp = `name: NAME
description: Sets an organization up, with an address for its events.
` + killHead + `inputs:
  - {name: organization_name, type: string, required: true}
  - {name: endpoint_url, type: string, required: true}
  - {name: events, type: array, required: true}
steps:
  - id: session
    capability: sessions
    operation: UserlandSessionsController_authenticate
  - id: organization
    capability: organizations
    operation: OrganizationsController_create
  - id: hook
    capability: webhooks
    operation: WebhookEndpointsController_create
  - id: look
    capability: webhooks
    operation: WebhookEndpointsController_list
  - id: record
    capability: audit-logs
    operation: AuditLogEventsController_createLAST
`

const handOut = `name: NAME
description: Makes a key and registers a program that signs in.
` + killHead + `inputs:
  - {name: key_name, type: string, required: true}
  - {name: application_name, type: string, required: true}
steps:
  - id: session
    capability: sessions
    operation: UserlandSessionsController_authenticate
  - id: key
    capability: api-keys
    operation: UserApiKeysController_create
  - id: program
    capability: connect
    operation: ApplicationsController_createLAST
`

const tinker = `name: NAME
description: Three writes at a service that nobody modelled.
` + killHead + `inputs:
  - {name: label, type: string, required: true}
steps:
  - id: one
    capability: depot
    operation: Crates_create
  - id: two
    capability: depot
    operation: Crates_update
  - id: three
    capability: depot
    operation: Crates_LAST
`

func killFlows() []killFlow {
	org := func(n uint64) map[string]any {
		return map[string]any{"organization_name": fmt.Sprintf("Firm %d", n), "endpoint_url": fmt.Sprintf("https://hooks.example/%d", n), "events": []any{"user.created"}}
	}
	key := func(n uint64) map[string]any {
		return map[string]any{"key_name": fmt.Sprintf("key %d", n), "application_name": fmt.Sprintf("program %d", n)}
	}
	crate := func(n uint64) map[string]any { return map[string]any{"label": fmt.Sprintf("crate %d", n)} }
	write := func(text, name, provider, last string) string {
		return strings.NewReplacer("NAME", name, "PROVIDER", provider, "LAST", last).Replace(text)
	}
	return []killFlow{
		{"Set up", write(setUp, "Set up", "workos", ""), enforce.Completed, org},
		{"Set up in vain", write(setUp, "Set up in vain", "workos", broken), enforce.Compensated, org},
		{"Hand out", write(handOut, "Hand out", "workos", ""), enforce.Completed, key},
		{"Hand out in vain", write(handOut, "Hand out in vain", "workos", broken), enforce.Compensated, key},
		{"Tinker", write(tinker, "Tinker", "depot", "update"), enforce.Completed, crate},
		{"Tinker in vain", write(tinker, "Tinker in vain", "depot", "replace"), enforce.Compensated, crate},
	}
}

// killWorld is the demo world with room for many runs, and with services that
// refuse, break off and mumble.
func killWorld(t testing.TB) *world.World {
	w := demo(t)
	one := &w.Tenants[0]
	one.Limits = nil
	one.Egress = append(one.Egress, "hooks.example")
	one.Resources = append(one.Resources, world.Resource{ID: "service:depot", Sensitivity: "internal"})
	one.Tuples = append(one.Tuples, world.Tuple{User: "user:user_amara", Relation: "operator", Object: "service:depot"})
	grant := &one.Agents[0].Grants[0]
	grant.Scopes = append(grant.Scopes, "depot:write", "depot:read")
	grant.Resources = append(grant.Resources, "service:depot")
	w.Providers = []world.Provider{
		{Name: "workos", Operations: []world.Operation{
			{ID: "DirectoryUsersController_list", Fault: world.Fault{Kind: "status", Status: 400}},
			{ID: "WebhookEndpointsController_create", Fault: world.Fault{Kind: "disconnect"}},
			{ID: "ApplicationsController_create", Fault: world.Fault{Kind: "malformed"}},
		}},
		{Name: "depot", Operations: []world.Operation{{ID: "Crates_replace", Fault: world.Fault{Kind: "status", Status: 422}}}},
	}
	return w
}

// killClock is the clock of the n-th process: it starts after every lease of the
// processes before has run out.
func killClock(n uint64) func() time.Time {
	begin, start := newClock().now().Add(time.Duration(n)*time.Minute), time.Now()
	return func() time.Time { return begin.Add(time.Since(start)) }
}

func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two hundred processes")
	}
	seed := newSeed(t)
	t.Logf("measured: seed %d; repeat with %s=%d", seed, killSeed, seed)
	for lane := range uint64(2) {
		t.Run(fmt.Sprintf("sqlite %d", lane+1), func(t *testing.T) {
			t.Parallel()
			killMany(t, "", seed+lane, 70, 1)
		})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killMany(t, storetest.Postgres(t).Location, seed+2, 30, 2)
	})
}

func newSeed(t testing.TB) uint64 {
	if text := os.Getenv(killSeed); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return seed
	}
	var bits [4]byte
	if _, err := rand.Read(bits[:]); err != nil {
		t.Fatal(err)
	}
	return uint64(binary.LittleEndian.Uint32(bits[:]))
}

// killMany has processes killed, so many at once, and finishes what they left.
func killMany(t *testing.T, location string, seed uint64, rounds, atOnce int) {
	home := filepath.Join(t.TempDir(), "home")
	points := randv2.New(randv2.NewPCG(seed, 0))
	var kept []byte // a checkpoint that was taken elsewhere on the way
	for n := range rounds {
		var all sync.WaitGroup
		for one := range atOnce {
			c := killChild{home: home, location: location, seed: seed + uint64(one)<<32, number: n}
			switch points.IntN(4) {
			case 0:
				c.fromStart = time.Duration(1+points.IntN(200)) * time.Millisecond
			case 1:
				c.delay = time.Duration(1+points.IntN(200)) * time.Millisecond
			default:
				c.point = 1 + points.IntN(500)
			}
			all.Go(func() { c.run(t) })
		}
		all.Wait()
		if t.Failed() {
			t.FailNow()
		}
		if n == rounds/2 {
			kept, _ = os.ReadFile(filepath.Join(home, "audit", "log", "checkpoint"))
		}
	}
	b := &bench{T: t, options: enforce.Options{Home: home, Store: location, World: killWorld(t), Clock: killClock(uint64(rounds)), Random: rand.Reader}}
	b.open()
	defer b.close()
	b.finishAll(randv2.New(randv2.NewPCG(seed, 1)))
	b.heldTogether(rounds*atOnce, kept)
}

// killChild is a process that is to be killed.
type killChild struct {
	home, location string
	seed           uint64
	number         int
	// One of these is set: which time it asks the clock, how long after it opened the
	// runtime, how long after its start.
	point            int
	delay, fromStart time.Duration
}

func (c killChild) run(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$", "-test.v")
	child.Env = append(os.Environ(), killHome+"="+c.home, killStore+"="+c.location, fmt.Sprintf("%s=%d", killSeed, c.seed),
		fmt.Sprintf("%s=%d", killNumber, c.number), fmt.Sprintf("%s=%d", killPoint, c.point), fmt.Sprintf("%s=%d", killDelay, c.delay))
	var out bytes.Buffer
	child.Stdout, child.Stderr = &out, &out
	if err := child.Start(); err != nil {
		t.Error(err)
		return
	}
	if c.fromStart > 0 {
		time.Sleep(c.fromStart)
		_ = child.Process.Kill() // it may have failed before: that shows below
	}
	err := child.Wait()
	if err == nil || child.ProcessState.ExitCode() != -1 || strings.Contains(out.String(), "FAIL") {
		t.Errorf("process %d was not killed: %v\n%s", c.number, err, out.String())
	}
}

// TestKilledProcess is what the processes run; alone it has nothing to do.
func TestKilledProcess(t *testing.T) {
	home := os.Getenv(killHome)
	if home == "" {
		return
	}
	var numbers [4]uint64
	for i, name := range []string{killSeed, killNumber, killPoint, killDelay} {
		n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		numbers[i] = n
	}
	tick, asked := killClock(numbers[1]), atomic.Uint64{}
	clock := func() time.Time {
		if asked.Add(1) == numbers[2] {
			killSelf()
		}
		return tick()
	}
	b := &bench{T: t, options: enforce.Options{Home: home, Store: os.Getenv(killStore), World: killWorld(t), Clock: clock, Random: rand.Reader}}
	b.open()
	if numbers[3] > 0 {
		time.AfterFunc(time.Duration(numbers[3]), killSelf)
	}
	random := randv2.New(randv2.NewPCG(numbers[0], numbers[1]+2))
	for {
		b.work(random)
	}
}

// killSelf does not return.
func killSelf() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// work does one of the things that are done to runs: begin one, or go on with one.
func (b *bench) work(random *randv2.Rand) {
	b.Helper()
	open := b.unfinished()
	var report *enforce.Report
	var err error
	if len(open) < 3 || len(open) < 6 && random.IntN(3) == 0 {
		flows := killFlows()
		flow := flows[random.IntN(len(flows))]
		report, err = b.Start(ctx, b.planOf(flow.name+".yaml", flow.text),
			request("user_amara", func(r *enforce.Request) { r.Inputs = flow.inputs(random.Uint64()) }))
	} else {
		report, err = b.Resume(ctx, "lakeside", open[random.IntN(len(open))].ID)
	}
	if err != nil && !taken(err) {
		b.Fatal(err)
	}
	if err == nil && report.Outcome == enforce.Waiting {
		b.answer(report, random.IntN(10) != 0)
	}
}

// taken says whether another process was faster.
func taken(err error) bool {
	for _, kind := range []error{enforce.Busy, journal.Over, journal.Lost, journal.Expired, approval.Settled} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// answer is what a person does about a run that waits.
func (b *bench) answer(report *enforce.Report, approve bool) {
	b.Helper()
	if report.Wait.Approval == "" { // the agent is paused
		if err := b.ResetBreaker(ctx, "lakeside", "support-assistant", "user_chidi"); err != nil {
			b.Fatal(err)
		}
		return
	}
	_, err := b.Decide(ctx, approval.Answer{Tenant: "lakeside", ID: report.Wait.Approval, Person: decision.Actor{Kind: "user", ID: "user_chidi"}, Approve: approve})
	if err != nil && !taken(err) {
		b.Fatal(err)
	}
}

// runs lists all runs, or all that have not ended.
func (b *bench) runs(want func(journal.Run) bool) (list []journal.Run) {
	b.Helper()
	for f := (journal.Filter{Tenant: "lakeside", Limit: 500}); ; {
		page, err := b.Runs(ctx, f)
		if err != nil {
			b.Fatal(err)
		}
		for _, run := range page.Runs {
			if want(run) {
				list = append(list, run)
			}
		}
		if f.After = page.Next; f.After == "" {
			return list
		}
	}
}

func (b *bench) unfinished() []journal.Run {
	b.Helper()
	return b.runs(func(run journal.Run) bool { return !run.State.Ended() })
}

// finishAll goes on with every run until each has ended.
func (b *bench) finishAll(random *randv2.Rand) {
	b.Helper()
	for range 30 {
		left := b.unfinished()
		if len(left) == 0 {
			return
		}
		for _, run := range left {
			report, err := b.Resume(ctx, "lakeside", run.ID)
			if err != nil {
				b.Fatalf("%s of %s: %v", run.ID, run.Capability, err)
			}
			if report.Outcome == enforce.Waiting {
				b.answer(report, random.IntN(10) != 0)
			}
		}
	}
	b.Fatalf("runs that do not end: %+v", b.unfinished())
}

// account is what the journal, the state of the stand-ins and the log say, for
// each to be held against the others.
type account struct {
	ends     map[string]map[journal.State]int // by capability
	explains map[string]bool                  // keys whose one effect the journal tells of
	recorded map[string]map[string]int        // by run and step: intents and outcomes in the log
	doubts   int                              // intents that stand in the log more than once
	steps    int
	undone   int
}

// heldTogether holds that every run was finished or undone, that nothing happened
// twice or unknown to the journal, that no approval was used twice, and that the
// log verifies and tells of all of it.
func (b *bench) heldTogether(kills int, kept []byte) {
	b.Helper()
	a := account{ends: map[string]map[journal.State]int{}, explains: map[string]bool{}}
	approvals := b.readLog(&a)
	for _, run := range b.runs(func(journal.Run) bool { return true }) {
		if a.ends[run.Capability] == nil {
			a.ends[run.Capability] = map[journal.State]int{}
		}
		a.ends[run.Capability][run.State]++
		b.holdsRun(&a, run)
	}
	effects, most := b.countEffects()
	if most > 1 || effects != int64(len(a.explains)) {
		b.Errorf("%d effects, at most %d under one key; the journal tells of %d", effects, most, len(a.explains))
	}
	b.holdsRows(a)
	used := b.holdsApprovals(approvals)
	report := b.holdsLog(kept)
	for _, flow := range killFlows() {
		if a.ends[flow.name][journal.State(flow.end)] == 0 {
			b.Errorf("no run of %q is %s: %v", flow.name, flow.end, a.ends[flow.name])
		}
	}
	b.Logf("measured: %d kills; runs %v; %d steps done, %d undone, %d intents repeated after a kill; %d effects, none twice; %d approvals used, none twice; %d entries of %d runs verify, %d of them against a kept checkpoint",
		kills, a.ends, a.steps, a.undone, a.doubts, effects, used, report.Size, report.Runs, report.Anchored)
}

// holdsRun holds one run to how its capability must end.
func (b *bench) holdsRun(a *account, run journal.Run) {
	b.Helper()
	s, err := b.Snapshot(ctx, run.Tenant, run.ID)
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(killFlows(), func(f killFlow) bool { return f.name == run.Capability })
	want := journal.State(killFlows()[i].end)
	report, err := b.ShowRun(ctx, run.Tenant, run.ID)
	if err != nil || journal.State(report.Outcome) != run.State {
		b.Errorf("%s is %s and shown as %+v: %v", run.ID, run.State, report, err)
	}
	// A person may have said no, and a machine with much else to do denies too.
	refused := strings.Contains(run.Reason, "approval: ") || strings.Contains(run.Reason, "did not end within")
	if run.State != want && !(refused && (run.State == journal.Denied || run.State == journal.Compensated)) {
		b.Errorf("%s of %s is %s: %s", run.ID, run.Capability, run.State, run.Reason)
	}
	for _, step := range s.Steps {
		b.holdsStep(a, run, step)
	}
}

// holdsStep holds one step to the run's end, to what happened and to the log.
func (b *bench) holdsStep(a *account, run journal.Run, step journal.Step) {
	b.Helper()
	fail := func(format string, args ...any) {
		b.Errorf("%s of %s is %s, its step %s %s: %s", run.ID, run.Capability, run.State, step.Name, step.State, fmt.Sprintf(format, args...))
	}
	told := a.recorded[run.ID+" "+step.Name]
	if told["intent"] == 0 || told["outcome"] == 0 {
		fail("the log tells of %v", told)
	}
	a.doubts += max(0, told["intent "+step.Operation]-int(step.Attempt))
	n := b.effectsOf(run, step.Key)
	switch {
	case step.State == journal.StepFailed && n == 0:
		return
	case step.State == journal.StepDone && (run.State == journal.Completed || step.Undo == journal.UndoNone):
		a.steps++
	case step.State == journal.Undone && run.State == journal.Compensated:
		a.undone++
		if u := b.effectsOf(run, step.UndoKey); u != 1 {
			fail("undone %d times", u)
		}
		a.explains[run.ID+step.UndoKey] = true
		if told["intent "+step.UndoOperation] == 0 || told["compensated"] == 0 {
			fail("the log tells of %v", told)
		}
	default:
		fail("expected another end; %d effects", n)
	}
	if step.Operation == "WebhookEndpointsController_list" || step.Operation == "DirectoryUsersController_list" {
		return // reads have no key
	}
	if n != 1 {
		fail("it happened %d times", n)
	}
	a.explains[run.ID+step.Key] = true
}

func (b *bench) effectsOf(run journal.Run, key string) (n int64) {
	b.Helper()
	for _, name := range []string{"workos", "depot"} {
		one, err := b.State().Effects(ctx, state.Space{Provider: name, Tenant: run.Tenant}, key)
		if err != nil {
			b.Fatal(err)
		}
		n += one
	}
	return n
}

// countEffects counts what happened, whoever says so.
func (b *bench) countEffects() (all, most int64) {
	b.Helper()
	err := b.DB().Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Get(`SELECT COALESCE(SUM(effects), 0), COALESCE(MAX(effects), 0) FROM provider_keys`, nil, &all, &most)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return all, most
}

// holdsRows counts the things that exist in the end.
func (b *bench) holdsRows(a account) {
	b.Helper()
	hooks := map[string]int{"Set up": a.ends["Set up"][journal.Completed]}["Set up"]
	keys := a.ends["Hand out"][journal.Completed]
	for kind, want := range map[string]int{"webhook": hooks, "webhook_url": hooks, "organization": hooks, "application": keys} {
		var n int
		err := b.DB().Read(ctx, func(tx *store.Tx) error {
			_, err := tx.Get(`SELECT count(*) FROM provider_rows WHERE kind = ? AND gone = 0`, []any{kind}, &n)
			return err
		})
		if err != nil || n != want {
			b.Errorf("%d rows of %s, expected %d: %v", n, kind, want, err)
		}
	}
}

// readLog counts what the log tells of each step, and of whom each approval served.
func (b *bench) readLog(a *account) (approvals map[string]map[string]bool) {
	b.Helper()
	approvals, a.recorded = map[string]map[string]bool{}, map[string]map[string]int{}
	for record, err := range audit.Records(b.AuditDir(), audit.Filter{Scope: audit.AllTenants()}) {
		if err != nil {
			b.Fatal(err)
		}
		e := record.Entry
		name := e.Run + " " + e.Step
		if a.recorded[name] == nil {
			a.recorded[name] = map[string]int{}
		}
		a.recorded[name][string(e.Kind)]++
		a.recorded[name][string(e.Kind)+" "+e.Operation]++
		a.recorded[name][e.Outcome]++
		if e.Kind == audit.KindIntent && e.Approval != "" {
			if approvals[e.Approval] == nil {
				approvals[e.Approval] = map[string]bool{}
			}
			approvals[e.Approval][e.Run+" "+e.Step+" "+e.Facts["idempotency_key"]] = true
		}
	}
	return approvals
}

// holdsApprovals holds that each served one effect.
func (b *bench) holdsApprovals(served map[string]map[string]bool) (used int) {
	b.Helper()
	for id, effects := range served {
		if len(effects) > 1 {
			b.Errorf("the approval %s served %v", id, effects)
		}
	}
	byStep := map[string]int{}
	for f := (approval.Filter{Tenant: "lakeside", Limit: 500}); ; {
		page, err := b.Approvals(ctx, f)
		if err != nil {
			b.Fatal(err)
		}
		for _, one := range page.Approvals {
			if one.State == approval.Used {
				used++
				byStep[one.Run+" "+one.Step]++
			}
			if len(served[one.ID]) > 0 && one.State != approval.Used {
				b.Errorf("the approval %s served an effect and is %s", one.ID, one.State)
			}
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	for step, n := range byStep {
		if n > 1 {
			b.Errorf("%s used %d approvals", step, n)
		}
	}
	return used
}

// holdsLog verifies the log, against a checkpoint from before too.
func (b *bench) holdsLog(kept []byte) *audit.Report {
	b.Helper()
	if _, err := b.Checkpoint(ctx); err != nil {
		b.Fatal(err)
	}
	report, err := audit.Verify(b.AuditDir(), audit.VerifyOptions{Checkpoint: kept})
	if err != nil || !report.OK() || len(kept) == 0 || report.Anchored == 0 {
		b.Fatalf("the log does not verify: %v %+v", err, report)
	}
	for _, notice := range report.Notices {
		if strings.Contains(notice, "no outcome") {
			b.Error(notice)
		}
	}
	return report
}
