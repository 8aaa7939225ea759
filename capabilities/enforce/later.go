package enforce

import (
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/policy"
	"agentrisk/capabilities/enforce/world"
)

// How long a run rests that a limit or a rule put off: as long as that says, or
// deferFor where it does not; no shorter than deferLeast, so that nobody asks again and
// again, and no longer than deferMost, as the world may have changed by then.
const (
	deferFor   = 15 * time.Minute
	deferLeast = time.Second
	deferMost  = 31 * 24 * time.Hour
)

// later is when everything that put a run off may allow it. What does not say when is
// asked again before long, but not before what does.
func later(now time.Time, list []decision.Decision) time.Time {
	until := now.Add(deferLeast)
	for _, d := range list {
		if d.Verdict != decision.Defer {
			continue
		}
		at := d.Until
		if at.IsZero() {
			at = now.Add(deferFor)
		}
		if at.After(until) {
			until = at
		}
	}
	if most := now.Add(deferMost); until.After(most) {
		return most
	}
	return until
}

// The runtime's own rules that put a step off, as capabilities/enforce/policy has them.
const (
	ruleHours = "RUN011" // outside of the working hours
	ruleBusy  = "RUN033" // more uses in this hour than usual
)

// untilAllowed adds when the rules that put a step off hold no more, where they tell.
func (r *runner) untilAllowed(out policy.Outcome, now time.Time) decision.Decision {
	if out.Verdict != decision.Defer {
		return out.Decision
	}
	for _, reason := range out.Reasons {
		var at time.Time
		switch h := hoursOf(r.tenant); {
		case reason.Policy != policy.Own:
		case reason.Rule == ruleHours && h != nil:
			at = h.Next(now)
		case reason.Rule == ruleBusy:
			at = limits.NextHour(now)
		}
		if at.After(out.Until) {
			out.Until = at
		}
	}
	return out.Decision
}

// hoursOf are the working hours of a tenant, nil for none.
func hoursOf(t world.Tenant) *limits.Hours {
	if t.Hours == nil {
		return nil
	}
	h := &limits.Hours{Location: t.Zone, From: t.Hours.From, To: t.Hours.To}
	for _, day := range t.Hours.Days {
		h.Days[day] = true
	}
	return h
}
