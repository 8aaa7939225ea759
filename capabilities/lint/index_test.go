package lint

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestIndexIsCurrent: what a run knows of the rules is what their annotations
// say.
func TestIndexIsCurrent(t *testing.T) {
	rules, err := annotated(builtin, "rules")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(rules); err != nil {
		t.Fatal(err)
	}
	golden(t, "index.json", want.Bytes())
}

// golden compares got with the file, or writes it where the flag -update says so.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is out of date; run go test -update\n got: %.400s\nwant: %.400s", file, got, want)
	}
}
