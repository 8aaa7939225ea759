package limits

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/decision"
)

// AnomalyCheck is the name of this check in decisions.
const AnomalyCheck = "anomaly"

// busyDays is how far back the busiest hour is looked for.
const busyDays = 7

// Anomaly says what is done about what is unusual. Each signal has its verdict;
// Allow notes it and goes on. The zero Verdict is Deny, so that what nobody
// thought about stops.
type Anomaly struct {
	// FirstUse: the agent never used the operation for this tenant.
	FirstUse decision.Verdict

	// Rate: more uses in this clock hour than the busiest hour of the past week
	// times Percent/100, and more than Floor. Without a history the floor alone
	// counts. An agent that speeds up a little every hour stays below; budgets are
	// there for that.
	Rate    decision.Verdict
	Percent int64 // at least 100
	Floor   int64 // not negative

	// OffHours: outside the hours. No hours: not looked at.
	OffHours decision.Verdict
	Hours    *Hours

	// TenantSwitch: the agent acted for another tenant less than Within ago. 0: not
	// looked at.
	TenantSwitch decision.Verdict
	Within       time.Duration
}

// Hours are working hours by the clock on the wall.
type Hours struct {
	Location *time.Location
	Days     [7]bool // by time.Weekday, of the day on which the hours begin
	From, To int     // minutes after midnight, 0 to 1440; To before From ends on the next day
}

// Contains says whether an instant is within the hours.
func (h Hours) Contains(at time.Time) bool {
	at = at.In(h.Location)
	minute, day := at.Hour()*60+at.Minute(), at.Weekday()
	if h.From <= h.To {
		return h.Days[day] && minute >= h.From && minute < h.To
	}
	yesterday := (day + 6) % 7
	return h.Days[day] && minute >= h.From || h.Days[yesterday] && minute < h.To
}

// Next is when the hours begin next after an instant; zero where they never do.
func (h Hours) Next(at time.Time) time.Time {
	local := at.In(h.Location)
	for day := range 9 { // today, and each day of the week to come
		opens := time.Date(local.Year(), local.Month(), local.Day()+day, 0, h.From, 0, 0, h.Location)
		for skipped := time.Duration(0); skipped <= 2*time.Hour; skipped += 30 * time.Minute { // the clocks may have been put forward then
			if begins := opens.Add(skipped); begins.After(at) && h.Contains(begins) {
				return begins.UTC()
			}
		}
	}
	return time.Time{}
}

// NextHour is when the next clock hour begins, in which uses are counted anew.
func NextHour(at time.Time) time.Time { return time.Unix((hourOf(at)+1)*3600, 0).UTC() }

// History is what an agent did before.
type History struct {
	Uses        int64     // of this operation, ever
	ThisHour    int64     // uses of any operation in this clock hour
	BusiestHour int64     // uses in the busiest of the past hours
	OtherTenant time.Time // when it acted for another tenant last; zero: never
}

func (a Anomaly) validate() error {
	switch {
	case a.Percent < 100 || a.Floor < 0:
		return invalid("the rate of an anomaly has at least 100 percent and a floor that is not negative")
	case a.Within < 0:
		return invalid("the time of a tenant switch is negative")
	case a.Hours == nil:
		return nil
	case a.Hours.Location == nil || a.Hours.From < 0 || a.Hours.From > 24*60 || a.Hours.To < 0 || a.Hours.To > 24*60:
		return invalid("working hours need a time zone, and minutes from 0 to 1440")
	}
	return nil
}

// Signals lists what is unusual about a use.
func (a Anomaly) Signals(h History, u Use, now time.Time) []decision.Decision {
	var list []decision.Decision
	signal := func(rule string, verdict decision.Verdict, until time.Time, reason string) {
		list = append(list, approved(decision.Decision{Check: AnomalyCheck, Verdict: verdict, Reason: reason, SuppliedBy: decision.ByRuntime, Rule: rule, Until: until}, u))
	}
	if h.Uses == 0 {
		signal("first-use", a.FirstUse, time.Time{}, "the agent never used "+u.Operation+" for this tenant")
	}
	if usual := max(a.Floor, percent(h.BusiestHour, a.Percent)); h.ThisHour >= usual {
		signal("rate", a.Rate, NextHour(now), fmt.Sprintf("%d uses in this hour already; the busiest of the past %d days had %d, and up to %d pass",
			h.ThisHour, busyDays, h.BusiestHour, usual))
	}
	if a.Hours != nil && !a.Hours.Contains(now) {
		signal("off-hours", a.OffHours, a.Hours.Next(now), "outside working hours, at "+now.In(a.Hours.Location).Format("Monday 15:04 MST"))
	}
	if ago := now.Sub(h.OtherTenant); a.Within > 0 && !h.OtherTenant.IsZero() && ago < a.Within {
		signal("tenant-switch", a.TenantSwitch, h.OtherTenant.Add(a.Within), fmt.Sprintf("the agent acted for another tenant %s ago", ago.Round(time.Second)))
	}
	return list
}

// percent is n times p percent, rounded down, and stops at the largest number.
func percent(n, p int64) int64 {
	return sum(saturated(n/100, p), saturated(n%100, p)/100)
}
