package facts

import (
	"fmt"
	"strings"
	"testing"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/internal/source"
)

// byName classifies in these tests by the first word of a step's name, so that
// they test the graph alone.
type byName struct{}

func (byName) Step(s *capabilities.Step) effects.Result {
	word, _, _ := strings.Cut(s.Label(), "-")
	r := effects.Result{Effect: effects.Read, Control: effects.None, Basis: effects.ByName, Confidence: effects.Likely}
	switch word {
	case "login":
		r.Effect, r.Control = effects.Credential, effects.Authenticate
	case "check":
		r.Control = effects.Authorize
	case "ask":
		r.Effect, r.Control = effects.Write, effects.Approve
	case "log":
		r.Effect, r.Control = effects.Write, effects.Audit
	case "pay":
		r.Effect = effects.Money
	case "write":
		r.Effect = effects.Write
	}
	return r
}

func (byName) Entry(e *capabilities.Exposed) effects.Result {
	return effects.Result{Effect: effects.Write, Control: effects.None}
}

func of(t testing.TB, text string) *Document {
	t.Helper()
	f, err := source.NewFile("test.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	docs := capabilities.NewReader(nil, capabilities.Options{}).ReadFile(f)
	for _, p := range docs[0].Problems {
		t.Errorf("the document of the test is wrong: %v", p)
	}
	return Of(docs[0], byName{})
}

// arazzo writes a workflow: one step a line, its name and what else it has.
func arazzo(steps ...string) string {
	var b strings.Builder
	b.WriteString("arazzo: 1.0.1\ninfo: {title: T, version: 1.0.0}\nsourceDescriptions: [{name: a, url: a.yaml, type: openapi}]\nworkflows:\n- workflowId: flow\n  steps:\n")
	for _, s := range steps {
		name, rest, _ := strings.Cut(s, " ")
		fmt.Fprintf(&b, "  - {stepId: %s, operationId: %s, %s}\n", name, name, strings.TrimSuffix(rest, ","))
	}
	return strings.ReplaceAll(b.String(), ", }", "}")
}

func steps(list ...string) string {
	var b strings.Builder
	b.WriteString("steps:\n")
	for _, s := range list {
		name, rest, _ := strings.Cut(s, " ")
		fmt.Fprintf(&b, "  - {id: %s, call: api.%s, %s}\n", name, name, rest)
	}
	return strings.ReplaceAll(b.String(), ", }", "}")
}

const (
	yes      = `successCriteria: [{condition: $response.body#/allowed == true}]`
	no       = `successCriteria: [{condition: $response.body#/denied == true}]`
	status   = `successCriteria: [{condition: $statusCode == 200}]`
	toPay    = `onSuccess: [{name: n, type: goto, stepId: pay, criteria: [{condition: $response.body#/allowed == true}]}]`
	endOnNo  = `onSuccess: [{name: n, type: end, criteria: [{condition: $response.body#/allowed == false}]}]`
	passedOn = `onFailure: [{name: n, type: goto, stepId: pay}]`
	another  = `onSuccess: [{name: n, type: goto, stepId: pay, criteria: [{condition: $response.body#/cheap == true}]}]`
)

// The authorization of the step called pay, in flows that differ in how a
// decision is used.
func TestAuthorizationOfPay(t *testing.T) {
	tests := []struct {
		name string
		text string
		want State
	}{
		{"tested before", arazzo("check "+yes, "pay"), Present},
		{"status alone", arazzo("check "+status, "pay"), Missing},
		{"nothing tested", arazzo("check", "pay"), Missing},
		{"after", arazzo("pay", "check "+yes), Late},
		{"after, too", arazzo("check "+status, "pay", "check-again "+yes), Late},
		{"goes on after a failure", arazzo("check "+yes+", "+passedOn, "pay"), Missing},
		{"success is a denial", arazzo("check "+no, "pay"), Missing},
		{"leads there on a yes alone, then ends", arazzo("check "+toPay, "read onSuccess: [{name: e, type: end}]", "pay"), Present},
		{"leads there on a yes, and on a no in order", arazzo("check "+toPay, "pay"), Missing},
		{"ends on a no", arazzo("check "+endOnNo, "pay"), Present},
		{"another way round the check", arazzo("read "+another, "check "+yes, "pay"), Missing},
		{"every way has a check", arazzo("read onSuccess: [{name: n, type: goto, stepId: check-b, criteria: [{condition: $response.body#/x == 1}]}]",
			"check-a "+yes+", onSuccess: [{name: g, type: goto, stepId: pay}]", "check-b "+yes, "pay"), Present},
		{"tested by a later step", arazzo("check "+status+", outputs: {allowed: $response.body#/allowed}",
			"read successCriteria: [{condition: $steps.check.outputs.allowed == true}]", "pay"), Present},
		{"retried until yes", arazzo("check "+yes+", onFailure: [{name: r, type: retry, retryLimit: 3, retryAfter: 1}]", "pay"), Present},
		{"in a loop", arazzo("check "+yes, "pay onSuccess: [{name: n, type: goto, stepId: check, criteria: [{condition: $response.body#/more == true}]}]"), Present},

		{"own condition", steps("check", `pay when: "${steps.check.allowed == true}"`), Present},
		{"own condition, denied", steps("check", `pay when: "${steps.check.denied == true}"`), Missing},
		{"own condition, not", steps("check", `pay unless: "${steps.check.allowed == true}"`), Missing},
		{"own condition, unless denied", steps("check", `pay unless: "${steps.check.denied == true}"`), Present},
		{"condition on something else", steps("check", `pay when: "${inputs.amount > 5}"`), Missing},
		{"denial stated", steps("check on_failure: deny", `pay when: "${inputs.amount > 5}"`), Present},
		{"failure goes on", steps("check on_failure: continue", `pay when: "${inputs.amount > 5}"`), Missing},
		{"skipped check", steps(`check on_failure: deny, when: "${inputs.amount > 5}"`, "pay"), Missing},
		{"skipped together", steps(`check on_failure: deny, when: "${inputs.amount > 5}"`, `pay when: "${inputs.amount > 5}"`), Present},
		{"no conditions in the format", steps("check", "pay"), Present},
		{"no conditions, after", steps("pay", "check"), Late},
		{"depends on both", steps("check on_failure: deny", "read", "pay dependsOn: [check, read]"), Present},
		{"depends on one", steps("check on_failure: deny", "read", "pay dependsOn: [read]"), Missing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := of(t, tt.text)
			if got := step(t, d, "pay").Authorization; got.State != tt.want {
				t.Errorf("authorization of pay is %s, want %s\n%s", got.State, tt.want, tt.text)
			} else if got.State != Missing && got.By == nil {
				t.Error("nothing says which step gives it")
			}
		})
	}
}

