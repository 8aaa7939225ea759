package capabilities

import "testing"

// A reference may name the resource between service and operation.
func TestReferenceThroughResource(t *testing.T) {
	d := readText(t, "crm.yaml", `naftiko: 1.0.0-alpha2
capability:
  consumes:
    - type: http
      namespace: crm
      baseUri: https://crm.example
      resources:
        - name: users
          path: /users/{{id}}
          operations:
            - {name: delete-user, method: DELETE}
  exposes:
    - type: mcp
      namespace: tools
      tools:
        - {name: a, description: x, call: crm/users/delete-user}
        - {name: b, description: x, call: crm.users.delete-user}
        - {name: c, description: x, call: crm/users/drop-user}
        - {name: d, description: x, call: erp/users/delete-user}
`)[0]
	for _, e := range d.Exposes[0].Entries {
		found := e.Call.State == Resolved && e.Call.Operation != nil && e.Call.Operation.Method == "DELETE"
		if found != (e.Name == "a" || e.Name == "b") {
			t.Errorf("%s: %s %s", e.Name, e.Call.State, e.Call.Reason)
		}
	}
}
