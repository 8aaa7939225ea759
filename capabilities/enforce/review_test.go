package enforce_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/world"
)

// of is a composition of a service that nobody modelled.
func of(service, inputs string, steps ...string) string {
	return "name: Steps\nspecification: Naftiko Capability Composition\nspecificationVersion: '0.1'\nproviderId: " + service +
		"\ninputs:\n" + inputs + "steps:\n  - " + strings.Join(steps, "\n  - ") + "\n"
}

const noInputs = "  - {name: note, type: string}\n"

func with(inputs map[string]any, change ...func(*enforce.Request)) enforce.Request {
	return request("user_amara", append(change, func(r *enforce.Request) { r.Inputs = inputs })...)
}

// reading is a world in which the agent may only read at the hr service.
func reading(t *world.Tenant) {
	t.Resources = append(t.Resources, world.Resource{ID: "service:hr", Sensitivity: "internal"})
	t.Tuples = append(t.Tuples, world.Tuple{User: "user:user_amara", Relation: "reader", Object: "service:hr"})
	t.Agents[0].Grants[0].Scopes = append(t.Agents[0].Grants[0].Scopes, "hr:read")
	t.Agents[0].Grants[0].Resources = append(t.Agents[0].Grants[0].Resources, "service:hr")
}

// TestNamesExemptNothing: what a document calls its steps, and what it says of them,
// spares no check of an operation that nobody modelled.
func TestNamesExemptNothing(t *testing.T) {
	for name, steps := range map[string][]string{
		"a second verb":       {"{id: a, operation: authorize_and_delete_user}"},
		"a record":            {"{id: audit-log, operation: replace_customer_record}"},
		"a rollback":          {"{id: a, operation: rollback_delete_all_users}"},
		"a login":             {"{id: a, operation: login}"},
		"a spending limit":    {"{id: a, operation: limit_spend_and_pay}"},
		"scopes of its own":   {"{id: a, operation: delete_record, with: {scopes: ['repository:read'], resource: 'repository:field-notes', relation: viewer}}"},
		"a relation":          {"{id: a, operation: update_record, with: {resource: 'service:hr', relation: reader}}"},
		"two resources":       {"{id: a, operation: get_record, with: {resource: 'repository:field-notes', object: 'repository:payroll'}}"},
		"a blank in the name": {"{id: a, operation: get_record, with: {resource: 'repository:payroll x'}}"},
		"another's resource": {"{id: check, operation: authorize_action, with: {resource: 'repository:field-notes', relation: viewer}}",
			"{id: a, operation: delete_record, with: {record: payroll}}"},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.tenant("lakeside", reading)
			report := b.start(b.planOf("a.yaml", of("hr", noInputs, steps...)), with(map[string]any{}))
			if report.Outcome != enforce.Denied || slices.ContainsFunc(b.entries(report.Run), func(e audit.Entry) bool {
				return e.Kind == audit.KindIntent && e.Step == "a" || e.Step == "audit-log" && e.Kind == audit.KindIntent
			}) {
				t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
			}
		})
	}
}

// TestBorrowedResource: an operation that names nothing itself is asked for on its
// whole service, whatever harmless thing the capability has authorized.
func TestBorrowedResource(t *testing.T) {
	const text = `{id: check, operation: AuthorizationController_check, with: {resource_type_slug: repository, resource_external_id: field-notes, permission_slug: viewer}}`
	b := setup(t)
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Tuples = slices.DeleteFunc(t.Tuples, func(one world.Tuple) bool { return one.Object == "service:workos" })
		t.Tuples = append(t.Tuples, world.Tuple{User: "user:user_amara", Relation: "reader", Object: "service:workos"})
	})
	p := b.planOf("a.yaml", of("workos", "  - {name: organization_name, type: string, required: true}\n", text, "{id: make, operation: OrganizationsController_create}"))
	b.denies("fga", b.start(p, request("user_amara", named("x"))))
	if b.rows("organization") != 0 {
		t.Error("it was made all the same")
	}
}