func step(t *testing.T, d *Document, label string) *Step {
	t.Helper()
	for _, s := range d.AllSteps() {
		if s.Label == label {
			return s
		}
	}
	t.Fatalf("no step %s", label)
	return nil
}

func TestAuditOfPay(t *testing.T) {
	tests := []struct {
		name string
		text string
		want State
	}{
		{"after", arazzo("pay", "log"), Present},
		{"before", arazzo("log", "pay"), Missing},
		{"on one way alone", arazzo("pay onSuccess: [{name: e, type: end, criteria: [{condition: $response.body#/x == 1}]}]", "log"), Missing},
		{"on every way", arazzo("pay onSuccess: [{name: g, type: goto, stepId: log-b, criteria: [{condition: $response.body#/x == 1}]}]",
			"log-a onSuccess: [{name: e, type: end}]", "log-b"), Present},
		{"skipped", steps("pay", `log when: "${inputs.x == 1}"`), Missing},
		{"skipped together", steps(`pay when: "${inputs.x == 1}"`, `log when: "${inputs.x == 1}"`), Present},
		{"in order", steps("pay", "read", "log"), Present},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := step(t, of(t, tt.text), "pay").Audit; got.State != tt.want {
				t.Errorf("audit of pay is %s, want %s", got.State, tt.want)
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	const exposed = `naftiko: 1.0.0-alpha2
capability:
  consumes:
    - {type: http, namespace: crm, baseUri: "https://crm.example", authentication: {type: apikey, key: k, value: "{{K}}", placement: header}, resources: []}
  exposes:
    - type: mcp
      namespace: tools
AUTH      tools:
        - name: flow
          description: D.
          steps:
            - {name: pay, type: call, call: crm.pay}
        - {name: single, description: D., call: crm.write}
`
	for auth, want := range map[string]State{
		"": Missing, "      authentication: {type: bearer, token: '{{T}}'}\n": Present,
	} {
		d := of(t, strings.Replace(exposed, "AUTH", auth, 1))
		for _, s := range d.AllSteps() {
			if s.Acts() && s.Authentication.State != want {
				t.Errorf("with %q, authentication of %s is %s, want %s", auth, s.Title(), s.Authentication.State, want)
			}
			if s.Acts() && want == Present && !s.Authentication.Caller {
				t.Errorf("%s: it is not told that the callers authenticate", s.Title())
			}
		}
	}
	d := of(t, steps("login", "pay", "write", "read"))
	for label, want := range map[string][2]State{"pay": {Present, Missing}, "write": {Present, NotNeeded}, "read": {NotNeeded, NotNeeded}, "login": {NotNeeded, NotNeeded}} {
		s := step(t, d, label)
		if s.Authentication.State != want[0] || s.Approval.State != want[1] {
			t.Errorf("%s: authentication %s, approval %s, want %v", label, s.Authentication.State, s.Approval.State, want)
		}
	}
}

func TestNegative(t *testing.T) {
	for text, want := range map[string]bool{
		"$response.body#/allowed == true": false, "$response.body#/allowed == false": true, "$.allowed != true": true, "$.allowed != false": false,
		"!steps.check.allowed": true, "steps.check.allowed": false, "${steps.check.denied}": true, "status == 'approved'": false,
		"status == 'denied'": true, "status != 'approved'": true, `status != "rejected"`: false, "api_key == null": true, "api_key != null": false,
		"a.allowed == true && a.denied == false": false, "denied == true": true, "true == denied": true, "not a.allowed": true, "decision === 'ALLOW'": false,
	} {
		if got := negative(capabilities.Condition{Text: text}); got != want {
			t.Errorf("%s: negative is %v", text, got)
		}
		if got := negative(capabilities.Condition{Text: text, Not: true}); got == want {
			t.Errorf("not %s: negative is %v", text, got)
		}
	}
}
