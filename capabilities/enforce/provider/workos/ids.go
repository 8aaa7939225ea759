package workos

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
)

// alphabet is that of ULIDs, https://github.com/ulid/spec.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var crockford = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// zero is the time of ids that no call made.
var zero = time.UnixMilli(0)

// MembershipID names the place of a user in a tenant.
func MembershipID(tenant, user string) string { return "om_" + tenant + "_" + user }

// id makes an id in the form of the service: a prefix and a ULID of the call's time
// and key. The same call makes the same ids.
func (r *request) id(prefix string) string { return prefix + "_" + ulid(r.call.At, r.digest()) }

// uuid makes an id of the vault's form, https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8.
func (r *request) uuid() string { return uuid(r.digest()) }

func (r *request) digest() [32]byte {
	r.made++
	return digest(r.op.ID, r.call.Tenant, r.call.Scratch, r.call.Key, fmt.Sprint(r.made))
}

// digest hashes a list of words, no other list alike.
func digest(words ...string) [32]byte {
	h := sha256.New()
	for _, word := range words {
		h.Write(binary.AppendUvarint(nil, uint64(len(word))))
		h.Write([]byte(word))
	}
	return [32]byte(h.Sum(nil))
}

// ulid is ten digits of milliseconds and sixteen of the hash.
func ulid(at time.Time, sum [32]byte) string {
	var digits [10]byte
	ms := max(0, at.UnixMilli())
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = alphabet[ms&31]
		ms >>= 5
	}
	return string(digits[:]) + crockford.EncodeToString(sum[:10])
}

func uuid(sum [32]byte) string {
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// secret draws a credential of 160 random bits.
func (r *request) secret(prefix string) (string, error) {
	var bits [20]byte
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if _, err := io.ReadFull(r.s.random, bits[:]); err != nil {
		return "", fmt.Errorf("workos: no randomness for a credential: %w", err)
	}
	return prefix + strings.ToLower(crockford.EncodeToString(bits[:])), nil
}

// hashed is how the stand-in remembers a credential.
func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}
