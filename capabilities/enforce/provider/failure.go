package provider

import "fmt"

// Failure is a call that was not answered as asked.
type Failure struct {
	Operation string
	Kind      Kind
	Status    int    // of the answer, 0 where there was none
	Message   string // for a person; never contains an argument
	Hint      string
	Err       error
}

// Kind says what is known of the effect of a failed call.
type Kind string

// The kinds. Only what is refused may be tried again with other arguments, and
// only what is busy may be tried again as it is.
const (
	Refused   Kind = "refused"   // no effect: the request was not accepted (4xx)
	Busy      Kind = "busy"      // no effect: try again later (429, 503)
	Uncertain Kind = "uncertain" // the effect may have happened: no answer, or none that can be read
)

func (f *Failure) Error() string {
	text := f.Operation + ": " + f.Message
	if f.Status > 0 {
		text = fmt.Sprintf("%s: status %d: %s", f.Operation, f.Status, f.Message)
	}
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return text
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }
