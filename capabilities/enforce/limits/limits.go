package limits

import (
	"errors"
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store"
)

// Check is the name of this check in decisions.
const Check = "limits"

// ErrInvalid is why a policy or a use is refused.
var ErrInvalid = errors.New("limits: not valid")

func invalid(why string) error { return fmt.Errorf("%w: %s", ErrInvalid, why) }

// UnknownVolume is the volume of a use that nobody knows beforehand. It fits into
// no budget of volume.
const UnknownVolume = -1

// Policy is the limits of a tenant.
type Policy struct {
	Budgets []Budget
	Breaker Breaker
	Anomaly Anomaly
}

// Use is what an agent is about to do.
type Use struct {
	Tenant    string
	Agent     string
	Operation string
	Effect    string
	Volume    int64 // 0 where there is none, or UnknownVolume
	Approved  bool  // a person approved exactly this
}

func (u Use) validate() error {
	for field, text := range map[string]string{"tenant": u.Tenant, "agent": u.Agent, "operation": u.Operation, "effect": u.Effect} {
		if !store.IsName(text, 512) {
			return invalid("expected a " + field + " of 1 to 512 bytes without control characters")
		}
	}
	if u.Volume < UnknownVolume {
		return invalid(fmt.Sprintf("a volume of %d", u.Volume))
	}
	return nil
}

// Limiter applies a policy. It holds no counts of its own.
type Limiter struct{ policy Policy }

// New checks a policy.
func New(policy Policy) (*Limiter, error) {
	seen := map[string]bool{}
	for _, b := range policy.Budgets {
		if err := b.validate(); err != nil {
			return nil, err
		}
		if seen[b.ID] {
			return nil, invalid("two budgets have the id " + b.ID)
		}
		seen[b.ID] = true
	}
	if err := errors.Join(policy.Breaker.validate(), policy.Anomaly.validate()); err != nil {
		return nil, err
	}
	return &Limiter{policy}, nil
}

// Check says whether a use is within the limits: first the breaker, then each
// budget that covers it, then what is unusual. It changes nothing.
func (l *Limiter) Check(tx *store.Tx, u Use) ([]decision.Decision, error) {
	f, err := l.Look(tx, u)
	return f.Decisions, err
}

// Look is Check, and tells what it saw.
func (l *Limiter) Look(tx *store.Tx, u Use) (Found, error) {
	var f Found
	if err := u.validate(); err != nil {
		return f, err
	}
	now, err := tx.Now()
	if err != nil {
		return f, err
	}
	if f.Breaker, f.History, err = readPast(tx, u, now); err != nil {
		return f, err
	}
	f.Decisions = []decision.Decision{l.policy.Breaker.decide(f.Breaker, u, now)}
	for _, b := range l.policy.Budgets {
		if !b.covers(u) {
			continue
		}
		w, err := readWindow(tx, b, u, now)
		if err != nil {
			return f, err
		}
		f.windows = append(f.windows, covered{b, w})
		f.Decisions = append(f.Decisions, b.decide(w, u))
	}
	signals := l.policy.Anomaly.Signals(f.History, u, now)
	if len(signals) == 0 {
		signals = []decision.Decision{{Check: AnomalyCheck, Verdict: decision.Allow, Reason: "nothing unusual", SuppliedBy: decision.ByRuntime}}
	}
	f.Decisions = append(f.Decisions, signals...)
	return f, nil
}

// Found is what a check decided, and what it saw, for policies that look at it too.
type Found struct {
	Decisions []decision.Decision
	Breaker   BreakerState
	History   History

	windows []covered
}

// covered is a budget that a use takes from, and what it holds.
type covered struct {
	budget Budget
	window window
}

// Charge looks again and counts the use. Call it in the transaction of a fresh
// intent, and undo that transaction unless everything is allowed: then the effect
// does not happen, and nothing is counted.
func (l *Limiter) Charge(tx *store.Tx, u Use) ([]decision.Decision, error) {
	f, err := l.Look(tx, u)
	if err != nil || decision.Strictest(f.Decisions...) != decision.Allow {
		return f.Decisions, err
	}
	now, err := tx.Now()
	if err != nil {
		return f.Decisions, err
	}
	for _, c := range f.windows {
		if err := chargeWindow(tx, c, u, now); err != nil {
			return f.Decisions, err
		}
	}
	return f.Decisions, writeHistory(tx, u, now, f.History.ThisHour == 0)
}

// Denied counts a denial, of whatever check, towards the breaker of an agent, and
// tells whether the agent is paused now.
func (l *Limiter) Denied(tx *store.Tx, tenant, agent string) (paused bool, err error) {
	now, err := tx.Now()
	if err != nil {
		return true, err
	}
	state, err := breakerState(tx, tenant, agent)
	if err != nil {
		return true, err
	}
	state = l.policy.Breaker.denied(state, now)
	return !state.Opened.IsZero(), saveBreaker(tx, tenant, agent, state)
}

// Succeeded ends a row of denials, as long as it has not opened the breaker.
func (l *Limiter) Succeeded(tx *store.Tx, tenant, agent string) error {
	state, err := breakerState(tx, tenant, agent)
	if err != nil || state.Denials == 0 || !state.Opened.IsZero() {
		return err
	}
	return saveBreaker(tx, tenant, agent, l.policy.Breaker.succeeded(state))
}

// Reset closes the breaker of an agent. Only a person may, and their name is kept.
func (l *Limiter) Reset(tx *store.Tx, tenant, agent string, by decision.Actor) error {
	if by.Kind != "user" || !store.IsName(by.ID, 512) {
		return invalid("only a signed-in person resets a breaker")
	}
	if by.ID == agent {
		return invalid("an agent does not reset itself")
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	return saveBreaker(tx, tenant, agent, BreakerState{ResetBy: by.ID, ResetAt: now})
}

// State is the breaker of an agent.
func (l *Limiter) State(tx *store.Tx, tenant, agent string) (BreakerState, error) {
	return breakerState(tx, tenant, agent)
}

func hourOf(at time.Time) int64 { return at.Unix() / 3600 }
