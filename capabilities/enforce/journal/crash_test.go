package journal_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	randv2 "math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

// The crash test starts one process after another that executes runs, and kills
// each at a random point: half of them at a random moment, half of them right
// before or after a random transaction. The next process finds what was left,
// goes on with it, and is killed in turn. In the end every run must be completed
// or compensated, and every effect must have happened exactly as often as that
// says.

const (
	crashLocation = "AGENTRISK_TEST_CRASH_LOCATION"
	crashSeed     = "AGENTRISK_TEST_CRASH_SEED" // set it to repeat a test
	crashNumber   = "AGENTRISK_TEST_CRASH_NUMBER"
	crashPoint    = "AGENTRISK_TEST_CRASH_POINT"
)

func TestKilledAtRandomPoints(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killMany(t, storetest.SQLite(t), 200) })
	t.Run("postgres", func(t *testing.T) { killMany(t, storetest.Postgres(t), 40) })
}

func killMany(t *testing.T, backend storetest.Backend, kills int) {
	seed := newSeed(t)
	t.Logf("measured: %d kills with seed %d; repeat with %s=%d", kills, seed, crashSeed, seed)
	db := backend.Open(t, storetest.NewClock())
	storetest.Write(t, db, func(tx *store.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE effects (run TEXT NOT NULL, step TEXT NOT NULL, did TEXT NOT NULL, k TEXT NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.Exec(`CREATE TABLE doubts (run TEXT NOT NULL)`)
		return err
	})
	points := randv2.New(randv2.NewPCG(seed, 0))
	for n := range kills {
		point, delay := 0, time.Duration(0)
		if n%2 == 0 {
			point = 1 + points.IntN(80)
		} else {
			delay = time.Duration(points.IntN(40_000)) * time.Microsecond
		}
		killed := runChild(t, backend.Location, seed, n, point, delay)
		if !killed {
			t.Fatalf("process %d was not killed", n)
		}
	}
	finisher := newExecutor(t, db, seed, uint64(kills), 0)
	for finisher.next() {
	}
	checkEffects(t, db, kills)
}

func newSeed(t *testing.T) uint64 {
	if text := os.Getenv(crashSeed); text != "" {
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

// runChild starts a process that works until it is killed.
func runChild(t *testing.T, location string, seed uint64, number, point int, delay time.Duration) (killed bool) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrashingProcess$", "-test.v")
	child.Env = append(os.Environ(), crashLocation+"="+location, fmt.Sprintf("%s=%d", crashSeed, seed),
		fmt.Sprintf("%s=%d", crashNumber, number), fmt.Sprintf("%s=%d", crashPoint, point))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	text, buffer := "", make([]byte, 4096)
	for !strings.Contains(text, "ready\n") {
		n, err := out.Read(buffer)
		text += string(buffer[:n])
		if err != nil {
			t.Fatalf("process %d: %v\n%s", number, err, text)
		}
	}
	if point == 0 {
		time.Sleep(delay)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	for err == nil {
		var n int
		n, err = out.Read(buffer)
		text += string(buffer[:n])
	}
	err = child.Wait()
	if err == nil || strings.Contains(text, "--- FAIL") {
		t.Errorf("process %d: %v\n%s", number, err, text)
		return false
	}
	return child.ProcessState.ExitCode() == -1 || strings.Contains(text, "killing itself") // the latter on Windows
}

// TestCrashingProcess is what the processes run; alone it has nothing to do.
func TestCrashingProcess(t *testing.T) {
	location := os.Getenv(crashLocation)
	if location == "" {
		return
	}
	var numbers [3]uint64
	for i, name := range []string{crashSeed, crashNumber, crashPoint} {
		n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		numbers[i] = n
	}
	db, err := store.Open(ctx, location, store.Options{Clock: clockOf(numbers[1])})
	if err != nil {
		t.Fatal(err)
	}
	e := newExecutor(t, db, numbers[0], numbers[1], int(numbers[2]))
	fmt.Println("ready")
	for {
		if !e.next() {
			e.create()
		}
	}
}

// clockOf is the clock of the n-th process: it starts after every lease of the
// processes before has run out.
func clockOf(n uint64) func() time.Time {
	begin, start := storetest.NewClock().Now().Add(time.Duration(n)*time.Hour), time.Now()
	return func() time.Time { return begin.Add(time.Since(start)) }
}

// executor goes through runs as an engine does: five effects, some of which are
// refused, and then everything is undone.
type executor struct {
	t       testing.TB
	db      *store.DB
	j       *journal.Journal
	owner   string
	random  *randv2.Rand
	point   int // the transaction at which the process ends itself; 0: none
	crossed int
}

func newExecutor(t testing.TB, db *store.DB, seed, number uint64, point int) *executor {
	t.Helper()
	if os.Getenv(crashLocation) == "" { // the last process goes on in this one
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE runs SET ready_at = 0 WHERE ready_at IS NOT NULL`)
			return err
		})
		if err := db.AcceptClock(ctx); err != nil {
			t.Fatal(err)
		}
	}
	j, err := journal.New(storetest.Box(t), rand.Reader, leaseTime)
	if err != nil {
		t.Fatal(err)
	}
	return &executor{t: t, db: db, j: j, owner: fmt.Sprintf("process-%d", number), random: randv2.New(randv2.NewPCG(seed, number+1)), point: point}
}

// write is one transaction, with a point to die at on either side of it.
func (e *executor) write(do func(*store.Tx) error) {
	e.cross()
	if err := e.db.Write(context.Background(), do); err != nil {
		e.t.Fatal(err)
	}
	e.cross()
}

func (e *executor) cross() {
	e.crossed++
	if e.crossed != e.point {
		return
	}
	fmt.Println("killing itself")
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	e.t.Fatal("still alive: ", err)
}

func (e *executor) create() {
	input := map[string]any{"refused_at": e.random.IntN(8), "keyed": e.random.IntN(2) == 0} // 5 to 7: no step is refused
	e.write(func(tx *store.Tx) error {
		_, err := e.j.Create(tx, journal.NewRun{Tenant: "acme", Capability: "five effects", Input: value(e.t, input)})
		return err
	})
}

// next executes one run, or tells that there is none.
func (e *executor) next() bool {
	var lease journal.Lease
	var found bool
	e.write(func(tx *store.Tx) (err error) { lease, found, err = e.j.ClaimNext(tx, e.owner); return err })
	if !found {
		return false
	}
	var s journal.Snapshot
	e.write(func(tx *store.Tx) (err error) { s, err = e.j.Show(tx, lease.Tenant, lease.Run); return err })
	input := s.Input.Value().(map[string]any)
	refusedAt, keyed := fmt.Sprint(input["refused_at"]), input["keyed"].(bool)
	if s.Run.State == journal.Running && e.act(lease, refusedAt, keyed) {
		e.write(func(tx *store.Tx) error { return e.j.End(tx, lease, journal.Completed, "") })
		return true
	}
	e.undo(lease, keyed)
	return true
}

func (e *executor) act(l journal.Lease, refusedAt string, keyed bool) bool {
	for i := range 5 {
		name := fmt.Sprintf("step-%d", i)
		var standing journal.Standing
		var step journal.Step
		e.write(func(tx *store.Tx) (err error) {
			standing, step, err = e.j.Intend(tx, l, intent(e.t, name, i))
			return err
		})
		if standing == journal.Done {
			continue
		}
		if fmt.Sprint(i) == refusedAt {
			e.write(func(tx *store.Tx) error { return e.j.Fail(tx, l, name, "the provider refuses") })
			e.write(func(tx *store.Tx) error { return e.j.Compensate(tx, l, name+" was refused") })
			return false
		}
		result := e.provider(l.Run, name, "do", step.Key, standing, keyed)
		e.write(func(tx *store.Tx) error {
			return e.j.Finish(tx, l, name, journal.Outcome{Result: result, Undo: journal.UndoPossible, UndoOperation: "undo", UndoArguments: result})
		})
	}
	return true
}

func (e *executor) undo(l journal.Lease, keyed bool) {
	var plan journal.Compensation
	e.write(func(tx *store.Tx) (err error) { plan, err = e.j.Compensation(tx, l); return err })
	for _, step := range plan.Undo {
		var standing journal.Standing
		e.write(func(tx *store.Tx) (err error) { standing, _, err = e.j.IntendUndo(tx, l, step.Name); return err })
		e.provider(l.Run, step.Name, "undo", step.UndoKey, standing, keyed)
		e.write(func(tx *store.Tx) error { return e.j.FinishUndo(tx, l, step.Name) })
	}
	e.write(func(tx *store.Tx) error { return e.j.End(tx, l, journal.Compensated, "") })
}

// provider lets an effect happen, in a table that would take it twice. A provider
// that honours keys is asked again when in doubt; one that does not is only asked
// whether the effect happened, and settled by its answer.
func (e *executor) provider(run, step, did, key string, standing journal.Standing, keyed bool) canonical.JSON {
	happened := false
	e.write(func(tx *store.Tx) (err error) {
		if standing == journal.InDoubt {
			if _, err := tx.Exec(`INSERT INTO doubts (run) VALUES (?)`, run); err != nil {
				return err
			}
		}
		if keyed || standing == journal.InDoubt {
			var n int64
			_, err = tx.Get(`SELECT count(*) FROM effects WHERE k = ?`, []any{key}, &n)
			happened = n > 0
		}
		return err
	})
	if !happened {
		e.write(func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO effects (run, step, did, k) VALUES (?, ?, ?, ?)`, run, step, did, key)
			return err
		})
	}
	return value(e.t, map[string]any{"receipt": key})
}