// TestHintsOnlyRaise: a document that calls an operation harmless is not believed.
func TestHintsOnlyRaise(t *testing.T) {
	const text = `naftiko: "1.0.0-alpha1"
info: {label: Hints, description: Hints}
capability:
  consumes:
    - type: http
      namespace: hr
      baseUri: https://hr.example
      resources:
        - name: frob
          path: /frob
          operations:
            - {name: frobnicate, semantics: {safe: true}}
  exposes:
    - type: mcp
      address: localhost
      port: 3001
      namespace: tools
      tools:
        - {name: frobnicate, description: Frobnicates., call: hr.frobnicate}
`
	b := setup(t)
	b.tenant("lakeside", func(t *world.Tenant) {
		reading(t)
		t.Egress = append(t.Egress, "hr.example")
	})
	report := b.start(b.planOf("a.yaml", text), with(map[string]any{}))
	b.denies("scope", report)
	if report.Steps[0].Effect != "write" {
		t.Errorf("%+v", report.Steps)
	}
}

// TestHostThatCannotBeTold: an address with a hole in it is no unknown host, and no
// way around the list.
func TestHostThatCannotBeTold(t *testing.T) {
	const text = `naftiko: "1.0.0-alpha1"
info: {label: Hosts}
capability:
  consumes:
    - type: http
      namespace: hr
      baseUri: %s
      resources:
        - name: people
          path: %s
          operations:
            - {name: list-people, method: GET}
  exposes:
    - type: mcp
      address: localhost
      port: 3001
      namespace: tools
      tools:
        - name: list-people
          description: Lists people.
          call: hr.list-people
`
	for _, one := range [][2]string{{"'https://{region}.hr.example'", "/people"}, {"'{{host}}'", "/people"}, {"https://api.workos.com", "https://{x}.hr.example/people"}} {
		b := setup(t)
		b.tenant("lakeside", reading)
		report := b.start(b.planOf("a.yaml", fmt.Sprintf(text, one[0], one[1])), with(map[string]any{}))
		b.denies("egress", report)
	}
}

// lose starts or resumes a run whose process ends between an intent and its effect.
func (b *bench) lose(step string, run func() error) {
	b.Helper()
	b.lost = step
	func() {
		defer func() {
			if recover() != step {
				b.Fatalf("%s: the process did not end there", step)
			}
		}()
		b.Errorf("%v", run())
	}()
	b.lost = ""
	b.clock.add(enforce.DefaultLease + time.Second)
}

// TestLostIntent: a step that was intended and then lost with its process is checked
// like any other. What nobody approved does not count as approved, and an approval
// under another policy, or of a day long gone, does not either.
func TestLostIntent(t *testing.T) {
	writing := func(b *bench) string {
		b.lose("s1", func() error {
			_, err := b.Start(ctx, b.planOf("a.yaml", writes(create)), request("user_amara", named("x")))
			return err
		})
		page, err := b.Runs(ctx, journal.Filter{Tenant: "lakeside"})
		if err != nil || len(page.Runs) != 1 {
			b.Fatalf("%v %+v", err, page)
		}
		return page.Runs[0].ID
	}
	t.Run("goes on", func(t *testing.T) {
		b := setup(t)
		id := writing(b)
		if report := b.resume(id); report.Outcome != enforce.Completed || b.rows("organization") != 1 {
			t.Errorf("%s: %s", report.Outcome, report.Reason)
		}
	})
	t.Run("a person is needed since", func(t *testing.T) {
		b := setup(t)
		id := writing(b)
		b.tenant("lakeside", func(t *world.Tenant) {
			for i := range t.Resources {
				t.Resources[i].Sensitivity = "restricted"
			}
		})
		report := b.resume(id)
		if report.Outcome != enforce.Waiting || b.rows("organization") != 0 {
			t.Fatalf("%s: %s: nobody approved it: %+v", report.Outcome, report.Reason, report.Steps)
		}
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		if report = b.resume(id); report.Outcome != enforce.Completed || b.rows("organization") != 1 {
			t.Errorf("%s: %s", report.Outcome, report.Reason)
		}
	})
	approved := func(b *bench) string {
		report := b.start(b.plan(composition), request("user_amara"))
		if err := b.decide(report, "user_chidi", true); err != nil {
			b.Fatal(err)
		}
		b.lose("issue-key", func() error { _, err := b.Resume(ctx, "lakeside", report.Run); return err })
		return report.Run
	}
	t.Run("approved", func(t *testing.T) {
		b := setup(t)
		id := approved(b)
		if report := b.resume(id); report.Outcome != enforce.Completed || credentials(b.entries(id)) != 1 {
			t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
		}
	})
	t.Run("approved under another policy", func(t *testing.T) {
		b := setup(t)
		id := approved(b)
		b.options.Bundles = []policy.Bundle{stricter}
		b.reopen()
		b.nothing("policy changed", b.resume(id))
	})
	t.Run("approved long ago", func(t *testing.T) {
		b := setup(t)
		id := approved(b)
		b.clock.add(enforce.DefaultApprovalLife)
		b.nothing("too late", b.resume(id))
	})
}

