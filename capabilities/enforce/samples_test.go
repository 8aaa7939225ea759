package enforce_test

import (
	"strings"
	"testing"

	"agentrisk/capabilities/enforce"
)

// TestSamples runs the other two compositions of the same provider: what they do is
// answered in the real shapes, what they lack is supplied.
func TestSamples(t *testing.T) {
	b := setup(t)
	for name, inputs := range map[string]map[string]any{
		"data/capabilities/api-evangelist__workos/capabilities/audit-everything-to-siem.yaml": {"organization_id": "lakeside", "action": "notes.published",
			"actor": map[string]any{"id": "support-assistant", "type": "agent"}, "targets": []any{map[string]any{"id": "field-notes", "type": "repository"}}},
		"data/capabilities/api-evangelist__workos/capabilities/b2b-enterprise-onboarding.yaml": {"organization_name": "Meadow Press",
			"domains": []any{"meadow.example"}, "admin_email": "it@meadow.example"},
	} {
		report := b.through(b.plan(shared(t, name)), request("user_amara", func(r *enforce.Request) { r.Inputs = inputs }))
		if report.Outcome != enforce.Completed {
			t.Errorf("%s: %s: %s", name, report.Outcome, report.Reason)
		}
		if text := strings.Join(report.Warnings, "\n"); strings.Contains(text, "instructions") {
			t.Errorf("%s: the answers of the stand-ins are taken for an attack:\n%s", name, text)
		}
		if id, asked := report.Outputs["connection_id"]; asked && id == nil {
			t.Errorf("%s: the first of a list is not found: %v", name, report.Outputs)
		}
		for _, s := range report.Steps {
			t.Logf("%-26s %-46s %-10s %-12s %s %s", s.Step, s.Operation, s.Effect, s.Outcome, s.Resource, s.Reason)
		}
		t.Logf("%v\n%q", report.Outputs, report.Warnings)
		denied := b.start(b.plan(shared(t, name)), request("user_bruno", func(r *enforce.Request) { r.Inputs = inputs }))
		if denied.Outcome != enforce.Denied {
			t.Errorf("%s: %s: %s", name, denied.Outcome, denied.Reason)
		}
	}
	b.verifies()
}
