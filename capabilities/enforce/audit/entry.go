package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/internal/pattern"
)

// Version is the version of the entry format that this package writes and reads.
const Version = 1

// Bounds of an entry. MaxEntry is the limit of C2SP tlog-tiles; the bounds of
// facts are the ones WorkOS sets for the metadata of an audit event.
const (
	MaxEntry     = 1<<16 - 1 // bytes
	MaxID        = 256       // bytes of an id, name or resource
	MaxText      = 1000      // bytes of a reason or a purpose
	MaxFact      = 500       // bytes of a fact's value
	MaxFacts     = 32
	MaxActors    = 16
	MaxDecisions = 64

	maxSeq = 1<<53 - 1 // the largest integer that every JSON reader keeps exact
)

// Kind says what an entry records.
type Kind string

// The kinds of entries.
const (
	KindAuthentication Kind = "authentication" // somebody proved, or failed to prove, who they are
	KindDecision       Kind = "decision"       // checks answered, and the step may go on
	KindDenial         Kind = "denial"         // at least one check denied
	KindApproval       Kind = "approval"       // a person was asked, or answered
	KindIntent         Kind = "intent"         // an effect is about to happen
	KindOutcome        Kind = "outcome"        // what came of an intent
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{KindAuthentication, KindDecision, KindDenial, KindApproval, KindIntent, KindOutcome}
}

// Outcomes lists the words an outcome may use.
func Outcomes() []string { return []string{"succeeded", "failed", "unknown", "compensated"} }

// Actor is one link of the delegation chain, as written in the log.
type Actor struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
}

// Decision is the answer of one check, as written in the log.
type Decision struct {
	Check      string           `json:"check"`
	Verdict    decision.Verdict `json:"decision"`
	Reason     string           `json:"reason"`
	Rule       string           `json:"rule,omitempty"`
	SuppliedBy decision.Source  `json:"supplied_by"`
}

// Entry is one line of the log. The fields stand in the order of their names, so
// that the encoder's output is already the canonical form of RFC 8785.
type Entry struct {
	Actors    []Actor           `json:"actors,omitempty"` // from the user down to the agent
	Approval  string            `json:"approval,omitempty"`
	Arguments string            `json:"arguments_sha256,omitempty"`
	At        time.Time         `json:"at"` // UTC, from the run's one clock
	Attempt   int               `json:"attempt,omitempty"`
	Decisions []Decision        `json:"decisions,omitempty"`
	Effect    string            `json:"effect,omitempty"`
	Facts     map[string]string `json:"facts,omitempty"`
	Kind      Kind              `json:"kind"`
	Operation string            `json:"operation,omitempty"`
	Outcome   string            `json:"outcome,omitempty"`
	Prev      string            `json:"prev"` // leaf hash of the run's previous entry in hex, empty for the first
	Purpose   string            `json:"purpose,omitempty"`
	Reason    string            `json:"reason,omitempty"`
	Resource  string            `json:"resource,omitempty"`
	Run       string            `json:"run"`
	Seq       uint64            `json:"seq"` // place in the run, from 1
	Simulated bool              `json:"simulated,omitempty"`
	Step      string            `json:"step,omitempty"`
	Tenant    string            `json:"tenant"`
	V         int               `json:"v"`
}

// Canonical is the entry's RFC 8785 form: the bytes that are logged and hashed.
func (e Entry) Canonical() ([]byte, error) {
	if err := e.validate(); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, &EntryError{Field: "entry", Want: "text that JSON can hold", Err: err}
	}
	raw := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if len(raw) > MaxEntry {
		return nil, &EntryError{Field: "entry", Want: fmt.Sprintf("at most %d bytes, got %d: record fewer decisions or facts in one entry", MaxEntry, len(raw))}
	}
	return raw, nil
}

