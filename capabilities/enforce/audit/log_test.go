//go:build !windows

package audit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	SetDriverLog(slog.New(slog.DiscardHandler))
	if dir := os.Getenv("AUDIT_TEST_WRITER"); dir != "" {
		if os.Getenv("AUDIT_TEST_FULL") != "" {
			// No file may grow beyond this, as on a disk that is full.
			limit := unix.Rlimit{Cur: 6000, Max: 6000}
			if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
				panic(err)
			}
		}
		os.Exit(childWriter(dir, os.Getenv("AUDIT_TEST_RUN")))
	}
	os.Exit(m.Run())
}

// childWriter appends to a log until it is killed or has written 20 entries, and
// prints what was confirmed.
func childWriter(dir, run string) int {
	ctx := context.Background()
	l, err := Open(ctx, dir, Options{Random: rand.Reader})
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	t, err := l.Resume(ctx, run)
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	for range 20 {
		r, err := t.Append(ctx, testEvent(KindIntent))
		if err != nil {
			fmt.Println("error", err)
			return 1
		}
		fmt.Println(r.Seq, r.Leaf)
	}
	if err := l.Close(ctx); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

func child(t *testing.T, dir, run string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "AUDIT_TEST_WRITER="+dir, "AUDIT_TEST_RUN="+run)
	return cmd
}

