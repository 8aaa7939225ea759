package workos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/world"
)

// Options of the stand-in. All are required.
type Options struct {
	State   *state.State
	World   *world.World
	Related provider.Related
	Random  io.Reader // of credentials
}

// Service is the stand-in.
type Service struct {
	state   *state.State
	world   *world.World
	related provider.Related

	mu     sync.Mutex // of random
	random io.Reader

	list       []provider.Operation
	operations map[string]*operation
	handlers   map[string]handler
}

var _ provider.Provider = (*Service)(nil)

// New returns the stand-in.
func New(o Options) (*Service, error) {
	if o.State == nil || o.World == nil || o.Related == nil || o.Random == nil {
		return nil, errors.New("workos: needs a state, a world, relations and randomness")
	}
	s := &Service{state: o.State, world: o.World, related: o.Related, random: o.Random, operations: map[string]*operation{}, handlers: handlers()}
	ops, err := load()
	if err != nil {
		return nil, err
	}
	for _, op := range ops {
		if s.handlers[op.ID].do == nil {
			return nil, fmt.Errorf("workos: nothing answers %s", op.ID)
		}
		s.operations[op.ID] = op
		s.list = append(s.list, op.Operation)
	}
	if len(s.operations) != len(s.handlers) {
		return nil, errors.New("workos: something answers an operation that is not listed")
	}
	return s, nil
}

// Name is workos.
func (s *Service) Name() string { return Name }

// Operations lists what the stand-in models.
func (s *Service) Operations() []provider.Operation { return s.list }

// Call does an operation.
func (s *Service) Call(ctx context.Context, id string, call provider.Call) (provider.Response, error) {
	r, err := s.request(id, call)
	if err != nil {
		return provider.Response{}, err
	}
	call.Arguments = r.args
	space := state.Of(Name, call)
	h := s.handlers[id]
	var response provider.Response
	switch {
	case r.op.Keyed:
		response, err = s.state.Do(ctx, space, id, call, func(tx *state.Tx) (provider.Response, error) {
			again := *r // the transaction may run more than once
			again.tx = tx
			return h.do(ctx, &again)
		})
	case h.outside:
		response, err = h.do(ctx, r)
	default:
		err = s.state.View(ctx, space, func(tx *state.Tx) error {
			again := *r
			again.tx = tx
			response, err = h.do(ctx, &again)
			return err
		})
		if err != nil && !isFailure(err) {
			err = &provider.Failure{Operation: id, Kind: provider.Busy, Message: "its state cannot be read", Err: err, Hint: "try again later"}
		}
	}
	if err != nil {
		return provider.Response{}, state.Failure(id, err)
	}
	return response, nil
}

func isFailure(err error) bool {
	f := (*provider.Failure)(nil)
	return errors.As(err, &f)
}

// Lookup tells what became of an earlier call. What changes nothing never took
// effect.
func (s *Service) Lookup(ctx context.Context, id string, call provider.Call) (provider.Response, bool, error) {
	if call.Arguments != nil {
		r, err := s.request(id, call)
		if err != nil {
			return provider.Response{}, false, err
		}
		call.Arguments = r.args
	}
	if op := s.operations[id]; op == nil || !op.Keyed {
		return provider.Response{}, false, nil
	}
	response, found, err := s.state.Lookup(ctx, state.Of(Name, call), id, call)
	return response, found, state.Failure(id, err)
}

// request checks a call and fills in what comes from its sealed context.
func (s *Service) request(id string, call provider.Call) (*request, error) {
	op := s.operations[id]
	if op == nil {
		return nil, &provider.Failure{Operation: id, Kind: provider.Refused, Status: 404, Message: "the stand-in has no such operation"}
	}
	r := &request{s: s, op: op, call: call}
	var found bool
	if r.tenant, found = s.world.Tenant(call.Tenant); !found {
		return nil, r.fail(401, map[string]any{"message": "Unauthorized"}, "the world has no such tenant")
	}
	if call.At.IsZero() {
		return nil, r.fail(op.invalid.status, r.complaint(nil), "the call has no time")
	}
	args, faults := provider.Bind(op.Operation, r.sealed(call.Arguments))
	if len(faults) > 0 {
		return nil, r.fail(op.invalid.status, r.complaint(faults), faults[0].Text)
	}
	r.args = args
	return r, nil
}
