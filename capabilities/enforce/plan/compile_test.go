package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// Everything that matters changes the digest; what does not matter leaves it.
func TestDigest(t *testing.T) {
	const text = `name: Notes
inputs:
  - {name: word, type: string, required: true, default: moss}
steps:
  - {id: one, operation: notes.getNote, with: {id: "{{word}}"}}
  - {id: two, operation: notes.createNote, when: one.found == true, with: {text: "{{word}}"}, onFailure: stop, retry: 2}
outputs:
  id: two.id
`
	digest := func(name, text string) string {
		f, err := source.NewFile(name, []byte(text), source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := Compile(capabilities.NewReader(nil, capabilities.Options{}).ReadFile(f)[0], "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Digest()) != 64 {
			t.Fatalf("digest %q", p.Digest())
		}
		return p.Digest()
	}
	first := digest("a.yaml", text)
	if digest("elsewhere/b.yaml", text) != first {
		t.Error("the place of the file changes the digest")
	}
	for _, change := range [][2]string{
		{"Notes", "Votes"}, {"moss", "fern"}, {"required: true", "required: false"}, {"id: one", "id: uno"}, {"notes.getNote", "notes.getVote"},
		{"found == true", "found != true"}, {"onFailure: stop", "onFailure: continue"}, {"retry: 2", "retry: 3"}, {"two.id", "two.ids"},
		{`text: "{{word}}"`, `text: "{{word}}!"`}, {"type: string", "type: integer"},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if change[0] == "id: one" {
			changed = strings.ReplaceAll(changed, "one.found", "uno.found")
		}
		if changed == text || digest("a.yaml", changed) == first {
			t.Errorf("%q for %q: the digest is the same", change[1], change[0])
		}
	}
}

// Two adapters may have a tool of one name: a plan names the one it is of, so that a
// run finds it again.
func TestPlanNamesItsFlow(t *testing.T) {
	const tool = "      tools:\n        - name: get\n          description: T.\n          steps:\n            - {type: call, name: a, call: letters.get}\n"
	doc := document(t, "naftiko: \"1.0.0-alpha1\"\ninfo: {label: T}\ncapability:\n  exposes:\n"+
		"    - type: mcp\n      address: localhost\n      port: 3001\n      namespace: one\n"+tool+
		"    - type: mcp\n      address: localhost\n      port: 3002\n      namespace: two\n"+tool)
	for _, name := range []string{"one/get", "two/get"} {
		p, err := Compile(doc, name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Flow != name {
			t.Errorf("the plan of %s says that it is %q", name, p.Flow)
		}
		again, err := Compile(doc, p.Flow, Options{})
		if err != nil || again.Digest() != p.Digest() {
			t.Errorf("%s is not found again: %v", name, err)
		}
	}
}

// A change of what the runtime offers changes the digest too.
func TestDigestCoversOperations(t *testing.T) {
	doc := document(t, "name: X\nspecification: Naftiko Capability Composition\nproviderId: workos\nsteps:\n  - {id: one, operation: ConnectionsController_list}\n")
	plain := service()
	p, err := Compile(doc, "", Options{Operations: plain})
	if err != nil {
		t.Fatal(err)
	}
	for i := range plain["workos"] {
		if plain["workos"][i].ID == "ConnectionsController_list" {
			plain["workos"][i].Effect = "delete"
		}
	}
	q, err := Compile(doc, "", Options{Operations: plain})
	if err != nil {
		t.Fatal(err)
	}
	if q.Steps[0].Operation.Effect != "delete" {
		t.Errorf("the graver effect does not count: %s", q.Steps[0].Operation.Effect)
	}
	if p.Digest() == q.Digest() {
		t.Error("the digest does not cover what the operation does")
	}
}

// What belongs to the sealed context cannot be taken from a document, but for
// whose data a step is about, which the runtime compares with the context.
func TestSealedWins(t *testing.T) {
	offered := fake{"desk": {{Provider: "desk", ID: "openFile", Effect: "read", Control: "none", Params: []provider.Param{
		{Name: "tenant", Required: true, Sealed: true, Role: provider.RoleTenant},
		{Name: "session", Required: true, Sealed: true, Role: provider.RoleCredential},
		{Name: "purpose", Required: true, Sealed: true},
		{Name: "mood", Sealed: true},
	}}}}
	doc := document(t, `name: X
inputs: [{name: session, type: string}, {name: purpose, type: string}, {name: org, type: string}]
steps:
  - {id: one, operation: desk.openFile, with: {tenant: "{{org}}", session: "{{session}}", purpose: "{{purpose}}", mood: low}}
`)
	p, err := Compile(doc, "", Options{Operations: offered})
	if err != nil {
		t.Fatal(err)
	}
	want := "tenant stated input org, session sealed context session, purpose sealed context purpose, mood unbound null"
	var got []string
	for _, a := range p.Steps[0].Arguments {
		got = append(got, fmt.Sprintf("%s %s %s", a.Param.Name, a.How, a.Value))
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("%v", got)
	}
	if n := strings.Count(fmt.Sprint(p.Warnings), "sealed context"); n != 4 {
		t.Errorf("%d warnings of the sealed context: %v", n, p.Warnings)
	}
}

// A sealed parameter that the context has no value for is refused, not left to
// the flow.
func TestSealedWithoutContext(t *testing.T) {
	offered := fake{"desk": {{Provider: "desk", ID: "openFile", Effect: "read", Control: "none",
		Params: []provider.Param{{Name: "colour", Required: true, Sealed: true}}}}}
	doc := document(t, "name: X\ninputs: [{name: colour, type: string}]\nsteps:\n  - {id: one, operation: desk.openFile, with: {colour: red}}\n")
	if _, err := Compile(doc, "", Options{Operations: offered}); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Errorf("%v", err)
	}
}

// A credential goes only to an operation that must have one, and never the one of
// the user's own login.
func TestCredentialsAreNotSpread(t *testing.T) {
	secret := provider.Output{Path: "token", Secret: true, Role: provider.RoleCredential}
	offered := fake{"desk": {
		{Provider: "desk", ID: "logIn", Effect: "credential", Control: "authenticate", Outputs: []provider.Output{secret}},
		{Provider: "desk", ID: "issueKey", Effect: "credential", Control: "none", Outputs: []provider.Output{secret}},
		{Provider: "desk", ID: "mayUse", Effect: "read", Control: "none", Params: []provider.Param{{Name: "key", Role: provider.RoleCredential}}},
		{Provider: "desk", ID: "mustUse", Effect: "read", Control: "none", Params: []provider.Param{{Name: "key", Required: true, Role: provider.RoleCredential}}},
		{Provider: "desk", ID: "asksText", Effect: "read", Control: "none", Params: []provider.Param{{Name: "token", Role: provider.RoleText}}},
	}}
	compile := func(ops ...string) (*Plan, error) {
		text := "name: X\nprovider: desk\nsteps:\n"
		for i, op := range ops {
			text += fmt.Sprintf("  - {id: s%d, operation: desk.%s}\n", i, op)
		}
		return Compile(document(t, text), "", Options{Operations: offered})
	}
	for _, tt := range []struct {
		ops  []string
		want string
	}{
		{[]string{"logIn", "mustUse"}, "refused"},
		{[]string{"issueKey", "mustUse"}, "step s0.token"},
		{[]string{"issueKey", "logIn", "mustUse"}, "step s0.token"},
		{[]string{"issueKey", "mayUse"}, "null"},
		{[]string{"issueKey", "asksText"}, "null"},
	} {
		p, err := compile(tt.ops...)
		got := "refused"
		if err == nil {
			got = p.Steps[len(p.Steps)-1].Arguments[0].Value.String()
		}
		if got != tt.want {
			t.Errorf("%v: %s, want %s (%v)", tt.ops, got, tt.want, err)
		}
	}
}

// Without a catalogue every operation is simulated, and says so.
func TestEverythingSimulated(t *testing.T) {
	p, err := Compile(document(t, "name: X\nspecification: Naftiko Capability Composition\nproviderId: workos\nsteps:\n  - {id: one, operation: PipesController_create}\n"), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if op := p.Steps[0].Operation; !op.Simulated || op.ID != "DataIntegrationsController_getUserlandUserToken" || op.Effect != "credential" {
		t.Errorf("%+v", op)
	}
	if !strings.Contains(fmt.Sprint(p.Warnings), "simulated") {
		t.Errorf("%v", p.Warnings)
	}
}

// Hostile documents end in a refusal of bounded size, not in hours.
func TestHostile(t *testing.T) {
	var many strings.Builder
	many.WriteString("name: X\nsteps:\n")
	for i := range maxSteps + 1 {
		fmt.Fprintf(&many, "  - {id: s%d, operation: notes.getNote}\n", i)
	}
	// Each flow hands twice what the next one hands it: 2 to the power of the depth.
	var doubling strings.Builder
	doubling.WriteString("arazzo: 1.0.1\ninfo: {title: X, version: 1.0.0}\nsourceDescriptions: [{name: n, url: ./n.yaml, type: openapi}]\nworkflows:\n")
	for i := range 7 {
		fmt.Fprintf(&doubling, "  - workflowId: w%d\n    steps: [{stepId: s, workflowId: w%d}]\n    outputs: {o: \"%s\"}\n", i, i+1, strings.Repeat("{$steps.s.outputs.o}", 40))
	}
	doubling.WriteString("  - workflowId: w7\n    steps: [{stepId: s, operationId: getNote, outputs: {o: $response.body#/o}}]\n    outputs: {o: $steps.s.outputs.o}\n")
	circle := `name: X
steps:
  - {id: a, operation: notes.getNote, outputs: {x: "{{steps.b.outputs.y}}"}}
  - {id: b, operation: notes.getNote, outputs: {y: "{{steps.a.outputs.x}}", z: "{{steps.b.outputs.z}}"}}
`
	for name, tt := range map[string]struct{ text, flow, want string }{
		"steps":    {many.String(), "", "more than 500 steps"},
		"doubling": {doubling.String(), "w0", "more than 10000 parts"},
		"circle":   {circle, "", ""},
		"empty":    {"", "", "no capability"},
		"no map":   {"- a\n- b\n", "", "no capability"},
		"twice":    {"name: X\nname: Y\nsteps: [{id: a, operation: notes.getNote}]\n", "", "again"},
	} {
		_, err := Compile(document(t, tt.text), tt.flow, Options{})
		var refusal *Refusal
		switch {
		case tt.want == "" && err == nil:
		case !errors.As(err, &refusal) || tt.want == "" || !strings.Contains(err.Error(), tt.want):
			t.Errorf("%s: %v", name, err)
		case len(err.Error()) > 1<<20:
			t.Errorf("%s: a refusal of %d bytes", name, len(err.Error()))
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, text := range []string{
		"name: X\nspecification: Naftiko Capability Composition\nproviderId: workos\ninputs: [{name: target_resource}]\nsteps:\n  - {id: a, operation: AuthorizationController_check}\noutputs: [{name: o, source: a.authorized}]\n",
		"arazzo: 1.0.1\ninfo: {title: X}\nsourceDescriptions: [{name: n, url: u, type: openapi}]\nworkflows:\n  - workflowId: w\n    steps:\n      - {stepId: a, operationId: getNote, successCriteria: [{condition: $statusCode == 200}], onFailure: [{type: retry, retryLimit: 2}], outputs: {x: $response.body#/x}}\n      - {stepId: b, workflowId: v}\n  - workflowId: v\n    steps: [{stepId: c, operationId: createNote}]\n",
		"naftiko: 1.0.0\ncapability:\n  consumes: [{type: http, namespace: n, baseUri: http://n.example, resources: [{path: /x, operations: [{name: get, method: GET}]}]}]\n  exposes: [{type: mcp, namespace: m, tools: [{name: t, call: n.get, with: {a: m.b}, inputParameters: [{name: b}]}]}]\n",
		"name: X\nsteps:\n  - {id: a, operation: n.getNote, forEach: '{{l}}', with: {x: '{{item.y}}'}, when: 'a == 1', dependsOn: b}\n  - {id: b, operation: n.createNote, with: {l: [{a: 1}]}}\n  - {id: c, type: lookup, index: a, match: k, lookupValue: $.b.c}\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := source.NewFile("fuzz.yaml", []byte(text), source.Limits{Nodes: 5000})
		if err != nil {
			return
		}
		for _, doc := range capabilities.NewReader(nil, capabilities.Options{}).ReadFile(file) {
			for _, flow := range []string{"", "w", "-"} {
				p, err := Compile(doc, flow, Options{Operations: service()})
				var refusal *Refusal
				if err != nil {
					if !errors.As(err, &refusal) || len(refusal.Faults) == 0 {
						t.Fatalf("%v is no refusal", err)
					}
					continue
				}
				checkFuzzed(t, p)
				again, err := Compile(doc, p.Flow, Options{Operations: service()})
				if err != nil || dump(again) != dump(p) || again.Digest() != p.Digest() {
					t.Fatalf("compiled again, the plan is another (%v)", err)
				}
			}
		}
	})
}

func checkFuzzed(t *testing.T, p *Plan) {
	check(t, "fuzz", p)
	given := Env{Inputs: map[string]any{}, Steps: map[string]Result{}}
	for _, s := range p.Steps {
		for _, a := range s.Arguments {
			_, err := a.Value.Eval(given)
			var value *ValueError
			if err != nil && !errors.Is(err, ErrUnknown) && !errors.As(err, &value) {
				t.Fatalf("%s: %v has no type", a.Value, err)
			}
		}
		for _, c := range s.When {
			if holds, err := c.Holds(given); holds && err != nil {
				t.Fatalf("%s holds and fails: %v", c, err)
			}
		}
	}
}
