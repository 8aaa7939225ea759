package capabilities

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// fuzzReader reads any text in the way of one dialect: no panic, every part has
// a place, reading it again gives the same, and it can be judged.
func fuzzReader(f *testing.F, dialect Dialect, folders ...string) {
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(fixtures, folder, "*.*"))
		if err != nil || len(names) == 0 {
			f.Fatalf("%s: %v", folder, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			if !strings.HasSuffix(name, ".golden") {
				f.Add(string(text))
			}
		}
	}
	name := "a.yaml"
	if folders[0] == "pages" {
		name = "a.md"
	}
	options := Options{Dialect: dialect, Limits: source.Limits{Bytes: 1 << 16, Depth: 30, Nodes: 5000, Documents: 5}}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := source.NewFile(name, []byte(text), options.Limits)
		if err != nil {
			return
		}
		docs := NewReader(nil, options).ReadFile(file)
		if len(docs) == 0 {
			t.Fatal("nothing was read, and nothing said")
		}
		for _, d := range docs {
			for _, p := range d.Problems {
				if p.At.File == "" || p.Message == "" {
					t.Fatalf("a problem without place or message: %+v", p)
				}
			}
			for _, e := range d.entries() {
				e.Location()
			}
			check(t, d)
		}
		if dumpAll(docs) != dumpAll(NewReader(nil, options).ReadFile(file)) {
			t.Fatal("read twice, read differently")
		}
	})
}

func dumpAll(docs []*Document) string {
	var b strings.Builder
	for _, d := range docs {
		dump(&b, d)
	}
	return b.String()
}

func FuzzComposition(f *testing.F) { fuzzReader(f, Composition, "composition") }
func FuzzRegistry(f *testing.F)    { fuzzReader(f, Registry, "composition/shared") }
func FuzzNaftiko(f *testing.F)     { fuzzReader(f, Naftiko, "naftiko", "naftiko/shared") }
func FuzzIkanos(f *testing.F)      { fuzzReader(f, Ikanos, "ikanos", "ikanos/shared") }
func FuzzKubernetes(f *testing.F)  { fuzzReader(f, Kubernetes, "other") }
func FuzzAdHoc(f *testing.F)       { fuzzReader(f, AdHoc, "other", "traps") }
func FuzzArazzo(f *testing.F)      { fuzzReader(f, Arazzo, "arazzo") }
func FuzzPage(f *testing.F)        { fuzzReader(f, "", "pages") }
func FuzzAny(f *testing.F) {
	fuzzReader(f, "", "traps", "composition", "naftiko", "ikanos", "other", "arazzo")
}
