package enforce_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce"
)

// TestCorpusRuns: in a world in which they may do everything, real capabilities run to
// their end. Of every tenth document one flow runs; the others are printed, with the
// reason.
func TestCorpusRuns(t *testing.T) {
	compiler := setup(t)
	count := map[enforce.Outcome]int{}
	for _, folder := range []string{shared(t, "data/capabilities"), shared(t, "data/arazzo")} {
		reader := capabilities.NewReader(os.DirFS(folder), capabilities.Options{})
		for n, name := range filesOf(t, folder, ".yaml", ".yml") {
			if n%10 != 0 {
				continue
			}
			docs, err := reader.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			ids := slices.Sorted(maps.Keys(flowsOf(t, docs[0])))
			if len(ids) == 0 {
				continue
			}
			p, err := compiler.Compile(docs[0], ids[n%len(ids)])
			if err != nil {
				continue // see the corpus test of package plan
			}
			b := setup(t, func(o *enforce.Options) { o.World, o.Home = everything([]labelledFlow{{plan: p}}), "" })
			report, err := b.allApproved(p, folder)
			if err != nil {
				report = &enforce.Report{Outcome: "error", Reason: err.Error()}
			}
			if count[report.Outcome]++; report.Outcome != enforce.Completed {
				t.Log(name, p.Flow, report.Outcome, report.Reason)
			}
			b.close()
		}
	}
	t.Log(count)
	ran := 0
	for _, n := range count {
		ran += n
	}
	if completed := count[enforce.Completed]; ran < 40 || completed < ran*4/5 {
		t.Errorf("of %d flows %d completed", ran, completed)
	}
}

// filesOf lists the files below a folder whose names end so, in order.
func filesOf(t *testing.T, folder string, ends ...string) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && slices.Contains(ends, filepath.Ext(name)) {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