func checkEffects(t *testing.T, db *store.DB, kills int) {
	t.Helper()
	effects := map[string]int{}
	states := map[journal.State]int{}
	var doubts int64
	j, err := journal.New(storetest.Box(t), rand.Reader, leaseTime)
	if err != nil {
		t.Fatal(err)
	}
	b := bench{t: t, db: db, Journal: j}
	b.write(func(tx *store.Tx) error {
		if _, err := tx.Get(`SELECT count(*) FROM doubts`, nil, &doubts); err != nil {
			return err
		}
		return tx.Each(`SELECT run, step, did FROM effects`, nil, func(scan func(...any) error) error {
			var run, step, did string
			err := scan(&run, &step, &did)
			effects[run+" "+step+" "+did]++
			return err
		})
	})
	runs, _ := b.pages(journal.Filter{Tenant: "acme", Limit: 500})
	for _, run := range runs {
		states[run.State]++
		s := b.show(journal.Lease{Run: run.ID, Tenant: run.Tenant})
		checkRun(t, s, effects)
	}
	for key, n := range effects {
		t.Errorf("%s happened %d times more than the journal says", key, n)
	}
	t.Logf("measured: %d kills, %d runs: %v; %d steps were in doubt", kills, len(runs), states, doubts)
	if states[journal.Completed] == 0 || states[journal.Compensated] == 0 || doubts == 0 {
		t.Error("the kills did not reach everything they should")
	}
}

