package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func masker(t testing.TB, texts ...string) *Masker {
	t.Helper()
	m := NewMasker()
	for _, text := range texts {
		if err := m.Add(New(text)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestMaskerFindsEncodings(t *testing.T) {
	const secret = `p@ss "w<rd/1+2` + "\n"
	m := masker(t, secret)
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"plain": secret, "json": string(quoted), "url": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	for _, prefix := range []string{"", "a", "ab", "user:"} {
		cases["base64 after "+prefix] = base64.StdEncoding.EncodeToString([]byte(prefix + secret + "tail"))
		cases["base64url after "+prefix] = base64.URLEncoding.EncodeToString([]byte(prefix + secret))
	}
	for name, text := range cases {
		got := m.Text("<" + text + ">")
		if !strings.Contains(got, Mask) || len(got) > len(Mask)+2+14 {
			t.Errorf("%s: %q became %q", name, text, got)
		}
	}
}

func TestMaskerJoinsAndKeeps(t *testing.T) {
	m := masker(t, "password1", "sword1234", "password1password1x")
	for text, want := range map[string]string{
		"":                            "",
		"nothing here":                "nothing here",
		"password":                    "password", // a beginning alone
		"passpassword1":               "pass" + Mask,
		"a password1, password1.":     "a " + Mask + ", " + Mask + ".",
		"password1sword1234":          Mask,
		"password1234":                Mask, // two needles overlap
		"password1password1":          Mask,
		"password1password1x!":        Mask + "!",
		"password1password":           Mask + "password",
		"sword123 password1password1": "sword123 " + Mask,
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestMaskerRefusesShortValues(t *testing.T) {
	if err := NewMasker().Add(New("1234567")); !errors.Is(err, ErrTooShort) {
		t.Errorf("got %v", err)
	}
}

// slowMask is a second way: every position that any needle covers is hidden, and
// each run of hidden positions becomes one mask.
func slowMask(text string, needles []string) string {
	hidden := make([]bool, len(text))
	for _, needle := range needles {
		for i := 0; i+len(needle) <= len(text); i++ {
			if text[i:i+len(needle)] == needle {
				for j := range len(needle) {
					hidden[i+j] = true
				}
			}
		}
	}
	var out strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			out.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			out.WriteString(Mask)
		}
	}
	return out.String()
}

// TestMaskerAgainstSlowWay compares both ways on texts of few letters, where
// needles overlap and nest, cut into random pieces.
func TestMaskerAgainstSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needles := rapid.SliceOfN(rapid.StringMatching(`[ab]{1,6}`), 1, 5).Draw(t, "needles")
		text := rapid.StringMatching(`[abc]{0,60}`).Draw(t, "text")
		m := NewMasker()
		m.current.Store(build(needles))
		var out bytes.Buffer
		w := m.Writer(&out)
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if _, err := io.WriteString(w, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want := slowMask(text, needles); out.String() != want || m.Text(text) != want {
			t.Fatalf("%q with %q: got %q in pieces and %q as a whole, want %q", text, needles, out.String(), m.Text(text), want)
		}
	})
}

// TestMaskerHoldsBackLittle: a reader sees the text while it is written.
func TestMaskerHoldsBackLittle(t *testing.T) {
	m := masker(t, "password1")
	var out bytes.Buffer
	w := m.Writer(&out)
	if _, err := io.WriteString(w, "hello passw"); err != nil {
		t.Fatal(err)
	}
	if out.String() != "hello " {
		t.Errorf("shown so far: %q", out.String())
	}
	if err := w.Close(); err != nil || out.String() != "hello passw" {
		t.Errorf("at the end: %q (%v)", out.String(), err)
	}
}

// TestMaskerLearnsInMidStream: a credential that a step has just issued counts for
// what is written afterwards, including bytes held back before.
func TestMaskerLearnsInMidStream(t *testing.T) {
	m := masker(t, "password1")
	var out bytes.Buffer
	w := m.Writer(&out)
	for _, step := range []func() error{
		func() error { _, err := io.WriteString(w, "pass"); return err },
		func() error { return m.Add(New("passport-77")) },
		func() error { _, err := io.WriteString(w, "port-77 password1"); return err },
		w.Close,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if want := Mask + " " + Mask; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestMaskerStopsAtAFailedWrite(t *testing.T) {
	w := masker(t, "password1").Writer(iotest.TruncateWriter(failing{}, 0))
	if _, err := io.WriteString(masker(t, "password1").Writer(failing{}), "text"); err == nil {
		t.Error("a failed write was not reported")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestMaskerFromManyGoroutines(t *testing.T) {
	m := NewMasker()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := strings.Repeat(string(rune('a'+i)), 12)
			if err := m.Add(New(text)); err != nil {
				t.Error(err)
			}
			if got := m.Text("x" + text + "x"); got != "x"+Mask+"x" {
				t.Errorf("got %q", got)
			}
		})
	}
	wg.Wait()
}

func FuzzMasker(f *testing.F) {
	f.Add("password1", "say password1 twice: password1", 3)
	f.Add("aaaaaaaa", "aaaaaaaaaaaaaaaaa", 1)
	f.Fuzz(func(t *testing.T, secret, text string, piece int) {
		m := NewMasker()
		if err := m.Add(New(secret)); err != nil {
			return
		}
		var out bytes.Buffer
		w := m.Writer(&out)
		for rest := text; rest != ""; {
			n := min(max(piece, 1), len(rest))
			if _, err := io.WriteString(w, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want := slowMask(text, forms(secret)); out.String() != want {
			t.Fatalf("got %q, want %q", out.String(), want)
		}
	})
}

func BenchmarkMasker(b *testing.B) {
	m := NewMasker()
	for i := range 50 {
		if err := m.Add(New(strings.Repeat(string(rune('A'+i)), 4) + "-secret-value-" + strings.Repeat(string(rune('z'-i%20)), 20))); err != nil {
			b.Fatal(err)
		}
	}
	text := []byte(strings.Repeat("a step was allowed by policy working-hours, nothing to hide here\n", 1000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		w := m.Writer(io.Discard)
		if _, err := w.Write(text); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
