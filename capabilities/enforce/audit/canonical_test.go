package audit

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// sortedJSON is a second way to the canonical form: through maps, whose keys the
// encoder sorts.
func sortedJSON(t interface{ Fatal(...any) }, raw []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// TestCanonicalIsSorted compares the struct's order with the map's for random
// events, and reads each back.
func TestCanonicalIsSorted(t *testing.T) {
	red := testRedactor(t)
	rapid.Check(t, func(t *rapid.T) {
		v := drawEvent(t)
		e, err := v.entry("run-1", red)
		if err != nil {
			t.Skip("the event breaks a bound")
		}
		e.Seq = rapid.Uint64Range(1, 9).Draw(t, "seq")
		if e.Seq > 1 {
			e.Prev = zeroHash
		}
		raw, err := e.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if want := sortedJSON(t, raw); !bytes.Equal(raw, want) {
			t.Fatalf("not canonical:\n%s\n%s", raw, want)
		}
		back, err := ParseEntry(raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.Canonical()
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("read back as\n%s (%v), wrote\n%s", again, err, raw)
		}
	})
}
