//go:build !windows

package audit

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
)

// writeLog makes a log of two runs with n entries each, and gives the
// checkpoint that somebody kept elsewhere.
func writeLog(t testing.TB, dir string, n int) (cp []byte, key string) {
	t.Helper()
	l := openLog(t, dir)
	if n > 10 {
		bulk(t, l, "run-a", n)
		bulk(t, l, "run-b", n)
		n = 0
	}
	a, b := mustBegin(t, l, "run-a"), mustBegin(t, l, "run-b")
	for range n {
		mustAppend(t, a, testEvent(KindDenial))
		mustAppend(t, b, testEvent(KindIntent))
	}
	cp, err := l.Checkpoint(t.Context())
	must(t, err)
	closeLog(t, l)
	return cp, l.PublicKey()
}

// rawEntries reads the logged bytes of a log.
func rawEntries(t testing.TB, dir string) [][]byte {
	t.Helper()
	files := tree{os.DirFS(filepath.Join(dir, treeFolder))}
	cp, err := files.checkpoint()
	must(t, err)
	var all [][]byte
	for range layout.Range(0, cp.Size, cp.Size) {
		entries, _, err := files.bundle(uint64(len(all))/layout.EntryBundleWidth, cp.Size)
		must(t, err)
		all = append(all, entries...)
	}
	return all
}

// forge writes a log of the given entries and signs it with the key of another:
// what somebody who holds the key can do.
func forge(t testing.TB, keyFrom string, raws [][]byte) string {
	t.Helper()
	dir := t.TempDir()
	copyFile(t, filepath.Join(keyFrom, keyFile), filepath.Join(dir, keyFile))
	copyFile(t, filepath.Join(keyFrom, publicFile), filepath.Join(dir, publicFile))
	l, err := Open(t.Context(), dir, Options{})
	must(t, err)
	land(t, l, raws)
	closeLog(t, l)
	return dir
}

// relink changes entries and then makes every chain fit again, as a careful forger
// would.
func relink(t testing.TB, raws [][]byte, change func(i int, e *Entry)) [][]byte {
	t.Helper()
	seq, prev := map[string]uint64{}, map[string]string{}
	var out [][]byte
	for i, raw := range raws {
		e, err := ParseEntry(raw)
		must(t, err)
		change(i, &e)
		seq[e.Run]++
		e.Seq, e.Prev = seq[e.Run], prev[e.Run]
		again, err := e.Canonical()
		must(t, err)
		prev[e.Run] = hex.EncodeToString(leafHash(again))
		out = append(out, again)
	}
	return out
}

func wantFault(t testing.TB, r *Report, check string) {
	t.Helper()
	if r.OK() || r.Check(check).Status != Failed {
		t.Errorf("%s did not fail: %+v\nfaults %+v", check, r.Check(check), r.Faults)
	}
}

// liveFiles are the files that a tree of the given size consists of.
func liveFiles(size uint64) []string {
	files := []string{layout.CheckpointPath, statePath}
	for info := range layout.Range(0, size, size) {
		files = append(files, layout.EntriesPath(info.Index, info.Partial))
	}
	for level := uint64(0); size>>(level*layout.TileHeight) > 0; level++ {
		n := size >> (level * layout.TileHeight)
		for i := uint64(0); i*layout.TileWidth < n; i++ {
			files = append(files, layout.TilePath(level, i, layout.PartialTileSize(level, i, size)))
		}
	}
	return files
}

// load copies a log into memory, with only the files of its last state.
func load(t testing.TB, dir string, size uint64) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	paths := []string{publicFile}
	for _, path := range liveFiles(size) {
		paths = append(paths, treeFolder+"/"+path)
	}
	for _, path := range paths {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		must(t, err)
		m[path] = &fstest.MapFile{Data: data}
	}
	return m
}

