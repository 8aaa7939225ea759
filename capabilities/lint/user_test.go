package lint

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"agentrisk/internal/source"
)

// ownRule is a rule of a user's with this body.
func ownRule(id, name, body string) fstest.MapFS {
	text := `# METADATA
# title: Something
# description: It matters.
# custom:
#   id: ` + id + `
#   group: user
#   severity: warning
#   confidence: likely
#   risk: harm
#   help: mend it
#   false_positives: Never.
package capcheck.rules.` + name + "\n\n" + body
	return fstest.MapFS{name + "/" + name + ".rego": {Data: []byte(text)}}
}

const deletes = `report contains {"at": step.at, "message": sprintf("%s deletes", [step.name])} if {
	some step in input.steps
	step.effect == "delete"
}
`

func lintOwn(t *testing.T, rules fstest.MapFS, timeout time.Duration) (Result, error) {
	t.Helper()
	l, err := New(Config{Today: today, Profile: Audit, UserRules: []RuleDir{{".capcheck/rules", rules}}, Timeout: timeout})
	if err != nil {
		return Result{}, err
	}
	return l.Lint(context.Background(), parseText(t, "steps.yaml", manySteps(10))), nil
}

func TestOwnRule(t *testing.T) {
	r, err := lintOwn(t, ownRule("ACME001", "deleting", deletes), 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range r.Findings {
		if f.Rule == "ACME001" {
			found = append(found, f.Message)
			if f.Location.Range.Start.Line == 0 || f.Fingerprint == "" || f.Severity != Warning {
				t.Errorf("not a whole finding: %+v", f)
			}
		}
	}
	if len(found) != 6 || len(r.Incomplete) != 0 {
		t.Errorf("found %v, incomplete %v", found, r.Incomplete)
	}
}

// TestOwnRuleSeesTheDocument: the lists that hold what the document says have every
// field that the page of the facts names.
func TestOwnRuleSeesTheDocument(t *testing.T) {
	const body = `report contains {"at": input.document.at, "message": text, "related": [{"at": step.at, "message": "here"}]} if {
	d := input.document
	some step in input.steps
	step.name == "wipe"
	some adapter in input.adapters
	some given in input.inputs
	some out in input.outputs
	text := sprintf("%s %s %v %v %v|%s %s %d %s %s %s %s %s %s %v %v %v %s|%s %s %s %v %v %d|%s %s %s %v %v|%s %s %s", [
		d.name, d.dialect, d.tags, d.decides, d.incomplete,
		step.flow, step.kind, step.index, step.operation, step.service, step.base, step.method, step.path, step.effect,
		step.privileged, step.exposed, step.values, step.needs.approval,
		adapter.name, adapter.kind, adapter.address, adapter.authenticated, adapter.local, adapter.entries,
		given.name, given.flow, given.type, given.bounded, given.required,
		out.name, out.flow, out.source,
	])
	count([x | some x in [d.description, d.provider, d.version, step.basis, step.confidence, step.control, step.canonical, step.description, step.external, adapter.transport, given.in, given.description, out.type]]) == 13
}
`
	l, err := New(Config{Today: today, Profile: Audit, UserRules: []RuleDir{{"own", ownRule("ACME001", "seen", body)}}})
	if err != nil {
		t.Fatal(err)
	}
	r := l.Lint(context.Background(), parseText(t, "c.yaml", `naftiko: 1.0.0-alpha2
info: {label: Example, description: D., tags: [a, b]}
capability:
  consumes:
    - type: http
      namespace: crm
      baseUri: https://crm.example
      resources:
        - {name: users, path: "/users/{{id}}", operations: [{name: wipe-user, method: DELETE}]}
  exposes:
    - type: mcp
      namespace: tools
      address: 10.1.2.3
      tools:
        - name: wipe
          description: Wipes.
          inputParameters: [{name: id, type: string, required: true, description: I.}]
          call: crm.wipe-user
          with: {id: "{{id}}"}
          outputParameters: [{name: done, type: boolean, mapping: $.done}]
`))
	const want = `Example naftiko ["a", "b"] false false|wipe call 1 wipe-user crm https://crm.example DELETE /users/{{id}} `
	found := false
	for _, f := range r.Findings {
		if f.Rule != "ACME001" {
			continue
		}
		found = true
		if !strings.HasPrefix(f.Message, want) || !strings.Contains(f.Message, `{"in": "", "name": "id", "value": "{{id}}"}`) ||
			!strings.HasSuffix(f.Message, "missing|tools mcp 10.1.2.3 false false 1|id wipe string false true|done wipe $.done") {
			t.Errorf("seen: %s", f.Message)
		}
		if len(f.Related) != 1 || f.Related[0].Message != "here" || f.Related[0].Location.Range.Start.Line != 15 {
			t.Errorf("related: %+v", f.Related)
		}
	}
	if !found || len(r.Incomplete) > 0 {
		t.Errorf("nothing was seen: %v", r.Incomplete)
	}
	for name, related := range map[string]string{"no list": `"x"`, "no object": `["x"]`, "no handle": `[{"message": "x"}]`, "no fact": `[{"at": 9999, "message": "x"}]`} {
		r, err := lintOwn(t, ownRule("ACME001", "bad", `report contains {"at": 1, "message": "x", "related": `+related+"}\n"), 0)
		if err != nil || len(r.Incomplete) != 1 || r.Incomplete[0].Rule != "bad" {
			t.Errorf("%s: %v, incomplete %+v", name, err, r.Incomplete)
		}
	}
}

// TestSandboxRefuses: what a rule may not do does not compile, and says so at
// its place.
func TestSandboxRefuses(t *testing.T) {
	calls := map[string]string{
		"network":        `http.send({"method": "get", "url": "https://example.org"})`,
		"name service":   `net.lookup_ip_addr("example.org")`,
		"environment":    `opa.runtime()`,
		"clock":          `time.now_ns()`,
		"chance":         `rand.intn("x", 5)`,
		"identity":       `uuid.rfc4122("x")`,
		"paths":          `graph.reachable_paths({"a": ["b"], "b": []}, ["a"])`,
		"template":       `strings.render_template("{{.x}}", {"x": 1})`,
		"shift":          `bits.lsh(1, 1000000000)`,
		"number of text": `to_number("1e999999999")`,
		"units":          `units.parse("1e999999999")`,
		"remote schema":  `json.match_schema({}, {"$ref": "https://example.org"})`,
		"own source":     `rego.metadata.rule()`,
		"json":           `json.unmarshal("1e999999999")`,
		"big number":     `1e999999999 % 7`,
		"long number":    `12345678901234567890123 % 7`,
		"whole input":    `count(input)`,
		"no such list":   `input.stepz`,
		"no such thing":  `input["stepz"]`,
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			_, err := lintOwn(t, ownRule("ACME001", "bad", `report contains {"at": 1, "message": "x"} if {
	x := `+call+`
	x
}
`), 0)
			var e *source.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a *source.Error", err)
			}
			if e.At.File != ".capcheck/rules/bad/bad.rego" || e.At.Range.Start.Line == 0 {
				t.Errorf("no place in %v", e)
			}
		})
	}
}

