package enforce_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/identity"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/capabilities/enforce/world"
)

// nothing holds that a run had no effect.
func (b *bench) nothing(name string, report *enforce.Report) {
	b.Helper()
	if n := credentials(b.entries(report.Run)); n != 0 {
		b.Errorf("%s: %d credentials were handed out", name, n)
	}
	if report.Outcome == enforce.Completed {
		b.Errorf("%s: the run completed", name)
	}
}

// stricter is a policy of the user's own that changes nothing but the version.
var stricter = policy.Bundle{Name: "stricter", FS: fstest.MapFS{"policy.rego": {Data: []byte(`package policy

default decision := {"verdict": "allow"}
`)}}}

// TestApprovalAttacks: with the approval denied, timed out, given by the requester,
// given for something else, given twice, or given before the policy changed, nothing
// happens.
func TestApprovalAttacks(t *testing.T) {
	waiting := func(b *bench) *enforce.Report {
		report := b.start(b.plan(composition), request("user_amara"))
		if report.Outcome != enforce.Waiting {
			b.Fatalf("%s: %s", report.Outcome, report.Reason)
		}
		b.nothing("waiting", report)
		return report
	}
	t.Run("denied", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		if err := b.decide(report, "user_chidi", false); err != nil {
			t.Fatal(err)
		}
		b.nothing("denied", b.resume(report.Run))
		if err := b.decide(report, "user_chidi", true); !errors.Is(err, approval.Settled) {
			t.Errorf("a denial was taken back: %v", err)
		}
	})
	t.Run("timed out", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		b.clock.add(enforce.DefaultApprovalLife + time.Second)
		if err := b.decide(report, "user_chidi", true); !errors.Is(err, approval.TooLate) {
			t.Errorf("approved after the end: %v", err)
		}
		b.nothing("timed out", b.resume(report.Run))
	})
	t.Run("given in time, used too late", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		b.clock.add(enforce.DefaultApprovalLife + time.Second)
		b.nothing("too late", b.resume(report.Run))
	})
	t.Run("by the requester, the agent and a stranger", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		for by, want := range map[string]error{"user_amara": approval.OwnRequest, "support-assistant": approval.OwnRequest,
			"user_bruno": approval.NotListed, "user_farah": approval.NotListed, "": enforce.Invalid} {
			if err := b.decide(report, by, true); !errors.Is(err, want) && !errors.Is(err, approval.NotListed) {
				t.Errorf("%q: %v, want %v", by, err, want)
			}
		}
		b.nothing("stranger", b.resume(report.Run))
	})
	t.Run("given twice", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		for range 2 {
			if err := b.decide(report, "user_chidi", true); err != nil {
				t.Fatal(err)
			}
		}
		done := b.resume(report.Run)
		if done.Outcome != enforce.Completed || credentials(b.entries(report.Run)) != 1 {
			t.Errorf("%s: %s", done.Outcome, done.Reason)
		}
		if _, err := b.Resume(ctx, "lakeside", report.Run); err == nil {
			t.Error("a run that ended goes on")
		}
		// The next run asks anew, though everything in it is the same.
		b.nothing("the next run", waiting(b))
	})
	t.Run("for other arguments", func(t *testing.T) {
		b := setup(t)
		first := waiting(b)
		second := b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["requested_scopes"] = []any{"repository:write"} }))
		if err := b.decide(first, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		b.nothing("another run's approval", b.resume(second.Run))
		if a, err := b.Approval(ctx, "lakeside", first.Wait.Approval); err != nil || a.State != approval.Approved {
			t.Errorf("%v %+v", err, a)
		}
	})
	t.Run("before the policy changed", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		b.options.Bundles = []policy.Bundle{stricter}
		b.reopen()
		b.nothing("policy changed", b.resume(report.Run))
	})
	t.Run("by somebody who is no approver any more", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		b.tenant("lakeside", func(t *world.Tenant) { t.Approvers = nil })
		b.nothing("approver gone", b.resume(report.Run))
	})
	t.Run("and the relation is gone since", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		b.tenant("lakeside", func(t *world.Tenant) {
			t.Tuples = slices.DeleteFunc(t.Tuples, func(one world.Tuple) bool { return one.Relation == "editor" })
		})
		b.nothing("relation gone", b.resume(report.Run))
	})
	t.Run("and the agent is revoked since", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		if err := b.decide(report, "user_chidi", true); err != nil {
			t.Fatal(err)
		}
		if err := b.Revoke(ctx, identity.Target{Tenant: "lakeside", Kind: identity.TargetAgent, ID: "support-assistant"}); err != nil {
			t.Fatal(err)
		}
		b.nothing("revoked", b.resume(report.Run))
	})
	t.Run("of another tenant", func(t *testing.T) {
		b := setup(t)
		report := waiting(b)
		_, err := b.Decide(ctx, approval.Answer{Tenant: "harbour", ID: report.Wait.Approval, Person: decision.Actor{Kind: "user", ID: "user_farah"}, Approve: true})
		if !errors.Is(err, approval.NotFound) {
			t.Errorf("%v", err)
		}
	})
}

