package identity

import (
	"context"
	"sync"
	"time"
)

// TargetKind says what is revoked.
type TargetKind string

// What can be revoked.
const (
	TargetToken  TargetKind = "token"  // by its id, with all that was derived from it
	TargetClient TargetKind = "client" // and every token it took part in
	TargetAgent  TargetKind = "agent"
	TargetUser   TargetKind = "user"
)

// Target is something of one tenant that can be revoked.
type Target struct {
	Tenant string     `json:"tenant"`
	Kind   TargetKind `json:"kind"`
	ID     string     `json:"id"`
}

// State remembers what tokens themselves cannot say: what was revoked, and which
// single-use ids were used. An error of any method leads to a denial.
type State interface {
	// Revoke makes a revocation durable. It is never taken back: a revoked agent
	// comes back under another id.
	Revoke(ctx context.Context, target Target, at time.Time) error
	// Revoked gives the first revoked of some targets.
	Revoked(ctx context.Context, targets []Target) (hit Target, revoked bool, err error)
	// Spend uses an id up until a time. It says false where it was used before.
	Spend(ctx context.Context, id string, now, until time.Time) (fresh bool, err error)
}

// Memory is a State that ends with the process.
type Memory struct {
	mu      sync.Mutex
	revoked map[Target]time.Time
	spent   map[string]time.Time
	sweep   int // spends until the next sweep
}

// NewMemory makes an empty state.
func NewMemory() *Memory {
	return &Memory{revoked: map[Target]time.Time{}, spent: map[string]time.Time{}}
}

// Revoke notes a revocation.
func (m *Memory) Revoke(_ context.Context, target Target, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.revoked[target]; !ok {
		m.revoked[target] = at
	}
	return nil
}

// Revoked looks some targets up.
func (m *Memory) Revoked(_ context.Context, targets []Target) (Target, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range targets {
		if _, ok := m.revoked[t]; ok {
			return t, true, nil
		}
	}
	return Target{}, false, nil
}

// Spend uses an id up.
func (m *Memory) Spend(_ context.Context, id string, now, until time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if end, ok := m.spent[id]; ok && !now.After(end) {
		return false, nil
	}
	m.spent[id] = until
	// Ids that no assertion can use any more are dropped now and then, so that the
	// map is bounded by the assertions of a few minutes.
	if m.sweep--; m.sweep < 0 {
		for id, end := range m.spent {
			if now.After(end) {
				delete(m.spent, id)
			}
		}
		m.sweep = len(m.spent)
	}
	return true, nil
}
