package generic

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
)

// UndoID is the operation that notes that a simulated effect was taken back. Its one
// argument, call, is the key of the effect.
const UndoID = "simulated-undo"

// Service is a stand-in of one name.
type Service struct {
	name       string
	state      *state.State
	list       []provider.Operation
	operations map[string]provider.Operation
}

var _ provider.Provider = (*Service)(nil)

// New returns a stand-in for some operations. What changes something is keyed, and
// undone by [UndoID] where nothing else is said to undo it.
func New(name string, ops []provider.Operation, st *state.State) (*Service, error) {
	if name == "" || st == nil {
		return nil, errors.New("generic: needs a name and a state")
	}
	s := &Service{name: name, state: st, operations: map[string]provider.Operation{}}
	for _, op := range append(slices.Clone(ops), undoOperation()) {
		op.Provider, op.Simulated, op.Keyed, op.Status = name, true, op.Effect != effects.Read, cmp.Or(op.Status, 200)
		if op.Keyed && op.Undo == "" && op.ID != UndoID && op.Control != effects.Approve {
			op.Undo = UndoID
		}
		if _, twice := s.operations[op.ID]; twice || op.ID == "" {
			return nil, fmt.Errorf("generic: %s has two operations %q, or one without an id", name, op.ID)
		}
		s.operations[op.ID] = op
		s.list = append(s.list, op)
	}
	slices.SortFunc(s.list, func(a, b provider.Operation) int { return cmp.Compare(a.ID, b.ID) })
	return s, nil
}

func undoOperation() provider.Operation {
	return provider.Operation{ID: UndoID, Title: "Note that a simulated effect was taken back", Effect: effects.Write, Control: effects.Rollback,
		Params:  []provider.Param{{Name: "call", In: "body", Type: "string", Required: true}},
		Outputs: []provider.Output{{Path: "undone", Type: "boolean"}}}
}

// Name is the service's name.
func (s *Service) Name() string { return s.name }

// Operations lists what the stand-in answers.
func (s *Service) Operations() []provider.Operation { return s.list }

// Call answers an operation.
func (s *Service) Call(ctx context.Context, id string, call provider.Call) (provider.Response, error) {
	op, err := s.admit(id, call)
	if err != nil {
		return provider.Response{}, err
	}
	if !op.Keyed {
		return provider.Response{Status: op.Status, Body: Body(op, call), Simulated: true}, nil
	}
	response, err := s.state.Do(ctx, state.Of(s.name, call), id, call, func(tx *state.Tx) (provider.Response, error) {
		if id == UndoID {
			return undo(tx, call)
		}
		response := provider.Response{Status: op.Status, Body: Body(op, call), Simulated: true}
		if op.Undo != "" {
			response.Undo = map[string]any{"call": call.Key}
		}
		return response, tx.Put("simulated_effect", call.Key, "", effect{Operation: id})
	})
	return response, state.Failure(id, err)
}

// effect is what is kept of a simulated effect.
type effect struct {
	Operation string
	Undone    bool
}

func undo(tx *state.Tx, call provider.Call) (provider.Response, error) {
	key, _ := call.Arguments["call"].(string)
	var e effect
	found, err := tx.Get("simulated_effect", key, &e)
	if err != nil {
		return provider.Response{}, err
	}
	if !found {
		return provider.Response{}, &provider.Failure{Operation: UndoID, Kind: provider.Refused, Status: 404, Message: "there is no such simulated effect"}
	}
	e.Undone = true
	return provider.Response{Status: 200, Body: map[string]any{"undone": true}, Simulated: true}, tx.Put("simulated_effect", key, "", e)
}

// Undone tells whether a simulated effect was taken back.
func (s *Service) Undone(ctx context.Context, call provider.Call) (undone bool, err error) {
	err = s.state.View(ctx, state.Of(s.name, call), func(tx *state.Tx) error {
		var e effect
		_, err := tx.Get("simulated_effect", call.Key, &e)
		undone = e.Undone
		return err
	})
	return undone, err
}

// Lookup tells what became of an earlier call.
func (s *Service) Lookup(ctx context.Context, id string, call provider.Call) (provider.Response, bool, error) {
	op, err := s.admit(id, call)
	if err != nil || !op.Keyed {
		return provider.Response{}, false, err
	}
	response, found, err := s.state.Lookup(ctx, state.Of(s.name, call), id, call)
	return response, found, state.Failure(id, err)
}

// admit checks what there is to check: nobody knows what the service would refuse.
func (s *Service) admit(id string, call provider.Call) (provider.Operation, error) {
	op, found := s.operations[id]
	if !found {
		return op, &provider.Failure{Operation: id, Kind: provider.Refused, Status: 404, Message: "the stand-in has no such operation"}
	}
	if text, err := json.Marshal(call.Arguments); err != nil || len(text) > provider.MaxArguments {
		return op, &provider.Failure{Operation: id, Kind: provider.Refused, Status: 400, Err: err,
			Message: fmt.Sprintf("the arguments are no JSON values, or more than %d bytes", provider.MaxArguments)}
	}
	return op, nil
}

// digest hashes words, no other list alike, to a short text.
func digest(words ...string) string {
	h := sha256.New()
	for _, word := range words {
		h.Write(binary.AppendUvarint(nil, uint64(len(word))))
		h.Write([]byte(word))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
