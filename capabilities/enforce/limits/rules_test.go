package limits

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/decision"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC) // a Wednesday

// In no stretch of time as long as the window does more pass than the limit, and
// what is refused would have exceeded a window that is longer by one slot.
func TestWindowHoldsInEveryStretch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Budget{ID: "b", Measure: Volume, Limit: rapid.Int64Range(0, 50).Draw(t, "limit"),
			Window: time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "window")), Then: decision.Defer}
		type event struct {
			at     time.Time
			amount int64
		}
		var passed []event
		w, now := window{size: sizeOf(b.Window)}, noon
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(b.Window)/4+1).Draw(t, "pause")))
			amount := rapid.Int64Range(0, 20).Draw(t, "amount")
			w = w.within(now, b.Window)
			verdict := b.decide(w, Use{Volume: amount}).Verdict
			var strict, loose int64
			for _, e := range passed {
				if now.Sub(e.at) < b.Window {
					strict += e.amount
				}
				if now.Sub(e.at) <= b.Window+sizeOf(b.Window) {
					loose += e.amount
				}
			}
			if verdict == decision.Allow {
				if strict+amount > b.Limit {
					t.Fatalf("%d + %d of %d passed within %s", strict, amount, b.Limit, b.Window)
				}
				w = w.add(number(now, w.size), amount)
				passed = append(passed, event{now, amount})
			} else if loose+amount <= b.Limit {
				t.Fatalf("%d + %d of %d refused within %s", loose, amount, b.Limit, b.Window)
			}
			if len(w.used) > slots+2 {
				t.Fatalf("%d slots kept", len(w.used))
			}
		}
	})
}

// Where the answer names a time with room, there is room at that time, and not
// one slot before.
func TestRoomAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := time.Duration(rapid.Int64Range(64, int64(24*time.Hour)).Draw(t, "window"))
		limit := rapid.Int64Range(1, 100).Draw(t, "limit")
		w, now := window{size: sizeOf(length)}, noon
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(length)/8).Draw(t, "pause")))
			w = w.within(now, length)
			if amount := rapid.Int64Range(1, 10).Draw(t, "amount"); amount <= limit-w.total() {
				w = w.add(number(now, w.size), amount)
			}
		}
		amount := rapid.Int64Range(1, limit).Draw(t, "amount")
		if amount <= limit-w.total() {
			return
		}
		room := w.roomAt(length, limit, amount)
		if room.Before(now) {
			t.Fatalf("room at %v, which is past", room)
		}
		if got := w.within(room, length).total(); amount > limit-got {
			t.Fatalf("at %v there are still %d of %d used", room, got, limit)
		}
		if got := w.within(room.Add(-1), length).total(); amount <= limit-got {
			t.Fatalf("there was room before %v", room)
		}
	})
}

// A window whose length was changed in the policy forgets nothing it still holds.
func TestChangedWindowForgetsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := time.Duration(rapid.Int64Range(1, int64(48*time.Hour)).Draw(t, "before"))
		after := time.Duration(rapid.Int64Range(1, int64(48*time.Hour)).Draw(t, "after"))
		now := noon
		w := window{size: sizeOf(before)}.add(number(now, sizeOf(before)), 7)
		later := now.Add(time.Duration(rapid.Int64Range(0, int64(min(before, after))-1).Draw(t, "later")))
		if got := w.within(later, after).total(); got != 7 {
			t.Fatalf("%d of 7 left after %s, window %s that was %s", got, later.Sub(now), after, before)
		}
	})
}

func TestWindowTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, n := window{size: time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "size"))}, int64(0)
		for range rapid.IntRange(0, 40).Draw(t, "slots") {
			n += rapid.Int64Range(1, 1000).Draw(t, "step")
			w = w.add(n, rapid.Int64Range(1, math.MaxInt64).Draw(t, "used"))
		}
		text, err := w.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeWindow(text)
		if err != nil || again.size != w.size || again.total() != w.total() || len(again.used) != len(w.used) {
			t.Fatalf("%s: %+v, %v", text, again, err)
		}
	})
}

