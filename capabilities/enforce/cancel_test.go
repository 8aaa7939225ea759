package enforce_test

import (
	"testing"

	"agentrisk/capabilities/enforce"
)

// TestCancel: a run that somebody cancelled does nothing more, what it did is
// undone, and its report still tells what that was.
func TestCancel(t *testing.T) {
	b := setup(t)
	report := b.start(b.planOf("a.yaml", writes(create, list, create)), request("user_amara", named("x"), func(r *enforce.Request) { r.Canary = 1 }))
	if report.Outcome != enforce.Waiting || b.rows("organization") != 1 {
		t.Fatalf("%s: %s", report.Outcome, report.Reason)
	}
	if err := b.Cancel(ctx, "lakeside", report.Run, "user_chidi", "not now"); err != nil {
		t.Fatal(err)
	}
	b.reopen()
	report = b.resume(report.Run)
	if report.Outcome != enforce.Compensated || b.rows("organization") != 0 || step(t, report, "s1").Outcome != enforce.StepUndone || step(t, report, "s2").Outcome != enforce.StepDone {
		t.Errorf("%s: %s, %d left, %+v", report.Outcome, report.Reason, b.rows("organization"), report.Steps)
	}
	shown, err := b.ShowRun(ctx, "lakeside", report.Run)
	if err != nil || shown.Audit.First == nil || shown.Audit.Last == nil || shown.Outcome != enforce.Compensated {
		t.Errorf("%v %+v", err, shown)
	}
	if err := b.Cancel(ctx, "lakeside", report.Run, "user_chidi", "again"); err == nil {
		t.Error("a run that ended was cancelled")
	}
}