// ParseEntry reads an entry and refuses every spelling but the canonical one, so
// that an entry has one form, one hash and one meaning.
func ParseEntry(raw []byte) (Entry, error) {
	if len(raw) > MaxEntry {
		return Entry{}, &EntryError{Field: "entry", Want: fmt.Sprintf("at most %d bytes, got %d", MaxEntry, len(raw))}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var e Entry
	if err := dec.Decode(&e); err != nil {
		return Entry{}, &EntryError{Field: "entry", Want: "one JSON object with the fields of version 1", Err: err}
	}
	if _, err := dec.Token(); err != io.EOF {
		return Entry{}, &EntryError{Field: "entry", Want: "nothing after the object"}
	}
	again, err := e.Canonical()
	if err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(again, raw) {
		return Entry{}, &EntryError{Field: "entry", Want: "the canonical form: sorted fields, no spaces, no repeated names"}
	}
	return e, nil
}

// leafHash is the RFC 6962 hash of a logged entry.
func leafHash(raw []byte) []byte { return rfc6962.DefaultHasher.HashLeaf(raw) }

var (
	hexHash  = pattern.Lazy(`^[0-9a-f]{64}$`)
	factName = pattern.Lazy(`^[a-z0-9_]{1,40}$`)
)

// validate holds what every reader of the log may rely on.
func (e Entry) validate() error {
	switch {
	case e.V != Version:
		return bad("v", "%d, got %d: a newer program may have written this log", Version, e.V)
	case e.Tenant == "":
		return bad("tenant", "the tenant of the run")
	case e.Run == "":
		return bad("run", "the id of the run")
	case e.Seq < 1 || e.Seq > maxSeq:
		return bad("seq", "a number from 1 to 2^53-1, got %d", e.Seq)
	case (e.Seq == 1) != (e.Prev == ""):
		return bad("prev", "empty in a run's first entry and nowhere else")
	case e.Prev != "" && !hexHash().MatchString(e.Prev):
		return bad("prev", "64 hexadecimal digits")
	case e.Arguments != "" && !hexHash().MatchString(e.Arguments):
		return bad("arguments_sha256", "64 hexadecimal digits")
	case e.At.IsZero() || e.At.Location() != time.UTC:
		return bad("at", "the time in UTC")
	case e.Attempt < 0:
		return bad("attempt", "zero or more")
	}
	if err := e.validateParts(); err != nil {
		return err
	}
	return e.validateKind()
}

func (e Entry) validateParts() error {
	switch {
	case len(e.Actors) > MaxActors:
		return bad("actors", "at most %d links, got %d", MaxActors, len(e.Actors))
	case len(e.Decisions) > MaxDecisions:
		return bad("decisions", "at most %d, got %d", MaxDecisions, len(e.Decisions))
	case len(e.Facts) > MaxFacts:
		return bad("facts", "at most %d, got %d", MaxFacts, len(e.Facts))
	}
	for _, a := range e.Actors {
		if a.ID == "" || a.Kind == "" {
			return bad("actors", "an id and a kind in every link")
		}
	}
	for _, d := range e.Decisions {
		if d.Check == "" {
			return bad("decisions", "the name of the check in every decision")
		}
		if d.SuppliedBy != decision.ByCapability && d.SuppliedBy != decision.ByRuntime {
			return bad("decisions", "supplied_by capability or runtime, got %q", d.SuppliedBy)
		}
	}
	for name := range e.Facts {
		if !factName().MatchString(name) {
			return bad("facts", "names of 1 to 40 small letters, digits and underscores, got %q", name)
		}
	}
	return nil
}

func (e Entry) validateKind() error {
	denies := slices.ContainsFunc(e.Decisions, func(d Decision) bool { return d.Verdict == decision.Deny })
	switch e.Kind {
	case KindAuthentication:
	case KindDecision:
		if len(e.Decisions) == 0 || denies {
			return bad("decisions", "at least one, and no denial, in a decision: record a denial as a denial")
		}
	case KindDenial:
		if !denies {
			return bad("decisions", "at least one denial in a denial")
		}
	case KindApproval:
		if e.Approval == "" {
			return bad("approval", "the id of the approval")
		}
	case KindIntent:
		if e.Step == "" || e.Operation == "" || e.Arguments == "" {
			return bad("kind", "step, operation and arguments_sha256 in an intent")
		}
	case KindOutcome:
		if e.Step == "" || !slices.Contains(Outcomes(), e.Outcome) {
			return bad("outcome", "a step and one of %v in an outcome", Outcomes())
		}
	default:
		return bad("kind", "one of %v, got %q", Kinds(), e.Kind)
	}
	return nil
}

// Leaf is the hash of the entry as the log's tree holds it, in hexadecimal.
func (e Entry) Leaf() (string, error) {
	raw, err := e.Canonical()
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(leafHash(raw)), nil
}
