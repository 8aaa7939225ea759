package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/store/seal"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, seal.KeySize) }

func newBox(t testing.TB, keys ...[]byte) *seal.Box {
	t.Helper()
	box, err := seal.New(rand.Reader, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestOpensForItsRowAlone(t *testing.T) {
	box := newBox(t, key(1))
	sealed, err := box.Seal([]byte("canary"), "acme", "run_1")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "canary") {
		t.Error("the text shows")
	}
	if plain, err := box.Open(sealed, "acme", "run_1"); err != nil || string(plain) != "canary" {
		t.Errorf("%s, %v", plain, err)
	}
	for name, row := range map[string][]string{
		"other tenant": {"beta", "run_1"}, "other run": {"acme", "run_2"}, "shifted border": {"acmer", "un_1"},
		"fewer words": {"acme"}, "more words": {"acme", "run_1", ""}, "none": nil,
	} {
		if _, err := box.Open(sealed, row...); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newBox(t, key(2)).Open(sealed, "acme", "run_1"); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	if plain, err := newBox(t, key(2), key(1)).Open(sealed, "acme", "run_1"); err != nil || string(plain) != "canary" {
		t.Errorf("an older key: %s, %v", plain, err)
	}
}

// Every change of a single byte is found, and every byte more or less.
func TestTampering(t *testing.T) {
	box := newBox(t, key(1))
	sealed, err := box.Seal([]byte("pay 10"), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(sealed) {
		for _, c := range []string{"\r", "\n", " ", "="} {
			if _, err := box.Open(sealed[:i]+c+sealed[i:], "acme"); !errors.Is(err, seal.ErrSealed) {
				t.Errorf("%q before byte %d: %v", c, i, err)
			}
		}
		for _, c := range []byte{sealed[i] ^ 1, 'A', '.', '='} {
			changed := sealed[:i] + string(c) + sealed[i+1:]
			if changed == sealed {
				continue
			}
			if _, err := box.Open(changed, "acme"); !errors.Is(err, seal.ErrSealed) {
				t.Errorf("byte %d as %q: %v", i, c, err)
			}
		}
		if _, err := box.Open(sealed[:i], "acme"); !errors.Is(err, seal.ErrSealed) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

// Lists of words that differ must be spelled differently, whatever is in them.
func TestRowsAreToldApart(t *testing.T) {
	box := newBox(t, key(1))
	for _, rows := range [][2][]string{{{"a", "b"}, {"a\x01b"}}, {{"", "\x01a"}, {"\x00", "a"}}, {{"a", ""}, {"a\x00"}}, {{"ab"}, {"a", "b"}}} {
		sealed, err := box.Seal(nil, rows[0]...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := box.Open(sealed, rows[1]...); err == nil {
			t.Errorf("%q opens for %q", rows[0], rows[1])
		}
	}
}

func TestSealOpenProperty(t *testing.T) {
	box := newBox(t, key(1))
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		row := rapid.SliceOf(rapid.String()).Draw(t, "row")
		other := rapid.SliceOf(rapid.String()).Draw(t, "other")
		sealed, err := box.Seal(plain, row...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := box.Open(sealed, row...)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q, %v", got, err)
		}
		same := len(row) == len(other)
		for i := 0; same && i < len(row); i++ {
			same = row[i] == other[i]
		}
		if _, err := box.Open(sealed, other...); !same && err == nil {
			t.Fatalf("sealed for %q, opened for %q", row, other)
		}
	})
}

func TestBadKeys(t *testing.T) {
	if _, err := seal.New(rand.Reader); err == nil {
		t.Error("a box without a key")
	}
	if _, err := seal.New(rand.Reader, []byte("short")); err == nil {
		t.Error("a box with a short key")
	}
	box, err := seal.New(strings.NewReader("few"), key(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Seal([]byte("x")); err == nil {
		t.Error("sealed without randomness")
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	first, err := seal.KeyFile(path, rand.Reader)
	if err != nil || len(first) != seal.KeySize {
		t.Fatalf("%x, %v", first, err)
	}
	again, err := seal.KeyFile(path, rand.Reader)
	if err != nil || !bytes.Equal(first, again) {
		t.Fatalf("read again: %x, %v", again, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside the key: %v, %v", entries, err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.KeyFile(path, rand.Reader); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("a key others can read: %v", err)
		}
	}
	for name, text := range map[string]string{"empty": "", "words": "not a key", "short": "ab", "long": strings.Repeat("ab", 5000)} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.KeyFile(bad, rand.Reader); err == nil {
			t.Errorf("%s: taken for a key", name)
		}
	}
	if _, err := seal.KeyFile(filepath.Join(t.TempDir(), "new"), strings.NewReader("few")); err == nil {
		t.Error("a key without randomness")
	}
}

// FuzzOpen: nothing but what was sealed opens, and nothing panics.
func FuzzOpen(f *testing.F) {
	box, err := seal.New(bytes.NewReader(make([]byte, 64)), key(1))
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := box.Seal([]byte("plain"), "row")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed + "A")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if plain, err := box.Open(text, "row"); (err == nil) != (text == sealed) || err == nil && string(plain) != "plain" {
			t.Errorf("%q opened as %q, %v", text, plain, err)
		}
	})
}
