package seal

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the length of a key, in bytes.
const KeySize = chacha20poly1305.KeySize

// ErrSealed is the answer to a text that does not open: another key, another row,
// or changed.
var ErrSealed = errors.New("seal: the text does not open with this key for this row; the database was altered, or the key is another one")

// Box seals with its first key and opens with any of its keys. The cipher is
// XChaCha20-Poly1305, whose nonces are long enough to be drawn at random.
type Box struct {
	random io.Reader
	first  string
	keys   map[string]cipher.AEAD
}

// New makes a box. The first key seals; the others are older ones.
func New(random io.Reader, keys ...[]byte) (*Box, error) {
	if len(keys) == 0 {
		return nil, errors.New("seal: no key; make one of 32 random bytes")
	}
	b := &Box{random: random, keys: map[string]cipher.AEAD{}}
	for i, key := range keys {
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, fmt.Errorf("seal: a key has %d bytes; expected %d", len(key), KeySize)
		}
		id := name(key)
		if i == 0 {
			b.first = id
		}
		b.keys[id] = aead
	}
	return b, nil
}

// name tells keys apart without telling anything about them.
func name(key []byte) string {
	sum := sha256.Sum256(append([]byte("agentrisk seal key name\n"), key...))
	return hex.EncodeToString(sum[:4])
}

// Seal encrypts a text and binds it to the words that name its row.
func (b *Box) Seal(plain []byte, row ...string) (string, error) {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(b.random, nonce); err != nil {
		return "", fmt.Errorf("seal: no randomness: %w", err)
	}
	sealed := b.keys[b.first].Seal(nonce, nonce, plain, bound(row))
	var text strings.Builder // filled piece by piece, so that what is sealed is spelled once
	text.Grow(len(b.first) + 1 + base64.RawURLEncoding.EncodedLen(len(sealed)))
	text.WriteString(b.first + ".")
	var piece [1024]byte
	for part := range slices.Chunk(sealed, len(piece)/4*3) {
		text.Write(base64.RawURLEncoding.AppendEncode(piece[:0], part))
	}
	return text.String(), nil
}

// Open decrypts what Seal made for the same row.
func (b *Box) Open(sealed string, row ...string) ([]byte, error) {
	id, text, _ := strings.Cut(sealed, ".")
	aead, ok := b.keys[id]
	if !ok {
		return nil, ErrSealed
	}
	// The decoder skips line breaks; a sealed text has one spelling.
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") || len(data) < chacha20poly1305.NonceSizeX {
		return nil, ErrSealed
	}
	plain, err := aead.Open(nil, data[:chacha20poly1305.NonceSizeX], data[chacha20poly1305.NonceSizeX:], bound(row))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// bound spells a list of words so that no other list is spelled alike.
func bound(row []string) []byte {
	out := make([]byte, 0, 256)
	for _, word := range row {
		out = binary.AppendUvarint(out, uint64(len(word)))
		out = append(out, word...)
	}
	return out
}
