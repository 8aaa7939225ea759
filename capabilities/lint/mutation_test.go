package lint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// part is a step of a generated flow.
type part struct {
	id      string
	control string // authentication, authorization, approval, audit; "" for none
	bound   bool   // something depends on its decision
	effect  bool
}

// operations that each kind of step calls, in the words of several products.
var operationsOf = map[string][]string{
	"authentication": {"verifySession", "authenticateUser"},
	"authorization":  {"checkPermission", "evaluatePolicy"},
	"approval":       {"requestApproval", "waitForApproval"},
	"audit":          {"createAuditEvent", "writeAuditLog"},
	"effect":         {"deleteProject", "createPayment", "sendEmail", "assignRole", "deployRevision"},
	"read":           {"listProjects", "getReport", "searchItems"},
}

// dialects that steps can be written in, and whether they have conditions.
var writers = map[string]struct {
	write      func([]part, func(string) string) string
	conditions bool
}{
	"arazzo":      {writeArazzo, true},
	"ad hoc":      {writeAdHoc, true},
	"composition": {writeComposition, false},
	"naftiko":     {writeNaftiko, false},
}

func writeArazzo(parts []part, op func(string) string) string {
	var b strings.Builder
	b.WriteString("arazzo: 1.0.1\ninfo: {title: T, version: 1.0.0}\nsourceDescriptions: [{name: a, url: a.yaml, type: openapi}]\nworkflows:\n- workflowId: flow\n  steps:\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "  - stepId: %s\n    operationId: %s\n", p.id, op(p.id))
		switch {
		case p.bound:
			b.WriteString("    successCriteria:\n    - condition: $response.body#/granted == true\n")
		case p.control == "authentication" || p.control == "":
			b.WriteString("    successCriteria:\n    - condition: $statusCode == 200\n")
		}
	}
	return b.String()
}

func writeAdHoc(parts []part, op func(string) string) string {
	var b strings.Builder
	b.WriteString("steps:\n")
	gate := ""
	for _, p := range parts {
		fmt.Fprintf(&b, "  - id: %s\n    call: api.%s\n", p.id, op(p.id))
		if p.effect && gate != "" {
			fmt.Fprintf(&b, "    when:\n%s", gate)
		}
		if p.bound {
			gate += fmt.Sprintf("      - ${steps.%s.granted == true}\n", p.id)
		}
	}
	b.WriteString("  - {id: last, call: api.listThings, when: \"${steps.x.y == 1}\"}\n")
	return b.String()
}

func writeComposition(parts []part, op func(string) string) string {
	var b strings.Builder
	b.WriteString("specification: Naftiko Capability Composition\nspecificationVersion: '0.1'\nname: T\nsteps:\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "  - id: %s\n    capability: things\n    operation: %s\n    description: A step.\n", p.id, op(p.id))
	}
	return b.String()
}

func writeNaftiko(parts []part, op func(string) string) string {
	var b strings.Builder
	b.WriteString("naftiko: 1.0.0-alpha2\ncapability:\n  exposes:\n  - type: mcp\n    namespace: t\n    tools:\n    - name: flow\n      description: D.\n      steps:\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "      - name: %s\n        type: call\n        call: api.%s\n", p.id, op(p.id))
	}
	return b.String()
}

