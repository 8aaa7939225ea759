package canonical

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
)

// ErrSecret is what every way of writing a Secret answers with.
var ErrSecret = errors.New("a secret value cannot be recorded")

// Secret carries a value that must never reach a record. It prints as a mask and
// refuses to be marshalled, stored or used as an argument of a query. What a
// record needs is a reference: where the value lies, and its version.
type Secret struct{ reveal func() string }

// Hide wraps a value.
func Hide(value string) Secret { return Secret{reveal: func() string { return value }} }

// Reveal is the value, for the one who must use it.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

const mask = "[secret]"

func (s Secret) String() string   { return mask }
func (s Secret) GoString() string { return mask }

// Format masks the value under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(mask)) }

// LogValue masks the value in structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalJSON refuses.
func (s Secret) MarshalJSON() ([]byte, error) { return nil, ErrSecret }

// MarshalText refuses.
func (s Secret) MarshalText() ([]byte, error) { return nil, ErrSecret }

// MarshalBinary refuses.
func (s Secret) MarshalBinary() ([]byte, error) { return nil, ErrSecret }

// GobEncode refuses.
func (s Secret) GobEncode() ([]byte, error) { return nil, ErrSecret }

// MarshalYAML refuses.
func (s Secret) MarshalYAML() (any, error) { return nil, ErrSecret }

// Value refuses to be an argument of a query.
func (s Secret) Value() (driver.Value, error) { return nil, ErrSecret }
