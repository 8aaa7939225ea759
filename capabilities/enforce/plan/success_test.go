package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// aWorkflow is what stands before the steps of one.
const aWorkflow = "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\nsourceDescriptions: [{name: s, url: ./s.yaml, type: openapi}]\nworkflows:\n  - workflowId: w\n    steps:\n"

// TestStandInsAnswerAsPromised: a stand-in that nobody modelled answers with the
// status, and with the yes, that its step counts as success.
func TestStandInsAnswerAsPromised(t *testing.T) {
	for conditions, want := range map[string]string{
		"":                     "0 []",
		"$statusCode == 201":   "201 []",
		"$statusCode == 404":   "0 []", // no success
		"$statusCode == 201.5": "0 []",
		"$statusCode < 300":    "0 []",
		"$statusCode == 204 && $response.body#/done == true": "204 [done=true]",
		"$response.body#/a/b == true":                        "0 [a.b=true]",
		"$response.body#/a == 'yes'":                         "0 [a=yes]",
		"$response.body#/n == 3":                             "0 [n=3]",
		"$response.body#/a == true || $statusCode == 202":    "0 []",
		"$steps.a.outputs.x == true":                         "0 []", // of another step
	} {
		text := aWorkflow +
			"      - {stepId: a, operationId: getOther, outputs: {x: $response.body#/x}}\n      - stepId: b\n        operationId: createThing\n"
		if conditions != "" {
			text += fmt.Sprintf("        successCriteria:\n          - condition: %q\n", conditions)
		}
		p, err := Compile(document(t, text), "", Options{})
		if err != nil {
			t.Errorf("%s: %v", conditions, err)
			continue
		}
		if got := answered(p.Steps[0]); got != "0 [x]" {
			t.Errorf("what is handed on is not in the answer: %s", got)
		}
		if got := answered(p.Steps[1]); got != want {
			t.Errorf("%s: %s, want %s", conditions, got, want)
		}
	}
}

// TestQueriesPromise: conditions in JSONPath promise too, where they lead to one value.
func TestQueriesPromise(t *testing.T) {
	for query, want := range map[string]string{"$.success == true": "0 [success=true]", "$.a['b'] == true": "0 [a.b=true]", "$.list[0].ok == true": "0 []", "$[?@.ok == true]": "0 []"} {
		p, err := Compile(document(t, aWorkflow+
			"      - stepId: b\n        operationId: createThing\n        successCriteria:\n          - {context: $response.body, type: jsonpath, condition: \""+query+"\"}\n"), "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := answered(p.Steps[0]); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// answered is what a step's operation is known to answer with.
func answered(s *Step) string {
	var paths []string
	for _, o := range s.Operation.Outputs {
		if o.Value != nil {
			o.Path += fmt.Sprint("=", o.Value)
		}
		paths = append(paths, o.Path)
	}
	slices.Sort(paths)
	return fmt.Sprintf("%d [%s]", s.Operation.Status, strings.Join(paths, " "))
}

// TestHandedOnSecrets: what one place takes for a credential is one, whoever else hands
// it on.
func TestHandedOnSecrets(t *testing.T) {
	p, err := Compile(document(t, aWorkflow+
		"      - {stepId: a, operationId: getIt, outputs: {value: $response.body#/x, accessToken: $response.body#/x}}\n"), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if o := p.Steps[0].Operation.Outputs; len(o) != 1 || o[0].Path != "x" || !o[0].Secret {
		t.Errorf("answers with %+v", o)
	}
}

// TestLookedUpAnswersAreLists: what something is looked up in is a list of what is
// looked for, where nothing else is known of it.
func TestLookedUpAnswersAreLists(t *testing.T) {
	const text = `naftiko: "1.0.0-alpha2"
info: {label: T}
capability:
  consumes:
    - {type: http, namespace: reg, baseUri: 'https://reg.example', resources: [{name: r, path: /r, operations: [{name: list-crew, method: GET}, {name: get-ship, method: GET}]}]}
  exposes:
    - type: mcp
      address: localhost
      port: 1
      namespace: tools
      tools:
        - name: crew
          description: d
          steps:
            - {name: get-ship, type: call, call: reg.get-ship}
            - {name: list-crew, type: call, call: reg.list-crew}
            - {name: resolve, type: lookup, index: %s, match: crewId, lookupValue: $.get-ship.assignedCrew, outputParameters: [fullName]}
`
	for index, want := range map[string]string{"list-crew": "0 [[0].crewId [0].fullName]", "$.list-crew.data": "0 [data data[0].crewId data[0].fullName]"} {
		p, err := Compile(document(t, fmt.Sprintf(text, index)), "", Options{})
		if err != nil {
			t.Errorf("%s: %v", index, err)
			continue
		}
		if got := answered(p.Steps[0]); got != "0 [assignedCrew]" {
			t.Errorf("what is looked for is not in the answer: %s", got)
		}
		if got := answered(p.Steps[1]); got != want {
			t.Errorf("%s: %s, want %s", index, got, want)
		}
	}
}

// TestToolsOfSkills: the tool of a skill takes and gives what the tool does that it is
// from.
func TestToolsOfSkills(t *testing.T) {
	const text = `naftiko: "1.0.0-alpha2"
info: {label: T}
capability:
  consumes:
    - {type: http, namespace: reg, baseUri: 'https://reg.example', resources: [{name: r, path: '/r/{ship}', operations: [{name: get-ship, method: GET, inputParameters: [{name: ship, in: path}]}]}]}
  exposes:
    - type: mcp
      address: localhost
      port: 1
      namespace: tools
      tools:
        - name: get-ship
          description: d
          inputParameters: [{name: imo, type: string, required: true}]
          call: reg.get-ship
          with: {ship: tools.imo}
          outputParameters: [{name: flag, type: string, mapping: $.flag_code}]
    - type: skill
      address: localhost
      port: 2
      namespace: skills
      skills:
        - name: ops
          description: d
          tools:
            - {name: get-ship, description: d, from: {sourceNamespace: tools, action: get-ship}}
`
	for _, flow := range []string{"tools/get-ship", "skills/get-ship"} {
		p, err := Compile(document(t, text), flow, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Inputs) != 1 || p.Inputs[0].Name != "imo" || len(p.Outputs) != 1 || p.Outputs[0].Name != "flag" {
			t.Errorf("%s takes %+v and gives %+v", flow, p.Inputs, p.Outputs)
		}
		if a := p.Steps[0].Arguments; len(a) != 1 || a[0].Value.Input() != "imo" {
			t.Errorf("%s is bound as %+v", flow, a)
		}
	}
}
