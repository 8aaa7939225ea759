package listing

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// fixtures lists the project's own inputs in a folder of testdata.
func fixtures(t testing.TB, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "testdata", folder, "*.*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures in testdata/%s (%v)", folder, err)
	}
	return names
}

// shared returns the path of a file of the shared material. Where that is absent
// the test is skipped, but never on CI.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared material is missing: %v", err)
		}
		t.Skipf("needs the shared material: %v", err)
	}
	return path
}

// open reads a file under its base name, so that messages do not depend on
// where the tests run.
func open(t testing.TB, path string) *source.File {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fileOf(t, filepath.Base(path), string(text))
}

func fileOf(t testing.TB, name, text string) *source.File {
	t.Helper()
	file, err := source.NewFile(name, []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// load reads a file that must hold one agent.
func load(t testing.TB, file *source.File, opts Options) *Agent {
	t.Helper()
	agents, err := Load(file, opts)
	if err != nil {
		t.Fatalf("%s: %v", file.Name, err)
	}
	if len(agents) != 1 {
		t.Fatalf("%s: %d agents", file.Name, len(agents))
	}
	return agents[0]
}

// score scores an agent that must have a valid input.
func score(t testing.TB, a *Agent) scoring.Result {
	t.Helper()
	f, in, err := a.Input()
	if err != nil {
		t.Fatal(err)
	}
	return f.Score(&in)
}

func formula(t testing.TB, id string) *scoring.Formula {
	t.Helper()
	f, ok := scoring.Lookup(id)
	if !ok {
		t.Fatalf("no formula %s", id)
	}
	return f
}

// meaning compares agents without where they were read.
var meaning = cmp.Options{
	cmpopts.IgnoreFields(Agent{}, "File", "Warnings"),
	cmpopts.IgnoreTypes([]source.Evidence{}),
	cmpopts.EquateEmpty(),
}

// checkEvidence checks that every place lies in the file and that the words
// there are the ones quoted.
func checkEvidence(t testing.TB, file *source.File, a *Agent) {
	t.Helper()
	check := func(what string, evidence []source.Evidence) {
		for _, e := range evidence {
			if e.At.File != file.Name {
				t.Errorf("%s: evidence in %q", what, e.At.File)
			}
			r := e.At.Range
			if r.Start.Line == 0 {
				continue
			}
			if r.End.Before(r.Start) || r.End.Line > file.Lines() || file.Offset(r.End) < file.Offset(r.Start) {
				t.Errorf("%s: range %v", what, r)
			}
			if file.Position(file.Offset(r.Start)) != r.Start {
				t.Errorf("%s: %v is no place in the file", what, r.Start)
			}
		}
	}
	for _, x := range []*Text{&a.Name, &a.Provider, &a.Description, &a.Formula, &a.Vector, &a.StatedSum, &a.StatedAARS, &a.StatedScore, &a.StatedBand} {
		check(x.Value, x.Evidence)
	}
	for _, v := range []*Value{&a.Base, &a.Threat, &a.Mitigation} {
		check(v.Interval.String(), v.Evidence)
	}
	for i := range a.Factors {
		check(a.Factors[i].Key, a.Factors[i].Evidence)
	}
	for _, l := range a.Layers {
		check(l.Layer, l.Evidence)
	}
	for _, x := range a.Tools {
		check(x.Name, x.Evidence)
	}
}

func sharedFiles(t *testing.T, glob string) []string {
	t.Helper()
	names, err := filepath.Glob(shared(t, "data") + "/" + glob)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s (%v)", glob, err)
	}
	return names
}
