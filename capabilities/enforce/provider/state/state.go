package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
)

// Bounds. What is larger is refused, and nothing of it is kept.
const (
	MaxName   = 256       // bytes of a name, an id or a key
	MaxBody   = 64 << 10  // bytes of a row's body
	MaxAnswer = 256 << 10 // bytes of an answer
	MaxScan   = 10_000    // rows that one listing looks at
)

// ErrTooLarge is the answer to a body or an answer above its bound.
var ErrTooLarge = errors.New("state: too large")

// State is the state of all stand-ins in one database. It may be used by many
// goroutines.
type State struct {
	db  *store.DB
	box *seal.Box
}

// New returns the state in a database. The box seals what it holds.
func New(db *store.DB, box *seal.Box) (*State, error) {
	if db == nil || box == nil {
		return nil, errors.New("state: needs a database and a box to seal with")
	}
	return &State{db: db, box: box}, nil
}

// Space is the part of the state that a call can reach.
type Space struct {
	Provider string
	Tenant   string
	Scratch  string // the copy; "" is the state itself
}

// Of is the space that a call of a provider reaches.
func Of(name string, call provider.Call) Space {
	return Space{Provider: name, Tenant: call.Tenant, Scratch: call.Scratch}
}

func (s Space) check() error {
	if !store.IsName(s.Provider, MaxName) || !store.IsName(s.Tenant, MaxName) {
		return fmt.Errorf("state: a provider and a tenant are needed, of at most %d bytes each", MaxName)
	}
	if s.Scratch != "" && !store.IsName(s.Scratch, MaxName) {
		return fmt.Errorf("state: the name of a copy has at most %d bytes", MaxName)
	}
	return nil
}

// View reads the state on one unchanging view of it.
func (s *State) View(ctx context.Context, space Space, do func(*Tx) error) error {
	if err := space.check(); err != nil {
		return err
	}
	return s.db.Read(ctx, func(tx *store.Tx) error { return do(&Tx{tx: tx, box: s.box, space: space}) })
}

// Change changes the state outside a call: for what the stand-ins note themselves.
func (s *State) Change(ctx context.Context, space Space, at time.Time, do func(*Tx) error) error {
	if err := space.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error { return do(&Tx{tx: tx, box: s.box, space: space, at: at}) })
}

// DropScratch throws away a copy with all that the stand-ins wrote to it.
func (s *State) DropScratch(ctx context.Context, tenant, scratch string) error {
	if scratch == "" || tenant == "" {
		return errors.New("state: drop a copy: name the tenant and the copy; the state itself is not dropped")
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, statement := range []string{
			`DELETE FROM provider_rows WHERE tenant = ? AND scratch = ?`,
			`DELETE FROM provider_calls WHERE tenant = ? AND scratch = ?`,
			`DELETE FROM provider_keys WHERE tenant = ? AND scratch = ?`,
		} {
			if _, err := tx.Exec(statement, tenant, scratch); err != nil {
				return err
			}
		}
		return nil
	})
}

// Failure puts an error of the state into the words of a provider. What is known
// to have had no effect is busy; of anything else nobody can say.
func Failure(operation string, err error) error {
	if err == nil {
		return nil
	}
	if ours := (*provider.Failure)(nil); errors.As(err, &ours) {
		return err
	}
	f := &provider.Failure{Operation: operation, Kind: provider.Uncertain, Message: "its state failed", Err: err,
		Hint: "look up what became of the call before trying again"}
	if errors.Is(err, ErrTooLarge) {
		f.Kind, f.Status, f.Message, f.Hint = provider.Refused, 413, "more than the stand-in keeps", "send less"
		return f
	}
	for _, kind := range []store.Kind{store.Locked, store.Full, store.ClockBack, store.Refused, store.Newer} {
		if errors.Is(err, kind) {
			f.Kind, f.Message, f.Hint = provider.Busy, "its state is not to be had", "try again later"
		}
	}
	return f
}

// decode reads JSON and keeps numbers as they are written.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
