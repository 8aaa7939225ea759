package enforce

import "fmt"

// Error is every error of this package that is not a report.
type Error struct {
	Kind   Kind
	Op     string // what was tried
	Detail string
	Hint   string
	Err    error
}

// Kind says what is wrong, as far as a caller can act on it. It is itself an
// error: errors.Is(err, enforce.Unknown).
type Kind string

// The kinds.
const (
	Invalid     Kind = "the request is not valid"
	Unknown     Kind = "there is no such thing"
	Unavailable Kind = "a part of the runtime cannot be used"
	Changed     Kind = "the capability is not the one the run began with"
	Busy        Kind = "another process executes the run"
)

func (k Kind) Error() string { return string(k) }

func (e *Error) Error() string {
	text := e.Op + ": " + string(e.Kind)
	switch {
	case e.Detail != "":
		text = e.Op + ": " + e.Detail
	case e.Err != nil && (e.Kind == Invalid || e.Kind == Unknown): // the cause says what
		text = e.Op
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap makes both the kind and the cause visible to errors.Is.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

func invalid(op, format string, args ...any) error {
	return &Error{Kind: Invalid, Op: op, Detail: fmt.Sprintf(format, args...)}
}
