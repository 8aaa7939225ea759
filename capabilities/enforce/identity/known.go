package identity

import (
	"crypto/sha256"
	"slices"
	"sync"
)

// maxKnown bounds how many tokens are kept.
const maxKnown = 1024

// known remembers what tokens say whose signature was found good, by their hash. It
// says nothing about time and revocation, which are looked at every time.
type known struct {
	mu     sync.Mutex
	claims map[[sha256.Size]byte]Claims
}

func (k *known) get(token string) (Claims, bool) {
	sum := sha256.Sum256([]byte(token))
	k.mu.Lock()
	defer k.mu.Unlock()
	c, found := k.claims[sum]
	return c.clone(), found
}

// put keeps a token. When there are too many it forgets all of them: they live for
// minutes, and reading one again costs a signature.
func (k *known) put(token string, c Claims) {
	sum := sha256.Sum256([]byte(token))
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.claims) >= maxKnown || k.claims == nil {
		k.claims = map[[sha256.Size]byte]Claims{}
	}
	k.claims[sum] = c.clone()
}

// clone shares nothing with the claims it comes from.
func (c Claims) clone() Claims {
	c.Details, c.Lineage = slices.Clone(c.Details), slices.Clone(c.Lineage)
	for act := &c.Act; *act != nil; act = &(*act).Act {
		one := **act
		*act = &one
	}
	if c.MayAct != nil {
		one := *c.MayAct
		c.MayAct = &one
	}
	return c
}
