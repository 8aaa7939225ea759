package identity

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// maxToken bounds a token that is read, in bytes.
const maxToken = 8 << 10

// Types of JWTs: RFC 9068, section 2.1, and the default of RFC 7519.
const (
	typeToken     = "at+jwt"
	typeAssertion = "JWT"
)

// header is the whole protected header that this package writes and reads. Headers
// that could bring a key, a location of one, or a critical extension are unknown
// here and therefore refused.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid,omitempty"`
	Type      string `json:"typ"`
}

// sign makes a compact JWS of claims (RFC 7515).
func sign(key ed25519.PrivateKey, keyID, typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	h := jws.NewHeaders()
	if err := h.Set(jws.TypeKey, typ); err != nil {
		return "", err
	}
	if keyID != "" {
		if err := h.Set(jws.KeyIDKey, keyID); err != nil {
			return "", err
		}
	}
	out, err := jws.Sign(payload, jws.WithKey(jwa.EdDSA(), key, jws.WithProtectedHeaders(h)))
	return string(out), err
}

// open checks a compact JWS against one key, one algorithm and one type, and reads
// its claims. The order matters: nothing of the payload is looked at before the
// signature fits.
func open(token string, key ed25519.PublicKey, keyID, typ string, claims any) *Denial {
	if len(token) > maxToken {
		return deny(CodeMalformed, "", "the token has %d bytes, expected at most %d", len(token), maxToken)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return deny(CodeMalformed, "", "the token is not a signed JWT in compact form")
	}
	decoded := make([][]byte, 3)
	for i, part := range parts {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		// The decoder skips line breaks; a token has one spelling.
		if err != nil || base64.RawURLEncoding.EncodeToString(raw) != part {
			return deny(CodeMalformed, "", "part %d of the token is not base64url", i+1)
		}
		decoded[i] = raw
	}
	if d := checkHeader(decoded[0], keyID, typ); d != nil {
		return d
	}
	payload, err := jws.VerifyCompactFast(key, []byte(token), jwa.EdDSA())
	if err != nil {
		return deny(CodeSignature, "get a new token", "the token's signature does not fit")
	}
	if err := strictJSON(payload, claims); err != nil {
		return deny(CodeMalformed, "", "the token's claims are not the ones expected")
	}
	return nil
}

func checkHeader(raw []byte, keyID, typ string) *Denial {
	var h header
	if err := strictJSON(raw, &h); err != nil {
		return deny(CodeMalformed, "", "the token's header has fields other than alg, kid and typ")
	}
	if h.Algorithm != jwa.EdDSA().String() {
		return deny(CodeAlgorithm, "", "the token is signed with %q, expected EdDSA", h.Algorithm)
	}
	if h.Type != typ {
		return deny(CodeMalformed, "", "the token is of type %q, expected %q", h.Type, typ)
	}
	if h.KeyID != keyID {
		return deny(CodeKey, "get a new token", "the token names another key")
	}
	return nil
}

// strictJSON reads one object without unknown, repeated or differently spelled
// fields: what was read must give the same text again.
func strictJSON(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errTrailing
	}
	return sameFields(raw, into)
}
