package identity

import (
	"bytes"
	"encoding/json"
	"errors"
)

var (
	errTrailing = errors.New("expected nothing after the object")
	errSpelling = errors.New("expected each field once, by its exact name")
)

// sameFields compares the text that was read with what the value gives when
// written, both with sorted fields. The decoder takes "ALG" for "alg" and the last
// of two; a text in which that happened does not come out the same.
func sameFields(raw []byte, value any) error {
	written, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if bytes.Equal(raw, written) {
		return nil // as this package writes it
	}
	a, err := sorted(raw)
	if err != nil {
		return err
	}
	b, err := sorted(written)
	if err != nil {
		return err
	}
	if !bytes.Equal(a, b) || count(raw) != count(written) {
		return errSpelling
	}
	return nil
}

func sorted(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// count counts the tokens of a JSON text: a repeated field has some more.
func count(raw []byte) int {
	dec := json.NewDecoder(bytes.NewReader(raw))
	n := 0
	for {
		if _, err := dec.Token(); err != nil {
			return n
		}
		n++
	}
}
