package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// MinLength is the shortest secret, in bytes. A shorter one would be masked all
// over innocent text, or could not be masked at all.
const MinLength = 8

// minNeedle is the shortest encoded form worth looking for.
const minNeedle = 6

// Masker knows secret values and replaces them in texts and streams. It may be used
// from several goroutines; a value counts from the moment Add returns.
type Masker struct {
	mu      sync.Mutex // writers
	known   map[string]bool
	current atomic.Pointer[automaton]
}

// NewMasker makes a masker that knows nothing yet.
func NewMasker() *Masker {
	m := &Masker{known: map[string]bool{}}
	m.current.Store(build(nil))
	return m
}

// Add makes values known, as they are and in the encodings in which they turn up in
// outputs: JSON, HTML and URL escapes, hexadecimal, and base64 at each of the three
// positions a value can have inside a longer encoded text.
func (m *Masker) Add(values ...Value) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range values {
		text := v.Expose()
		if len(text) < MinLength {
			return fmt.Errorf("%w: a value of %d bytes cannot be masked", ErrTooShort, len(text))
		}
		for _, form := range forms(text) {
			m.known[form] = true
		}
	}
	needles := make([]string, 0, len(m.known))
	for form := range m.known {
		needles = append(needles, form)
	}
	slices.Sort(needles)
	m.current.Store(build(needles))
	return nil
}

// Text masks a whole text.
func (m *Masker) Text(text string) string {
	if !m.current.Load().finds(text) { // as in almost every text
		return text
	}
	var out strings.Builder
	w := m.Writer(&out)
	// A strings.Builder takes everything.
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

// forms lists how a value may be written.
func forms(text string) []string {
	all := []string{text, url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text),
		hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text)))}
	if quoted, err := json.Marshal(text); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	all = append(all, strings.Trim(fmt.Sprintf("%q", text), `"`))
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, base64Forms(enc, text)...)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return len(s) < minNeedle })
}

// base64Forms gives what a value contributes to base64 text alone, wherever it
// starts: the first and last characters mix with the bytes next to it and are left
// out.
func base64Forms(enc *base64.Encoding, text string) []string {
	var all []string
	for before := range 3 {
		encoded := enc.EncodeToString(append(make([]byte, before), text...))
		first := (before*8 + 5) / 6
		last := (before + len(text)) * 8 / 6
		if last > first {
			all = append(all, encoded[first:last])
		}
	}
	return all
}