// TestFailureIsNotRepeated: a failure that the capability went on from stays one when
// the run goes on after a rest; trying it anew would act twice.
func TestFailureIsNotRepeated(t *testing.T) {
	const text = `arazzo: 1.0.1
info: {title: Again, version: '1'}
sourceDescriptions: [{name: workos, url: ./workos.yaml, type: openapi}]
workflows:
  - workflowId: again
    inputs: {type: object, properties: {organization_name: {type: string}}}
    steps:
      - stepId: make
        operationId: OrganizationsController_create
        requestBody: {payload: {name: $inputs.organization_name}}
        onFailure: [{name: once-more, type: retry, retryLimit: 1}]
      - stepId: more
        operationId: OrganizationsController_create
        requestBody: {payload: {name: $inputs.organization_name}}
`
	b := setup(t)
	b.options.World.Providers = []world.Provider{{Name: "workos", Operations: []world.Operation{{ID: create, Fault: world.Fault{Kind: "status", Status: 400, Times: 1}}}}}
	b.reopen()
	report := b.start(b.planOf("a.yaml", text), request("user_amara", named("x"), func(r *enforce.Request) { r.Canary = 1 }))
	if report.Outcome != enforce.Waiting || b.rows("organization") != 1 || report.Wait.Step != "more" {
		t.Fatalf("%s: %s, %d organizations %+v", report.Outcome, report.Reason, b.rows("organization"), report.Wait)
	}
	if err := b.decide(report, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	b.reopen()
	if report = b.resume(report.Run); report.Outcome != enforce.Completed || b.rows("organization") != 2 || step(t, report, "make").Outcome != enforce.StepFailed {
		t.Errorf("%s: %s, %d organizations %+v", report.Outcome, report.Reason, b.rows("organization"), report.Steps)
	}
}

// TestDeclaredDryRun: a dry run asks nobody and writes nothing, in both readings.
func TestDeclaredDryRun(t *testing.T) {
	b := setup(t)
	b.tenant("lakeside", asking)
	dry := func(r *enforce.Request) { r.Reading, r.Mode = enforce.Declared, enforce.DryRun }
	report := b.start(b.planOf("a.yaml", asksFirst), with(map[string]any{"person": "p1", "organization_name": "x"}, dry))
	if report.Outcome != enforce.Completed || step(t, report, "drop").Outcome != enforce.StepWould {
		t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
	if page, err := b.Approvals(ctx, approvalsOf("lakeside")); err != nil || len(page.Approvals) != 0 {
		t.Errorf("%v: a dry run asked %+v", err, page.Approvals)
	}
	report = b.start(b.plan(composition), request("user_bruno", dry))
	if !strings.Contains(strings.Join(report.Warnings, "\n"), "the enforced reading denies it") {
		t.Errorf("%s: %s %q", report.Outcome, report.Reason, report.Warnings)
	}
}

// TestDeclaredHearsPeople: in the declared reading too, what a person refused does
// not happen, even where the document judges results itself.
func TestDeclaredHearsPeople(t *testing.T) {
	text := of("hr", noInputs, "{id: ask, operation: ask_manager_for_approval}", "{id: look, operation: get_record, when: '{{note}} == \"x\"'}", "{id: drop, operation: delete_record}")
	b := setup(t)
	b.tenant("lakeside", asking)
	report := b.start(b.planOf("a.yaml", text), with(map[string]any{"note": "y"}, func(r *enforce.Request) { r.Reading = enforce.Declared }))
	if err := b.decide(report, "user_chidi", false); err != nil {
		t.Fatal(err)
	}
	report = b.resume(report.Run)
	if report.Outcome != enforce.Denied || slices.ContainsFunc(b.entries(report.Run), func(e audit.Entry) bool { return e.Kind == audit.KindIntent && e.Step == "drop" }) {
		t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Steps)
	}
}

// TestWorldWithoutTheRun: a run whose tenant is not in the world any more waits for
// a world in which it is; one whose user or agent went is denied.
func TestWorldWithoutTheRun(t *testing.T) {
	b := setup(t)
	report := b.start(b.plan(composition), request("user_amara"))
	all := b.options.World.Tenants
	b.options.World.Tenants = all[1:]
	b.reopen()
	if _, err := b.Resume(ctx, "lakeside", report.Run); err == nil {
		t.Error("a run without a tenant goes on")
	}
	if _, err := b.ShowRun(ctx, "lakeside", report.Run); err != nil {
		t.Error(err)
	}
	b.options.World.Tenants = all
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Agents = nil
		t.Tuples = slices.DeleteFunc(t.Tuples, func(one world.Tuple) bool { return strings.HasPrefix(one.User, "agent:") })
	})
	gone := b.resume(report.Run)
	b.nothing("no agent", gone)
	if gone.Outcome == enforce.Waiting {
		t.Errorf("%s: %s", gone.Outcome, gone.Reason)
	}
}