// TestEveryByteIsHeld changes every single byte of a small log's live data, each in
// two ways, and finds every change.
func TestEveryByteIsHeld(t *testing.T) {
	dir := t.TempDir()
	_, key := writeLog(t, dir, 2)
	files := load(t, dir, 4)
	r, err := verifyFS(files, VerifyOptions{LogKey: key})
	must(t, err)
	wantOK(t, r)
	flipped := 0
	for _, path := range liveFiles(4) {
		data := files[treeFolder+"/"+path].Data
		for i := range data {
			for _, mask := range []byte{0x01, 0x20} { // 0x20 turns the case of letters
				data[i] ^= mask
				r, err := verifyFS(files, VerifyOptions{LogKey: key})
				if err != nil {
					t.Fatal(err)
				}
				if r.OK() {
					t.Errorf("%s: byte %d xor %#02x was not noticed", path, i, mask)
				}
				data[i] ^= mask
				flipped++
			}
		}
	}
	t.Logf("measured: %d changed bytes, all found", flipped)
}

// TestBytesOfFullTiles does the same where full tiles, a second level and a partial
// end exist, for every byte of the checkpoint and a sample of the others.
func TestBytesOfFullTiles(t *testing.T) {
	dir := t.TempDir()
	_, key := writeLog(t, dir, 129)
	files := load(t, dir, 258)
	r, err := verifyFS(files, VerifyOptions{LogKey: key})
	must(t, err)
	wantOK(t, r)
	for _, path := range liveFiles(258) {
		data, step := files[treeFolder+"/"+path].Data, 1
		if strings.Contains(path, "tile") {
			step = len(data)/25 + 1
		}
		for i := 0; i < len(data); i += step {
			data[i] ^= 0x01
			r, err := verifyFS(files, VerifyOptions{LogKey: key})
			if err != nil || r.OK() {
				t.Errorf("%s: byte %d was not noticed (%v)", path, i, err)
			}
			data[i] ^= 0x01
		}
	}
}

func TestCutLogs(t *testing.T) {
	dir := t.TempDir()
	cp, key := writeLog(t, dir, 3)
	for _, path := range liveFiles(6) {
		files := load(t, dir, 6)
		full := files[treeFolder+"/"+path].Data
		delete(files, treeFolder+"/"+path)
		if r, err := verifyFS(files, VerifyOptions{LogKey: key}); err != nil || r.OK() {
			t.Errorf("%s: its absence was not noticed (%v)", path, err)
		}
		for _, data := range [][]byte{full[:len(full)-1], full[:0], append(slices.Clone(full), 0)} {
			files[treeFolder+"/"+path] = &fstest.MapFile{Data: data}
			if r, err := verifyFS(files, VerifyOptions{LogKey: key}); err != nil || r.OK() {
				t.Errorf("%s with %d instead of %d bytes was not noticed (%v)", path, len(data), len(full), err)
			}
		}
	}
	// An earlier state of the log, complete with its own checkpoint and state.
	cut := forge(t, dir, rawEntries(t, dir)[:4])
	r := mustVerify(t, cut, VerifyOptions{LogKey: key})
	wantOK(t, r) // by itself it is a valid log, and the report says what that is worth
	if !strings.Contains(strings.Join(r.Unproven, " "), "rewritten and signed again") {
		t.Errorf("unproven %v", r.Unproven)
	}
	wantFault(t, mustVerify(t, cut, VerifyOptions{LogKey: key, Checkpoint: cp}), CheckKept)
}