// TestSandboxEndsInTime: rules that do not end, or whose work explodes, make the
// result incomplete, and the other rules still run.
func TestSandboxEndsInTime(t *testing.T) {
	bodies := map[string]string{
		"endless": `report contains {"at": 1, "message": "x"} if {
	some a in numbers.range(1, 100000000)
	some b in numbers.range(1, 100000000)
	a * b == 0
}
`,
		"exponential": `report contains {"at": 1, "message": "x"} if {
	l := numbers.range(1, 300)
	some a in l
	some b in l
	some c in l
	some d in l
	some e in l
	((((a + b) + c) + d) + e) == 0
}
`,
		"long text": `report contains {"at": 1, "message": "x"} if {
	t := concat("", [x | some _ in numbers.range(1, 2000); x := "0123456789"])
	some a in numbers.range(1, 1000000)
	count(regex.split("(0*)*1", replace(t, "9", sprintf("%d", [a])))) == 0
}
`,
		"walk": `report contains {"at": 1, "message": "x"} if {
	l := [x | some a in numbers.range(1, 1000); x := [a, [a]]]
	some [p, _] in walk(l)
	some [q, _] in walk(l)
	some [r, _] in walk(l)
	p == concat("", [sprintf("%v", [q]), sprintf("%v", [r])])
}
`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			rules := ownRule("ACME001", "bad", body)
			for file, data := range ownRule("ACME002", "good", deletes) {
				rules[file] = data
			}
			start := time.Now()
			r, err := lintOwn(t, rules, 150*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			incomplete := false
			for _, i := range r.Incomplete {
				incomplete = incomplete || i.Rule == "bad"
			}
			if !incomplete {
				t.Errorf("nothing says that the rule did not end: %v", r.Incomplete)
			}
		})
	}
}