// TestSecretInPlaceOfAName: a credential that a document puts where a name belongs
// is neither recorded nor shown.
func TestSecretInPlaceOfAName(t *testing.T) {
	for name, text := range map[string]string{
		"resource": "{id: leak, operation: get_record, with: {resource: '{{issue-key.access_token.access_token}}'}}",
		"relation": "{id: leak, operation: get_record, with: {relation: '{{issue-key.access_token.access_token}}'}}",
		"scopes":   "{id: leak, operation: get_record, with: {scopes: ['{{issue-key.access_token.access_token}}']}}",
		"half":     "{id: leak, operation: get_record, with: {resource: 'repository:{{issue-key.access_token.access_token}}'}}",
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.tenant("lakeside", reading)
			base := `{id: session, operation: UserlandSessionsController_authenticate}`
			p := b.planOf("a.yaml", of("workos", "  - {name: user_id, type: string, required: true}\n  - {name: requested_scopes, type: array, items: string, required: true}\n",
				base, "{id: issue-key, operation: DataIntegrationsController_getUserlandUserToken, with: {user_id: '{{user_id}}', scopes: '{{requested_scopes}}'}}",
				strings.Replace(text, "get_record", "OrganizationDomainsController_get", 1)))
			report := b.through(p, with(map[string]any{"user_id": "user_amara", "requested_scopes": []any{"repository:read"}}))
			shown, _ := json.Marshal(report)
			entries, _ := json.Marshal(b.entries(report.Run))
			if strings.Contains(string(shown)+string(entries), "sk_") {
				t.Errorf("%s\n%s", shown, entries)
			}
			b.close()
			b.holdsNo(credential)
		})
	}
}

// TestSecretInputs: what an operation takes as a credential is masked, however it
// came into the run and however short it is.
func TestSecretInputs(t *testing.T) {
	const value = "a credential given in plain words"
	text := of("workos", "  - {name: api_key, type: string, required: true}\n", "{id: check, operation: ApiKeysController_validateApiKey}",
		"{id: make, operation: OrganizationsController_create, with: {name: 'x {{api_key}}'}}")
	for _, value := range []string{value, "s3cret"} {
		b := setup(t)
		report := b.start(b.planOf("a.yaml", strings.Split(text, "  - {id: make")[0]), with(map[string]any{"api_key": value}))
		shown, _ := json.Marshal(report)
		if strings.Contains(string(shown), value) {
			t.Errorf("%s", shown)
		}
	}
	b := setup(t)
	report := b.start(b.planOf("a.yaml", text), with(map[string]any{"api_key": value}))
	if shown, _ := json.Marshal(report); strings.Contains(string(shown), value) {
		t.Errorf("%s", shown)
	}
}

// TestVaultInputs: an input may name a secret of the vault, and the operation gets
// its value.
func TestVaultInputs(t *testing.T) {
	b := setup(t)
	if err := b.Secrets().Put(ctx, "lakeside", "amara", secrets.New("demo key of amara"), "run"); err != nil {
		t.Fatal(err)
	}
	p := b.planOf("a.yaml", of("workos", "  - {name: api_key, type: string, required: true}\n", "{id: check, operation: ApiKeysController_validateApiKey}"))
	report := b.start(p, with(map[string]any{"api_key": map[string]any{"$secret": "amara"}}))
	shown, _ := json.Marshal(report)
	if report.Outcome != enforce.Completed || strings.Contains(string(shown), "demo key of amara") {
		t.Errorf("%s: %s %s", report.Outcome, report.Reason, shown)
	}
	report = b.start(p, with(map[string]any{"api_key": map[string]any{"$secret": "nobody"}}))
	if report.Outcome == enforce.Completed {
		t.Error("a secret that is not there")
	}
}

