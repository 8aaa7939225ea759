package capabilities

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// sharedData returns the folder of real files. A test that needs them is skipped
// where they are not there, and fails on the machine that must have them.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
	found := filepath.Join(filepath.Dir(dir), "shared", "data", name)
	if _, err := os.Stat(found); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not there, and CI must have it", found)
		}
		t.Skipf("%s is not there", found)
	}
	return found
}

func tree(t testing.TB, dir string) fs.FS {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root.FS()
}

func corpusFiles(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := filepath.Ext(path); !e.IsDir() && (ext == ".yaml" || ext == ".yml" || ext == ".json") {
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	return names
}

// Every real file ends in a document that was read, or in a problem with a
// place.
func TestCorpusIsRead(t *testing.T) {
	for _, set := range []struct {
		name          string
		broken, files int
	}{{"capabilities", 21, 728}, {"arazzo", 0, 216}} {
		t.Run(set.name, func(t *testing.T) {
			dir := sharedData(t, set.name)
			r := NewReader(tree(t, dir), Options{})
			count := map[Dialect]int{}
			states := map[Resolution]int{}
			problems, unknown := map[string]int{}, map[string]int{}
			broken, flows, steps, entries := 0, 0, 0, 0
			names := corpusFiles(t, dir)
			if len(names) != set.files {
				t.Errorf("%d files, want %d", len(names), set.files)
			}
			for _, name := range names {
				docs, err := r.Read(name)
				if err != nil || len(docs) == 0 {
					t.Errorf("%s: %d documents, %v", name, len(docs), err)
					continue
				}
				syntax := false
				for _, d := range docs {
					count[d.Dialect]++
					for _, p := range d.Problems {
						problems[p.ID]++
						if p.At.File == "" || p.At.Range.Start.Line == 0 && p.ID != "empty" {
							t.Errorf("%s: problem without a place: %v", name, p)
						}
						syntax = syntax || p.ID == "syntax"
					}
					for _, u := range d.Unknown {
						unknown[u.Where+"."+u.Key]++
					}
					for _, x := range d.targets() {
						states[x.State]++
					}
					flows += len(d.Flows)
					for _, f := range d.Flows {
						steps += len(f.Steps)
					}
					entries += len(d.entries())
					check(t, d)
				}
				if syntax {
					broken++
				}
			}
			t.Logf("dialects %v", count)
			t.Logf("flows %d, steps %d, entries %d, references %v", flows, steps, entries, states)
			t.Logf("problems %v", problems)
			t.Logf("unknown %d: %v", len(unknown), top(unknown, 60))
			if broken < set.broken {
				t.Errorf("%d files do not parse, want at least %d", broken, set.broken)
			}
		})
	}
}

// The files that the collection marks as broken, and but one more, which holds a
// template where a capability should be, have a positioned fault of syntax.
func TestBrokenFilesAreTold(t *testing.T) {
	dir := sharedData(t, "capabilities")
	text, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(tree(t, dir), Options{})
	marked := 0
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "!!") {
			continue
		}
		marked++
		name := line[strings.LastIndexByte(line, '\t')+1:]
		docs, err := r.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		d := docs[len(docs)-1]
		syntax := slices.ContainsFunc(d.Problems, func(p *source.Error) bool { return p.ID == "syntax" && p.At.Range.Start.Line > 0 })
		if !syntax || !d.Incomplete {
			t.Errorf("%s: incomplete %v, problems %v", name, d.Incomplete, d.Problems)
		}
		if strings.Contains(name, "_capabilities/") && len(d.Consumes) == 0 {
			t.Errorf("%s: nothing was saved of what stands before the fault", name)
		}
	}
	if marked != 21 {
		t.Errorf("%d files are marked as broken, want 21", marked)
	}
}

// check holds what is true of every document.
func check(t *testing.T, d *Document) {
	t.Helper()
	place := func(what string, at source.Location) {
		if at.File == "" || at.Range.Start.Line < 1 || at.Range.End.Before(at.Range.Start) {
			t.Errorf("%s: %s has no place: %+v", d.File.Name, what, at)
		}
	}
	for _, f := range d.Flows {
		place("flow "+f.ID, f.Location())
		if f.ID == "" || len(f.Entries) == 0 {
			t.Errorf("%s: flow %q without a name or a beginning", d.File.Name, f.ID)
		}
		for i, s := range f.Steps {
			place("step "+s.Label(), s.Location())
			if s.Index != i+1 || s.Flow != f || len(s.OnSuccess) == 0 || s.Target.State == "" {
				t.Errorf("%s: step %q of %q is not linked: %+v", d.File.Name, s.Label(), f.ID, s)
			}
			for _, b := range s.Bindings {
				b.References()
			}
		}
	}
	for _, e := range d.entries() {
		place("entry "+e.Name, e.Location())
		if e.Call.State == "" {
			t.Errorf("%s: entry %q is not resolved", d.File.Name, e.Name)
		}
	}
	for _, c := range d.Consumes {
		for _, op := range c.Operations {
			place("operation "+op.ID, op.Location())
			if op.Service != c {
				t.Errorf("%s: operation %q does not know its service", d.File.Name, op.ID)
			}
		}
	}
}

func top(counts map[string]int, n int) string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if counts[keys[i]] != counts[keys[j]] {
			return counts[keys[i]] > counts[keys[j]]
		}
		return keys[i] < keys[j]
	})
	var b strings.Builder
	for _, k := range keys[:min(n, len(keys))] {
		fmt.Fprintf(&b, "%s:%d ", k, counts[k])
	}
	return b.String()
}

// The labelled steps are found in the model under the names that the labels use.
func TestLabelledStepsAreFound(t *testing.T) {
	labels, err := os.Open(filepath.Join(sharedData(t, "labels"), "steps.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer labels.Close()
	rows, err := csv.NewReader(labels).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	readers := map[string]*Reader{}
	for _, set := range []string{"capabilities", "arazzo"} {
		readers[set] = NewReader(tree(t, sharedData(t, set)), Options{})
	}
	seen := map[string]map[string]bool{}
	missing := 0
	for _, row := range rows[1:] {
		doc := row[0]
		if seen[doc] == nil {
			seen[doc] = stepNames(t, readers, doc)
		}
		if !seen[doc][row[1]+"\x00"+row[2]] {
			missing++
			t.Errorf("%s: flow %q step %q is not in the model", doc, row[1], row[2])
		}
	}
	t.Logf("%d of %d labelled steps found", len(rows)-1-missing, len(rows)-1)
}

func stepNames(t *testing.T, readers map[string]*Reader, doc string) map[string]bool {
	t.Helper()
	set := "capabilities"
	if strings.Contains(doc, "/arazzo/") {
		set = "arazzo"
	}
	docs, err := readers[set].Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, d := range docs {
		for _, f := range d.Flows {
			for _, s := range f.Steps {
				names[f.ID+"\x00"+s.Label()] = true
			}
		}
	}
	return names
}
