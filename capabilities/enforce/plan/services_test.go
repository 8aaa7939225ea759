package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// serviceNames compiles a document of one flow, and lists the services that its steps ask
// for, with the ids of their operations.
func serviceNames(t *testing.T, text string) (list []string, p *Plan) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Compile(read(t, dir, "a.yaml")[0], "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Steps {
		list = append(list, s.Operation.Provider+" "+s.Operation.ID)
	}
	return list, p
}

// twice is a document that consumes two namespaces, and calls list-people of one and
// list-teams of the other.
func twice(first, second string) string {
	return fmt.Sprintf(`naftiko: "1.0.0-alpha1"
info: {label: Twice}
capability:
  consumes:
    - {type: http, namespace: people, baseUri: %q, resources: [{name: r, path: /r, operations: [{name: list-people, method: GET}, {name: get, method: GET}]}]}
    - {type: http, namespace: teams, baseUri: %q, resources: [{name: s, path: /s, operations: [{name: list-teams, method: GET}, {name: get, method: GET}]}]}
  exposes:
    - type: mcp
      address: localhost
      port: 3001
      namespace: tools
      tools:
        - name: look
          description: Looks.
          steps:
            - {type: call, name: a, call: people.list-people}
            - {type: call, name: b, call: teams.list-teams}
            - {type: call, name: c, call: people.get}
            - {type: call, name: d, call: teams.get}
`, first, second)
}

// workflow is an Arazzo document over descriptions of these files.
func workflow(files []string, operations ...string) string {
	var b strings.Builder
	b.WriteString("arazzo: 1.0.1\ninfo: {title: Some, version: '1'}\nsourceDescriptions:\n")
	for i, file := range files {
		fmt.Fprintf(&b, "  - {name: source%d, url: ./%s, type: openapi}\n", i, file)
	}
	b.WriteString("workflows:\n  - workflowId: w\n    steps:\n")
	for i, id := range operations {
		fmt.Fprintf(&b, "      - {stepId: s%d, operationId: %s}\n", i, id)
	}
	return b.String()
}

const oneService = "are one service"

func TestOneServiceOneName(t *testing.T) {
	parted := []string{"people list-people", "teams list-teams", "people get", "teams get"}
	joined := []string{"hr.example list-people", "hr.example list-teams", "hr.example people.get", "hr.example teams.get"}
	kubernetes := "apiVersion: capabilities.naftiko.dev/v1\nkind: Workflow\nmetadata: {name: k}\nspec:\n  provider: acme\n  steps:\n"
	for name, c := range map[string]struct {
		text    string
		want    []string
		warning string // a part of one that is told; "" none of services
	}{
		"one address under two namespaces":  {twice("https://hr.example/v1", "https://HR.example/v2/"), joined, oneService},
		"a namespace at two addresses":      {strings.Replace(twice("https://hr.example", "https://hr.example"), "  exposes:", "    - {type: http, namespace: people, baseUri: \"https://pay.example\"}\n  exposes:", 1), parted, ""},
		"two hosts":                         {twice("https://hr.example", "https://teams.example"), parted, ""},
		"two services behind one gateway":   {twice("https://gate.example/people", "https://gate.example/teams"), parted, ""},
		"hosts that cannot be told":         {twice("https://{region}.example", "https://{region}.example"), parted, ""},
		"what the catalogue knows in parts": {workflow([]string{"svix-openapi.json"}, "v1.integration.get-key", "v1.something.own"), []string{"svix v1.integration.get-key", "svix v1.something.own"}, ""},
		"a part of the stated provider": {kubernetes + "    - {id: a, capability: acme-mail, operation: draftLetter}\n    - {id: b, operation: draftLetter}\n    - {id: c, operation: listLetters}\n",
			[]string{"acme acme-mail.draftLetter", "acme acme.draftLetter", "acme listLetters"}, ""},
		"parts of a provider that is not asked itself": {kubernetes + "    - {id: a, capability: acme-mail, operation: draftLetter}\n    - {id: b, capability: acme-sms, operation: draftLetter}\n",
			[]string{"acme-mail draftLetter", "acme-sms draftLetter"}, ""},
		"several descriptions of one maker": {workflow([]string{"acme-mail-api.yml", "acme-sms-api.yml"}, "draftLetter"), []string{"acme draftLetter"}, ""},
		"several descriptions of no one":    {workflow([]string{"mail-api.yml", "sms-api.yml"}, "draftLetter"), []string{"unnamed draftLetter"}, "nothing tells which service"},
		"a host in the operation itself":    {"name: A\nsteps:\n  - {id: a, operation: GET https://letters.example/v1/letters}\n", []string{"letters.example GET https://letters.example/v1/letters"}, ""},
		"a path alone":                      {"name: A\nsteps:\n  - {id: a, operation: 'GET /api/v2/letters/{id}'}\n", []string{"letters GET /api/v2/letters/{id}"}, ""},
		"nothing at all":                    {"name: A\nsteps:\n  - {id: a, operation: draftLetter}\n", []string{"unnamed draftLetter"}, `as "unnamed", and whoever grants that grants it for every`},
		"the provider of a plain document":  {"name: A\nproviderId: letters\nsteps:\n  - {id: a, operation: draftLetter}\n", []string{"letters draftLetter"}, ""},
		"a provider of nothing but signs":   {"name: A\nproviderId: '::'\nsteps:\n  - {id: a, operation: draftLetter}\n", []string{"unnamed draftLetter"}, "nothing tells which service"},
		"a tool that its adapter alone names": {"naftiko: \"1.0.0-alpha1\"\ninfo: {label: T}\ncapability:\n  exposes:\n    - type: mcp\n      address: localhost\n      port: 3001\n      namespace: letters\n      tools:\n        - name: t\n          description: T.\n          steps:\n            - {type: call, name: a, call: draftLetter}\n",
			[]string{"letters draftLetter"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, p := serviceNames(t, c.text)
			if !slices.Equal(got, c.want) {
				t.Errorf("asks for %q, want %q", got, c.want)
			}
			told := ""
			for _, w := range p.Warnings {
				if strings.Contains(w.Text, oneService) || strings.Contains(w.Text, "nothing tells which service") {
					told = w.Text
				}
			}
			if (told == "") != (c.warning == "") || !strings.Contains(told, c.warning) {
				t.Errorf("tells %q, want %q", told, c.warning)
			}
		})
	}
}

// TestUndeclaredInputs: a document that declares no inputs may ask for several.
func TestUndeclaredInputs(t *testing.T) {
	_, p := serviceNames(t, "name: A\nsteps:\n  - {id: a, operation: draftLetter, with: {to: '{{inputs.person}}', text: '{{inputs.words}}'}}\n")
	if len(p.Inputs) != 2 {
		t.Errorf("asks for %+v", p.Inputs)
	}
}
