package effects

import (
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// item is a labelled operation. Of several values joined by |, any is right.
type item struct {
	op              Operation
	effect, control string
	set             string
}

func right(have, want string) bool {
	for one := range strings.SplitSeq(want, "|") {
		if have == one {
			return true
		}
	}
	return false
}

// privileged reports what a label says of the need for approval, and whether it
// says one thing.
func privileged(label string) (is, clear bool) {
	n, all := 0, strings.Split(label, "|")
	for _, one := range all {
		if Effect(one).Privileged() {
			n++
		}
	}
	return n > 0, n == 0 || n == len(all)
}

// shared returns a folder beside the repository that only some places have.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	found := filepath.Join(dir, "..", "shared", path)
	if _, err := os.Stat(found); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed in CI: %v", path, err)
		}
		t.Skipf("needs ../shared/%s", path)
	}
	return found
}

// table reads a file of rows under a header: commas, or tabs with # comments.
func table(t testing.TB, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	if strings.HasSuffix(path, ".tsv") {
		r.Comma, r.Comment, r.LazyQuotes = '\t', '#', true
	}
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			if row[i] != "-" {
				m[name] = row[i]
			}
		}
		out = append(out, m)
	}
	return out
}

func items(t testing.TB, path string) []item {
	var out []item
	for _, m := range table(t, path) {
		out = append(out, item{op: Operation{ID: m["name"], Provider: m["provider"], Method: m["method"], Path: m["path"],
			Description: m["description"]}, effect: m["effect"], control: m["control"], set: m["set"]})
	}
	return out
}

// tally counts how a set was classified.
type tally struct {
	n, effect, control      int
	truePos, falsePos, miss int
}

func measure(t *testing.T, c *Classifier, list []item, verbose bool) tally {
	t.Helper()
	var y tally
	for _, it := range list {
		r := c.Classify(it.op)
		y.n++
		okE, okC := right(string(r.Effect), it.effect), it.control == "" || right(string(r.Control), it.control)
		if okE {
			y.effect++
		}
		if okC {
			y.control++
		}
		is, clear := privileged(it.effect)
		switch have := r.Effect.Privileged(); {
		case !clear:
		case have && is:
			y.truePos++
		case have:
			y.falsePos++
		case is:
			y.miss++
		}
		if verbose && !(okE && okC) {
			t.Logf("%s %s %s %q: %s/%s, expected %s/%s (%s, %v)", it.op.Provider, it.op.Method, it.op.Path, it.op.ID,
				r.Effect, r.Control, it.effect, it.control, r.Basis, rules(r))
		}
	}
	return y
}

func rules(r Result) (ids []string) {
	for _, e := range r.Evidence {
		ids = append(ids, e.Rule)
	}
	return ids
}

func ratio(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

func (y tally) log(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: %d items, effect exact %.3f, control exact %.3f, privileged precision %.3f recall %.3f", what, y.n,
		ratio(y.effect, y.n), ratio(y.control, y.n), ratio(y.truePos, y.truePos+y.falsePos), ratio(y.truePos, y.truePos+y.miss))
}

