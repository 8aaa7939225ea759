package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/world"
)

func TestLacksHost(t *testing.T) {
	demo, err := world.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for rule, want := range map[string][]string{
		"host/api.example":       {`among the hosts of egress: "api.example"`},
		"host/127.0.0.1":         {`among the hosts of egress: "127.0.0.1"`},
		"host/{region}.example":  nil,
		"host/\x1b[31mx.example": nil,
		"":                       nil, // a host that an argument names
	} {
		r := &enforce.Report{Tenant: "lakeside", User: "user_amara", Agent: "support-assistant", Steps: []enforce.StepReport{
			{Step: "it", Outcome: enforce.StepDenied, Resource: "service:workos", Relation: "reader", Scope: "workos:read",
				Decisions: []decision.Decision{{Check: "egress", Verdict: decision.Deny, Rule: rule}}}}}
		if got := lacks(demo, r); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", rule, got, want)
		}
	}
}

func TestLacks(t *testing.T) {
	demo, err := world.Demo()
	if err != nil {
		t.Fatal(err)
	}
	const (
		resource = `among the resources: {id: "service:tickets", sensitivity: internal}`
		tuple    = `among the tuples: {user: "user:user_amara", relation: writer, object: "service:tickets"}`
	)
	for name, c := range map[string]struct {
		user, resource, relation, scope, check string
		want                                   []string
	}{
		"a service nobody knows": {"user_amara", "service:tickets", "writer", "tickets:write", "scope", []string{resource,
			`in the grant of user_amara to the agent support-assistant: "tickets:write" among its scopes, "service:tickets" among its resources`, tuple}},
		"no grant at all": {"user_chidi", "repository:payroll", "viewer", "repository:read", "scope", []string{
			`in the grant of user_chidi to the agent support-assistant: "repository:read" among its scopes, "repository:payroll" among its resources`,
			`among the tuples: {user: "user:user_chidi", relation: viewer, object: "repository:payroll"}`}},
		"a name with a slip": {"user_amara", "repository:payrol", "editor", "repository:read", "fga", []string{
			`among the resources: {id: "repository:payrol", sensitivity: internal}; did you mean "payroll"?`,
			`among the tuples: {user: "user:user_amara", relation: editor, object: "repository:payrol"}`}},
		"a scope": {"user_bruno", "repository:field-notes", "viewer", "repository:write", "scope", []string{
			`in the grant of user_bruno to the agent support-assistant: "repository:write" among its scopes`}},
		"a relation": {"user_bruno", "repository:field-notes", "editor", "repository:read", "fga", []string{
			`among the tuples: {user: "user:user_bruno", relation: editor, object: "repository:field-notes"}`}},
		"another tenant's": {"user_amara", "repository:manifests", "editor", "repository:read", "tenant", []string{
			"nothing: no grant reaches beyond lakeside; of the kind repository it has repository:field-notes, repository:payroll"}},
		"another tenant's, by whatever check": {"user_amara", "repository:manifests", "editor", "repository:read", "fga", []string{
			"nothing: no grant reaches beyond lakeside; of the kind repository it has repository:field-notes, repository:payroll"}},
		"another tenant":        {"user_amara", "", "", "", "tenant", []string{"nothing: no grant reaches beyond lakeside"}},
		"no right, but a limit": {"user_amara", "service:tickets", "writer", "tickets:write", "limits", nil},
	} {
		r := &enforce.Report{Tenant: "lakeside", User: c.user, Agent: "support-assistant", Steps: []enforce.StepReport{
			{Step: "before", Outcome: enforce.StepDone},
			{Step: "it", Outcome: enforce.StepDenied, Resource: c.resource, Relation: c.relation, Scope: c.scope,
				Decisions: []decision.Decision{{Check: "tenant", Verdict: decision.Allow}, {Check: c.check, Verdict: decision.Deny}}},
		}}
		if got := lacks(demo, r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		r.Steps[1].Whole = &enforce.WholeReport{Resource: "service:mail", Relation: "operator", Scope: "mail:message"}
		whole := fmt.Sprintf(`in the grant of %s to the agent support-assistant: "mail:message" among its scopes, "service:mail" among its resources`, c.user)
		if got := lacks(demo, r); c.want != nil && !strings.HasPrefix(c.want[0], "nothing") && !slices.Contains(got, whole) {
			t.Errorf("%s: %q, want %s", name, got, whole)
		}
		r.Steps[1].Whole = &enforce.WholeReport{Resource: "repository:manifests", Relation: "operator", Scope: "mail:message"}
		if got := lacks(demo, r); strings.Contains(strings.Join(got, "\n"), "manifests") {
			t.Errorf("%s: %q suggests another tenant's", name, got)
		}
		r.Steps[1].Outcome = enforce.StepDone
		if got := lacks(demo, r); got != nil {
			t.Errorf("%s: what was done lacks %q", name, got)
		}
	}
}
