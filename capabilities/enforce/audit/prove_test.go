//go:build !windows

package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/tessera/api/layout"
	"pgregory.net/rapid"
)

func collect(t testing.TB, dir string, f Filter) []Record {
	t.Helper()
	var all []Record
	for r, err := range Records(dir, f) {
		must(t, err)
		all = append(all, r)
	}
	return all
}

func TestRecordsAreFiltered(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	mine, theirs := testEvent(KindIntent), testEvent(KindDecision)
	theirs.Tenant = "globex"
	other := testEvent(KindDecision)
	other.Step = "read"
	mustAppend(t, mustBegin(t, l, "run-1"), mine, other)
	mustAppend(t, mustBegin(t, l, "run-2"), theirs)
	closeLog(t, l)
	cases := []struct {
		filter Filter
		want   int
	}{
		{Filter{Scope: AllTenants()}, 3},
		{Filter{Scope: ForTenant("acme")}, 2},
		{Filter{Scope: ForTenant("globex")}, 1},
		{Filter{Scope: ForTenant("nobody")}, 0},
		{Filter{Scope: ForTenant("acme"), Run: "run-2"}, 0},
		{Filter{Scope: ForTenant("acme"), Run: "run-1", Step: "read"}, 1},
		{Filter{Scope: AllTenants(), Kind: KindDecision}, 2},
	}
	for _, c := range cases {
		if got := len(collect(t, dir, c.filter)); got != c.want {
			t.Errorf("%+v picked %d entries, want %d", c.filter, got, c.want)
		}
	}
	for _, scope := range []Scope{{}, ForTenant("")} {
		for _, err := range Records(dir, Filter{Scope: scope}) {
			if !errors.Is(err, ErrScope) {
				t.Errorf("without a scope: %v", err)
			}
		}
	}
	if _, err := Prove(t.Context(), dir, ForTenant("globex"), "run-1", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("another tenant's run was proven: %v", err)
	}
}

// TestTenantsSeeTheirOwn: for random filters over a log of several tenants, reading,
// exporting and proving show exactly what a filter over all entries would.
func TestTenantsSeeTheirOwn(t *testing.T) {
	dir := t.TempDir()
	tenants, steps := []string{"a", "ab", "b"}, []string{"s", "ss", ""}
	l := openLog(t, dir)
	for i := range 12 {
		trail := mustBegin(t, l, fmt.Sprintf("run-%d", i))
		for j := range 3 {
			v := testEvent(KindDenial)
			v.Tenant, v.Step = tenants[i%3], steps[(i+j)%3]
			mustAppend(t, trail, v)
		}
	}
	key := l.PublicKey()
	closeLog(t, l)
	everything := collect(t, dir, Filter{Scope: AllTenants()})
	rapid.Check(t, func(rt *rapid.T) {
		tenant := rapid.SampledFrom(append(tenants, "c")).Draw(rt, "tenant")
		f := Filter{
			Scope: ForTenant(tenant), Step: rapid.SampledFrom(steps).Draw(rt, "step"),
			Run: rapid.SampledFrom([]string{"", "run-0", "run-1", "run-2", "run-11", "none"}).Draw(rt, "run"),
		}
		var want []string
		for _, r := range everything {
			if r.Entry.Tenant == tenant && (f.Run == "" || r.Entry.Run == f.Run) && (f.Step == "" || r.Entry.Step == f.Step) {
				want = append(want, r.Leaf)
			}
		}
		var got []string
		for _, r := range collect(t, dir, f) {
			got = append(got, r.Leaf)
		}
		var out bytes.Buffer
		must(t, Export(&out, dir, f, FormatCloudEvents))
		if !slices.Equal(got, want) || strings.Count(out.String(), "\n") != len(want) || strings.Count(out.String(), `"tenant":"`+tenant+`"`) != 2*len(want) {
			rt.Fatalf("%+v: read %d, exported %d, want %d", f, len(got), strings.Count(out.String(), "\n"), len(want))
		}
		if f.Run == "" {
			return
		}
		raw, err := Prove(t.Context(), dir, f.Scope, f.Run, f.Step)
		if len(want) == 0 {
			if !errors.Is(err, ErrNotFound) {
				rt.Fatalf("%+v: proved nothing as %v", f, err)
			}
			return
		}
		must(t, err)
		proven, err := VerifyProof(raw, key, "")
		must(t, err)
		if len(proven.Records) != len(want) {
			rt.Fatalf("%+v: proved %d, want %d", f, len(proven.Records), len(want))
		}
	})
}

func TestRecordsEndAtABrokenEntry(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, dir, 2)
	flip(t, filepath.Join(dir, treeFolder, layout.EntriesPath(0, 4)), 3)
	var last error
	for _, err := range Records(dir, Filter{Scope: AllTenants()}) {
		last = err
	}
	var entryErr *EntryError
	if !errors.As(last, &entryErr) {
		t.Errorf("got %v", last)
	}
}

