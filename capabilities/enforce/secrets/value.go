package secrets

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Mask stands in outputs where a secret value would.
const Mask = "[secret]"

// Value is a secret. It shows itself as a mask in every way of printing, logging
// and marshalling. The text is held behind a function: reflection on a struct that
// contains a Value in a private field meets the function and not the text.
type Value struct{ reveal func() string }

// New makes a secret of a text.
func New(text string) Value { return Value{func() string { return text }} }

// Expose is the text itself, for the one place that must have it, such as the
// request to a provider.
func (v Value) Expose() string {
	if v.reveal == nil {
		return ""
	}
	return v.reveal()
}

// IsZero says that there is no text.
func (v Value) IsZero() bool { return v.reveal == nil || v.reveal() == "" }

// Equal compares without telling by its duration where two texts differ.
func (v Value) Equal(other Value) bool {
	a, b := sha256.Sum256([]byte(v.Expose())), sha256.Sum256([]byte(other.Expose()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// ErrSealed: a secret was to be written in a form that programs read back.
var ErrSealed = errors.New("a secret cannot be encoded: expose it where it is used, and nowhere else")

// Format masks the value for every verb of package fmt.
func (Value) Format(s fmt.State, _ rune) {
	// A failed write to a formatter's buffer has nowhere to be reported.
	_, _ = io.WriteString(s, Mask)
}

// String gives the mask.
func (Value) String() string { return Mask }

// GoString gives the mask.
func (Value) GoString() string { return Mask }

// LogValue gives the mask to package slog.
func (Value) LogValue() slog.Value { return slog.StringValue(Mask) }

// MarshalText gives the mask, also to JSON object keys and XML.
func (Value) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// MarshalJSON gives the mask.
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }

// MarshalYAML gives the mask.
func (Value) MarshalYAML() (any, error) { return Mask, nil }

// GobEncode refuses: a mask that was read back would pass for a secret.
func (Value) GobEncode() ([]byte, error) { return nil, ErrSealed }

// MarshalBinary refuses, as GobEncode does.
func (Value) MarshalBinary() ([]byte, error) { return nil, ErrSealed }
