package decision_test

import (
	"testing"

	"agentrisk/capabilities/enforce/decision"
)

func TestStrictest(t *testing.T) {
	order := []decision.Verdict{decision.Allow, decision.Modify, decision.StepUp, decision.Defer, decision.Deny}
	for i, a := range order {
		for j, b := range order {
			want := order[max(i, j)]
			if got := decision.Strictest(decision.Decision{Verdict: a}, decision.Decision{Verdict: b}); got != want {
				t.Errorf("%s and %s: %s, want %s", a, b, got, want)
			}
		}
	}
	if got := decision.Strictest(); got != decision.Deny {
		t.Errorf("nothing decided: %s", got)
	}
	if got := decision.Strictest(decision.Decision{Verdict: decision.Allow}, decision.Decision{Verdict: 99}); got != decision.Deny {
		t.Errorf("no such verdict: %s", got)
	}
}
