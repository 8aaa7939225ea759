package enforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/store"
)

// undoTries is how often in a row a busy provider is asked to take an effect back.
const undoTries = 3

// undoing says how an effect that happened is taken back. The provider knows: of an
// operation that nobody modelled the plan does not.
func undoing(p provider.Provider, op provider.Operation, response provider.Response) (journal.Outcome, error) {
	out := journal.Outcome{Undo: journal.UndoNone}
	if !acts(op) || response.Denied {
		return out, nil
	}
	by := offered(p, op.ID).Undo
	if by == "" || response.Undo == nil {
		out.Undo = journal.UndoImpossible
		return out, nil
	}
	arguments, err := canonical.Marshal(response.Undo)
	return journal.Outcome{Undo: journal.UndoPossible, UndoOperation: op.Provider + "/" + by, UndoArguments: arguments}, err
}

// offered is an operation as its provider has it.
func offered(p provider.Provider, id string) provider.Operation {
	for _, op := range p.Operations() {
		if op.ID == id {
			return op
		}
	}
	return provider.Operation{ID: id}
}

// undo takes one effect back: on record before and after, as every effect. What a
// provider refuses is left for good; where it does not answer now, the run stays as
// it is, for whoever goes on with it.
func (r *runner) undo(ctx context.Context, step journal.Step) (bool, error) {
	var standing journal.Standing
	err := r.write(ctx, func(tx *store.Tx) (err error) {
		standing, _, err = r.journal.IntendUndo(tx, r.lease, step.Name)
		return err
	})
	if errors.Is(err, journal.OutOfTurn) {
		return false, nil // a later effect stays; this one is named with it
	}
	if err != nil {
		return false, &Error{Kind: Unavailable, Op: "undo " + step.Name, Err: err}
	}
	event := audit.Event{Kind: audit.KindIntent, At: r.now(), Tenant: r.req.Tenant, Chain: r.sealed.Chain, Purpose: r.req.Purpose, Step: step.Name,
		Attempt: int(step.Attempt), Operation: step.UndoOperation, Effect: step.Effect, Arguments: step.UndoArguments.Hash(),
		Reason: "to be undone", Facts: map[string]string{"idempotency_id": step.UndoKey}, Simulated: r.req.Mode != Enforce}
	if err := r.append(ctx, event); err != nil {
		return false, err
	}
	callErr := r.takeBack(ctx, step, standing == journal.InDoubt)
	event.Kind, event.At, event.Outcome, event.Reason = audit.KindOutcome, r.now(), "compensated", ""
	if callErr != nil {
		event.Outcome, event.Reason = "failed", r.masked("not undone: "+callErr.Error())
	}
	if passing(callErr) {
		event.Outcome = "unknown"
	}
	if err := r.append(ctx, event); err != nil {
		return false, err
	}
	if passing(callErr) {
		return false, unsettled(step.Name, callErr)
	}
	err = r.write(ctx, func(tx *store.Tx) error {
		if callErr != nil {
			return r.journal.StickUndo(tx, r.lease, step.Name, clip(r.masked(callErr.Error())))
		}
		return r.journal.FinishUndo(tx, r.lease, step.Name)
	})
	if err != nil {
		return false, &Error{Kind: Unavailable, Op: "undo " + step.Name, Err: err}
	}
	r.mark(step.Name, callErr)
	return callErr == nil, nil
}

// passing says whether a provider may answer otherwise later.
func passing(err error) bool {
	var failure *provider.Failure
	return errors.As(err, &failure) && failure.Kind != provider.Refused
}

func unsettled(step string, err error) error {
	return &Error{Kind: Unavailable, Op: "undo " + step, Err: err, Hint: "the run stays as it is: resume it when the service answers again"}
}

// takeBack calls the operation that undoes a step.
func (r *runner) takeBack(ctx context.Context, step journal.Step, inDoubt bool) error {
	cut := strings.LastIndexByte(step.UndoOperation, '/') // a document may put one into the name of its service
	name, id := step.UndoOperation[:max(cut, 0)], step.UndoOperation[cut+1:]
	p, found := r.undoer(name, id)
	if !found {
		return fmt.Errorf("the provider %s is not there", name)
	}
	var arguments map[string]any
	if err := json.Unmarshal(step.UndoArguments.Bytes(), &arguments); err != nil {
		return err
	}
	request := provider.Call{Tenant: r.req.Tenant, User: r.req.User, Agent: r.req.Agent, Key: step.UndoKey, Fence: r.lease.Fence,
		Arguments: arguments, At: r.now(), Scratch: r.scratchName()}
	for try := 1; ; try++ {
		response, err := r.ask(ctx, p, offered(p, id), request, inDoubt && try == 1)
		if err == nil && response.Denied {
			return fmt.Errorf("the service refused with status %d: %s", response.Status, response.Reason)
		}
		var failure *provider.Failure
		if !errors.As(err, &failure) || failure.Kind != provider.Busy || try >= undoTries {
			return err
		}
	}
}
