package store

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
)

// NewID makes an identifier of 128 random bits, in lower-case letters and digits
// after a prefix that tells people what it names.
func NewID(random io.Reader, prefix string) (string, error) {
	var bits [16]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("store: no randomness for an id: %w", err)
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits[:])
	return prefix + "_" + strings.ToLower(text), nil
}