// TestEveryDenialIsRecorded: a denial before the checks is on record and counts
// towards the breaker like any other.
func TestEveryDenialIsRecorded(t *testing.T) {
	for name, text := range map[string]string{
		"condition": "{id: a, operation: ConnectionsController_list, when: '{{note}} > 3'}",
		"list":      "{id: a, operation: ConnectionsController_list, foreach: '{{note}}'}",
	} {
		b := setup(t)
		report := b.start(b.planOf("a.yaml", of("workos", noInputs, text)), with(map[string]any{"note": "x"}))
		state, err := b.Breaker(ctx, "lakeside", "support-assistant")
		if report.Outcome != enforce.Denied || err != nil || state.Denials != 1 || !slices.ContainsFunc(b.entries(report.Run), func(e audit.Entry) bool { return e.Kind == audit.KindDenial && e.Step == "a" }) {
			t.Errorf("%s: %s: %s, %d denials, %v", name, report.Outcome, report.Reason, state.Denials, err)
		}
	}
}

// TestSandboxTeachesNothing: what an agent did in a sandbox neither ends a row of
// denials nor makes anything usual.
func TestSandboxTeachesNothing(t *testing.T) {
	b := setup(t)
	p := b.planOf("a.yaml", writes(list))
	sandbox := func(r *enforce.Request) { r.Mode = enforce.Sandbox }
	for range 3 {
		b.start(b.plan(composition), request("user_bruno"))
	}
	before, err := b.Breaker(ctx, "lakeside", "support-assistant")
	if err != nil {
		t.Fatal(err)
	}
	if report := b.start(p, request("user_bruno", named("x"), sandbox)); report.Outcome != enforce.Completed {
		t.Fatalf("%s: %s", report.Outcome, report.Reason)
	}
	if after, err := b.Breaker(ctx, "lakeside", "support-assistant"); err != nil || after.Denials != before.Denials {
		t.Errorf("%d denials in a row, before the sandbox %d, %v", after.Denials, before.Denials, err)
	}
	report := b.start(p, request("user_bruno", named("x")))
	if d := said(report.Steps[0], "anomaly"); d.Rule != "first-use" {
		t.Errorf("%+v", d)
	}
}

// TestAnotherUsersCredential: an agent gets no credential of somebody it does not
// act for.
func TestAnotherUsersCredential(t *testing.T) {
	b := setup(t)
	p := b.planOf("a.yaml", of("workos", "  - {name: user_id, type: string, required: true}\n  - {name: requested_scopes, type: array, items: string, required: true}\n",
		"{id: issue-key, operation: DataIntegrationsController_getUserlandUserToken}"))
	b.denies("identity", b.start(p, with(map[string]any{"user_id": "user_bruno", "requested_scopes": []any{"repository:read"}})))
}

// TestSuppliedIsTrue: a report lists as supplied what was, and not what the run did
// not come to.
func TestSuppliedIsTrue(t *testing.T) {
	b := setup(t)
	report := b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["target_resource"] = "repository:manifests" }))
	for _, s := range report.Supplied {
		if s.Check == "approval" || s.Check == "fga" {
			t.Errorf("%+v, though the run ended before: %s", s, report.Reason)
		}
	}
	dry := b.start(b.planOf("a.yaml", writes(list)), request("user_amara", named("x"), func(r *enforce.Request) { r.Mode = enforce.DryRun }))
	if d := said(dry.Steps[0], "audit"); strings.HasPrefix(d.Reason, "recorded") {
		t.Errorf("a dry run: %+v", d)
	}
}

