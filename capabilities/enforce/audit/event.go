package audit

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"agentrisk/capabilities/enforce/decision"
)

// Event is what a caller asks to have recorded. The log adds the place in the run
// and the hash of the entry before, and passes every text through its redactor.
type Event struct {
	Kind      Kind
	At        time.Time
	Tenant    string
	Chain     []decision.Actor
	Purpose   string
	Step      string
	Attempt   int
	Operation string
	Effect    string
	Resource  string
	Arguments string // SHA-256 of the canonical arguments in hex; never the arguments
	Decisions []decision.Decision
	Outcome   string // one of Outcomes, in an outcome
	Approval  string // id of the approval task
	Reason    string
	Simulated bool // the time or the effect is simulated
	// Facts are short facts a reader needs, such as the id of a token or of an
	// idempotency key. They are never credentials.
	Facts map[string]string
}

// EventOf takes from a request what the log records of it.
func EventOf(kind Kind, r decision.Request, decisions ...decision.Decision) Event {
	return Event{
		Kind: kind, At: r.At, Tenant: r.Tenant, Chain: r.Chain, Purpose: r.Purpose,
		Step: r.Step, Attempt: r.Attempt, Operation: r.Operation, Effect: r.Effect,
		Resource: r.Resource, Arguments: r.Hash, Decisions: decisions,
	}
}

// entry builds the logged form of an event. Ids are cut by an error, texts by a
// mark that shows the cut.
func (v Event) entry(run string, red *redactor) (Entry, error) {
	e := Entry{
		V: Version, Run: run, Kind: v.Kind, At: v.At.UTC().Round(0), Attempt: v.Attempt,
		Arguments: v.Arguments, Outcome: v.Outcome, Simulated: v.Simulated,
		Purpose: red.text(v.Purpose, MaxText), Reason: red.text(v.Reason, MaxText),
	}
	ids := []struct {
		name string
		from string
		to   *string
	}{
		{"tenant", v.Tenant, &e.Tenant}, {"step", v.Step, &e.Step}, {"operation", v.Operation, &e.Operation},
		{"effect", v.Effect, &e.Effect}, {"resource", v.Resource, &e.Resource}, {"approval", v.Approval, &e.Approval},
	}
	for _, id := range ids {
		clean, err := red.id(id.name, id.from)
		if err != nil {
			return Entry{}, err
		}
		*id.to = clean
	}
	return e, v.addParts(&e, red)
}

func (v Event) addParts(e *Entry, red *redactor) error {
	for _, a := range v.Chain {
		id, err := red.id("actors", a.ID)
		if err != nil {
			return err
		}
		kind, err := red.id("actors", a.Kind)
		if err != nil {
			return err
		}
		e.Actors = append(e.Actors, Actor{ID: id, Kind: kind})
	}
	for _, d := range v.Decisions {
		check, err := red.id("decisions", d.Check)
		if err != nil {
			return err
		}
		e.Decisions = append(e.Decisions, Decision{
			Check: check, Verdict: d.Verdict, SuppliedBy: d.SuppliedBy,
			Reason: red.text(d.Reason, MaxText), Rule: red.text(d.Rule, MaxID),
		})
	}
	for name, value := range v.Facts {
		if e.Facts == nil {
			e.Facts = make(map[string]string, len(v.Facts))
		}
		e.Facts[name] = red.fact(name, value)
	}
	return nil
}

const cutMark = "… (cut)"

// cut shortens text to a number of bytes at a rune's border and shows that it did.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len(cutMark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + cutMark
}

// plain takes out what could mislead a reader or a terminal: control characters,
// line separators, characters that turn the direction of writing, broken UTF-8.
// What remains needs no escape on which JSON encoders differ.
func plain(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, text)
}