func TestProofStandsAlone(t *testing.T) {
	dir := t.TempDir()
	_, key := writeLog(t, dir, 140) // more than one bundle
	raw, err := Prove(t.Context(), dir, ForTenant("acme"), "run-a", "issue-key")
	must(t, err)
	must(t, os.RemoveAll(dir)) // it needs no log
	proven, err := VerifyProof(raw, key, "")
	must(t, err)
	if proven.Size != 280 || len(proven.Records) != 140 || proven.Records[139].Entry.Seq != 140 {
		t.Errorf("proven %d of %d", len(proven.Records), proven.Size)
	}
	var compact bytes.Buffer
	must(t, json.Compact(&compact, raw))
	if _, err := VerifyProof(compact.Bytes(), key, ""); err != nil {
		t.Errorf("without spaces: %v", err)
	}
}

func TestProofHoldsEveryByte(t *testing.T) {
	dir := t.TempDir()
	_, key := writeLog(t, dir, 2)
	raw, err := Prove(t.Context(), dir, AllTenants(), "run-a", "")
	must(t, err)
	want, err := VerifyProof(raw, key, "")
	must(t, err)
	shown, err := json.Marshal(want)
	must(t, err)
	for i := range raw {
		for _, mask := range []byte{0x01, 0x20} {
			raw[i] ^= mask
			got, err := VerifyProof(raw, key, "")
			if err == nil {
				// White space between tokens may change; nothing that is said may.
				if again, err := json.Marshal(got); err != nil || !bytes.Equal(again, shown) {
					t.Errorf("byte %d xor %#02x shows something else", i, mask)
				}
			}
			raw[i] ^= mask
		}
	}
}

func TestProofsThatAreRefused(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	_, key := writeLog(t, dir, 4)
	_, otherKey := writeLog(t, other, 4)
	raw, err := Prove(t.Context(), dir, AllTenants(), "run-a", "")
	must(t, err)
	if _, err := VerifyProof(raw, otherKey, ""); !errors.Is(err, ErrDisproved) {
		t.Errorf("another log's key: %v", err)
	}
	w, err := OpenWitness(t.TempDir(), rand.Reader, time.Now)
	must(t, err)
	if _, err := VerifyProof(raw, key, w.PublicKey()); !errors.Is(err, ErrDisproved) {
		t.Errorf("without the cosignature: %v", err)
	}
	_, err = w.Cosign(t.Context(), dir, key)
	must(t, err)
	cosigned, err := Prove(t.Context(), dir, AllTenants(), "run-a", "")
	must(t, err)
	if p, err := VerifyProof(cosigned, key, w.PublicKey()); err != nil || p.CosignedAt == nil {
		t.Errorf("with the cosignature: %v", err)
	}
	text := string(raw)
	cases := map[string]string{
		"empty":           "",
		"no entries":      `{"schema":"` + ProofSchema + `","checkpoint":"","entries":[]}`,
		"other schema":    strings.Replace(text, "proof/v1", "proof/v2", 1),
		"unknown field":   strings.Replace(text, `"index"`, `"note":1,"index"`, 1),
		"repeated field":  strings.Replace(text, `"index"`, `"index":7,"index"`, 1),
		"other case":      strings.Replace(text, `"index"`, `"Index"`, 1),
		"repeated inside": strings.Replace(text, `"run": "run-a"`, `"run": "run-z", "run": "run-a"`, 1),
		"second value":    text + text,
		"other entry":     strings.Replace(text, "outside working", "within working", 1),
	}
	for name, bad := range cases {
		if bad == text {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := VerifyProof([]byte(bad), key, ""); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := Prove(t.Context(), dir, AllTenants(), "run-x", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
	if _, err := Prove(t.Context(), dir, Scope{}, "run-a", ""); !errors.Is(err, ErrScope) {
		t.Errorf("no scope: %v", err)
	}
}

func TestProofNeedsACheckpoint(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	defer func() { must(t, l.Close(context.WithoutCancel(t.Context()))) }()
	mustAppend(t, mustBegin(t, l, "run-1"), testEvent(KindIntent)) // within the interval after the first
	if _, err := Prove(t.Context(), dir, AllTenants(), "run-1", ""); !errors.Is(err, ErrNotCovered) {
		t.Errorf("got %v", err)
	}
	if _, err := l.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Prove(t.Context(), dir, AllTenants(), "run-1", ""); err != nil {
		t.Error(err)
	}
}

func FuzzVerifyProof(f *testing.F) {
	dir := f.TempDir()
	_, key := writeLog(f, dir, 2)
	raw, err := Prove(f.Context(), dir, AllTenants(), "run-a", "")
	must(f, err)
	f.Add(raw)
	f.Add([]byte(`{"schema":"` + ProofSchema + `"}`))
	want, err := VerifyProof(raw, key, "")
	must(f, err)
	known := map[string]bool{}
	for _, r := range collect(f, dir, Filter{Scope: AllTenants()}) {
		known[r.Leaf] = true
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := VerifyProof(raw, key, "")
		if err != nil {
			return
		}
		for _, r := range got.Records {
			if !known[r.Leaf] || got.Origin != want.Origin {
				t.Fatalf("proved what the log does not hold: %+v", r)
			}
		}
	})
}