// tenant changes the world and opens it anew.
func (b *bench) tenant(id string, change func(*world.Tenant)) {
	b.Helper()
	for i := range b.options.World.Tenants {
		if b.options.World.Tenants[i].ID == id {
			change(&b.options.World.Tenants[i])
		}
	}
	b.reopen()
}

// denies runs a request and says which check denied it.
func (b *bench) denies(check string, report *enforce.Report) {
	b.Helper()
	b.nothing(check, report)
	for _, s := range report.Steps {
		for _, d := range s.Decisions {
			if d.Check == check && d.Verdict == decision.Deny {
				return
			}
		}
	}
	b.Errorf("%s does not deny: %s: %s %+v", check, report.Outcome, report.Reason, report.Steps)
}

func TestRevoked(t *testing.T) {
	for _, target := range []identity.Target{{Kind: identity.TargetAgent, ID: "support-assistant"}, {Kind: identity.TargetUser, ID: "user_amara"}} {
		b := setup(t)
		target.Tenant = "lakeside"
		if err := b.Revoke(ctx, target); err != nil {
			t.Fatal(err)
		}
		b.denies("identity", b.start(b.plan(composition), request("user_amara")))
	}
	b := setup(t)
	b.denies("identity", b.start(b.plan(composition), request("user_dana")))  // not signed in
	b.denies("identity", b.start(b.plan(composition), request("user_chidi"))) // granted nothing
}

func TestScopeWithinGrant(t *testing.T) {
	b := setup(t)
	b.denies("scope", b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["requested_scopes"] = []any{"repository:read", "repository:delete"} })))
	b.denies("scope", b.start(b.plan(composition), request("user_bruno", func(r *enforce.Request) { r.Inputs["requested_scopes"] = []any{"repository:write"} })))
	b.denies("scope", b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["target_resource"] = "workspace:survey" })))
	// The scopes of one grant do not reach the resources of another.
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Agents[0].Grants = []world.Grant{
			{User: "user_amara", Scopes: []string{"repository:read"}, Resources: []string{"repository:payroll"}},
			{User: "user_amara", Scopes: []string{"repository:write"}, Resources: []string{"repository:field-notes"}},
		}
	})
	b.denies("scope", b.start(b.plan(composition), request("user_amara")))
	// A grant that ended is none.
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Agents[0].Grants = []world.Grant{{User: "user_amara", Scopes: []string{"repository:read"}, Resources: []string{"repository:*"}, Until: b.clock.now().Add(-time.Second)}}
	})
	b.denies("identity", b.start(b.plan(composition), request("user_amara")))
}

func TestTenantCrossing(t *testing.T) {
	b := setup(t)
	b.denies("tenant", b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["target_resource"] = "repository:manifests" })))
	b.denies("tenant", b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["user_id"] = "user_emeka" })))
	b.denies("identity", b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["user_id"] = "user_bruno" })))
	report := b.start(b.plan(composition), request("user_amara"))
	if _, err := b.Resume(ctx, "harbour", report.Run); !errors.Is(err, enforce.Unknown) {
		t.Errorf("another tenant's run goes on: %v", err)
	}
	if _, err := b.ShowRun(ctx, "harbour", report.Run); !errors.Is(err, enforce.Unknown) {
		t.Errorf("another tenant's run is shown: %v", err)
	}
	if err := b.Cancel(ctx, "harbour", report.Run, "user_farah", "x"); !errors.Is(err, enforce.Unknown) {
		t.Errorf("another tenant's run is cancelled: %v", err)
	}
	for record, err := range audit.Records(b.AuditDir(), audit.Filter{Scope: audit.ForTenant("harbour")}) {
		t.Errorf("%v %+v", err, record)
	}
	for _, req := range []enforce.Request{
		request("user_amara", func(r *enforce.Request) { r.Tenant = "harbour" }),
		request("user_amara", func(r *enforce.Request) { r.Agent = "dispatch-bot" }),
		request("user_emeka"),
	} {
		if _, err := b.Start(ctx, b.plan(composition), req); !errors.Is(err, enforce.Unknown) {
			t.Errorf("%+v: %v", req, err)
		}
	}
}

