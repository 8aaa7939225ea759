package effects

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

func TestDev(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"operations.tsv", "controls.tsv"} {
		all := items(t, filepath.Join("testdata", name))
		for _, set := range []string{"a", "b", "c", "d"} {
			var list []item
			for _, it := range all {
				if it.set == set {
					list = append(list, it)
				}
			}
			measure(t, c, list, set == os.Getenv("SET")).log(t, name+" "+set)
		}
	}
	list := items(t, filepath.Join(shared(t, "data/labels"), "operations.csv"))
	measure(t, c, list, os.Getenv("V") != "").log(t, "labels")
	bare, err := WithoutCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	measure(t, bare, list, os.Getenv("V") != "").log(t, "labels without catalogue")
	for i := range list {
		list[i].op.Provider = ""
	}
	measure(t, bare, list, false).log(t, "labels without catalogue and provider")
	for i := range list {
		list[i].op.Path, list[i].op.Method = "", ""
	}
	measure(t, bare, list, os.Getenv("V") == "2").log(t, "labels by name alone")
}

func TestDevMCP(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	n, same := 0, 0
	filepath.WalkDir(shared(t, "data/mcp-tools"), func(path string, d os.DirEntry, err error) error {
		if !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var tools []map[string]any
		if json.Unmarshal(text, &tools) != nil {
			var one map[string]any
			if json.Unmarshal(text, &one) != nil {
				return nil
			}
			tools = append(tools, one)
		}
		for _, tool := range tools {
			a, _ := tool["annotations"].(map[string]any)
			ro, ok := a["readOnlyHint"].(bool)
			desc, _ := tool["description"].(string)
			r := c.Classify(Operation{ID: tool["name"].(string), Description: desc})
			if !ok {
				if os.Getenv("V") == "3" {
					t.Logf("%s %s/%s %s %s | %.90s", tool["name"], r.Effect, r.Control, r.Basis, r.Confidence, desc)
				}
				continue
			}
			n++
			if (r.Effect == Read) == ro {
				same++
			} else {
				t.Logf("%s: %s readOnly=%v %v", tool["name"], r.Effect, ro, rules(r))
			}
		}
		return nil
	})
	t.Logf("%d of %d", same, n)
}
