//go:build !windows

package enforce_test

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/store/storetest"
)

const (
	otherHome  = "AGENTRISK_TEST_OTHER_HOME"
	otherStore = "AGENTRISK_TEST_OTHER_STORE"
)

// shortLease is for tests that wait for it to end.
const shortLease = 3 * time.Second

// otherProcess is a process over the same home that does as it is told, a line at a
// time.
type otherProcess struct {
	*testing.T
	in  io.WriteCloser
	out *bufio.Scanner
}

func startOther(t *testing.T, home, location string) *otherProcess {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestOtherProcess$")
	child.Env = append(os.Environ(), otherHome+"="+home, otherStore+"="+location)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	p := &otherProcess{T: t, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(func() {
		_ = in.Close() // it ends
		for p.out.Scan() {
		}
		if err := child.Wait(); err != nil {
			t.Errorf("the other process: %v", err)
		}
	})
	return p
}

// say tells the other process what to do, and gives its answer.
func (p *otherProcess) say(words ...string) string {
	p.Helper()
	if _, err := fmt.Fprintln(p.in, strings.Join(words, " ")); err != nil {
		p.Fatal(err)
	}
	return p.hear()
}

func (p *otherProcess) hear() string {
	p.Helper()
	if !p.out.Scan() {
		p.Fatal("the other process says nothing")
	}
	return p.out.Text()
}

// TestOtherProcess is what the other process runs; alone it has nothing to do.
func TestOtherProcess(t *testing.T) {
	home := os.Getenv(otherHome)
	if home == "" {
		return
	}
	in := bufio.NewScanner(os.Stdin)
	holding := false
	b := &bench{T: t, options: enforce.Options{Home: home, Store: os.Getenv(otherStore), World: killWorld(t), Clock: time.Now, Random: rand.Reader,
		Lease: shortLease, Progress: func(s enforce.StepReport) {
			if holding && s.Step == "issue-key" {
				fmt.Println("holds")
				in.Scan()
			}
		}}}
	b.open()
	defer b.close()
	answer := func(report *enforce.Report, err error) {
		switch {
		case errors.Is(err, enforce.Busy):
			fmt.Println("busy")
		case errors.Is(err, journal.Lost):
			fmt.Println("lost")
		case errors.Is(err, journal.Over):
			fmt.Println("over")
		case err != nil:
			fmt.Println("error", err)
		case report.Wait != nil:
			fmt.Println(report.Outcome, report.Run, report.Wait.Approval)
		default:
			fmt.Println(report.Outcome)
		}
	}
	for in.Scan() {
		words := strings.Fields(in.Text())
		holding = words[0] == "hold"
		switch words[0] {
		case "start":
			answer(b.Start(ctx, b.plan(composition), request("user_amara")))
		case "approve":
			_, err := b.Decide(ctx, approval.Answer{Tenant: "lakeside", ID: words[1], Person: decision.Actor{Kind: "user", ID: "user_chidi"}, Approve: true})
			fmt.Println("approved", err)
		case "resume", "hold":
			answer(b.Resume(ctx, "lakeside", words[1]))
		}
	}
}

// TestTwoProcesses: one home, two processes. What one asks the other may answer, and
// what one began the other may finish, but not both at once.
func TestTwoProcesses(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { twoProcesses(t, "") })
	t.Run("postgres", func(t *testing.T) { twoProcesses(t, storetest.Postgres(t).Location) })
}

func twoProcesses(t *testing.T, location string) {
	b := setup(t, func(o *enforce.Options) {
		o.Store, o.World, o.Clock, o.Lease = location, killWorld(t), time.Now, shortLease
	})
	other := startOther(t, b.options.Home, location)
	want := func(got, want string) {
		t.Helper()
		if got != want {
			t.Fatalf("%s, expected %s", got, want)
		}
	}
	begun := func() (run, asked string) {
		t.Helper()
		words := strings.Fields(other.say("start"))
		if len(words) != 3 || words[0] != "waiting" {
			t.Fatal(words)
		}
		return words[1], words[2]
	}

	// Begun there, approved here, finished there; and the other way round.
	run, asked := begun()
	if err := b.decide(&enforce.Report{Tenant: "lakeside", Wait: &enforce.WaitReport{Approval: asked}}, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	want(other.say("resume", run), "completed")
	want(other.say("resume", run), "over")
	report := b.start(b.plan(composition), request("user_amara"))
	want(other.say("approve", report.Wait.Approval), "approved <nil>")
	b.recovers(report.Run)
	b.handed(2)

	// While one executes a run the other may not, until the lease has ended.
	run, asked = begun()
	want(other.say("approve", asked), "approved <nil>")
	want(other.say("hold", run), "holds")
	if _, err := b.Resume(ctx, "lakeside", run); !errors.Is(err, enforce.Busy) ||
		!regexp.MustCompile(`^resume run_[0-9a-zA-Z-]+: another process executes the run; its lease ends at \d\d:\d\d:\d\dZ$`).MatchString(err.Error()) {
		t.Errorf("both execute the run: %v", err)
	}
	if shown, err := b.ShowRun(ctx, "lakeside", run); err != nil || shown.Outcome == enforce.Completed {
		t.Errorf("%+v %v", shown, err)
	}
	want(other.say("go"), "completed")
	if _, err := b.Resume(ctx, "lakeside", run); !errors.Is(err, journal.Over) {
		t.Errorf("a run that ended goes on: %v", err)
	}
	b.handed(3)

	// One that stands still for too long has lost its run, and does nothing more.
	run, asked = begun()
	want(other.say("approve", asked), "approved <nil>")
	want(other.say("hold", run), "holds")
	time.Sleep(shortLease)
	b.recovers(run)
	want(other.say("go"), "over")
	b.handed(4)

	b.raced(other, begun)
	b.verifies()
}

// raced has both processes go for the same runs at the same time.
func (b *bench) raced(other *otherProcess, begun func() (run, asked string)) {
	b.Helper()
	const runs = 8
	for range runs {
		run, asked := begun()
		if got := other.say("approve", asked); got != "approved <nil>" {
			b.Fatal(got)
		}
		var here error
		var there string
		var both sync.WaitGroup
		both.Go(func() { _, here = b.Resume(ctx, "lakeside", run) })
		both.Go(func() { there = other.say("resume", run) })
		both.Wait()
		if (here == nil) == (there == "completed") || here != nil && !taken(here) || there != "completed" && there != "busy" && there != "over" {
			b.Errorf("here %v, there %s", here, there)
		}
	}
	b.handed(4 + runs)
}

func (b *bench) handed(want int64) {
	b.Helper()
	if n := b.handedOut(); n != want {
		b.Errorf("%d keys were handed out, expected %d", n, want)
	}
}