// TestForgedLogs rewrites a log and signs it again with the log's own key. A kept
// checkpoint finds every forgery; the chains find those that were not relinked.
func TestForgedLogs(t *testing.T) {
	dir := t.TempDir()
	cp, key := writeLog(t, dir, 3)
	raws := rawEntries(t, dir)
	swap := func(i, j int) [][]byte {
		s := slices.Clone(raws)
		s[i], s[j] = s[j], s[i]
		return s
	}
	edit := func(i int, from, to string) [][]byte {
		s := slices.Clone(raws)
		s[i] = []byte(strings.Replace(string(s[i]), from, to, 1))
		return s
	}
	cases := []struct {
		name  string
		raws  [][]byte
		chain bool // the chains alone find it
	}{
		{"entry of a run dropped", slices.Delete(slices.Clone(raws), 2, 3), true},
		{"first entry of a run dropped", raws[1:], true},
		{"entry repeated", slices.Insert(slices.Clone(raws), 3, raws[1]), true},
		{"entries of one run swapped", swap(0, 2), true},
		{"runs swapped", swap(0, 1), false},
		{"reason rewritten", edit(2, "working", "lunch"), true},
		{"tenant rewritten", edit(4, `"tenant":"acme"`, `"tenant":"evil"`), true},
		{"last entry rewritten", edit(4, "outside", "within"), false},
		{"end cut off", raws[:5], false},
		{"whole run dropped", slices.DeleteFunc(slices.Clone(raws), func(r []byte) bool { return strings.Contains(string(r), "run-b") }), false},
		{"rewritten and relinked", relink(t, raws, func(_ int, e *Entry) { e.Resource = "project:8" }), false},
		{"dropped and relinked", relink(t, raws[2:], func(int, *Entry) {}), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			forged := forge(t, dir, c.raws)
			r := mustVerify(t, forged, VerifyOptions{LogKey: key})
			if c.chain {
				wantFault(t, r, CheckChain)
			} else {
				wantOK(t, r)
			}
			if r.Anchored != 0 || !strings.Contains(strings.Join(r.Unproven, " "), "rewritten and signed again") {
				t.Errorf("anchored %d, unproven %v", r.Anchored, r.Unproven)
			}
			wantFault(t, mustVerify(t, forged, VerifyOptions{LogKey: key, Checkpoint: cp}), CheckKept)
		})
	}
}

// TestUnsignedTail: a process is killed before its last entries are signed. The
// report does not vouch for them, and a change to them is not signed later on.
func TestUnsignedTail(t *testing.T) {
	dir := t.TempDir()
	cp, key := writeLog(t, dir, 3)
	before, err := os.ReadFile(filepath.Join(dir, treeFolder, layout.CheckpointPath))
	must(t, err)
	l := openLog(t, dir)
	trail, err := l.Resume(t.Context(), "run-a")
	must(t, err)
	mustAppend(t, trail, testEvent(KindIntent), testEvent(KindOutcome), testEvent(KindIntent))
	closeLog(t, l)
	tail := t.TempDir() // as a kill before the next checkpoint leaves it
	must(t, os.CopyFS(tail, os.DirFS(dir)))
	must(t, os.WriteFile(filepath.Join(tail, treeFolder, layout.CheckpointPath), before, 0o600))
	r := mustVerify(t, tail, VerifyOptions{LogKey: key, Checkpoint: cp})
	wantOK(t, r)
	if r.Size != 9 || r.Signed != 6 || r.Anchored != 6 {
		t.Fatalf("size %d, signed %d, anchored %d", r.Size, r.Signed, r.Anchored)
	}
	all := strings.Join(r.Unproven, "\n")
	for _, want := range []string{"no checkpoint covers", "from 6 on"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in %s", want, all)
		}
	}
	// One byte of the unsigned end is still held by tiles and state.
	path := filepath.Join(tail, treeFolder, layout.EntriesPath(0, 9))
	info, err := os.Stat(path)
	must(t, err)
	flip(t, path, int(info.Size())-20)
	wantFault(t, mustVerify(t, tail, VerifyOptions{LogKey: key}), CheckState)
	must(t, os.Chmod(filepath.Join(tail, keyFile), 0o600))
	if _, err := Open(t.Context(), tail, Options{Random: rand.Reader}); !errors.Is(err, ErrTampered) {
		t.Errorf("the changed end was taken to be signed: %v", err)
	}
}

