package source

import "strings"

// Error is bad input: what is wrong and where, what was expected, and what to
// do about it.
type Error struct {
	At       Location
	ID       string // stable name of the problem, for example "duplicate-key"
	Message  string
	Expected string // empty where nothing sensible can be said
	Hint     string // empty where nothing sensible can be said
	Err      error  // the cause, where another package found it
}

// Error prints file:line:column, the message, what was expected and the hint.
func (e *Error) Error() string {
	var b strings.Builder
	if at := e.At.String(); at != "" {
		b.WriteString(at)
		b.WriteString(": ")
	}
	b.WriteString(e.Detail())
	return b.String()
}

// Detail prints the error without its place.
func (e *Error) Detail() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Expected != "" {
		b.WriteString("; expected ")
		b.WriteString(e.Expected)
	}
	if e.Hint != "" {
		b.WriteString(" (")
		b.WriteString(e.Hint)
		b.WriteString(")")
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }
