package approval

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store"
)

// Use lets a request go on for which an approval was given, once. It answers
// allow; step-up while nobody has decided; and otherwise deny, with the reason.
// Commit the transaction whatever the verdict: what has ended is marked there.
//
// A step that the journal already holds as intended or done has used its
// approval; it must not ask here again.
func (d *Desk) Use(tx *store.Tx, id string, req decision.Request, policyVersion string) (decision.Decision, error) {
	a, found, err := d.find(tx, req.Tenant, id)
	if err != nil {
		return denied(id, "the approval cannot be read"), err
	}
	if !found {
		return denied(id, "there is no such approval"), nil
	}
	now, err := tx.Now()
	if err != nil {
		return denied(id, "there is no time to hold it to"), err
	}
	if _, err := valid(req, policyVersion); err != nil {
		return denied(id, err.Error()), nil
	}
	if a, err = d.current(tx, a, now); err != nil {
		return denied(id, "the approval cannot be read"), err
	}
	switch different := a.differs(req, policyVersion); {
	case different == "version of the policy" && a.State == Approved:
		return d.end(tx, a, Void, "the policy changed after it was given")
	case different != "":
		return denied(id, "the approval was given for another "+different), nil
	}
	switch a.State {
	case Approved:
		return d.use(tx, a, now)
	case Open:
		return decision.Decision{Check: Check, Verdict: decision.StepUp, SuppliedBy: decision.ByRuntime, Rule: id,
			Reason: "waits for a person until " + a.Expires.Format(time.RFC3339)}, nil
	case Denied:
		return denied(id, fmt.Sprintf("denied by %s", a.DecidedBy)+because(a.Reason)), nil
	case Used:
		return denied(id, "the approval was used already, at "+a.UsedAt.Format(time.RFC3339)), nil
	case Expired:
		return denied(id, "nobody approved in time, or it was not used in time"), nil
	}
	return denied(id, "the approval is void"+because(a.Reason)), nil
}

// use looks at the approver again and marks the approval as used. That they take
// no part in the request needs no second look: the delegation chain is the same.
func (d *Desk) use(tx *store.Tx, a Approval, now time.Time) (decision.Decision, error) {
	listed, err := d.directory.Approves(tx.Context(), a.Tenant, a.Effect, a.DecidedBy)
	if err != nil {
		return denied(a.ID, "the directory of approvers does not answer: "+err.Error()), nil
	}
	if !listed {
		return d.end(tx, a, Void, "the approver is no longer listed")
	}
	a.State, a.UsedAt = Used, now
	if err := d.save(tx, a, Approved); err != nil {
		return denied(a.ID, "the use cannot be recorded"), err
	}
	return decision.Decision{Check: Check, Verdict: decision.Allow, SuppliedBy: decision.ByRuntime, Rule: a.ID,
		Reason: fmt.Sprintf("approved by %s at %s", a.DecidedBy, a.Decided.Format(time.RFC3339)) + because(a.Reason)}, nil
}

func (d *Desk) end(tx *store.Tx, a Approval, state State, reason string) (decision.Decision, error) {
	was := a.State
	a.State, a.Reason = state, reason
	return denied(a.ID, reason), d.save(tx, a, was)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func denied(id, reason string) decision.Decision {
	answer := decision.Denied(Check, reason)
	answer.Rule = id
	return answer
}

// current marks an approval whose time is up as expired.
func (d *Desk) current(tx *store.Tx, a Approval, now time.Time) (Approval, error) {
	if !a.due(now) {
		return a, nil
	}
	was := a.State
	a.State = Expired
	return a, d.save(tx, a, was)
}

// Expire marks up to n approvals whose time is up, of all tenants, and answers
// with them. They count as expired without it; it makes lists say so and tells
// whom to wake.
func (d *Desk) Expire(tx *store.Tx, n int) ([]Approval, error) {
	now, err := tx.Now()
	if err != nil {
		return nil, err
	}
	list, err := d.read(tx, `SELECT `+columns+` FROM approvals WHERE (state = 'open' OR state = 'approved') AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
		now.UnixNano(), n)
	for i := range list {
		if err == nil {
			list[i], err = d.current(tx, list[i], now)
		}
	}
	return list, err
}
