package enforce_test

import (
	"testing"
	"testing/fstest"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

const asksFirst = `name: Asks first
specification: Naftiko Capability Composition
specificationVersion: '0.1'
providerId: hr
inputs:
  - {name: person, type: string, required: true}
  - {name: organization_name, type: string, required: true}
steps:
  - {id: ask, operation: ask_manager_for_approval, description: The manager agrees.}
  - {id: drop, operation: delete_record, description: Deletes the record.}
`

// asking is a world in which the agent may act on the hr service.
func asking(t *world.Tenant) {
	t.Resources = append(t.Resources, world.Resource{ID: "service:hr", Sensitivity: "internal"})
	t.Tuples = append(t.Tuples, world.Tuple{User: "user:user_amara", Relation: "operator", Object: "service:hr"})
	t.Agents[0].Grants[0].Scopes = append(t.Agents[0].Grants[0].Scopes, "hr:delete")
	t.Agents[0].Grants[0].Resources = append(t.Agents[0].Grants[0].Resources, "service:hr")
}

// TestOwnApproval: an approval that the capability asks for itself is asked once,
// bound to the exact effect behind it, and is the capability's own.
func TestOwnApproval(t *testing.T) {
	b := setup(t)
	b.tenant("lakeside", asking)
	p := b.planOf("a.yaml", asksFirst)
	req := request("user_amara", func(r *enforce.Request) { r.Inputs = map[string]any{"person": "p1", "organization_name": "x"} })
	report := b.start(p, req)
	if report.Outcome != enforce.Waiting || report.Wait.Step != "ask" {
		t.Fatalf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
	a, err := b.Approval(ctx, "lakeside", report.Wait.Approval)
	if err != nil || a.Effect != "delete" {
		t.Errorf("%v: the person who may approve the gravest effect is asked, not for %q", err, a.Effect)
	}
	if err := b.decide(report, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	report = b.resume(report.Run)
	if report.Outcome != enforce.Completed || said(step(t, report, "drop"), "approval").SuppliedBy != decision.ByCapability {
		t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
	if !report.Simulated {
		t.Error("nobody says that the service was simulated")
	}

	// Killed between the two steps, and the policy changed: the person is asked again.
	report = b.start(p, req)
	if err := b.decide(report, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	b.options.Bundles = []policy.Bundle{{Name: "holds", FS: fstest.MapFS{"p.rego": {Data: []byte(`package policy

default decision := {"verdict": "allow"}

decision := {"verdict": "defer"} if input.effect == "delete"
`)}}}}
	b.reopen()
	if report = b.resume(report.Run); report.Outcome == enforce.Completed {
		t.Errorf("%s: an approval given under another policy counts", report.Outcome)
	}
}

// TestSharedName: two adapters may have a tool of one name. A run of one of them
// finds it again.
func TestSharedName(t *testing.T) {
	const tool = "      tools:\n        - name: drop\n          description: Deletes a record.\n          steps:\n            - {type: call, name: a, call: delete_record}\n"
	const text = "naftiko: \"1.0.0-alpha1\"\ninfo: {label: T}\ncapability:\n  exposes:\n" +
		"    - type: mcp\n      address: localhost\n      port: 3001\n      namespace: pay\n" + tool +
		"    - type: mcp\n      address: localhost\n      port: 3002\n      namespace: hr\n" + tool
	b := setup(t)
	b.tenant("lakeside", asking)
	file, err := source.NewFile("a.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Compile(capabilities.NewReader(nil, capabilities.Options{}).ReadFile(file)[0], "hr/drop")
	if err != nil {
		t.Fatal(err)
	}
	report := b.start(p, request("user_amara", func(r *enforce.Request) { r.Inputs = nil }))
	if report.Outcome != enforce.Waiting {
		t.Fatalf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
	if err := b.decide(report, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	b.reopen()
	if report = b.resume(report.Run); report.Outcome != enforce.Completed {
		t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
}
