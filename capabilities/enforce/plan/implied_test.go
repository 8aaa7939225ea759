package plan

import (
	"fmt"
	"slices"
	"testing"
)

// TestInputsOfTheAdapter: what an entry hands on under its adapter's name is an input,
// whether it is declared or not, and of the kind that the operation takes.
func TestInputsOfTheAdapter(t *testing.T) {
	const head = `naftiko: "1.0.0-alpha2"
info: {label: T}
capability:
  consumes:
    - type: http
      namespace: people
      baseUri: https://people.example
      resources:
        - name: r
          path: /people/{person}
          operations:
            - {name: change, method: PUT, inputParameters: [{name: person, in: path, type: string}, {name: body, in: body, type: object, required: false}]}
  exposes:
    - {type: %s, namespace: desk, port: 1, %s: [%s]}
`
	entries := map[string]string{
		"mcp":  "{name: change, description: d, %scall: people.change, with: {person: %s, body: %s}}",
		"rest": "{name: r, path: /r, operations: [{name: change, method: PUT, %scall: people.change, with: {person: %s, body: %s}}]}",
	}
	list := map[string]string{"mcp": "tools", "rest": "resources"}
	both := []string{"person string true", "body object false"}
	for _, c := range []struct {
		kind, declared, person, body string
		inputs                       []string
	}{
		{"mcp", "", "tools.person", "tools.body", both},
		{"mcp", "", "mcp.person", "desk.body", both},
		{"rest", "", "rest.person", "rest.body", both},
		{"rest", "", "desk.who", "desk.body", []string{"who string true", "body object false"}},
		{"mcp", "inputParameters: [{name: person, type: string, required: true}], ", "tools.person", "tools.body", both},
		{"mcp", "", "rest.person", "other.body", nil}, // no names of this adapter: texts
	} {
		text := fmt.Sprintf(head, c.kind, list[c.kind], fmt.Sprintf(entries[c.kind], c.declared, c.person, c.body))
		p, err := Compile(document(t, text), "", Options{})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var got []string
		for _, in := range p.Inputs {
			got = append(got, fmt.Sprint(in.Name, " ", in.Type, " ", in.Required))
		}
		if !slices.Equal(got, c.inputs) {
			t.Errorf("%s, %s: takes %q, want %q", c.person, c.body, got, c.inputs)
		}
	}
}
