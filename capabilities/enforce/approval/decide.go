package approval

import (
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/store"
)

// Answer is what a person decides.
type Answer struct {
	ID      string
	Tenant  string         // where the person is signed in
	Person  decision.Actor // who is signed in; agents do not decide
	Approve bool           // otherwise a denial
	Reason  string
	// PolicyVersion is the version in force now.
	PolicyVersion string
}

// Decide records the answer of a person. The first answer stands: the same person
// may give it again, and any other is refused.
func (d *Desk) Decide(tx *store.Tx, answer Answer) (Approval, error) {
	a, err := d.Show(tx, answer.Tenant, answer.ID)
	if err != nil {
		return Approval{}, err
	}
	if err := d.mayDecide(tx, a, answer); err != nil {
		return a, err
	}
	now, err := tx.Now()
	if err != nil {
		return a, err
	}
	to := Denied
	if answer.Approve {
		to = Approved
	}
	switch {
	case (a.State == Open || a.State == Approved) && a.PolicyVersion != answer.PolicyVersion:
		return a, &Error{Kind: Outdated, ID: a.ID, Detail: "the run will ask again"}
	case a.State == to && a.DecidedBy == answer.Person.ID:
		return a, nil
	case a.State == Expired:
		return a, &Error{Kind: TooLate, ID: a.ID, Detail: "it ended at " + a.Expires.Format(time.RFC3339)}
	case a.State != Open:
		return a, &Error{Kind: Settled, ID: a.ID, Detail: settledBy(a)}
	}
	a.State, a.DecidedBy, a.Decided, a.Reason = to, answer.Person.ID, now, clip(answer.Reason)
	return a, d.save(tx, a, Open)
}

func settledBy(a Approval) string {
	if a.DecidedBy == "" {
		return string(a.State)
	}
	return fmt.Sprintf("%s by %s", a.State, a.DecidedBy)
}

// mayDecide says why a person may not decide, if so.
func (d *Desk) mayDecide(tx *store.Tx, a Approval, answer Answer) error {
	if answer.Person.Kind != "user" || answer.Person.ID == "" {
		return &Error{Kind: NotListed, ID: a.ID, Detail: "only a signed-in person decides"}
	}
	if takesPart(answer.Person.ID, a.Requesters) {
		return &Error{Kind: OwnRequest, ID: a.ID}
	}
	listed, err := d.directory.Approves(tx.Context(), a.Tenant, a.Effect, answer.Person.ID)
	if err != nil {
		return &Error{Kind: NotListed, ID: a.ID, Detail: "the directory of approvers does not answer: " + err.Error()}
	}
	if !listed {
		return &Error{Kind: NotListed, ID: a.ID, Detail: fmt.Sprintf("for %s in this tenant", a.Effect)}
	}
	return nil
}

func clip(text string) string { return store.Clip(text, maxText) }