func openLog(t testing.TB, dir string) *Log {
	t.Helper()
	l, err := Open(t.Context(), dir, Options{Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func closeLog(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func mustAppend(t testing.TB, trail *Trail, events ...Event) []Receipt {
	t.Helper()
	var all []Receipt
	for _, v := range events {
		r, err := trail.Append(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func mustBegin(t testing.TB, l *Log, run string) *Trail {
	t.Helper()
	trail, err := l.Begin(run)
	if err != nil {
		t.Fatal(err)
	}
	return trail
}

func mustVerify(t testing.TB, dir string, opts VerifyOptions) *Report {
	t.Helper()
	r, err := Verify(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantOK(t testing.TB, r *Report) {
	t.Helper()
	if !r.OK() {
		t.Fatalf("faults %+v", r.Faults)
	}
}

func TestAppendIsRecordedAndVerifies(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir)
	trail := mustBegin(t, l, "run-1")
	receipts := mustAppend(t, trail, testEvent(KindDecision), testEvent(KindIntent), testEvent(KindOutcome))
	for i, r := range receipts {
		if r.Seq != uint64(i+1) || r.Index != uint64(i) {
			t.Errorf("entry %d has receipt %+v", i, r)
		}
	}
	if trail.Head() != receipts[2] {
		t.Errorf("head %+v", trail.Head())
	}
	cp, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeLog(t, l)
	r := mustVerify(t, dir, VerifyOptions{LogKey: l.PublicKey(), Checkpoint: cp})
	wantOK(t, r)
	if r.Size != 3 || r.Signed != 3 || r.Anchored != 3 || r.Runs != 1 {
		t.Errorf("report %+v", r)
	}
	for _, name := range []string{CheckSignature, CheckState, CheckEntries, CheckTiles, CheckRoot, CheckChain, CheckKept} {
		if c := r.Check(name); c.Status != Passed {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := r.Check(CheckWitness); c.Status != NotChecked {
		t.Errorf("witness: %+v", c)
	}
	if len(r.Notices) != 0 {
		t.Errorf("notices %v", r.Notices)
	}
}

// Events that are recorded together are entries of one chain, side by side with those
// of other runs.
func TestAppendAllIsOneChain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	l := openLog(t, dir)
	var wg sync.WaitGroup
	for i := range 8 {
		trail := mustBegin(t, l, fmt.Sprintf("run-%d", i))
		wg.Go(func() {
			for n := range 4 {
				receipts, err := trail.AppendAll(t.Context(), testEvent(KindOutcome), testEvent(KindIntent))
				if err != nil || len(receipts) != 2 {
					t.Errorf("%d receipts, %v", len(receipts), err)
					return
				}
				a, b := receipts[0], receipts[1]
				if a.Seq != uint64(2*n+1) || b.Seq != a.Seq+1 || b.Index <= a.Index || trail.Head() != b {
					t.Errorf("receipts %+v, head %+v", receipts, trail.Head())
				}
			}
		})
	}
	wg.Wait()
	trail := mustBegin(t, l, "other")
	if receipts, err := trail.AppendAll(t.Context(), testEvent(KindIntent), Event{}); err == nil || len(receipts) != 0 || trail.Head().Seq != 0 {
		t.Errorf("beside an event that is none: %v, %v", receipts, err)
	}
	closeLog(t, l)
	if receipts, err := trail.AppendAll(t.Context(), testEvent(KindOutcome), testEvent(KindIntent)); !errors.Is(err, ErrClosed) || len(receipts) != 0 {
		t.Errorf("after the end: %v, %v", receipts, err)
	}
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	if r.Size != 64 || r.Runs != 8 {
		t.Errorf("%d entries in %d runs", r.Size, r.Runs)
	}
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "audit")
	closeLog(t, openLog(t, dir))
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, keyFile): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", path, info.Mode().Perm(), want)
		}
	}
	if err := os.Chmod(filepath.Join(dir, keyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{Random: rand.Reader}); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Errorf("a key that all can read was taken: %v", err)
	}
}

func TestResumeContinuesTheRun(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	mustAppend(t, mustBegin(t, l, "run-1"), testEvent(KindIntent))
	bulk(t, l, "run-2", 300) // run-1 ends up in an earlier bundle
	if _, err := l.Begin("run-1"); !errors.Is(err, ErrRunOpen) {
		t.Errorf("second trail: %v", err)
	}
	closeLog(t, l)

	l = openLog(t, dir)
	trail, err := l.Resume(t.Context(), "run-1")
	if err != nil {
		t.Fatal(err)
	}
	if trail.Head().Seq != 1 {
		t.Fatalf("head %+v", trail.Head())
	}
	mustAppend(t, trail, testEvent(KindOutcome))
	fresh, err := l.Resume(t.Context(), "run-3")
	if err != nil || fresh.Head().Seq != 0 {
		t.Errorf("a run without entries: %+v %v", fresh.Head(), err)
	}
	closeLog(t, l)
	wantOK(t, mustVerify(t, dir, VerifyOptions{}))
	if _, err := os.Stat(filepath.Join(dir, treeFolder, layout.EntriesPath(0, 0)+".p")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("partial bundles of a full one are left: %v", err)
	}
}

func TestManyWritersKeepTheirChains(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	var wg sync.WaitGroup
	errs := make(chan error, 32)
	for i := range 32 {
		trail := mustBegin(t, l, fmt.Sprintf("run-%d", i))
		wg.Go(func() {
			for range 8 {
				if _, err := trail.Append(t.Context(), testEvent(KindIntent)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	closeLog(t, l)
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	if r.Size != 256 || r.Runs != 32 {
		t.Errorf("%d entries in %d runs", r.Size, r.Runs)
	}
}

// TestResumeBehindOthers: entries of another process that this one has not met yet
// stand before an entry of its own. The run goes on from that entry all the same.
func TestResumeBehindOthers(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	first := mustBegin(t, l, "run-1")
	mustAppend(t, first, testEvent(KindDecision))
	entry := func(run string, seq uint64, prev string) []byte {
		e, err := testEvent(KindIntent).entry(run, l.redact)
		must(t, err)
		e.Seq, e.Prev = seq, prev
		raw, err := e.Canonical()
		must(t, err)
		return raw
	}
	land := func(trail *Trail, raw []byte) {
		indexes, err := l.commit(raw)
		must(t, err)
		e, err := ParseEntry(raw)
		must(t, err)
		l.landed(trail, Receipt{Index: indexes[0], Seq: e.Seq, Leaf: hex.EncodeToString(leafHash(raw))})
	}
	// Another process writes between the look at the tree and the entry.
	head, err := l.catchUp(t.Context(), first)
	must(t, err)
	_, err = l.commit(entry("run-2", 1, ""))
	must(t, err)
	land(first, entry("run-1", 2, head.Leaf))
	first.Close()
	second, err := l.Resume(t.Context(), "run-1")
	must(t, err)
	if r := mustAppend(t, second, testEvent(KindOutcome)); r[0].Seq != 3 {
		t.Errorf("the run goes on with entry %d", r[0].Seq)
	}
	// The trail is closed and opened anew while an entry is under way.
	head = second.Head()
	second.Close()
	third, err := l.Resume(t.Context(), "run-1")
	must(t, err)
	land(second, entry("run-1", 4, head.Leaf))
	if r := mustAppend(t, third, testEvent(KindOutcome)); r[0].Seq != 5 {
		t.Errorf("the run goes on with entry %d", r[0].Seq)
	}
	closeLog(t, l)
	wantOK(t, mustVerify(t, dir, VerifyOptions{}))
}

// TestTwoProcesses lets two processes write to one log at once, and to one run one
// after the other.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	trail := mustBegin(t, l, "run-here")
	shared := mustBegin(t, l, "run-shared")
	mustAppend(t, shared, testEvent(KindDecision))
	cmds := []*exec.Cmd{child(t, dir, "run-a"), child(t, dir, "run-b"), child(t, dir, "run-shared")}
	outs := make([]strings.Builder, len(cmds))
	for i, cmd := range cmds {
		cmd.Stdout, cmd.Stderr = &outs[i], &outs[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		mustAppend(t, trail, testEvent(KindIntent))
	}
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v: %s", err, outs[i].String())
		}
	}
	// This process has not seen the other's entries of the shared run yet.
	if r := mustAppend(t, shared, testEvent(KindDecision)); r[0].Seq != 22 {
		t.Errorf("the shared run continues at %d", r[0].Seq)
	}
	closeLog(t, l)
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	if r.Size != 82 || r.Runs != 4 {
		t.Errorf("%d entries in %d runs", r.Size, r.Runs)
	}
}

// TestKilledWriter kills a writing process at random moments. What was confirmed is
// in the log, the log verifies before and after it is opened again, and the run
// goes on.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	closeLog(t, openLog(t, dir))
	confirmed := 0
	for i := range 200 {
		if i >= 12 && confirmed > 0 {
			break
		}
		cmd := child(t, dir, "run-1")
		var out strings.Builder
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(8+4*i) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil && strings.Contains(out.String(), "error") {
			t.Fatalf("the writer failed by itself: %s", out.String())
		}
		confirmed += strings.Count(out.String(), "\n")
		r := mustVerify(t, dir, VerifyOptions{})
		wantOK(t, r)
		if r.Size < uint64(confirmed) {
			t.Fatalf("%d entries were confirmed, %d are there", confirmed, r.Size)
		}
		if r.Size > r.Signed && !strings.Contains(strings.Join(r.Unproven, " "), "no checkpoint covers") {
			t.Errorf("%d of %d entries signed, and the report says %v", r.Signed, r.Size, r.Unproven)
		}
	}
	if confirmed == 0 {
		t.Fatal("no writer got as far as one entry")
	}
	l := openLog(t, dir)
	if _, err := l.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	closeLog(t, l)
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	if r.Signed != r.Size {
		t.Errorf("after opening again %d of %d entries are signed", r.Signed, r.Size)
	}
}

// TestFullDisk lets a process write until the system refuses to. The entry that
// failed is an error, those before it are there, and with space the run goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	closeLog(t, openLog(t, dir))
	cmd := child(t, dir, "run-1")
	cmd.Env = append(cmd.Env, "AUDIT_TEST_FULL=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cannot be written") {
		t.Fatalf("the writer ended with %v: %s", err, out)
	}
	confirmed := len(regexp.MustCompile(`(?m)^[0-9]+ [0-9a-f]{64}$`).FindAll(out, -1))
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	if confirmed < 3 || r.Size != uint64(confirmed) {
		t.Errorf("%d entries were confirmed, %d are there: %s", confirmed, r.Size, out)
	}
	l := openLog(t, dir)
	trail, err := l.Resume(t.Context(), "run-1")
	must(t, err)
	if r := mustAppend(t, trail, testEvent(KindDenial)); r[0].Seq != uint64(confirmed+1) {
		t.Errorf("the run continues at %d after %d entries", r[0].Seq, confirmed)
	}
	closeLog(t, l)
	wantOK(t, mustVerify(t, dir, VerifyOptions{}))
}

func TestOneLogAFolderAndProcess(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	if _, err := Open(t.Context(), dir, Options{Random: rand.Reader}); !errors.Is(err, ErrOpenHere) {
		t.Errorf("second open: %v", err)
	}
	closeLog(t, l)
	closeLog(t, openLog(t, dir))
	if left, _ := filepath.Glob(filepath.Join(dir, lockFolder, presencePrefix+"*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUnwritableLogIsAnError(t *testing.T) {
	cases := map[string]func(t *testing.T, tree string){
		// Renamed, because the driver's own goroutine may be writing into it.
		"state folder gone": func(t *testing.T, tree string) {
			must(t, os.Rename(filepath.Join(tree, ".state"), filepath.Join(tree, "away")))
		},
		"bundle folder is a file": func(t *testing.T, tree string) {
			must(t, os.RemoveAll(filepath.Join(tree, "tile")))
			must(t, os.WriteFile(filepath.Join(tree, "tile"), nil, 0o600))
		},
		"state is garbage": func(t *testing.T, tree string) {
			must(t, os.WriteFile(filepath.Join(tree, ".state", "treeState"), []byte("{"), 0o600))
		},
		"state went back": func(t *testing.T, tree string) {
			must(t, os.WriteFile(filepath.Join(tree, ".state", "treeState"), []byte(`{"size":0,"root":""}`), 0o600))
		},
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLog(t, dir)
			trail := mustBegin(t, l, "run-1")
			mustAppend(t, trail, testEvent(KindIntent))
			spoil(t, filepath.Join(dir, treeFolder))
			_, err := trail.Append(t.Context(), testEvent(KindOutcome))
			if !errors.Is(err, ErrUnwritable) && !errors.Is(err, ErrTampered) {
				t.Errorf("append: %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := l.Close(ctx); err == nil {
				t.Error("close reported no error")
			}
			if _, err := l.Begin("run-2"); !errors.Is(err, ErrClosed) {
				t.Errorf("begin after close: %v", err)
			}
		})
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := Open(t.Context(), filepath.Join(file, "audit"), Options{Random: rand.Reader}); !errors.Is(err, ErrUnwritable) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), t.TempDir(), Options{Random: strings.NewReader("short")}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a key was made without randomness: %v", err)
	}
}

func TestAppendAfterTheCallerGaveUp(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	trail := mustBegin(t, l, "run-1")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := trail.Append(gone, testEvent(KindIntent)); !errors.Is(err, ErrUncertain) && !errors.Is(err, ErrUnwritable) {
		t.Errorf("got %v", err)
	}
	for range 20 { // give up while the entry is being written
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Microsecond)
		if _, err := trail.Append(ctx, testEvent(KindDecision)); err != nil && !errors.Is(err, ErrUncertain) && !errors.Is(err, ErrUnwritable) {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	mustAppend(t, trail, testEvent(KindIntent))
	closeLog(t, l)
	wantOK(t, mustVerify(t, dir, VerifyOptions{}))
}

// TestOpenRefusesWhatContradictsItself: what is added to a tampered log would be
// signed together with the tampering.
func TestOpenRefusesWhatContradictsItself(t *testing.T) {
	other := t.TempDir()
	closeLog(t, openLog(t, other))
	cases := map[string]func(t *testing.T, dir string){
		"key gone": func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, keyFile))) },
		"other key": func(t *testing.T, dir string) {
			copyFile(t, filepath.Join(other, keyFile), filepath.Join(dir, keyFile))
		},
		"other state": func(t *testing.T, dir string) {
			copyFile(t, filepath.Join(other, treeFolder, statePath), filepath.Join(dir, treeFolder, statePath))
		},
		"tile changed": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, treeFolder, layout.TilePath(0, 0, 3)), 40) },
		"tile gone": func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, treeFolder, layout.TilePath(0, 0, 3))))
		},
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLog(t, dir)
			mustAppend(t, mustBegin(t, l, "run-1"), testEvent(KindIntent), testEvent(KindOutcome), testEvent(KindIntent))
			closeLog(t, l)
			spoil(t, dir)
			if l, err := Open(t.Context(), dir, Options{Random: rand.Reader}); !errors.Is(err, ErrTampered) {
				t.Errorf("opened %v, %v", l, err)
			}
		})
	}
}

// bulk adds n entries of one run past its trail.
func bulk(t testing.TB, l *Log, run string, n int) {
	t.Helper()
	raws, prev := make([][]byte, n), ""
	for i := range raws {
		e, err := testEvent(KindDenial).entry(run, l.redact)
		must(t, err)
		e.Seq, e.Prev = uint64(i+1), prev
		raws[i], err = e.Canonical()
		must(t, err)
		prev = hex.EncodeToString(leafHash(raws[i]))
	}
	land(t, l, raws)
}

// land gives entries to the log's driver in order. It waits for each: the driver may
// write two batches that came soon after one another in either order.
func land(t testing.TB, l *Log, raws [][]byte) {
	t.Helper()
	l.wrote = true
	for _, raw := range raws {
		_, err := l.appender.Add(t.Context(), tessera.NewEntry(raw))()
		must(t, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, data, 0o600))
}

func flip(t testing.TB, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	data[at] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
}
