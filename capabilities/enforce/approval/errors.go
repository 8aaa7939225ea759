package approval

// Kind says why an approval was refused. It is itself an error: errors.Is(err,
// approval.OwnRequest).
type Kind string

// The kinds.
const (
	NotFound   Kind = "there is no such approval"
	Invalid    Kind = "the request is not valid"
	OwnRequest Kind = "nobody decides what they take part in asking for"
	NotListed  Kind = "the person is not listed as an approver"
	TooLate    Kind = "the time to decide is up"
	Settled    Kind = "it is decided already"
	Outdated   Kind = "the policy has changed since it was asked"
	Tampered   Kind = "the approval was altered in the database"
)

func (k Kind) Error() string { return string(k) }

// Error is every refusal of this package. Errors of the database pass as
// *store.Error.
type Error struct {
	Kind   Kind
	ID     string
	Detail string
}

func (e *Error) Error() string {
	text := "approval"
	if e.ID != "" {
		text += " " + e.ID
	}
	text += ": " + string(e.Kind)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap makes the kind visible to errors.Is.
func (e *Error) Unwrap() error { return e.Kind }
