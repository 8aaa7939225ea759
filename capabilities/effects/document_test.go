package effects

import (
	"os"
	"strings"
	"testing"

	"agentrisk/capabilities"
)

// labelledStep finds a step of the labelled set in the model.
func labelledSteps(t *testing.T, visit func(doc *capabilities.Document, s *capabilities.Step, row map[string]string)) {
	t.Helper()
	readers := map[string]*capabilities.Reader{}
	for _, set := range []string{"capabilities", "arazzo"} {
		root, err := os.OpenRoot(shared(t, "data/"+set))
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		readers[set] = capabilities.NewReader(root.FS(), capabilities.Options{})
	}
	docs := map[string][]*capabilities.Document{}
	for _, row := range table(t, shared(t, "data/labels")+"/steps.csv") {
		name := row["doc"]
		if docs[name] == nil {
			set := "capabilities"
			if strings.Contains(name, "/arazzo/") {
				set = "arazzo"
			}
			read, err := readers[set].Read(name)
			if err != nil {
				t.Fatal(err)
			}
			docs[name] = read
		}
		if row["flow"] == "" {
			row["flow"] = "-"
		}
		if d, s := findStep(docs[name], row["flow"], row["step"]); s != nil {
			visit(d, s, row)
		} else {
			t.Errorf("%s: no step %q in flow %q", name, row["step"], row["flow"])
		}
	}
}

func findStep(docs []*capabilities.Document, flow, step string) (*capabilities.Document, *capabilities.Step) {
	for _, d := range docs {
		for _, f := range d.Flows {
			for _, s := range f.Steps {
				if f.ID == flow && s.Label() == step {
					return d, s
				}
			}
		}
	}
	return nil, nil
}

func TestStepAccuracy(t *testing.T) {
	c := newClassifier(t)
	var n, effect, control int
	labelledSteps(t, func(d *capabilities.Document, s *capabilities.Step, row map[string]string) {
		r := c.OfStep(d, s)
		n++
		okE, okC := right(string(r.Effect), row["effect"]), right(string(r.Control), row["control"])
		if okE {
			effect++
		}
		if okC {
			control++
		}
		if !okE || !okC {
			t.Logf("%s %s/%s: %s/%s, expected %s/%s (%s %v)", row["doc"], row["flow"], row["step"], r.Effect, r.Control, row["effect"], row["control"], r.Basis, rules(r))
		}
	})
	t.Logf("steps: %d, effect exact %.3f, control exact %.3f", n, ratio(effect, n), ratio(control, n))
	holds(t, "effect", ratio(effect, n), 0.92)
	holds(t, "control", ratio(control, n), 0.92)
}