// checkRun takes away from the effects what the journal says of a run: what is
// left over in the end happened without it.
func checkRun(t *testing.T, s journal.Snapshot, effects map[string]int) {
	t.Helper()
	refusedAt := fmt.Sprint(s.Input.Value().(map[string]any)["refused_at"])
	want := journal.Completed
	if refusedAt < "5" {
		want = journal.Compensated
	}
	if s.Run.State != want || want == journal.Completed && len(s.Steps) != 5 {
		t.Errorf("run %s is %s with %d steps; expected %s", s.Run.ID, s.Run.State, len(s.Steps), want)
	}
	take := func(step journal.Step, did string) {
		key := s.Run.ID + " " + step.Name + " " + did
		if effects[key] != 1 {
			t.Errorf("%s happened %d times", key, effects[key])
		}
		if effects[key]--; effects[key] == 0 {
			delete(effects, key)
		}
	}
	for _, step := range s.Steps {
		switch {
		case step.State == journal.StepFailed:
		case step.State == journal.StepDone && want == journal.Completed:
			take(step, "do")
		case step.State == journal.Undone && want == journal.Compensated:
			take(step, "do")
			take(step, "undo")
		default:
			t.Errorf("run %s is %s, and its %s is %s", s.Run.ID, s.Run.State, step.Name, step.State)
		}
	}
}
