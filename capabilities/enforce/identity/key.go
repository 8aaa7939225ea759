package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"agentrisk/capabilities/enforce/safefile"
)

// Key signs the service's tokens.
type Key struct {
	private ed25519.PrivateKey
	id      string
}

// NewKey makes a key.
func NewKey(random io.Reader) (*Key, error) {
	// The seed is read here: the standard library may prefer its own randomness.
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("new key: %w", err)
	}
	return keyOf(ed25519.NewKeyFromSeed(seed)), nil
}

func keyOf(private ed25519.PrivateKey) *Key {
	return &Key{private: private, id: thumbprint(private.Public().(ed25519.PublicKey))}
}

// ID is the key's thumbprint (RFC 7638, RFC 8037).
func (k *Key) ID() string { return k.id }

// Public is the key for verifiers.
func (k *Key) Public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// JWKS is the public key as a JSON Web Key Set (RFC 7517).
func (k *Key) JWKS() ([]byte, error) {
	return json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": k.id,
		"x": base64.RawURLEncoding.EncodeToString(k.Public()),
	}}})
}

// thumbprint hashes the required members of the key in their order (RFC 7638,
// section 3; RFC 8037, appendix A.3).
func thumbprint(public ed25519.PublicKey) string {
	text := fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, base64.RawURLEncoding.EncodeToString(public))
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// LoadKey reads a key from a PEM file, or makes one where there is no file. The
// file is for its owner alone.
func LoadKey(path string, random io.Reader) (*Key, error) {
	raw, err := safefile.Read(path, 4<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path, random)
	}
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(raw)
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		return nil, fmt.Errorf("%s: expected one PEM block PRIVATE KEY", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s: expected an Ed25519 key in PKCS #8", path)
	}
	return keyOf(private), nil
}

func createKey(path string, random io.Reader) (*Key, error) {
	key, err := NewKey(random)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.private)
	if err != nil {
		return nil, err
	}
	// Two processes may start at once; the one that comes second takes the first's.
	err = safefile.Create(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if errors.Is(err, fs.ErrExist) {
		return LoadKey(path, random)
	}
	return key, err
}
