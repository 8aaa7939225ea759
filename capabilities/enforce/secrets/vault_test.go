package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/safefile"
)

type fixture struct {
	*Vault
	path, key string
	now       *time.Time
}

func open(t testing.TB) fixture {
	t.Helper()
	dir := t.TempDir()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f := fixture{path: filepath.Join(dir, "secrets.age"), key: filepath.Join(dir, "secrets.key"), now: &now}
	f.Vault = f.again(t)
	return f
}

func (f fixture) again(t testing.TB) *Vault {
	t.Helper()
	v, err := Open(t.Context(), f.path, f.key, Options{Now: func() time.Time { return *f.now }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var mine = Access{Tenant: "acme", Name: "stripe", Purpose: "charge"}

func TestGetNeedsTenantNameAndPurpose(t *testing.T) {
	f, ctx := open(t), t.Context()
	must(t, f.Put(ctx, "acme", "stripe", New("acme-value-1"), "refund", "charge"))
	must(t, f.Put(ctx, "globex", "stripe", New("globex-value-1"), "charge"))
	must(t, f.Put(ctx, "globex", "only-theirs", New("globex-value-2"), "charge"))
	value, version, err := f.again(t).Get(ctx, mine)
	if err != nil || value.Expose() != "acme-value-1" || version.Number != 1 {
		t.Fatalf("%v %+v %v", value.Expose(), version, err)
	}
	cases := []struct {
		access Access
		want   error
	}{
		{Access{"globex", "stripe", "charge"}, nil},
		{Access{"acme", "stripe", "export"}, ErrPurpose},
		{Access{"acme", "stripe", ""}, ErrPurpose},
		{Access{"acme", "only-theirs", "charge"}, ErrNotFound},
		{Access{"acme", "nothing", "charge"}, ErrNotFound},
		{Access{"", "stripe", "charge"}, ErrNotFound},
		{Access{"ACME", "stripe", "charge"}, ErrNotFound},
	}
	for _, c := range cases {
		if _, _, err := f.Get(ctx, c.access); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.access, err, c.want)
		}
	}
	// What is there for another tenant and what is not there look the same.
	_, _, theirs := f.Get(ctx, Access{"acme", "only-theirs", "charge"})
	_, _, none := f.Get(ctx, Access{"acme", "only-heirs", "charge"})
	if strings.Replace(theirs.Error(), "theirs", "heirs", 1) != none.Error() {
		t.Errorf("%q and %q differ", theirs, none)
	}
}

func TestRotationHasAGrace(t *testing.T) {
	f, ctx := open(t), t.Context()
	must(t, f.Put(ctx, "acme", "stripe", New("first-value"), "charge"))
	must(t, f.Rotate(ctx, "acme", "stripe", New("second-value"), time.Hour))
	match := func(text string) error { _, err := f.Match(ctx, mine, New(text)); return err }
	if value, version, err := f.Get(ctx, mine); err != nil || value.Expose() != "second-value" || version.Number != 2 {
		t.Errorf("after the rotation: %+v %v", version, err)
	}
	for _, text := range []string{"first-value", "second-value"} {
		must(t, match(text))
	}
	*f.now = f.now.Add(time.Hour - time.Nanosecond)
	must(t, match("first-value"))
	*f.now = f.now.Add(time.Nanosecond)
	if err := match("first-value"); !errors.Is(err, ErrNoMatch) {
		t.Errorf("after the grace: %v", err)
	}
	must(t, f.Rotate(ctx, "acme", "stripe", New("third-value"), 0))
	if err := match("second-value"); !errors.Is(err, ErrNoMatch) {
		t.Errorf("without grace: %v", err)
	}
	infos, err := f.List(ctx, "acme")
	must(t, err)
	if len(infos) != 1 || len(infos[0].Versions) != 3 || infos[0].Versions[0].Revoked == nil {
		t.Errorf("%+v", infos)
	}
	c, err := f.read()
	must(t, err)
	if c.Secrets[0].Versions[0].Value != "" {
		t.Error("a value that nobody may use is still in the file")
	}
	for _, grace := range []time.Duration{-1, MaxGrace + 1} {
		if err := f.Rotate(ctx, "acme", "stripe", New("fourth-value"), grace); !errors.Is(err, ErrInvalid) {
			t.Errorf("grace %s: %v", grace, err)
		}
	}
}

func TestRevocationCountsAtOnceEverywhere(t *testing.T) {
	f, ctx := open(t), t.Context()
	other := f.again(t) // as another process has it
	must(t, f.Put(ctx, "acme", "stripe", New("first-value"), "charge"))
	if _, _, err := other.Get(ctx, mine); err != nil {
		t.Fatal(err)
	}
	must(t, f.Rotate(ctx, "acme", "stripe", New("second-value"), time.Hour))
	must(t, f.Revoke(ctx, "acme", "stripe", 1))
	if _, err := other.Match(ctx, mine, New("first-value")); !errors.Is(err, ErrNoMatch) {
		t.Errorf("a revoked version within its grace: %v", err)
	}
	must(t, f.Revoke(ctx, "acme", "stripe", 0))
	if _, _, err := other.Get(ctx, mine); !errors.Is(err, ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	if _, err := other.Match(ctx, mine, New("")); !errors.Is(err, ErrNoMatch) {
		t.Errorf("an empty value matched a scrubbed one: %v", err)
	}
	must(t, f.Rotate(ctx, "acme", "stripe", New("third-value"), time.Hour))
	if value, _, err := other.Get(ctx, mine); err != nil || value.Expose() != "third-value" {
		t.Errorf("after a new value: %v", err)
	}
	for _, err := range []error{f.Revoke(ctx, "globex", "stripe", 0), f.Revoke(ctx, "acme", "stripe", 9), f.Rotate(ctx, "globex", "stripe", New("12345678"), 0)} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

func TestPutChecksItsArguments(t *testing.T) {
	f, ctx := open(t), t.Context()
	must(t, f.Put(ctx, "acme", "a", New("long-enough"), "p"))
	cases := []struct {
		err  error
		want error
	}{
		{f.Put(ctx, "acme", "a", New("long-enough"), "p"), ErrExists},
		{f.Put(ctx, "", "a", New("long-enough"), "p"), ErrInvalid},
		{f.Put(ctx, "acme", "a b", New("long-enough"), "p"), ErrInvalid},
		{f.Put(ctx, "acme", "b", New("long-enough")), ErrInvalid},
		{f.Put(ctx, "acme", "b", New("long-enough"), ""), ErrInvalid},
		{f.Put(ctx, "acme", "b", New("short"), "p"), ErrTooShort},
		{f.Put(ctx, "acme", "b", New("broken-\xff-utf8"), "p"), ErrInvalid},
		{f.Put(ctx, "acme", "b", New(strings.Repeat("x", MaxValue+1)), "p"), ErrInvalid},
	}
	for i, c := range cases {
		if !errors.Is(c.err, c.want) {
			t.Errorf("case %d: %v, want %v", i, c.err, c.want)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := f.Put(gone, "acme", "c", New("long-enough"), "p"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestEveryByteOfTheFileIsHeld changes every byte of the encrypted file.
func TestEveryByteOfTheFileIsHeld(t *testing.T) {
	f := open(t)
	must(t, f.Put(t.Context(), "acme", "stripe", New("first-value"), "charge"))
	good, err := os.ReadFile(f.path)
	must(t, err)
	check := func(data []byte, what string) {
		t.Helper()
		must(t, os.WriteFile(f.path, data, 0o600))
		if _, _, err := f.Get(t.Context(), mine); !errors.Is(err, ErrTampered) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range good {
		data := bytes.Clone(good)
		data[i] ^= 1
		check(data, fmt.Sprintf("byte %d", i))
	}
	check(good[:len(good)-1], "cut")
	check(append(bytes.Clone(good), 0), "longer")
	check(nil, "empty")
	must(t, os.WriteFile(f.path, good, 0o600))
	_, _, err = f.Get(t.Context(), mine)
	must(t, err)
}

// TestFileOfAnotherWriter: who knows the public key can encrypt, and cannot write
// a file that is taken.
func TestFileOfAnotherWriter(t *testing.T) {
	f := open(t)
	body := []byte(`{"v":1,"generation":9,"secrets":[{"tenant":"acme","name":"stripe","purposes":["charge"],"versions":[{"number":1,"created":"2026-01-01T00:00:00Z","value":"evil-value"}]}]}`)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, f.identity.Recipient())
	must(t, err)
	_, err = w.Write(append(make([]byte, 32), body...))
	must(t, err)
	must(t, w.Close())
	must(t, os.WriteFile(f.path, sealed.Bytes(), 0o600))
	if _, _, err := f.Get(t.Context(), mine); !errors.Is(err, ErrTampered) {
		t.Errorf("got %v", err)
	}
}

func TestOlderFileIsNoticed(t *testing.T) {
	f, ctx := open(t), t.Context()
	must(t, f.Put(ctx, "acme", "stripe", New("first-value"), "charge"))
	old, err := os.ReadFile(f.path)
	must(t, err)
	must(t, f.Revoke(ctx, "acme", "stripe", 0))
	seen, err := f.Generation()
	must(t, err)
	must(t, os.WriteFile(f.path, old, 0o600))
	opts := Options{Now: f.opts.Now, AtLeast: seen}
	if _, err := Open(t.Context(), f.path, f.key, opts); !errors.Is(err, ErrRolledBack) {
		t.Errorf("an older file: %v", err)
	}
	must(t, os.Remove(f.path))
	if _, err := Open(t.Context(), f.path, f.key, opts); !errors.Is(err, ErrRolledBack) {
		t.Errorf("no file: %v", err)
	}
}

func TestKeyAndModes(t *testing.T) {
	f := open(t)
	if runtime.GOOS != "windows" {
		for _, path := range []string{f.path, f.key} {
			info, err := os.Stat(path)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %04o", path, info.Mode().Perm())
			}
			must(t, os.Chmod(path, 0o640))
			if _, err := Open(t.Context(), f.path, f.key, f.opts); !errors.Is(err, safefile.ErrShared) {
				t.Errorf("%s with mode 0640: %v", path, err)
			}
			must(t, os.Chmod(path, 0o600))
		}
	}
	must(t, os.WriteFile(f.key, []byte("AGE-SECRET-KEY-1BROKEN\n"), 0o600))
	if _, err := Open(t.Context(), f.path, f.key, f.opts); err == nil || strings.Contains(err.Error(), "BROKEN") {
		t.Errorf("a broken key: %v", err)
	}
	must(t, os.Remove(f.key))
	if _, err := Open(t.Context(), f.path, f.key, f.opts); !errors.Is(err, ErrTampered) {
		t.Errorf("no key: %v", err)
	}
	if _, err := Open(t.Context(), f.path, f.key, Options{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no clock: %v", err)
	}
}

// TestMakingIsBrokenOff: a process that dies while it makes a vault leaves one that
// opens. A file that is gone later is an error, not an empty vault.
func TestMakingIsBrokenOff(t *testing.T) {
	f := open(t)
	must(t, f.Put(t.Context(), "acme", "stripe", New("acme-value-1"), "charge"))
	draft := f.key + ".new"
	must(t, os.Rename(f.key, draft)) // the file is there, its key has no name yet
	if value, _, err := f.again(t).Get(t.Context(), mine); err != nil || value.Expose() != "acme-value-1" {
		t.Errorf("%v", err)
	}
	must(t, os.Remove(f.path))
	if _, err := Open(t.Context(), f.path, f.key, Options{Now: time.Now}); !errors.Is(err, ErrTampered) {
		t.Errorf("a key without its file: %v", err)
	}
	must(t, os.Rename(f.key, draft)) // only a draft: nothing was ever kept
	if _, _, err := f.again(t).Get(t.Context(), mine); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// TestWritersDoNotLoseEachOther: several vaults over one file, as processes have.
func TestWritersDoNotLoseEachOther(t *testing.T) {
	f := open(t)
	var wg sync.WaitGroup
	for i := range 8 {
		v := f.again(t)
		wg.Go(func() {
			if err := v.Put(t.Context(), "acme", fmt.Sprintf("name-%d", i), New("long-enough"), "p"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	infos, err := f.List(t.Context(), "acme")
	must(t, err)
	if len(infos) != 8 {
		t.Errorf("%d of 8 secrets are there", len(infos))
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(f.path), ".*"))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNothingReadableLeavesTheVault(t *testing.T) {
	f, ctx := open(t), t.Context()
	must(t, f.Put(ctx, "acme", "stripe", New(canary), "charge"))
	must(t, f.Rotate(ctx, "acme", "stripe", New(canary+"-2"), time.Hour))
	value, version, err := f.Get(ctx, mine)
	must(t, err)
	infos, err := f.List(ctx, "acme")
	must(t, err)
	sealed, err := os.ReadFile(f.path)
	must(t, err)
	m := NewMasker()
	must(t, f.Teach(m))
	shown := fmt.Sprintf("%v %+v %#v %s %s", value, version, infos, sealed, f.Put(ctx, "acme", "stripe", New(canary), "p"))
	if strings.Contains(shown, canary) || m.Text(shown) != shown {
		t.Error("a value shows")
	}
	if got := m.Text(canary + "-2 " + canary); strings.Contains(got, "c4n4ry") {
		t.Errorf("the masker does not know the values: %q", got)
	}
}

// TestTenantsNeverMeet: random stores, and every access by every tenant gives that
// tenant's own value or nothing.
func TestTenantsNeverMeet(t *testing.T) {
	f, ctx := open(t), t.Context()
	tenants, names := []string{"a", "ab", "b", "a/b"}, []string{"x", "b/x", "ab"}
	rapid.Check(t, func(r *rapid.T) {
		c := &content{V: 1, Generation: 1}
		stored := map[string]bool{}
		must(t, f.write(c))
		for range rapid.IntRange(0, 6).Draw(r, "n") {
			tenant, name := rapid.SampledFrom(tenants).Draw(r, "tenant"), rapid.SampledFrom(names).Draw(r, "name")
			err := f.Put(ctx, tenant, name, New(tenant+"|"+name+"|value"), "p")
			if stored[tenant+"|"+name] != errors.Is(err, ErrExists) {
				r.Fatalf("%v", err)
			}
			stored[tenant+"|"+name] = true
		}
		for _, tenant := range tenants {
			for _, name := range names {
				value, _, err := f.Get(ctx, Access{tenant, name, "p"})
				if stored[tenant+"|"+name] != (err == nil) || err == nil && value.Expose() != tenant+"|"+name+"|value" {
					r.Fatalf("%s of %s: %q, %v", name, tenant, value.Expose(), err)
				}
			}
		}
	})
}

func BenchmarkGet(b *testing.B) {
	f := open(b)
	for i := range 50 {
		must(b, f.Put(b.Context(), "acme", fmt.Sprintf("name-%d", i), New("a-value-of-usual-length-0123456789"), "p"))
	}
	for b.Loop() {
		if _, _, err := f.Get(b.Context(), Access{"acme", "name-7", "p"}); err != nil {
			b.Fatal(err)
		}
	}
}
