package effects

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
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

// read reads one document of our own.
func read(t testing.TB, text string) *capabilities.Document {
	t.Helper()
	file, err := source.NewFile("own.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return capabilities.NewReader(nil, capabilities.Options{}).ReadFile(file)[0]
}

const workflow = `arazzo: 1.0.1
info: {title: Stripe charge and undo, version: 1.0.0}
sourceDescriptions: [{name: pay, url: ./stripe-openapi.yaml, type: openapi}]
workflows:
- workflowId: charge
  steps:
  - stepId: grantRole
    operationId: assignRole
    onFailure: [{name: undo, type: goto, stepId: takeRole}]
  - stepId: chargeCard
    operationId: createCharge
    onFailure: [{name: undo, type: goto, stepId: takeRole}]
  - stepId: done
    operationId: listCharges
    onSuccess: [{name: end, type: end}]
  - stepId: takeRole
    operationId: removeRole
  - stepId: dropTag
    operationId: deleteTag
`

// What takes back an earlier step on the way of a failure is a rollback; the
// same operation on the ordinary way, or one about something else, is none.
func TestRollbackOnFailure(t *testing.T) {
	c, d := newClassifier(t), read(t, workflow)
	want := map[string]struct {
		effect  Effect
		control Control
	}{"grantRole": {Access, None}, "chargeCard": {Money, None}, "done": {Read, None}, "takeRole": {Access, Rollback}, "dropTag": {Delete, None}}
	seen := 0
	for _, s := range d.Flows[0].Steps {
		r := c.OfStep(d, s)
		if w := want[s.ID]; r.Effect != w.effect || r.Control != w.control {
			t.Errorf("%s: %s/%s, expected %s/%s", s.ID, r.Effect, r.Control, w.effect, w.control)
		}
		if r.Evidence[0].At.Range.Start.Line == 0 {
			t.Errorf("%s: evidence without a place", s.ID)
		}
		seen++
	}
	if seen != len(want) {
		t.Errorf("%d steps", seen)
	}
	if p := c.providerOf(d); p != "stripe" {
		t.Errorf("provider %q", p)
	}
	straight := read(t, strings.ReplaceAll(workflow, "onFailure: [{name: undo, type: goto, stepId: takeRole}]", "description: none"))
	if r := c.OfStep(straight, straight.Flows[0].Steps[3]); r.Control != None {
		t.Errorf("without a failure edge: %s", r.Control)
	}
}

const exposed = `ikanos: "1.0.0-beta5"
capability:
  consumes:
  - namespace: crm
    type: http
    baseUri: https://crm.example.com
    resources:
      contact:
        path: "/contacts/{{id}}"
        operations:
          drop-contact:
            method: DELETE
          find-contact:
            method: GET
  exposes:
  - type: mcp
    port: 3001
    namespace: tools
    tools:
      find:
        description: Find a contact.
        hints: {readOnly: true}
        call: crm.find-contact
      tidy:
        description: Tidy up.
        hints: {readOnly: true}
        steps:
          look: {type: call, call: crm.find-contact}
          drop: {type: call, call: crm.drop-contact}
`

// A tool does the gravest of what its steps do, whatever its hint says.
func TestToolsDoWhatTheirStepsDo(t *testing.T) {
	c, d := newClassifier(t), read(t, exposed)
	results := map[string]Result{}
	for _, a := range d.Exposes {
		for _, e := range a.Entries {
			results[e.Name] = c.OfExposed(d, e)
		}
	}
	if r := results["find"]; r.Effect != Read || r.Contradiction != "" {
		t.Errorf("find: %+v (%d entries)", r, len(results))
	}
	if r := results["tidy"]; r.Effect != Delete || r.Contradiction == "" {
		t.Errorf("tidy: %+v", r)
	}
	for _, s := range d.Consumes {
		for _, op := range s.Operations {
			if r := c.OfOperation(d, op); (op.ID == "drop-contact") != (r.Effect == Delete) {
				t.Errorf("%s: %s", op.ID, r.Effect)
			}
		}
	}
}

// Every step and tool of the corpora gets a result; how much is known is printed.
func TestCorpusIsClassified(t *testing.T) {
	c := newClassifier(t)
	for _, set := range []string{"capabilities", "arazzo"} {
		root, err := os.OpenRoot(shared(t, "data/"+set))
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		reader := capabilities.NewReader(root.FS(), capabilities.Options{})
		bases, controls := map[string]int{}, map[string]int{}
		count := func(r Result) {
			if !r.Effect.Valid() || !r.Control.Valid() || len(r.Evidence) == 0 {
				t.Errorf("%+v", r)
			}
			bases[string(r.Basis)]++
			controls[string(r.Control)]++
		}
		err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
				return err
			}
			docs, err := reader.Read(name)
			for _, d := range docs {
				classifyAll(c, d, count)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: bases %v, controls %v", set, bases, controls)
	}
}

func classifyAll(c *Classifier, d *capabilities.Document, count func(Result)) {
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			count(c.OfStep(d, s))
		}
	}
	for _, a := range d.Exposes {
		for _, e := range a.Entries {
			count(c.OfExposed(d, e))
		}
	}
	for _, s := range d.Consumes {
		for _, op := range s.Operations {
			count(c.OfOperation(d, op))
		}
	}
}

// The cost of classifying all of a corpus that has been read already.
func BenchmarkCorpus(b *testing.B) {
	c := newClassifier(b)
	root, err := os.OpenRoot(shared(b, "data/capabilities"))
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	reader := capabilities.NewReader(root.FS(), capabilities.Options{})
	var docs []*capabilities.Document
	err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
			return err
		}
		read, err := reader.Read(name)
		docs = append(docs, read...)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n = 0
		for _, d := range docs {
			classifyAll(c, d, func(Result) { n++ })
		}
	}
	b.ReportMetric(float64(n), "operations")
}
