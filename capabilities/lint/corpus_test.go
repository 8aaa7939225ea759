package lint

import (
	"context"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// corpus yields a load for every YAML file of a folder of the shared material.
func corpus(t testing.TB, dir string) (loads iter.Seq[Load], files []string) {
	t.Helper()
	root := filepath.Join(shared(t), "data", dir)
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	reader := capabilities.NewReader(tree, capabilities.Options{})
	return func(yield func(Load) bool) {
		for _, name := range files {
			if !yield(func() []*capabilities.Document { return read(reader, name) }) {
				return
			}
		}
	}, files
}

// read gives a file that cannot be read at all as a document with its problem.
func read(r *capabilities.Reader, name string) []*capabilities.Document {
	docs, err := r.Read(name)
	if err != nil {
		f, _ := source.NewFile(name, nil, source.Limits{})
		problem, _ := err.(*source.Error)
		return []*capabilities.Document{{File: f, Dialect: capabilities.Unspecified, Incomplete: true, Problems: []*source.Error{problem}}}
	}
	return docs
}

// TestCorpus: every real file ends in a result or in a finding with a place, and
// no rule fails. It prints how many files each rule fires on: a rule that fires
// on none, or on more than half, needs its reason in its page.
func TestCorpus(t *testing.T) {
	l := newLinter(t, Config{Profile: Audit})
	fires := map[string]map[string]bool{}
	total := 0
	for _, dir := range []string{"capabilities", "arazzo"} {
		loads, files := corpus(t, dir)
		r := l.LintEach(context.Background(), loads)
		total += len(files)
		for _, i := range r.Incomplete {
			t.Errorf("%s: %s %s", i.File, i.Rule, i.Message)
		}
		judged := map[string]bool{}
		for _, f := range r.Files {
			judged[f.File] = true
		}
		for _, f := range r.Findings {
			if f.Location.File == "" || f.Location.Range.Start.Line < 1 {
				t.Errorf("%s: %s has no place: %+v", f.Rule, f.Message, f.Location)
			}
			if fires[f.Rule] == nil {
				fires[f.Rule] = map[string]bool{}
			}
			fires[f.Rule][f.Location.File] = true
		}
		for _, name := range files {
			if !judged[name] {
				t.Errorf("%s: no result", name)
			}
		}
	}
	for _, rule := range l.Rules() {
		n := len(fires[rule.ID])
		t.Logf("%s %-24s %4d of %d files", rule.ID, rule.Name, n, total)
		if (n == 0 || 2*n > total) && rule.Frequency == "" {
			t.Errorf("%s %s fires on %d of %d files, and its page gives no reason", rule.ID, rule.Name, n, total)
		}
		if n > 0 && 2*n <= total && strings.Contains(rule.Frequency, "No file of the corpus") {
			t.Errorf("%s %s fires on %d of %d files, and its page says it does not", rule.ID, rule.Name, n, total)
		}
	}
}

// TestBrokenFilesAreFindings: the files of the corpus that do not parse are
// findings with a place.
func TestBrokenFilesAreFindings(t *testing.T) {
	manifest, err := os.ReadFile(filepath.Join(shared(t), "data/capabilities/MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var broken []string
	for line := range strings.Lines(string(manifest)) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); strings.HasPrefix(fields[0], "!!") {
			broken = append(broken, fields[len(fields)-1])
		}
	}
	if len(broken) != 21 {
		t.Fatalf("%d files are listed as broken, not 21", len(broken))
	}
	l := newLinter(t, Config{Profile: CI})
	root := filepath.Join(shared(t), "data/capabilities")
	for _, name := range broken {
		r := l.Lint(context.Background(), readShared(t, root, name))
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return strings.HasPrefix(f.Rule, "CAP00") && f.Severity == Error && f.Location.Range.Start.Line > 0
		}) {
			t.Errorf("%s does not parse, and no finding says where: %v", name, r.Findings)
		}
	}
}
