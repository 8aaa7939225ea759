package effects

import "agentrisk/internal/source"

// Effect is what an operation does to the world if it succeeds.
type Effect string

// The effects, the gravest first. Of several that fit, the first counts.
const (
	Money      Effect = "money"      // moves, commits or prices money
	Execute    Effect = "execute"    // runs code, a job, a deployment, a changing query
	Credential Effect = "credential" // creates, returns, rotates, exchanges or revokes a credential
	Access     Effect = "access"     // changes who may do what
	Message    Effect = "message"    // sends something to people or the public
	Delete     Effect = "delete"     // removes, cancels or irreversibly changes other data
	Write      Effect = "write"      // creates or changes other data, reversibly
	Read       Effect = "read"       // returns data and changes nothing
)

// AllEffects lists the effects, the gravest first.
func AllEffects() []Effect {
	return []Effect{Money, Execute, Credential, Access, Message, Delete, Write, Read}
}

// Privileged reports whether e needs an approval: everything but read and write.
func (e Effect) Privileged() bool { return e != Read && e != Write }

// Valid reports whether e is one of the effects.
func (e Effect) Valid() bool { return e.rank() >= 0 }

// rank is the place of e among the effects, 0 the gravest, -1 for no effect.
func (e Effect) rank() int {
	for i, known := range AllEffects() {
		if e == known {
			return i
		}
	}
	return -1
}

// graver returns the effect that counts where both are given.
func graver(a, b Effect) Effect {
	if a.rank() < 0 || b.rank() >= 0 && b.rank() < a.rank() {
		return b
	}
	return a
}

// Control is the protection that an operation itself gives the flow it stands in.
type Control string

// The controls.
const (
	Authenticate       Control = "authenticate"        // establishes or verifies who the caller is
	ValidateCredential Control = "validate-credential" // checks that a presented key or token is valid
	Approve            Control = "approve"             // asks a person for a decision, records it or waits for it
	Authorize          Control = "authorize"           // decides whether the subject may do the action
	Audit              Control = "audit"               // writes a record of the action for later review
	Limit              Control = "limit"               // checks or enforces a rate, budget, quota, fraud or risk signal
	Rollback           Control = "rollback"            // undoes an earlier effect of the same flow
	None               Control = "none"                // none of these
)

// AllControls lists the controls, None last.
func AllControls() []Control {
	return []Control{Authenticate, ValidateCredential, Approve, Authorize, Audit, Limit, Rollback, None}
}

// Valid reports whether c is one of the controls.
func (c Control) Valid() bool {
	for _, known := range AllControls() {
		if c == known {
			return true
		}
	}
	return false
}

// Basis says what an effect was read from.
type Basis string

// The bases, in the order of reading.
const (
	ByDocument    Basis = "document"    // the document's own semantics or hints
	ByCatalogue   Basis = "catalogue"   // the operation catalogue
	ByMethod      Basis = "method"      // HTTP method and path
	ByName        Basis = "name"        // verb and nouns of the name
	ByDescription Basis = "description" // the first words of the description, where the name says nothing
	ByUnknown     Basis = "unknown"     // nothing tells; counts as write
)

// Confidence says how sure a result is.
type Confidence string

// The confidences, the surest first.
const (
	Certain  Confidence = "certain"  // stated, or a known operation
	Likely   Confidence = "likely"   // method, path and name agree, or a plain verb and noun
	Possible Confidence = "possible" // follows from one weak sign
	NotKnown Confidence = "unknown"  // nothing tells
)

// Result is what an operation does and why.
type Result struct {
	Effect     Effect            `json:"effect"`
	Control    Control           `json:"control"`
	Basis      Basis             `json:"basis"`
	Confidence Confidence        `json:"confidence"`
	Evidence   []source.Evidence `json:"evidence"` // never empty, the deciding one first

	// Canonical is the id of the catalogue's entry, "" where none matched.
	Canonical string `json:"canonical,omitempty"`
	// Warning tells that the id is none of the provider's and which one was
	// meant, "" otherwise.
	Warning string `json:"warning,omitempty"`
	// Unhinted is the graver effect that the operation had before a hint of the
	// document lowered it, "" where none did.
	Unhinted Effect `json:"-"`
	// Contradiction tells where a hint of the document says less than method
	// or verb, "" otherwise.
	Contradiction string `json:"contradiction,omitempty"`
	// Denial says how the operation reports a refusal that arrives as success,
	// such as "authorized=false", "" where none is known.
	Denial string `json:"denial,omitempty"`
}
