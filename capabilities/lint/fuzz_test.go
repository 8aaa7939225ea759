package lint

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// FuzzLint: whatever a file holds, linting ends in findings with places, and never
// in a fault of the program.
func FuzzLint(f *testing.F) {
	for _, folder := range []string{"err", "ok"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			f.Fatal(err, len(files))
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	l := newLinter(f, Config{Profile: Audit})
	f.Fuzz(func(t *testing.T, text string) {
		file, err := source.NewFile("fuzz.yaml", []byte(text), source.Limits{Nodes: 5000})
		if err != nil {
			return
		}
		docs := capabilities.NewReader(nil, capabilities.Options{Limits: source.Limits{Nodes: 5000}}).ReadFile(file)
		r := l.Lint(context.Background(), docs)
		for _, i := range r.Incomplete {
			t.Errorf("incomplete: %+v", i)
		}
		seen := map[string]bool{}
		for _, f := range r.Findings {
			if f.Message == "" || f.Location.Range.End.Before(f.Location.Range.Start) || f.Location.Range.Start.Line > file.Lines()+1 {
				t.Errorf("not a finding: %+v", f)
			}
			if seen[f.Fingerprint] {
				t.Errorf("%s has the fingerprint of another", f.Rule)
			}
			seen[f.Fingerprint] = true
		}
		text1, err := json.Marshal(r)
		if err != nil || strings.Contains(string(text1), ":null") {
			t.Errorf("not the published shape: %v", err)
		}
	})
}
