package enforce_test

import (
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/world"
)

// TestWaitsUntilThereIsRoom: a run that a budget puts off rests until that has room,
// and then goes through.
func TestWaitsUntilThereIsRoom(t *testing.T) {
	b := setup(t)
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Limits = []world.Limit{{ID: "one-in-six-hours", Effect: "write", Measure: "calls", Most: 1, Window: 6 * time.Hour, Then: "defer"}}
	})
	p := b.planOf("a.yaml", writes(create))
	if report := b.start(p, request("user_amara", named("x"))); report.Outcome != enforce.Completed {
		t.Fatalf("%s: %s", report.Outcome, report.Reason)
	}
	report := b.start(p, request("user_amara", named("y")))
	if report.Outcome != enforce.Waiting {
		t.Fatalf("%s: %s", report.Outcome, report.Reason)
	}
	until := report.Wait.Until
	if !strings.Contains(report.Reason, "room from "+until.Format(time.RFC3339)) || until.Before(b.now().Add(6*time.Hour-time.Minute)) {
		t.Errorf("waits until %s: %s", until, report.Reason)
	}
	if dry := b.start(p, request("user_amara", named("y"), func(r *enforce.Request) { r.Mode = enforce.DryRun })); dry.Outcome != enforce.Waiting ||
		dry.Wait == nil || !dry.Wait.Until.Equal(until) || dry.Reason != report.Reason {
		t.Errorf("a dry run says %q: %s %+v", dry.Outcome, dry.Reason, dry.Wait)
	}
	b.clock.add(time.Hour)
	if early := b.resume(report.Run); early.Outcome != enforce.Waiting || !early.Wait.Until.Equal(until) {
		t.Errorf("too early: %s %+v", early.Outcome, early.Wait)
	}
	b.clock.add(until.Sub(b.now()))
	if report = b.resume(report.Run); report.Outcome != enforce.Completed || b.rows("organization") != 2 {
		t.Errorf("%s: %s", report.Outcome, report.Reason)
	}
}

// TestWaitsUntilTheNextOpening: what the rules put off until working hours rests until
// they begin.
func TestWaitsUntilTheNextOpening(t *testing.T) {
	b := setup(t)
	b.tenant("lakeside", func(t *world.Tenant) {
		t.Hours = &world.Hours{Days: []time.Weekday{time.Wednesday}, From: 8 * 60, To: 18 * 60}
	})
	b.clock.add(24 * time.Hour) // Thursday
	report := b.start(b.plan(composition), request("user_amara"))
	if report.Outcome != enforce.Waiting || report.Wait.Until.Format(time.RFC3339) != "2026-03-11T07:00:00Z" { // 08:00 in Berlin
		t.Errorf("%s: %s %+v", report.Outcome, report.Reason, report.Wait)
	}
}

func TestLater(t *testing.T) {
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	put := func(ahead time.Duration) decision.Decision {
		return decision.Decision{Verdict: decision.Defer, Until: now.Add(ahead)}
	}
	unknown := decision.Decision{Verdict: decision.Defer}
	for name, c := range map[string]struct {
		list []decision.Decision
		want time.Duration
	}{
		"what tells":               {[]decision.Decision{put(40 * time.Minute)}, 40 * time.Minute},
		"the last of several":      {[]decision.Decision{put(time.Hour), put(time.Minute), put(2 * time.Hour)}, 2 * time.Hour},
		"what does not tell":       {[]decision.Decision{unknown}, 15 * time.Minute},
		"both":                     {[]decision.Decision{unknown, put(time.Minute)}, 15 * time.Minute},
		"both, the other way":      {[]decision.Decision{unknown, put(time.Hour)}, time.Hour},
		"what is past":             {[]decision.Decision{put(-time.Hour)}, time.Second},
		"what is far away":         {[]decision.Decision{put(300 * 24 * time.Hour)}, 31 * 24 * time.Hour},
		"what put nothing off":     {[]decision.Decision{put(time.Minute), {Verdict: decision.StepUp, Until: now.Add(time.Hour)}}, time.Minute},
		"nothing, which cannot be": {nil, time.Second},
	} {
		if got := enforce.Later(now, c.list).Sub(now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