// TestCoverIsBound: an approval that the capability asked for does not outlive its
// time, and does not count for an effect whose approver did not give it.
func TestCoverIsBound(t *testing.T) {
	t.Run("in time", func(t *testing.T) {
		b := setup(t)
		b.tenant("lakeside", func(t *world.Tenant) {
			asking(t)
			t.Limits = append(t.Limits, world.Limit{ID: "no-deletes", Effect: "delete", Measure: "calls", Most: 1, Window: 48 * time.Hour, Then: "defer"})
		})
		p := b.planOf("a.yaml", asksFirst)
		req := with(map[string]any{"person": "p1", "organization_name": "x"})
		if report := b.through(p, req); report.Outcome != enforce.Completed {
			t.Fatalf("%s: %s", report.Outcome, report.Reason)
		}
		report := b.start(p, req)
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		if report = b.resume(report.Run); report.Outcome != enforce.Waiting || report.Wait.Approval != "" {
			t.Fatalf("%s: %s", report.Outcome, report.Reason)
		}
		b.clock.add(51 * time.Hour)
		if report = b.resume(report.Run); report.Outcome != enforce.Waiting || report.Wait.Approval == "" {
			t.Errorf("an approval of two days ago counts: %+v", said(step(t, report, "drop"), "approval"))
		}
	})
	t.Run("by somebody who may", func(t *testing.T) {
		b := setup(t)
		b.tenant("lakeside", func(t *world.Tenant) {
			asking(t)
			t.Agents[0].Grants[0].Scopes = append(t.Agents[0].Grants[0].Scopes, "hr:access")
			t.Approvers = []world.Approver{{User: "user_chidi", Effects: []string{"access"}}}
		})
		p := b.planOf("a.yaml", of("hr", "  - {name: person, type: string, required: true}\n", "{id: ask, operation: ask_manager_for_approval}",
			"{id: assign, operation: assign_role}", "{id: drop, operation: delete_record}"))
		report := b.start(p, with(map[string]any{"person": "p1"}))
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		report = b.resume(report.Run)
		if report.Outcome != enforce.Waiting || report.Wait.Step != "drop" {
			t.Errorf("%s: %s: who may approve access approved a deletion: %+v", report.Outcome, report.Reason, report.Steps)
		}
	})
}

// TestSensitivityBindsApprovals: an approval of something internal does not count
// once it is restricted.
func TestSensitivityBindsApprovals(t *testing.T) {
	b := setup(t)
	report := b.start(b.plan(composition), request("user_amara"))
	if err := b.decide(report, "user_chidi", true); err != nil {
		t.Fatal(err)
	}
	b.tenant("lakeside", func(t *world.Tenant) { t.Resources[0].Sensitivity = "restricted" })
	b.nothing("restricted since", b.resume(report.Run))
}

// TestCanaryNeedsTheRuntime: the declared reading has nobody who would hold it.
func TestCanaryNeedsTheRuntime(t *testing.T) {
	b := setup(t)
	_, err := b.Start(ctx, b.planOf("a.yaml", writes(list)), request("user_amara", named("x"), func(r *enforce.Request) { r.Canary, r.Reading = 1, enforce.Declared }))
	if err == nil {
		t.Error("a canary that nothing holds")
	}
}

func approvalsOf(tenant string) approval.Filter { return approval.Filter{Tenant: tenant} }

// TestSimulatedUndo: what was simulated is taken back where it was done, also under
// the name of a service that somebody modelled in part, or that has a slash in it.
func TestSimulatedUndo(t *testing.T) {
	for service, operation := range map[string]string{"workos": "OrganizationDomainsController_create", "people/hr": "create_record"} {
		then := map[string]string{"workos": "JumpWireWeb.DataVaultController.show_by_name, with: {name: none}", "people/hr": "delete_all_records"}[service]
		b := setup(t)
		b.tenant("lakeside", func(t *world.Tenant) {
			t.Resources = append(t.Resources, world.Resource{ID: "service:people/hr", Sensitivity: "internal"})
			t.Tuples = append(t.Tuples, world.Tuple{User: "user:user_amara", Relation: "writer", Object: "service:people/hr"})
			t.Agents[0].Grants[0].Scopes = append(t.Agents[0].Grants[0].Scopes, "people/hr:write")
			t.Agents[0].Grants[0].Resources = append(t.Agents[0].Grants[0].Resources, "service:people/hr")
		})
		report := b.through(b.planOf("a.yaml", of(service, noInputs, "{id: make, operation: "+operation+"}", "{id: look, operation: "+then+"}")), with(map[string]any{}))
		if report.Outcome != enforce.Compensated || step(t, report, "make").Outcome != enforce.StepUndone {
			t.Errorf("%s: %s: %s %q %+v", service, report.Outcome, report.Reason, report.Warnings, report.Steps)
		}
	}
}
