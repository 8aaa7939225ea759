package effects

import (
	"fmt"
	"strings"
	"testing"
)

// nested is a document whose flows call the next one several times each: as many
// ways lead to the last step as wide to the power of deep.
func nested(deep, wide int) string {
	var b strings.Builder
	b.WriteString("arazzo: 1.0.1\ninfo: {title: x, version: 1.0.0}\nworkflows:\n")
	for i := range deep {
		fmt.Fprintf(&b, "  - workflowId: w%d\n    steps:\n", i)
		for k := range wide {
			if call := fmt.Sprintf("workflowId: w%d", i+1); i+1 < deep {
				fmt.Fprintf(&b, "      - {stepId: s%d, %s}\n", k, call)
			} else {
				fmt.Fprintf(&b, "      - {stepId: s%d, operationId: deleteUser}\n", k)
			}
		}
	}
	return b.String()
}

// Flows that call each other cost what they are long, not what they multiply to,
// and are as grave as what they come to in the end.
func TestNestedFlows(t *testing.T) {
	c := newClassifier(t)
	d := read(t, nested(30, 8))
	in := c.In(d)
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if r := in.Step(s); r.Effect != Access {
				t.Fatalf("%s %s: %s", f.ID, s.ID, r.Effect)
			}
		}
	}
	if r := c.OfStep(d, d.Flows[0].Steps[0]); r.Effect != Access {
		t.Errorf("asked alone: %s", r.Effect)
	}
}

// Flows in a circle come to no end: unknown, which counts as write.
func TestCircularFlows(t *testing.T) {
	d := read(t, `arazzo: 1.0.1
info: {title: x, version: 1.0.0}
workflows:
  - workflowId: a
    steps: [{stepId: one, workflowId: b}]
  - workflowId: b
    steps: [{stepId: two, workflowId: a}]
`)
	if r := newClassifier(t).OfStep(d, d.Flows[0].Steps[0]); r.Effect != Write || r.Basis != ByUnknown {
		t.Errorf("%+v", r)
	}
}

// What a step takes back decides, not that others fail.
func TestUndoing(t *testing.T) {
	d := read(t, `arazzo: 1.0.1
info: {title: x, version: 1.0.0}
workflows:
  - workflowId: w
    steps:
      - {stepId: make, operationId: createTask}
      - {stepId: more, operationId: createNote, onFailure: [{name: a, type: goto, stepId: back}, {name: b, type: goto, stepId: else}]}
      - {stepId: end, operationId: getTask, onSuccess: [{name: e, type: end}]}
      - {stepId: back, operationId: deleteTask}
      - {stepId: else, operationId: deleteInvoiceTemplate}
      - {stepId: stray, operationId: deleteNote}
`)
	in := newClassifier(t).In(d)
	want := map[string]Control{"back": Rollback}
	for _, s := range d.Flows[0].Steps {
		have := in.Step(s).Control
		if w, ok := want[s.ID]; ok && have != w || !ok && have != None {
			t.Errorf("%s is %s", s.ID, have)
		}
	}
}

// What a runtime itself offers, and what its author calls an audit, are known
// wherever a step is asked about.
func TestBuiltinSteps(t *testing.T) {
	if _, err := builtinSteps(); err != nil {
		t.Fatal(err)
	}
	d := read(t, `steps:
  - {id: who, type: builtin.web-bot-auth.verify, on_failure: deny}
  - {id: may, type: builtin.policy.assert, on_failure: deny}
  - {id: done, type: builtin.audit.emit}
  - {id: other, type: builtin.something.else}
  - {id: emit_order_audit, call: archive.writeevent}
  - {id: write, call: archive.writeevent}
  - {id: emit_audit, call: archive.updateprofile}
`)
	want := []Control{Authenticate, Authorize, Audit, None, Audit, None, None}
	c := newClassifier(t)
	for i, s := range d.Flows[0].Steps {
		if r := c.OfStep(d, s); r.Control != want[i] || len(r.Evidence) == 0 {
			t.Errorf("%s is %s (%v)", s.ID, r.Control, r.Evidence)
		}
	}
}

// The cost of an index is that of the steps: compare the figures of both sizes.
func BenchmarkUndoing(b *testing.B) {
	c := newClassifier(b)
	for _, n := range []int{500, 5000} {
		var text strings.Builder
		text.WriteString("arazzo: 1.0.1\ninfo: {title: x, version: 1.0.0}\nworkflows:\n  - workflowId: w\n    steps:\n")
		for i := range n {
			fmt.Fprintf(&text, "      - {stepId: make%d, operationId: createTask, onFailure: [{name: u, type: goto, stepId: undo%d}]}\n", i, i)
			fmt.Fprintf(&text, "      - {stepId: undo%d, operationId: removeWidget}\n", i)
		}
		d := read(b, text.String())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				in := c.In(d)
				for _, s := range d.Flows[0].Steps {
					in.Step(s)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*2*n), "ns/step")
		})
	}
}
