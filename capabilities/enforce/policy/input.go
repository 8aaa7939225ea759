package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"agentrisk/capabilities/enforce/decision"
)

// Input is all that policies see. docs/runtime/policy.md shows it as they do.
type Input struct {
	decision.Request
	Sensitivity string         // of the resource: public, internal, confidential or restricted; "" unknown
	Zone        *time.Location // of the tenant; nil is UTC
	Hours       *Hours         // nil: none are set
	Recent      Recent
	Approved    bool // a person approved exactly this step
}

// Hours are working hours. To before From is a shift over midnight, which belongs
// to the day it begins on.
type Hours struct {
	Days     []time.Weekday
	From, To int // minutes since midnight, 0 to 1439; To itself is outside
}

// Recent is what an agent did lately, in the window that limits look at.
type Recent struct {
	Calls    int  // of this operation
	Usual    int  // calls in a window like this one; 0 unknown
	Denials  int  // of the agent, whatever it asked for
	FirstUse bool // the agent never used the operation before
	Tenants  int  // that the agent acted in
}

// maxArguments bounds the arguments that policies see, in bytes.
const maxArguments = 256 << 10

// maxDigits bounds a number: computing with 1e999999999 takes a gigabyte.
const maxDigits = 40

func day(d time.Weekday) string { return strings.ToLower(d.String()) }

// value is the input as policies see it.
func (in Input) value() (ast.Value, error) {
	if in.At.IsZero() {
		return nil, errors.New("the step has no time")
	}
	arguments, err := decode(in.Arguments)
	if err != nil {
		return nil, fmt.Errorf("the arguments cannot be read: %w", err)
	}
	zone := in.Zone
	if zone == nil {
		zone = time.UTC
	}
	at := in.At.In(zone)
	kind, key, _ := strings.Cut(in.Resource, ":")
	chain := make([]any, len(in.Chain))
	for i, a := range in.Chain {
		chain[i] = map[string]any{"kind": a.Kind, "id": a.ID}
	}
	return ast.InterfaceToValue(map[string]any{
		"tenant": in.Tenant, "user": actor(in.User), "agent": actor(in.Agent), "chain": chain, "purpose": in.Purpose,
		"run": in.Run, "step": in.Step, "attempt": in.Attempt, "operation": in.Operation, "effect": in.Effect,
		"resource": map[string]any{"name": in.Resource, "type": kind, "id": key, "sensitivity": in.Sensitivity},
		"relation": in.Relation, "scope": in.Scope, "arguments": arguments, "approved": in.Approved,
		"time":  map[string]any{"at": in.At.UTC().Format(time.RFC3339), "day": day(at.Weekday()), "yesterday": day((at.Weekday() + 6) % 7), "minute": at.Hour()*60 + at.Minute()},
		"hours": in.Hours.value(),
		"recent": map[string]any{"calls": in.Recent.Calls, "usual": in.Recent.Usual, "denials": in.Recent.Denials,
			"first_use": in.Recent.FirstUse, "tenants": in.Recent.Tenants},
	})
}

// actor is null where it is nobody.
func actor(a decision.Actor) any {
	if a.ID == "" {
		return nil
	}
	return map[string]any{"kind": a.Kind, "id": a.ID}
}

func (h *Hours) value() any {
	if h == nil {
		return nil
	}
	days := make([]any, len(h.Days))
	for i, d := range h.Days {
		days[i] = day(d)
	}
	return map[string]any{"days": days, "from": h.From, "to": h.To}
}

// decode reads JSON with numbers as they were written; nothing is an empty object.
func decode(text []byte) (any, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return map[string]any{}, nil
	}
	if len(text) > maxArguments {
		return nil, fmt.Errorf("they have %d bytes, more than %d", len(text), maxArguments)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return v, checkNumbers(v)
}

// checkNumbers refuses numbers that are costly to compute with.
func checkNumbers(v any) error {
	switch v := v.(type) {
	case json.Number:
		if !modest(v.String()) {
			return fmt.Errorf("the number %.60q is too large or too long", v.String())
		}
	case []any:
		for _, one := range v {
			if err := checkNumbers(one); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, one := range v {
			if err := checkNumbers(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// modest reports whether a number has few digits and an exponent of at most three.
func modest(number string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	return len(mantissa) <= maxDigits && len(strings.TrimLeft(exponent, "+-0")) <= 3
}