// newClassifier returns one for a test.
func newClassifier(t testing.TB) *Classifier {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func bareClassifier(t testing.TB) *Classifier {
	t.Helper()
	c, err := WithoutCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// holds fails where a share lies below what the project promises.
func holds(t *testing.T, what string, have, least float64) {
	t.Helper()
	if have < least {
		t.Errorf("%s is %.3f, promised %.2f", what, have, least)
	}
}

func (y tally) precision() float64 { return ratio(y.truePos, y.truePos+y.falsePos) }
func (y tally) recall() float64    { return ratio(y.truePos, y.truePos+y.miss) }

// fixtures are the files of operations that we labelled ourselves.
var fixtures = []string{"operations.tsv", "controls.tsv", "squashed.tsv", "rules.tsv", "held.tsv", "review.tsv"}

// Our own fixtures over many products. Each set was labelled before it was run;
// what it measured then is told in docs/effects.md.
func TestOwnFixtures(t *testing.T) {
	c := newClassifier(t)
	for _, name := range fixtures {
		sets := map[string][]item{}
		for _, it := range items(t, filepath.Join("testdata", name)) {
			sets[it.set] = append(sets[it.set], it)
		}
		for _, set := range sortedKeys(sets) {
			y := measure(t, c, sets[set], true)
			y.log(t, name+" "+set)
			holds(t, name+" "+set+" effect", ratio(y.effect, y.n), 0.95)
			holds(t, name+" "+set+" control", ratio(y.control, y.n), 0.95)
		}
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func TestLabelledOperations(t *testing.T) {
	list := items(t, filepath.Join(shared(t, "data/labels"), "operations.csv"))
	y := measure(t, newClassifier(t), list, true)
	y.log(t, "labelled operations")
	holds(t, "privileged precision", y.precision(), 0.97)
	holds(t, "privileged recall", y.recall(), 0.97)
	holds(t, "effect", ratio(y.effect, y.n), 0.93)
	holds(t, "control", ratio(y.control, y.n), 0.93)
}

// Without the catalogue every provider is one that nobody has listed.
func TestLabelledOperationsWithoutCatalogue(t *testing.T) {
	list := items(t, filepath.Join(shared(t, "data/labels"), "operations.csv"))
	c := bareClassifier(t)
	for i := range list {
		list[i].op.Provider = ""
	}
	y := measure(t, c, list, true)
	y.log(t, "names and paths alone")
	holds(t, "privileged precision", y.precision(), 0.90)
	holds(t, "privileged recall", y.recall(), 0.90)
	for i := range list {
		list[i].op.Method, list[i].op.Path = "", ""
	}
	measure(t, c, list, false).log(t, "names alone")
}

// Each provider in turn is treated as one that nobody has listed, with the rest
// of the catalogue in place.
func TestLeaveOneProviderOut(t *testing.T) {
	by := map[string][]item{}
	for _, it := range items(t, filepath.Join(shared(t, "data/labels"), "operations.csv")) {
		by[it.op.Provider] = append(by[it.op.Provider], it)
	}
	full := newClassifier(t)
	var all tally
	for _, provider := range sortedKeys(by) {
		c := &Classifier{lexicon: full.lexicon, catalogue: without(full.catalogue, provider)}
		y := measure(t, c, by[provider], false)
		t.Logf("%-16s %3d items, effect exact %.3f, privileged precision %.3f recall %.3f", provider, y.n, ratio(y.effect, y.n), y.precision(), y.recall())
		all.n, all.effect, all.control = all.n+y.n, all.effect+y.effect, all.control+y.control
		all.truePos, all.falsePos, all.miss = all.truePos+y.truePos, all.falsePos+y.falsePos, all.miss+y.miss
	}
	all.log(t, "every provider left out in turn")
	holds(t, "privileged recall", all.recall(), 0.90)
}

func without(c *catalogue, provider string) *catalogue {
	out := &catalogue{providers: c.providers, known: c.known}
	for _, e := range c.entries {
		if e.Provider != c.provider(provider) {
			out.entries = append(out.entries, e)
		}
	}
	out.index()
	return out
}

// Tools whose publisher says whether they read, classified without that hint.
func TestToolHints(t *testing.T) {
	c := newClassifier(t)
	n, same := 0, 0
	err := filepath.WalkDir(shared(t, "data/mcp-tools"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		for _, tool := range readList(t, path) {
			hint := tool.Operation.Hints.ReadOnly
			if hint == nil {
				continue
			}
			tool.Operation.Hints = Hints{}
			r := c.Classify(tool.Operation)
			n++
			if (r.Effect == Read) == *hint {
				same++
			} else {
				t.Logf("%s: %s, its publisher says readOnly %v (%v)", tool.Key, r.Effect, *hint, rules(r))
			}
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Fatalf("%d tools, %v", n, err)
	}
	t.Logf("read or write as the publisher says: %d of %d", same, n)
	holds(t, "agreement", ratio(same, n), 0.97)
}

func readList(t *testing.T, path string) []Listed {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := source.NewFile(path, text, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := ReadList(file, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