func FuzzDecodeWindow(f *testing.F) {
	for _, seed := range []string{`{"size":1,"slots":[[1,2],[3,4]]}`, `{"size":0,"slots":[[1,2]]}`, `{"size":1,"slots":[[3,2],[1,4]]}`, `{"size":1,"slots":[[1,-2]]}`, `{}`, ``, `{"size":9223372036854775807,"slots":[[9223372036854775807,9223372036854775807]]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := decodeWindow(text)
		if err != nil {
			return
		}
		for _, length := range []time.Duration{1, time.Hour, MaxWindow} {
			v := w.within(noon, length)
			if v.total() < 0 || len(v.used) > len(w.used) {
				t.Fatalf("%s became %+v", text, v)
			}
			v.roomAt(length, 10, 5)
		}
	})
}

func TestArithmeticStopsAtTheLargest(t *testing.T) {
	const most = math.MaxInt64
	for _, tt := range []struct{ got, want int64 }{
		{sum(most, 1), most}, {sum(most, most), most}, {sum(0, 0), 0}, {sum(1, 2), 3},
		{saturated(most, 2), most}, {saturated(3, 4), 12}, {saturated(most, 1), most}, {saturated(5, 0), 0},
		{percent(most, 300), most}, {percent(10, 150), 15}, {percent(1, 150), 1}, {percent(0, 150), 0}, {percent(199, 100), 199},
	} {
		if tt.got != tt.want {
			t.Errorf("got %d, want %d", tt.got, tt.want)
		}
	}
}

func TestBudget(t *testing.T) {
	full := window{size: sizeOf(time.Hour)}.add(number(noon, sizeOf(time.Hour)), 8)
	for _, tt := range []struct {
		name   string
		budget Budget
		use    Use
		want   decision.Verdict
		reason string
	}{
		{"fits", Budget{Measure: Volume, Limit: 10, Then: decision.Defer}, Use{Volume: 2}, decision.Allow, "8 of 10 volume"},
		{"one too much", Budget{Measure: Volume, Limit: 10, Then: decision.Defer}, Use{Volume: 3}, decision.Defer, "room from 2026-03-04T13:01"},
		{"nothing takes nothing", Budget{Measure: Volume, Limit: 8, Then: decision.Defer}, Use{}, decision.Allow, ""},
		{"a call", Budget{Measure: Calls, Limit: 9, Then: decision.Defer}, Use{}, decision.Allow, ""},
		{"a call too much", Budget{Measure: Calls, Limit: 8, Then: decision.StepUp}, Use{}, decision.StepUp, ""},
		{"approved", Budget{Measure: Calls, Limit: 8, Then: decision.StepUp}, Use{Approved: true}, decision.Allow, "a person approved it"},
		{"deferred is not approved", Budget{Measure: Calls, Limit: 8, Then: decision.Defer}, Use{Approved: true}, decision.Defer, ""},
		{"denied is not approved", Budget{Measure: Calls, Limit: 8, Then: decision.Deny}, Use{Approved: true}, decision.Deny, ""},
		{"more than all", Budget{Measure: Volume, Limit: 10, Then: decision.Defer}, Use{Volume: 11}, decision.Deny, "more than all of it"},
		{"no calls at all", Budget{Measure: Calls, Limit: 0, Then: decision.Defer}, Use{}, decision.Deny, ""},
		{"unknown volume", Budget{Measure: Volume, Limit: 10, Then: decision.StepUp}, Use{Volume: UnknownVolume}, decision.StepUp, "nobody knows"},
		{"unknown volume, nothing used", Budget{Measure: Volume, Limit: 1 << 40, Then: decision.Defer}, Use{Volume: UnknownVolume}, decision.Defer, "nobody knows"},
		{"the largest", Budget{Measure: Volume, Limit: math.MaxInt64, Then: decision.Defer}, Use{Volume: math.MaxInt64}, decision.Defer, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.budget.ID, tt.budget.Window = "b", time.Hour
			got := tt.budget.decide(full, tt.use)
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.reason) || got.Rule != "b" {
				t.Errorf("got %s %q, want %s with %q", got.Verdict, got.Reason, tt.want, tt.reason)
			}
		})
	}
}

// A breaker opens after exactly so many denials in a row, and nothing but a reset
// closes it.
func TestBreakerProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Breaker{Denials: rapid.Int64Range(1, 5).Draw(t, "denials"), CoolDown: time.Hour}
		s, row, opened, now := BreakerState{}, int64(0), false, noon
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes")) * time.Minute)
			if rapid.Bool().Draw(t, "denied") {
				s, row = b.denied(s, now), row+1
			} else {
				s, row = b.succeeded(s), 0
			}
			opened = opened || row >= b.Denials
			verdict, since := b.decide(s, Use{}, now).Verdict, now.Sub(s.Opened)
			switch {
			case !opened && verdict != decision.Allow:
				t.Fatalf("%s after %d of %d denials", verdict, row, b.Denials)
			case opened && since < b.CoolDown && verdict != decision.Defer:
				t.Fatalf("open for %s: %s", since, verdict)
			case opened && since >= b.CoolDown && verdict != decision.StepUp:
				t.Fatalf("open for %s: %s", since, verdict)
			case opened && since < b.CoolDown && b.decide(s, Use{Approved: true}, now).Verdict != decision.Defer:
				t.Fatal("an approval passed while the agent is paused")
			}
		}
	})
}

func TestWorkingHours(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	week := [7]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true}
	day := Hours{Location: berlin, Days: week, From: 9 * 60, To: 17 * 60}
	night := Hours{Location: berlin, Days: week, From: 22 * 60, To: 6 * 60}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.March, day, hour, minute, 0, 0, berlin)
	}
	for _, tt := range []struct {
		name  string
		hours Hours
		at    time.Time
		want  bool
	}{
		{"Wednesday noon", day, at(4, 12, 0), true},
		{"the first minute", day, at(4, 9, 0), true},
		{"a minute before", day, at(4, 8, 59), false},
		{"the last minute", day, at(4, 16, 59), true},
		{"the end", day, at(4, 17, 0), false},
		{"Saturday", day, at(7, 12, 0), false},
		{"the zone counts", day, time.Date(2026, time.March, 4, 8, 30, 0, 0, time.UTC), true},
		{"a night", night, at(4, 23, 0), true},
		{"after midnight", night, at(5, 5, 59), true},
		{"morning", night, at(5, 6, 0), false},
		{"Friday's night on Saturday", night, at(7, 3, 0), true},
		{"Saturday's night", night, at(7, 23, 0), false},
		{"Sunday's night on Monday", night, at(9, 3, 0), false},
		{"Monday's night", night, at(9, 22, 0), true},
		{"never", Hours{Location: berlin, Days: week, From: 600, To: 600}, at(4, 10, 0), false},
		{"all day", Hours{Location: berlin, Days: week, From: 0, To: 1440}, at(4, 23, 59), true},
	} {
		if got := tt.hours.Contains(tt.at); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestSignals(t *testing.T) {
	a := Anomaly{FirstUse: decision.StepUp, Rate: decision.Defer, Percent: 200, Floor: 5, OffHours: decision.StepUp,
		Hours: &Hours{Location: time.UTC, Days: [7]bool{time.Wednesday: true}, From: 8 * 60, To: 18 * 60}, TenantSwitch: decision.Deny, Within: time.Hour}
	usual := History{Uses: 3, ThisHour: 1, BusiestHour: 10}
	for _, tt := range []struct {
		name    string
		history History
		at      time.Time
		want    string
	}{
		{"nothing unusual", usual, noon, ""},
		{"first use", History{ThisHour: 1, BusiestHour: 10}, noon, "first-use step-up"},
		{"twice the busiest hour", History{Uses: 3, ThisHour: 19, BusiestHour: 10}, noon, ""},
		{"more than that", History{Uses: 3, ThisHour: 20, BusiestHour: 10}, noon, "rate defer"},
		{"no history, below the floor", History{Uses: 3, ThisHour: 4}, noon, ""},
		{"no history, at the floor", History{Uses: 3, ThisHour: 5}, noon, "rate defer"},
		{"off hours", usual, noon.Add(8 * time.Hour), "off-hours step-up"},
		{"another tenant", History{Uses: 3, OtherTenant: noon.Add(-59 * time.Minute)}, noon, "tenant-switch deny"},
		{"another tenant, long ago", History{Uses: 3, OtherTenant: noon.Add(-time.Hour)}, noon, ""},
		{"another tenant, in the future", History{Uses: 3, OtherTenant: noon.Add(time.Minute)}, noon, "tenant-switch deny"},
		{"all at once", History{ThisHour: 99, OtherTenant: noon}, noon.Add(30*time.Minute - 24*time.Hour), "first-use step-up, rate defer, off-hours step-up, tenant-switch deny"},
	} {
		var got []string
		for _, d := range a.Signals(tt.history, Use{Operation: "op"}, tt.at) {
			if d.Check != AnomalyCheck || d.Reason == "" {
				t.Errorf("%s: %+v", tt.name, d)
			}
			got = append(got, d.Rule+" "+d.Verdict.String())
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	// What nobody configured denies.
	if got := (Anomaly{Percent: 100}).Signals(History{}, Use{Operation: "op"}, noon); decision.Strictest(got...) != decision.Deny {
		t.Errorf("%+v", got)
	}
}

func TestPoliciesThatAreNotValid(t *testing.T) {
	fine := Policy{Breaker: Breaker{Denials: 3}, Anomaly: Anomaly{Percent: 200}}
	budget := Budget{ID: "b", Measure: Calls, Limit: 1, Window: time.Hour, Then: decision.Defer}
	if _, err := New(fine); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Policy, *Budget){
		"no id":             func(_ *Policy, b *Budget) { b.ID = "" },
		"unknown measure":   func(_ *Policy, b *Budget) { b.Measure = "euro" },
		"negative limit":    func(_ *Policy, b *Budget) { b.Limit = -1 },
		"no window":         func(_ *Policy, b *Budget) { b.Window = 0 },
		"endless window":    func(_ *Policy, b *Budget) { b.Window = MaxWindow + 1 },
		"an excess allowed": func(_ *Policy, b *Budget) { b.Then = decision.Allow },
		"an excess changed": func(_ *Policy, b *Budget) { b.Then = decision.Modify },
		"twice":             func(p *Policy, b *Budget) { p.Budgets = append(p.Budgets, *b) },
		"no breaker":        func(p *Policy, _ *Budget) { p.Breaker.Denials = 0 },
		"negative cool":     func(p *Policy, _ *Budget) { p.Breaker.CoolDown = -1 },
		"percent":           func(p *Policy, _ *Budget) { p.Anomaly.Percent = 99 },
		"floor":             func(p *Policy, _ *Budget) { p.Anomaly.Floor = -1 },
		"within":            func(p *Policy, _ *Budget) { p.Anomaly.Within = -1 },
		"no zone":           func(p *Policy, _ *Budget) { p.Anomaly.Hours = &Hours{} },
		"minutes":           func(p *Policy, _ *Budget) { p.Anomaly.Hours = &Hours{Location: time.UTC, To: 1441} },
	} {
		p, b := fine, budget
		change(&p, &b)
		p.Budgets = append(p.Budgets, b)
		if l, err := New(p); err == nil || l != nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestHoursNext: the next opening is the first minute within the hours, over
// weekends, midnight, and clocks that are put forward or back.
func TestHoursNext(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	week := [7]bool{1: true, 2: true, 3: true, 4: true, 5: true}
	every := [7]bool{true, true, true, true, true, true, true}
	for _, c := range []struct {
		hours    Hours
		at, want string
	}{
		{Hours{Location: berlin, Days: week, From: 9 * 60, To: 17 * 60}, "2026-03-04T05:00:00Z", "2026-03-04T08:00:00Z"},
		{Hours{Location: berlin, Days: week, From: 9 * 60, To: 17 * 60}, "2026-03-06T16:00:00Z", "2026-03-09T08:00:00Z"},             // Friday evening
		{Hours{Location: berlin, Days: [7]bool{3: true}, From: 9 * 60, To: 17 * 60}, "2026-03-04T16:00:00Z", "2026-03-11T08:00:00Z"}, // a week on
		{Hours{Location: time.UTC, Days: week, From: 22 * 60, To: 6 * 60}, "2026-03-07T07:00:00Z", "2026-03-09T22:00:00Z"},           // a shift over midnight
		{Hours{Location: time.UTC, Days: week, From: 24 * 60, To: 6 * 60}, "2026-03-06T07:00:00Z", "2026-03-07T00:00:00Z"},           // that begins at its end
		{Hours{Location: berlin, Days: every, From: 2*60 + 30, To: 17 * 60}, "2026-03-28T23:00:00Z", "2026-03-29T01:30:00Z"},         // 02:30 is skipped that day
		{Hours{Location: berlin, Days: every, From: 9 * 60, To: 17 * 60}, "2026-10-24T18:00:00Z", "2026-10-25T08:00:00Z"},            // put back
		{Hours{Location: time.UTC, From: 9 * 60, To: 17 * 60}, "2026-03-04T05:00:00Z", "0001-01-01T00:00:00Z"},                       // no days
		{Hours{Location: time.UTC, Days: every, From: 9 * 60, To: 9 * 60}, "2026-03-04T05:00:00Z", "0001-01-01T00:00:00Z"},           // no minutes
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.hours.Next(at).Format(time.RFC3339); got != c.want {
			t.Errorf("after %s %+v: %s, want %s", c.at, c.hours, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		h := Hours{Location: berlin, From: rapid.IntRange(0, 1440).Draw(t, "from"), To: rapid.IntRange(0, 1440).Draw(t, "to")}
		for day := range h.Days {
			h.Days[day] = rapid.Bool().Draw(t, "day")
		}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "at"), 0)
		if h.Contains(at) {
			t.Skip("open")
		}
		next := h.Next(at)
		for m := at.Truncate(time.Minute).Add(time.Minute); m.Before(at.Add(9 * 24 * time.Hour)); m = m.Add(time.Minute) {
			if h.Contains(m) { // the first minute that is open
				if next.IsZero() || next.After(m.Add(time.Hour)) || !h.Contains(next) {
					t.Fatalf("%+v: after %s it opens at %s, and not at %s", h, at, m, next)
				}
				return
			}
		}
		if !next.IsZero() && next.Before(at.Add(8*24*time.Hour)) {
			t.Fatalf("%+v: never opens, and not at %s", h, next)
		}
	})
}

// TestDeferTellsWhen: whatever puts a use off for a known time tells it.
func TestDeferTellsWhen(t *testing.T) {
	now := time.Date(2026, time.March, 4, 12, 20, 0, 0, time.UTC)
	wait := decision.Defer
	a := Anomaly{FirstUse: wait, Rate: wait, Percent: 100, OffHours: wait, TenantSwitch: wait, Within: time.Hour,
		Hours: &Hours{Location: time.UTC, Days: [7]bool{4: true}, From: 480, To: 960}}
	want := map[string]string{"first-use": "0001-01-01T00:00:00Z", "rate": "2026-03-04T13:00:00Z", "off-hours": "2026-03-05T08:00:00Z", "tenant-switch": "2026-03-04T13:10:00Z"}
	got := a.Signals(History{ThisHour: 1, OtherTenant: now.Add(-10 * time.Minute)}, Use{Operation: "payments.create"}, now)
	for _, d := range got {
		if d.Until.Format(time.RFC3339) != want[d.Rule] {
			t.Errorf("%s: %s, want %s", d.Rule, d.Until, want[d.Rule])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d signals", len(got))
	}
}
