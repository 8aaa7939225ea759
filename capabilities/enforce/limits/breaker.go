package limits

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/decision"
)

// Breaker pauses an agent that was denied several times in a row, until a person
// resets it.
type Breaker struct {
	Denials int64 // how many in a row open it; at least 1
	// CoolDown is how long everything waits once it is open. After that each use
	// needs a person, until one resets the breaker.
	CoolDown time.Duration
}

// BreakerState is how often in a row an agent was denied, and since when its
// breaker is open.
type BreakerState struct {
	Denials int64
	Opened  time.Time // zero: closed
	ResetBy string
	ResetAt time.Time
}

// Row says for people how many denials there were in a row.
func (s BreakerState) Row() string {
	if s.Denials == 1 {
		return "1 denial in a row"
	}
	return fmt.Sprintf("%d denials in a row", s.Denials)
}

func (b Breaker) validate() error {
	if b.Denials < 1 || b.CoolDown < 0 {
		return invalid("a breaker opens after at least one denial, and its cool-down is not negative")
	}
	return nil
}

// denied is the state after one more denial.
func (b Breaker) denied(s BreakerState, now time.Time) BreakerState {
	s.Denials = sum(s.Denials, 1)
	if s.Opened.IsZero() && s.Denials >= b.Denials {
		s.Opened = now
	}
	return s
}

// succeeded is the state after something that was allowed. It closes no breaker.
func (b Breaker) succeeded(s BreakerState) BreakerState {
	if s.Opened.IsZero() {
		s.Denials = 0
	}
	return s
}

func (b Breaker) decide(s BreakerState, u Use, now time.Time) decision.Decision {
	answer := decision.Decision{Check: Check, Verdict: decision.Allow, SuppliedBy: decision.ByRuntime, Rule: "breaker"}
	if s.Opened.IsZero() {
		answer.Reason = fmt.Sprintf("%s, %d pause the agent", s.Row(), b.Denials)
		return answer
	}
	since := fmt.Sprintf("paused since %s after %s", s.Opened.Format(time.RFC3339), s.Row())
	if now.Before(s.Opened.Add(b.CoolDown)) {
		answer.Verdict, answer.Until = decision.Defer, s.Opened.Add(b.CoolDown)
		answer.Reason = since + "; a person can reset it, or approve single uses from " + answer.Until.Format(time.RFC3339)
		return answer
	}
	answer.Verdict = decision.StepUp
	answer.Reason = since + "; until a person resets it, each use needs one"
	return approved(answer, u)
}