// TestOwnRuleThatFails: a rule whose builtin fails, or that returns no finding,
// makes the result incomplete and never reads as clean.
func TestOwnRuleThatFails(t *testing.T) {
	bodies := map[string]string{
		"builtin":     `report contains {"at": step.at, "message": "x"} if {some step in input.steps; substring(step.name, -1, 1) == "x"}`,
		"no handle":   `report contains {"message": "x"}`,
		"bad handle":  `report contains {"at": 100000, "message": "x"}`,
		"no message":  `report contains {"at": 1}`,
		"no object":   `report contains "x"`,
		"a field":     `report contains {"at": 1, "message": "x", "mesage": "y"}`,
		"severity":    `report contains {"at": 1, "message": "x", "severity": "bad"}`,
		"no set":      `report := 7`,
		"conflicting": "report := f(1)\nf(x) := 1 if x == 1\nf(x) := 2 if x > 0\n",
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			r, err := lintOwn(t, ownRule("ACME001", "bad", body+"\n"), 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Incomplete) != 1 || r.Incomplete[0].Rule != "bad" || r.Incomplete[0].File != "steps.yaml" {
				t.Errorf("incomplete is %+v", r.Incomplete)
			}
		})
	}
}

// TestSandboxBoundsMemory: rules whose values explode are stopped before the
// machine is.
func TestSandboxBoundsMemory(t *testing.T) {
	doubling := "x0 := \"0123456789\"\n"
	for i := range 40 {
		doubling += fmt.Sprintf("\tx%d := concat(\"\", [x%d, x%[2]d])\n", i+1, i)
	}
	for name, body := range map[string]string{
		"doubling": doubling + "\tcount(x40) == 0\n",
		"range":    "count(numbers.range(1, 1000000000)) == 0\n",
		"pairs":    "count([[a, b] | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000)]) == 0\n",
	} {
		t.Run(name, func(t *testing.T) {
			rules := ownRule("ACME001", "bad", "report contains {\"at\": 1, \"message\": \"x\"} if {\n\t"+body+"}\n")
			r, err := lintOwn(t, rules, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Incomplete) != 1 || r.Incomplete[0].Rule != "bad" || r.Incomplete[0].Message != errMemory.Error() {
				t.Errorf("incomplete is %+v", r.Incomplete)
			}
		})
	}
}

func TestOwnRuleIsRefused(t *testing.T) {
	tests := map[string]struct {
		rules fstest.MapFS
		want  string
	}{
		"id of ours":   {ownRule("CAP101", "bad", deletes), "not one of a rule of your own"},
		"name of ours": {ownRule("ACME001", "missing_audit", deletes), "there is a rule CAP104 (missing_audit) already"},
		"no report":    {ownRule("ACME001", "bad", "x := 1\n"), "defines no report"},
		"syntax":       {ownRule("ACME001", "bad", "report contains {\n"), "bad.rego:"},
		"no folder":    {fstest.MapFS{"bad.rego": {Data: []byte("package capcheck.rules.bad\n")}}, "folder of its own name: bad/bad.rego"},
		"annotation":   {fstest.MapFS{"bad/bad.rego": {Data: []byte("package capcheck.rules.bad\n\nreport contains 1\n")}}, "has no annotations"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := lintOwn(t, tt.rules, 0)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), ".capcheck/rules") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestScaffoldRuns: what a new rule begins with compiles and finds something.
func TestScaffoldRuns(t *testing.T) {
	files, err := Scaffold("ACME007", "my_rule")
	if err != nil {
		t.Fatal(err)
	}
	rules := fstest.MapFS{}
	for name, text := range files {
		rules[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := lintOwn(t, rules, 0)
	if err != nil || len(rules) != 2 {
		t.Fatal(err, len(rules))
	}
	if n := strings.Count(joined(r.Findings), "ACME007"); n != 6 {
		t.Errorf("%d findings: %v", n, r.Findings)
	}
	for _, bad := range [][2]string{{"CAP999", "x"}, {"ACME1", "x"}, {"acme001", "x"}, {"ACME001", "My-Rule"}, {"ACME001", "../x"}} {
		if _, err := Scaffold(bad[0], bad[1]); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func joined(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.Rule + " " + f.Message + "\n")
	}
	return b.String()
}
