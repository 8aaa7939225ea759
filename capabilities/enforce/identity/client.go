package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"time"

	"golang.org/x/crypto/argon2"

	"agentrisk/capabilities/enforce/secrets"
	"agentrisk/internal/pattern"
)

// Client is a registered client: the identity of one agent of one tenant.
type Client struct {
	ID     string
	Tenant string
	Agent  string
	// SecretHash is the hash of its secret, as HashSecret writes it. Empty means
	// that it cannot authenticate with a secret.
	SecretHash string
	// AssertionKey verifies its signed assertions. Empty means that it has none.
	AssertionKey ed25519.PublicKey
	Scopes       []string      // at most these
	Resources    []string      // at most these: type:id, type:* or *
	MaxLifetime  time.Duration // 0 takes the service's
	Disabled     bool
}

// Clients knows the registered clients.
type Clients interface {
	Client(ctx context.Context, id string) (client Client, found bool, err error)
}

// ClientMap is a fixed set of clients by id.
type ClientMap map[string]Client

// Client looks a client up.
func (m ClientMap) Client(_ context.Context, id string) (Client, bool, error) {
	c, ok := m[id]
	return c, ok && c.ID == id, nil
}

// The parameters of Argon2id (RFC 9106): 19 MiB, two passes, one lane, which OWASP's
// password storage guide gives as its minimum. A hash may ask for more, within
// bounds, as it comes from a file.
const (
	hashMemory  = 19 << 10 // KiB
	hashPasses  = 2
	hashLanes   = 1
	hashSalt    = 16
	hashLength  = 32
	maxMemory   = 256 << 10 // KiB
	maxPasses   = 16
	maxSecret   = 1 << 10 // bytes of a presented secret
	secretBytes = 32
)

// NewSecret makes a client secret of 256 random bits.
func NewSecret(random io.Reader) (secrets.Value, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return secrets.Value{}, fmt.Errorf("new client secret: %w", err)
	}
	return secrets.New("ars_" + base64.RawURLEncoding.EncodeToString(raw)), nil
}

// HashSecret hashes a secret for a client's registration, in the PHC string format:
// $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func HashSecret(random io.Reader, secret secrets.Value) (string, error) {
	salt := make([]byte, hashSalt)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("hash of a client secret: %w", err)
	}
	sum := argon2.IDKey([]byte(secret.Expose()), salt, hashPasses, hashMemory, hashLanes, hashLength)
	return encodeHash(salt, sum), nil
}

// nobody is what a secret is compared with where there is no client, so that the
// answer takes as long. It is the hash of no secret anyone knows: 32 zero bytes.
var nobody = encodeHash(make([]byte, hashSalt), make([]byte, hashLength))

func encodeHash(salt, sum []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		enc.EncodeToString(salt), enc.EncodeToString(sum))
}

var phc = pattern.Lazy(`^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$`)

// checkSecret compares a secret with a hash. An error says that the hash is not one.
func checkSecret(hash string, secret secrets.Value) (bool, error) {
	m := phc().FindStringSubmatch(hash)
	if m == nil {
		return false, fmt.Errorf("the client's secret hash is not in the form $argon2id$v=19$m=…,t=…,p=…$salt$hash")
	}
	memory, _ := strconv.Atoi(m[1]) // the pattern admits digits alone
	passes, _ := strconv.Atoi(m[2])
	lanes, _ := strconv.Atoi(m[3])
	salt, saltErr := base64.RawStdEncoding.DecodeString(m[4])
	want, hashErr := base64.RawStdEncoding.DecodeString(m[5])
	if saltErr != nil || hashErr != nil || memory < 8*lanes || memory > maxMemory || passes < 1 || passes > maxPasses || lanes < 1 {
		return false, fmt.Errorf("the client's secret hash has parameters out of bounds: at most m=%d,t=%d", maxMemory, maxPasses)
	}
	got := argon2.IDKey([]byte(secret.Expose()), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