func TestKeysAndKeptCheckpoints(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	cp, key := writeLog(t, dir, 2)
	otherCP, otherKey := writeLog(t, other, 2)
	wantFault(t, mustVerify(t, dir, VerifyOptions{LogKey: otherKey}), CheckSignature)
	wantFault(t, mustVerify(t, dir, VerifyOptions{LogKey: key, Checkpoint: otherCP}), CheckKept)
	for i := range cp {
		bad := slices.Clone(cp)
		bad[i] ^= 1
		if r, err := Verify(dir, VerifyOptions{LogKey: key, Checkpoint: bad}); err == nil && r.OK() {
			t.Errorf("a kept checkpoint with byte %d changed was taken", i)
		}
	}
	for _, none := range []string{"", "no checkpoint\n"} {
		if _, err := Verify(dir, VerifyOptions{LogKey: key, Checkpoint: []byte(none)}); err == nil {
			t.Errorf("%q was taken for a checkpoint", none)
		}
	}
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	if !strings.Contains(r.Unproven[0], "whose log") {
		t.Errorf("the report does not say where the key came from: %v", r.Unproven)
	}
	for _, bad := range []string{"x", "name+00000000+AAAA", strings.Replace(key, "+", "-", 1)} {
		if _, err := Verify(dir, VerifyOptions{LogKey: bad}); err == nil {
			t.Errorf("key %q was taken", bad)
		}
		if _, err := Verify(dir, VerifyOptions{WitnessKey: bad}); err == nil {
			t.Errorf("witness key %q was taken", bad)
		}
	}
	if _, err := Verify(t.TempDir(), VerifyOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestNotices(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	trail := mustBegin(t, l, "run-1")
	back := testEvent(KindDenial)
	back.At = testTime.Add(-time.Hour)
	mustAppend(t, trail, testEvent(KindIntent), back)
	closeLog(t, l)
	r := mustVerify(t, dir, VerifyOptions{})
	wantOK(t, r)
	all := strings.Join(r.Notices, "\n")
	if !strings.Contains(all, "no outcome") || !strings.Contains(all, "clock went back") {
		t.Errorf("notices: %s", all)
	}
}

// TestTenantsDoNotShareARun: the log notices a run that changes its tenant.
func TestTenantsDoNotShareARun(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	trail := mustBegin(t, l, "run-1")
	other := testEvent(KindDecision)
	other.Tenant = "globex"
	mustAppend(t, trail, testEvent(KindDecision), other)
	closeLog(t, l)
	wantFault(t, mustVerify(t, dir, VerifyOptions{}), CheckChain)
}

func TestFaultsAreBounded(t *testing.T) {
	dir := t.TempDir()
	_, key := writeLog(t, dir, 1)
	var raws [][]byte
	for i := range 150 {
		raws = append(raws, fmt.Appendf(nil, `{"not":"an entry %d"}`, i))
	}
	r := mustVerify(t, forge(t, dir, raws), VerifyOptions{LogKey: key})
	if r.FaultCount != 150 || len(r.Faults) != maxFaults {
		t.Errorf("%d faults counted, %d listed", r.FaultCount, len(r.Faults))
	}
}

func TestWitness(t *testing.T) {
	dir, far := t.TempDir(), t.TempDir()
	_, key := writeLog(t, dir, 3)
	now := testTime
	w, err := OpenWitness(far, rand.Reader, func() time.Time { return now })
	must(t, err)
	if _, err := w.Last("nobody"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("memory of an unknown log: %v", err)
	}
	first, err := w.Cosign(t.Context(), dir, key)
	must(t, err)
	r := mustVerify(t, dir, VerifyOptions{LogKey: key, WitnessKey: w.PublicKey()})
	wantOK(t, r)
	if r.Anchored != 6 || r.Check(CheckWitness).Status != Passed || !r.CosignedAt.Equal(now.Truncate(time.Second)) {
		t.Errorf("anchored %d at %v: %+v", r.Anchored, r.CosignedAt, r.Check(CheckWitness))
	}

	// The log grows; the witness checks that it does.
	l := openLog(t, dir)
	mustAppend(t, mustBegin(t, l, "run-c"), testEvent(KindDecision))
	closeLog(t, l)
	w, err = OpenWitness(far, nil, func() time.Time { return now.Add(time.Hour) })
	must(t, err)
	second, err := w.Cosign(t.Context(), dir, key)
	must(t, err)
	wantOK(t, mustVerify(t, dir, VerifyOptions{LogKey: key, WitnessKey: w.PublicKey(), Checkpoint: first}))
	wantOK(t, mustVerify(t, dir, VerifyOptions{LogKey: key, WitnessKey: w.PublicKey(), Checkpoint: second}))

	// A rewritten log gets no cosignature, and the old one does not fit it.
	forged := forge(t, dir, relink(t, rawEntries(t, dir), func(i int, e *Entry) { e.Resource = "project:9" }))
	if _, err := w.Cosign(t.Context(), forged, key); !errors.Is(err, ErrInconsistent) {
		t.Errorf("rewritten: %v", err)
	}
	if _, err := w.Cosign(t.Context(), forge(t, dir, rawEntries(t, dir)[:4]), key); !errors.Is(err, ErrInconsistent) {
		t.Errorf("cut: %v", err)
	}
	wantFault(t, mustVerify(t, forged, VerifyOptions{LogKey: key, WitnessKey: w.PublicKey()}), CheckWitness)
	copyFile(t, filepath.Join(dir, witnessedFile), filepath.Join(forged, witnessedFile))
	wantFault(t, mustVerify(t, forged, VerifyOptions{LogKey: key, WitnessKey: w.PublicKey()}), CheckKept)

	stranger, err := OpenWitness(t.TempDir(), rand.Reader, time.Now)
	must(t, err)
	wantFault(t, mustVerify(t, dir, VerifyOptions{LogKey: key, WitnessKey: stranger.PublicKey()}), CheckWitness)
	for i := range second {
		bad := slices.Clone(second)
		bad[i] ^= 1
		if r, err := Verify(dir, VerifyOptions{LogKey: key, WitnessKey: w.PublicKey(), Checkpoint: bad}); err == nil && r.OK() {
			t.Errorf("a cosigned checkpoint with byte %d changed was taken", i)
		}
	}
}

// TestWitnessRefusesItsOwnChangedMemory: who changes the witness's memory of a log
// cannot make it accept another.
func TestWitnessRefusesItsOwnChangedMemory(t *testing.T) {
	dir, far := t.TempDir(), t.TempDir()
	cp, key := writeLog(t, dir, 2)
	w, err := OpenWitness(far, rand.Reader, time.Now)
	must(t, err)
	_, err = w.Cosign(t.Context(), dir, key)
	must(t, err)
	parsed, err := parseCheckpoint("kept", cp)
	must(t, err)
	must(t, os.WriteFile(w.path(parsed.Origin), cp, 0o600)) // signed by the log alone
	if _, err := w.Cosign(t.Context(), dir, key); !errors.Is(err, ErrTampered) {
		t.Errorf("got %v", err)
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	cp, _ := writeLog(f, f.TempDir(), 1)
	f.Add(cp)
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseCheckpoint("fuzz", raw)
		if err != nil {
			return
		}
		var again strings.Builder
		fmt.Fprintf(&again, "%s\n%d\n%s\n\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root))
		for _, s := range c.sigs {
			again.WriteString("— " + s.Name + " " + s.Base64 + "\n")
		}
		if again.String() != string(raw) {
			t.Fatalf("read %q as %q", raw, again.String())
		}
	})
}

func FuzzSplitBundle(f *testing.F) {
	f.Add([]byte{0, 1, 'a', 0, 0})
	f.Add([]byte{255, 255, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, err := splitBundle("fuzz", raw)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range entries {
			again = append(again, tessera.NewEntry(e).MarshalBundleData(0)...)
		}
		if string(again) != string(raw) {
			t.Fatalf("read %x as %x", raw, again)
		}
	})
}
