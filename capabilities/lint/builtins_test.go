package lint

import (
	"context"
	"testing"
)

// TestBuiltinSteps: what a runtime itself offers is known by its name, and decides
// where a way for its failure is stated.
func TestBuiltinSteps(t *testing.T) {
	r := newLinter(t, Config{}).Lint(context.Background(), parseText(t, "flow.yaml", `steps:
  - {id: who, type: builtin.web-bot-auth.verify, on_failure: deny}
  - {id: may, type: builtin.policy.assert, on_failure: deny}
  - {id: sort, type: builtin.policy.scope-classify}
  - {id: ask, type: builtin.approval.request, on_failure: deny}
  - {id: issue, call: keys.createApiKey}
  - {id: emit_audit, call: archive.writeevent}
  - {id: write, call: archive.writeevent}
  - {id: done, type: builtin.audit.emit}
  - {id: other, type: builtin.something.else}
`))
	controls := map[string]string{"who": "authenticate", "may": "authorize", "sort": "authorize", "ask": "approve", "issue": "none",
		"emit_audit": "audit", "write": "none", "done": "audit", "other": "none"}
	for _, s := range r.Steps {
		if s.Control != controls[s.Step] {
			t.Errorf("%s is %s, want %s", s.Step, s.Control, controls[s.Step])
		}
		if want := (Needs{Present, Present, Present, Present}); s.Step == "issue" && s.Needs != want {
			t.Errorf("needs of %s: %+v", s.Step, s.Needs)
		}
	}
}
