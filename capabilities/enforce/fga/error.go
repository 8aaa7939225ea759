package fga

import (
	"context"
	"errors"
	"fmt"

	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Kind says what is wrong, as far as a caller can act on it. It is itself an
// error: errors.Is(err, fga.Foreign).
type Kind string

// The kinds.
const (
	Unknown     Kind = "the tenant is not set up"
	Foreign     Kind = "it is not the tenant's"
	Invalid     Kind = "it cannot be read"
	Model       Kind = "the model is not valid"
	Public      Kind = "the model lets everybody in"
	Refused     Kind = "it was refused"
	Reserved    Kind = "the key is the runtime's own"
	Unreachable Kind = "the relations cannot be reached"
	Late        Kind = "there was no answer in time"
)

func (k Kind) Error() string { return string(k) }

// Error is every error of this package.
type Error struct {
	Kind Kind
	Op   string // what was tried: open, model, provision, write, check
	What string // the name it is about, "" where there is none
	Hint string // what to do
	Code int    // OpenFGA's own code, 0 where it gave none
	Err  error  // the cause
}

func (e *Error) Error() string {
	text := "fga: " + e.Op + ": "
	if e.What != "" {
		text += fmt.Sprintf("%q: ", e.What)
	}
	text += e.Kind.Error()
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap makes both the kind and the cause visible to errors.Is.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Err} }

// wrap puts an error of OpenFGA into our words.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if ours := (*Error)(nil); errors.As(err, &ours) {
		return err
	}
	e := &Error{Kind: Refused, Op: op, Err: err}
	if s, ok := status.FromError(err); ok {
		e.Code = int(s.Code())
		e.Err = errors.New(s.Message())
		if internal(s.Code()) {
			e.Kind, e.Hint = Unreachable, "check that the database or the server is there, and not locked"
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || late(e.Code) {
		e.Kind, e.Hint = Late, "try again, or make the model smaller"
	}
	return e
}

// late reports whether a code says that time ran out, or that nobody waits any more.
func late(code int) bool {
	switch code {
	case int(codes.DeadlineExceeded), int(codes.Canceled), int(openfgav1.InternalErrorCode_deadline_exceeded):
		return true
	}
	return false
}

// internal reports whether a code speaks of OpenFGA itself and not of what it was
// asked: its own internal codes count from 4000, and gRPC's are a few.
func internal(c codes.Code) bool {
	return c >= 4000 && c < 5000 || c == codes.Internal || c == codes.Unavailable || c == codes.Unknown
}
