package enforce_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
)

// An outcome is written with the entry behind it. Whoever stops waiting in between
// does not take it along: the run is given back with it on record.
func TestOutcomeIsRecordedWhoeverStopsWaiting(t *testing.T) {
	for name, at := range map[string]string{"before the next step": "", "in the next step": ".(*runner).begin"} {
		t.Run(name, func(t *testing.T) {
			stopping, stop := context.WithCancel(ctx)
			defer stop()
			first := false
			b := setup(t, func(o *enforce.Options) {
				clock := o.Clock
				o.Clock = func() time.Time {
					if first && at != "" && calledFrom(at) {
						stop()
					}
					return clock()
				}
				o.Progress = func(s enforce.StepReport) {
					if first = s.Step == "s1"; first && at == "" {
						stop()
					}
				}
			})
			report, err := b.Start(stopping, b.planOf("a.yaml", writes(create, create)), request("user_amara", named("Fern")))
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%+v, %v", report, err)
			}
			page, err := b.Runs(ctx, journal.Filter{Tenant: "lakeside"})
			if err != nil || len(page.Runs) != 1 {
				t.Fatalf("%d runs, %v", len(page.Runs), err)
			}
			entries := b.entries(page.Runs[0].ID)
			of := func(kind audit.Kind, step string) int {
				return slices.IndexFunc(entries, func(e audit.Entry) bool { return e.Kind == kind && e.Step == step })
			}
			intent, outcome := of(audit.KindIntent, "s1"), of(audit.KindOutcome, "s1")
			if intent < 0 || outcome < intent || entries[outcome].Outcome != "succeeded" {
				t.Errorf("the first step: intent %d, outcome %d of %d entries", intent, outcome, len(entries))
			}
			if of(audit.KindIntent, "s2") >= 0 {
				t.Error("the second step was intended after everybody had stopped waiting")
			}
			b.verifies()
		})
	}
}