// needsOfEffect lints what is written and returns the needs of the effect, and the
// rules that are told.
func needsOfEffect(t *rapid.T, l *Linter, text string) (Needs, []string) {
	f, err := source.NewFile("flow.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r := l.Lint(context.Background(), capabilities.NewReader(nil, capabilities.Options{}).ReadFile(f))
	if len(r.Incomplete) > 0 {
		t.Fatal(r.Incomplete)
	}
	var rules []string
	for _, f := range r.Findings {
		rules = append(rules, f.Rule)
	}
	for _, s := range r.Steps {
		if s.Step == "effect" {
			return s.Needs, rules
		}
	}
	t.Fatalf("no effect in\n%s", text)
	return Needs{}, nil
}

func stateOf(n Needs, control string) State {
	return map[string]State{"authentication": n.Authentication, "authorization": n.Authorization, "approval": n.Approval, "audit": n.Audit}[control]
}

// told are the rules that tell of each fault: of one of several, one must.
var told = map[string]map[string][]string{
	"remove": {"authentication": {"CAP101"}, "authorization": {"CAP102"}, "approval": {"CAP103"}, "audit": {"CAP104"}},
	"move":   {"authentication": {"CAP106"}, "authorization": {"CAP105"}, "approval": {"CAP107"}, "audit": {"CAP108"}},
	"unbind": {"authorization": {"CAP110"}, "approval": {"CAP110"}},
}

var stateAfter = map[string]State{"remove": Missing, "move": Late, "unbind": Missing}

// TestMutation: a flow with every control has none of the findings; with one
// control removed, moved behind the effect or unbound it has the finding of that
// control; put back, the finding is gone.
func TestMutation(t *testing.T) {
	l := newLinter(t, Config{Profile: Audit})
	rapid.Check(t, func(t *rapid.T) {
		dialect := rapid.SampledFrom([]string{"ad hoc", "arazzo", "composition", "naftiko"}).Draw(t, "dialect")
		writer := writers[dialect]
		parts, names := drawFlow(t, writer.conditions)
		op := func(id string) string { return names[id] }
		kinds := []string{"remove", "move"}
		if writer.conditions {
			kinds = append(kinds, "unbind")
		}
		kind := rapid.SampledFrom(kinds).Draw(t, "mutation")
		var controls []string
		for control := range told[kind] {
			controls = append(controls, control)
		}
		slices.Sort(controls)
		control := rapid.SampledFrom(controls).Draw(t, "control")

		check := func(parts []part, state State, rules []string) {
			text := writer.write(parts, op)
			needs, found := needsOfEffect(t, l, text)
			if got := stateOf(needs, control); got != state {
				t.Fatalf("%s of the effect is %s, want %s, in\n%s", control, got, state, text)
			}
			if has := slices.ContainsFunc(rules, func(r string) bool { return slices.Contains(found, r) }); has != (state != Present) {
				t.Fatalf("%s is %s, and the findings are %v, in\n%s", control, state, found, text)
			}
		}
		state := stateAfter[kind]
		if control == "audit" {
			state = Missing
		}
		check(parts, Present, told[kind][control])
		check(mutate(parts, kind, control), state, told[kind][control])
		check(parts, Present, told[kind][control])
	})
}

// drawFlow draws a flow with every control, an effect, and reading steps between
// them.
func drawFlow(t *rapid.T, conditions bool) ([]part, map[string]string) {
	names := map[string]string{}
	var parts []part
	add := func(p part, kind string) {
		names[p.id] = rapid.SampledFrom(operationsOf[kind]).Draw(t, p.id)
		parts = append(parts, p)
	}
	reads := 0
	read := func() {
		for range rapid.IntRange(0, 2).Draw(t, "reads") {
			reads++
			add(part{id: fmt.Sprintf("read%d", reads)}, "read")
		}
	}
	for _, control := range rapid.Permutation([]string{"authentication", "authorization", "approval"}).Draw(t, "order") {
		read()
		add(part{id: control, control: control, bound: conditions && control != "authentication"}, control)
	}
	read()
	add(part{id: "effect", effect: true}, "effect")
	read()
	add(part{id: "audit", control: "audit"}, "audit")
	return parts, names
}

func mutate(parts []part, kind, control string) []part {
	out := slices.Clone(parts)
	at := slices.IndexFunc(out, func(p part) bool { return p.control == control })
	moved := out[at]
	switch kind {
	case "unbind":
		out[at].bound = false
		return out
	case "remove":
		return slices.Delete(out, at, at+1)
	}
	out = slices.Delete(out, at, at+1)
	effect := slices.IndexFunc(out, func(p part) bool { return p.effect })
	if control == "audit" {
		return slices.Insert(out, effect, moved)
	}
	moved.bound = false // what stands behind the effect cannot guard it
	return slices.Insert(out, effect+1, moved)
}

// TestMutationOfCorpus takes the control steps out of the real documents that
// have some: no need that they met is met any more.
func TestMutationOfCorpus(t *testing.T) {
	l := newLinter(t, Config{Profile: Audit})
	mutated := 0
	for _, dir := range []string{"capabilities", "arazzo"} {
		root := filepath.Join(shared(t), "data", dir)
		_, files := corpus(t, dir)
		reader := capabilities.NewReader(os.DirFS(root), capabilities.Options{})
		for _, name := range files {
			for _, doc := range read(reader, name) {
				if doc.Incomplete {
					continue
				}
				mutated += mutateDocument(t, l, doc)
			}
		}
	}
	t.Logf("%d controls taken out of real documents", mutated)
	if mutated == 0 {
		t.Error("no real document has a control that meets a need")
	}
}

// mutateDocument takes the controls of one kind out of the text, for each kind
// that meets a need.
func mutateDocument(t *testing.T, l *Linter, doc *capabilities.Document) (mutated int) {
	t.Helper()
	before := l.Lint(context.Background(), []*capabilities.Document{doc})
	for _, flow := range doc.Flows {
		for _, control := range []string{"authenticate", "authorize", "approve", "audit"} {
			controls := stepsOf(before, doc, flow, control)
			var met []StepResult
			for _, row := range before.Steps {
				w := map[string]string{"authenticate": row.Where.Authentication, "authorize": row.Where.Authorization, "approve": row.Where.Approval, "audit": row.Where.Audit}
				if row.Flow == flow.ID && slices.ContainsFunc(controls, func(s *capabilities.Step) bool { return s.Label() == w[control] }) {
					met = append(met, row)
				}
			}
			if len(met) == 0 {
				continue
			}
			mutated += len(controls)
			after := l.Lint(context.Background(), without(t, doc, controls))
			for _, row := range met {
				if n := presentIn(after, row); n >= present(row.Needs) {
					t.Errorf("%s: without %s, %s of %s is protected as before (%d)", doc.File.Name, control, row.Step, row.Flow, n)
				}
			}
		}
	}
	return mutated
}

// stepsOf returns the steps of a flow that are controls of one kind.
func stepsOf(r Result, doc *capabilities.Document, flow *capabilities.Flow, control string) []*capabilities.Step {
	var out []*capabilities.Step
	for _, s := range flow.Steps {
		if s.Node.Location().File == doc.File.Name && slices.ContainsFunc(r.Steps, func(row StepResult) bool {
			return row.Flow == flow.ID && row.Step == s.Label() && row.Control == control
		}) {
			out = append(out, s)
		}
	}
	return out
}

// present weighs the controls of a step: one that comes late is less than one
// that is there, and more than none.
func present(n Needs) (weight int) {
	for _, s := range []State{n.Authentication, n.Authorization, n.Approval, n.Audit} {
		switch s {
		case Present:
			weight += 2
		case Late:
			weight++
		}
	}
	return weight
}

func presentIn(r Result, row StepResult) int {
	for _, s := range r.Steps {
		if s.Flow == row.Flow && s.Step == row.Step {
			return present(s.Needs)
		}
	}
	return -1
}

// without reads the document again, with the lines of some steps left out.
func without(t *testing.T, doc *capabilities.Document, steps []*capabilities.Step) []*capabilities.Document {
	t.Helper()
	lines := strings.SplitAfter(string(doc.File.Text), "\n")
	for _, s := range slices.Backward(steps) {
		r := s.Node.Range()
		lines = slices.Delete(lines, r.Start.Line-1, r.End.Line)
	}
	f, err := source.NewFile(doc.File.Name, []byte(strings.Join(lines, "")), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return capabilities.NewReader(nil, capabilities.Options{}).ReadFile(f)
}