func TestBreakerPauses(t *testing.T) {
	b := setup(t)
	for range 5 {
		b.start(b.plan(composition), request("user_bruno"))
	}
	report := b.start(b.plan(composition), request("user_amara"))
	b.nothing("paused", report)
	if report.Outcome != enforce.Waiting {
		t.Errorf("%s: %s", report.Outcome, report.Reason)
	}
	state, err := b.Breaker(ctx, "lakeside", "support-assistant")
	if err != nil || state.Opened.IsZero() {
		t.Fatalf("%+v %v", state, err)
	}
	if err := b.ResetBreaker(ctx, "lakeside", "support-assistant", "user_nobody"); err == nil {
		t.Error("nobody reset the breaker")
	}
	if err := b.ResetBreaker(ctx, "lakeside", "support-assistant", "user_chidi"); err != nil {
		t.Fatal(err)
	}
	if report := b.through(b.plan(composition), request("user_amara")); report.Outcome != enforce.Completed {
		t.Errorf("%s: %s", report.Outcome, report.Reason)
	}
}

func TestPolicyByTime(t *testing.T) {
	hours := func(t *world.Tenant) {
		t.Hours = &world.Hours{Days: []time.Weekday{time.Wednesday}, From: 8 * 60, To: 18 * 60}
	}
	b := setup(t)
	b.tenant("lakeside", hours)
	if report := b.through(b.plan(composition), request("user_amara")); report.Outcome != enforce.Completed {
		t.Errorf("in hours: %s: %s", report.Outcome, report.Reason)
	}
	b.clock.add(24 * time.Hour)
	report := b.start(b.plan(composition), request("user_amara"))
	b.nothing("off hours", report)
	if report.Outcome != enforce.Waiting || report.Wait.Approval != "" {
		t.Errorf("off hours: %s: %s", report.Outcome, report.Reason)
	}
}

func TestSensitivity(t *testing.T) {
	b := setup(t)
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Hours = &world.Hours{Days: []time.Weekday{time.Wednesday}, From: 8 * 60, To: 18 * 60}
		t.Tuples = append(t.Tuples, world.Tuple{User: "user:user_amara", Relation: "editor", Object: "repository:payroll"})
	})
	b.clock.add(12 * time.Hour)
	b.denies("policy", b.start(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Inputs["target_resource"] = "repository:payroll" })))
}

func TestEgress(t *testing.T) {
	b := setup(t)
	b.tenant("lakeside", func(t *world.Tenant) { t.Egress = nil })
	b.denies("egress", b.start(b.plan(composition), request("user_amara")))
}

func TestSecretsStayMasked(t *testing.T) {
	b := setup(t)
	const text = "hunter2 and a half, a secret nobody prints"
	if err := b.Secrets().Put(ctx, "lakeside", "note", secrets.New(text), "run"); err != nil {
		t.Fatal(err)
	}
	report := b.through(b.plan(composition), request("user_amara", func(r *enforce.Request) { r.Purpose = "say " + "nothing" }))
	shown := fmt.Sprintf("%+v", report)
	for _, e := range b.entries(report.Run) {
		shown += fmt.Sprintf("%+v", e)
	}
	if strings.Contains(shown, text) || strings.Contains(shown, "sk_") {
		t.Errorf("a secret is shown: %s", shown)
	}
	if report.Outputs["key"] != "[secret]" {
		t.Errorf("%+v", report.Outputs)
	}
	b.close()
	b.holdsNo(credential)
}
