package limits

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/decision"
)

// Measure is what a budget counts.
type Measure string

// The measures.
const (
	Calls  Measure = "calls"  // each use is one
	Volume Measure = "volume" // records, bytes, or money in its smallest unit
)

// Budget bounds what is used in any stretch of time as long as its window.
type Budget struct {
	ID       string
	Effect   string // empty: of any effect
	PerAgent bool   // each agent on its own; otherwise all of a tenant together
	Measure  Measure
	Limit    int64
	Window   time.Duration
	Then     decision.Verdict // beyond it: Defer, StepUp or Deny
}

// MaxWindow is the longest window of a budget.
const MaxWindow = 366 * 24 * time.Hour

func (b Budget) validate() error {
	switch {
	case b.ID == "":
		return invalid("a budget has no id")
	case b.Measure != Calls && b.Measure != Volume:
		return invalid(fmt.Sprintf("budget %s counts %q; expected %s or %s", b.ID, b.Measure, Calls, Volume))
	case b.Limit < 0:
		return invalid(fmt.Sprintf("budget %s has a limit below nothing", b.ID))
	case b.Window <= 0 || b.Window > MaxWindow:
		return invalid(fmt.Sprintf("budget %s has a window of %s; expected more than nothing and at most %s", b.ID, b.Window, MaxWindow))
	case b.Then != decision.Defer && b.Then != decision.StepUp && b.Then != decision.Deny:
		return invalid(fmt.Sprintf("budget %s answers an excess with %s; expected defer, step-up or deny", b.ID, b.Then))
	}
	return nil
}

func (b Budget) covers(u Use) bool { return b.Effect == "" || b.Effect == u.Effect }

// amount is what a use takes from the budget. A volume nobody knows takes all.
func (b Budget) amount(u Use) int64 {
	switch {
	case b.Measure == Calls:
		return 1
	case u.Volume == UnknownVolume:
		return b.Limit
	}
	return u.Volume
}

// decide says whether a use fits beside what the window holds already.
func (b Budget) decide(w window, u Use) decision.Decision {
	amount, used := b.amount(u), w.total()
	answer := decision.Decision{Check: Check, Verdict: decision.Allow, SuppliedBy: decision.ByRuntime, Rule: b.ID}
	unknown := b.Measure == Volume && u.Volume == UnknownVolume
	if !unknown && used <= b.Limit && amount <= b.Limit-used {
		answer.Reason = fmt.Sprintf("%d of %d %s in %s used before this", used, b.Limit, b.Measure, b.Window)
		return answer
	}
	answer.Verdict = b.Then
	answer.Reason = fmt.Sprintf("%d of %d %s in %s used, and this takes %d", used, b.Limit, b.Measure, b.Window, amount)
	switch room := w.roomAt(b.Window, b.Limit, amount); {
	case unknown:
		answer.Reason = fmt.Sprintf("nobody knows how much this takes of %d %s in %s", b.Limit, b.Measure, b.Window)
	case amount > b.Limit:
		if answer.Verdict == decision.Defer { // waiting does not help
			answer.Verdict = decision.Deny
		}
		answer.Reason += ", more than all of it"
	case !room.IsZero():
		answer.Reason += "; room from " + room.Format(time.RFC3339)
		answer.Until = room
	}
	return approved(answer, u)
}

// approved lets a use go on that a person has approved, where a person was asked
// for. Deferred and denied stays deferred and denied.
func approved(d decision.Decision, u Use) decision.Decision {
	if d.Verdict == decision.StepUp && u.Approved {
		d.Verdict = decision.Allow
		d.Reason += "; a person approved it"
	}
	return d
}
