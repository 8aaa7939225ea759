package faults

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

// faulty is a provider with the behaviour of a world.
type faulty struct {
	provider.Provider
	state     *state.State
	behaviour map[string]world.Operation
	changes   map[string]bool // by operation: not a read
}

// New wraps a provider. An operation of the world that it does not have is a
// *source.Error with its place there.
func New(p provider.Provider, behaviour world.Provider, st *state.State) (provider.Provider, error) {
	f := &faulty{Provider: p, state: st, behaviour: map[string]world.Operation{}, changes: map[string]bool{}}
	var ids []string
	for _, op := range p.Operations() {
		ids = append(ids, op.ID)
		f.changes[op.ID] = op.Effect != effects.Read
	}
	for _, one := range behaviour.Operations {
		if _, known := f.changes[one.ID]; !known {
			return nil, unknown(p.Name(), one, ids)
		}
		f.behaviour[one.ID] = one
	}
	return f, nil
}

// few is how many operations are listed where none is near.
const few = 5

// unknown is the fault of a world that names an operation which is not there.
func unknown(provider string, one world.Operation, ids []string) error {
	e := &source.Error{At: one.At, ID: world.FaultID, Message: fmt.Sprintf("the provider %s has no operation %q", provider, one.ID),
		Expected: "one that it has", Hint: source.DidYouMean(one.ID, ids)}
	if e.Hint == "" && len(ids) > 0 {
		slices.Sort(ids)
		e.Expected = "one that it has, such as " + strings.Join(ids[:min(few, len(ids))], ", ")
	}
	return e
}

// Call calls the provider, unless a fault is in the way.
func (f *faulty) Call(ctx context.Context, id string, call provider.Call) (provider.Response, error) {
	b, listed := f.behaviour[id]
	if !listed {
		return f.Provider.Call(ctx, id, call)
	}
	struck, err := f.strikes(ctx, b, call)
	if err != nil {
		return provider.Response{}, &provider.Failure{Operation: id, Kind: provider.Busy, Message: "its state is not to be had", Err: err, Hint: "try again later"}
	}
	kind := b.Fault.Kind
	if !struck {
		kind = ""
	}
	switch kind {
	case "status":
		return f.status(b)
	case "timeout":
		return provider.Response{}, f.lost(id, 0, "no answer came", wait(ctx, b.Latency))
	}
	response, err := f.Provider.Call(ctx, id, call)
	switch kind {
	case "disconnect":
		return provider.Response{}, f.lost(id, 0, "the connection broke before the answer came", nil)
	case "malformed":
		return provider.Response{}, f.lost(id, http.StatusOK, "the answer cannot be read", nil)
	}
	response.Millis = b.Latency.Milliseconds()
	return response, err
}

// status answers as a service in trouble does. 401 and 403 are denials.
func (f *faulty) status(b world.Operation) (provider.Response, error) {
	s := b.Fault.Status
	if s == http.StatusUnauthorized || s == http.StatusForbidden {
		return provider.Response{Status: s, Body: map[string]any{"message": http.StatusText(s)}, Denied: true,
			Reason: "the service answered " + strconv.Itoa(s), Millis: b.Latency.Milliseconds()}, nil
	}
	failure := &provider.Failure{Operation: b.ID, Status: s, Message: "the service answered " + strconv.Itoa(s)}
	switch {
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		failure.Kind, failure.Hint = provider.Busy, "try again later"
	case s < 500:
		failure.Kind = provider.Refused
	default:
		return provider.Response{}, f.lost(b.ID, s, failure.Message, nil)
	}
	return provider.Response{}, failure
}

// lost is an answer that nobody has. Of a read there is nothing to be uncertain of.
func (f *faulty) lost(id string, status int, message string, err error) error {
	failure := &provider.Failure{Operation: id, Kind: provider.Uncertain, Status: status, Message: message, Err: err,
		Hint: "look up what became of the call before trying again"}
	if !f.changes[id] {
		failure.Kind, failure.Hint = provider.Busy, "try again later"
	}
	return failure
}

// wait waits for an answer that does not come.
func wait(ctx context.Context, latency time.Duration) error {
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return context.DeadlineExceeded
	}
}

// strikes says whether a fault is still to happen, and counts it. A fault that was
// changed in the world counts anew.
func (f *faulty) strikes(ctx context.Context, b world.Operation, call provider.Call) (bool, error) {
	if b.Fault.Kind == "" || b.Fault.Times == 0 {
		return b.Fault.Kind != "", nil
	}
	id := fmt.Sprintf("%s %s %d %d", b.ID, b.Fault.Kind, b.Fault.Status, b.Fault.Times)
	struck := false
	err := f.state.Change(ctx, state.Of(f.Name(), call), call.At, func(tx *state.Tx) error {
		used := 0
		if _, err := tx.Get("fault", id, &used); err != nil {
			return err
		}
		if struck = used < b.Fault.Times; !struck {
			return nil
		}
		return tx.Put("fault", id, "", used+1)
	})
	return struck, err
}
