package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/store"
)

// errNothing undoes the transaction of a call that changed nothing.
var errNothing = errors.New("state: nothing was done")

// Do makes a call take effect once. The first call with a key runs the effect; the
// answer and what the effect wrote are kept in one transaction. Later ones, in any
// process, are answered as before. The same key with another operation, other
// arguments or another caller is refused, and so is a call of a worker that a newer
// one has asked after (see [State.Lookup]).
//
// An effect that returns an error, or a denial, changes nothing and is not kept.
// The effect may run more than once and must do nothing outside the transaction.
func (s *State) Do(ctx context.Context, space Space, operation string, call provider.Call, effect func(*Tx) (provider.Response, error)) (provider.Response, error) {
	var response provider.Response
	sum, err := s.admit(space, operation, call)
	if err != nil {
		return response, err
	}
	err = s.db.Write(ctx, func(inner *store.Tx) error {
		tx := &Tx{tx: inner, box: s.box, space: space, at: call.At}
		found, err := tx.answered(operation, call.Key, sum, &response)
		if err != nil || found {
			return err
		}
		if err := tx.fence(operation, call); err != nil {
			return err
		}
		made, err := effect(tx)
		if err != nil {
			return err
		}
		response, err = plain(made)
		if err == nil && made.Denied {
			err = errNothing
		}
		if err != nil {
			return err
		}
		return tx.keep(operation, call, sum, response)
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return response, err
}

// Lookup tells what became of a call with this key. Where it never took effect, it
// never will for a worker with a lower fence: the question is noted.
func (s *State) Lookup(ctx context.Context, space Space, operation string, call provider.Call) (response provider.Response, found bool, err error) {
	sum, err := s.admit(space, operation, call)
	if err != nil {
		return response, false, err
	}
	if call.Arguments == nil {
		sum = "" // the key alone: it is a hash of what it stands for
	}
	err = s.db.Write(ctx, func(inner *store.Tx) error {
		tx := &Tx{tx: inner, box: s.box, space: space, at: call.At}
		found, err = tx.answered(operation, call.Key, sum, &response)
		if err != nil || found || call.Fence <= 0 {
			return err
		}
		if err := tx.fence(operation, call); err != nil {
			return err
		}
		return tx.note(call, 0)
	})
	return response, found && err == nil, err
}

// Effects counts how often a key took effect.
func (s *State) Effects(ctx context.Context, space Space, key string) (n int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Get(`SELECT effects FROM provider_keys WHERE tenant = ? AND provider = ? AND scratch = ? AND key = ?`,
			[]any{space.Tenant, space.Provider, space.Scratch, key}, &n)
		return err
	})
	return n, err
}

// admit checks a call, and returns the hash of what its key stands for.
func (s *State) admit(space Space, operation string, call provider.Call) (string, error) {
	if err := space.check(); err != nil {
		return "", refuse(operation, 400, "the call names no tenant", err)
	}
	if !store.IsName(call.Key, MaxName) {
		return "", refuse(operation, 400, "the call has no key, or none that can be kept", nil)
	}
	if call.At.IsZero() {
		return "", refuse(operation, 400, "the call has no time", nil)
	}
	if call.Tenant != space.Tenant || call.Scratch != space.Scratch {
		return "", refuse(operation, 400, "the call is for another tenant or copy", nil)
	}
	text, err := json.Marshal([]any{call.User, call.Agent, call.Arguments})
	if err != nil {
		return "", refuse(operation, 400, "the arguments are no JSON values", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func refuse(operation string, status int, message string, err error) error {
	return &provider.Failure{Operation: operation, Kind: provider.Refused, Status: status, Message: message, Err: err}
}

// answered reads the answer to an earlier call with the key, and with the sum
// unless that is empty. A copy knows the calls of the state itself.
func (tx *Tx) answered(operation, key, sum string, into *provider.Response) (bool, error) {
	var scratch, was, args, sealed string
	found, err := tx.tx.Get(`SELECT scratch, operation, arguments_sha256, sealed FROM provider_calls
		WHERE tenant = ? AND provider = ? AND (scratch = ? OR scratch = '') AND key = ? ORDER BY scratch DESC LIMIT 1`,
		[]any{tx.space.Tenant, tx.space.Provider, tx.space.Scratch, key}, &scratch, &was, &args, &sealed)
	if err != nil || !found {
		return false, err
	}
	if was != operation || sum != "" && args != sum {
		return false, refuse(operation, 409, "the key was used for another call", nil)
	}
	text, err := tx.box.Open(sealed, tx.boundCall(scratch, key)...)
	if err != nil {
		return false, err
	}
	if err := decode(text, into); err != nil {
		return false, err
	}
	into.Repeated = true
	return true, nil
}

func (tx *Tx) boundCall(scratch, key string) []string {
	return []string{"provider call", tx.space.Provider, tx.space.Tenant, scratch, key}
}

// fence refuses a worker that a newer one has asked after.
func (tx *Tx) fence(operation string, call provider.Call) error {
	var newest int64
	_, err := tx.tx.Get(`SELECT fence FROM provider_keys WHERE tenant = ? AND provider = ? AND scratch = ? AND key = ?`,
		[]any{tx.space.Tenant, tx.space.Provider, tx.space.Scratch, call.Key}, &newest)
	if err == nil && call.Fence < newest {
		return refuse(operation, 409, "a newer worker has taken over the run", nil)
	}
	return err
}

func (tx *Tx) note(call provider.Call, effects int) error {
	_, err := tx.tx.Exec(`INSERT INTO provider_keys (tenant, provider, scratch, key, fence, effects) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant, provider, scratch, key)
		DO UPDATE SET fence = excluded.fence, effects = provider_keys.effects + excluded.effects`,
		tx.space.Tenant, tx.space.Provider, tx.space.Scratch, call.Key, call.Fence, effects)
	return err
}

func (tx *Tx) keep(operation string, call provider.Call, sum string, response provider.Response) error {
	text, err := json.Marshal(response)
	if err != nil {
		return err
	}
	if len(text) > MaxAnswer {
		return fmt.Errorf("%w: an answer has at most %d bytes", ErrTooLarge, MaxAnswer)
	}
	sealed, err := tx.box.Seal(text, tx.boundCall(tx.space.Scratch, call.Key)...)
	if err != nil {
		return err
	}
	if err := tx.note(call, 1); err != nil {
		return err
	}
	_, err = tx.tx.Exec(`INSERT INTO provider_calls (tenant, provider, scratch, key, operation, arguments_sha256, at, sealed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		tx.space.Tenant, tx.space.Provider, tx.space.Scratch, call.Key, operation, sum, call.At.UnixNano(), sealed)
	return err
}

// plain makes an answer into JSON values, so that it is the same when it is given
// and when it is repeated.
func plain(r provider.Response) (provider.Response, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	var out provider.Response
	return out, decode(text, &out)
}
