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
	arguments, err := readArguments(in.Arguments)
	if err != nil {
		return nil, fmt.Errorf("the arguments cannot be read: %w", err)
	}
	zone := in.Zone
	if zone == nil {
		zone = time.UTC
	}
	at := in.At.In(zone)
	kind, key, _ := strings.Cut(in.Resource, ":")
	chain := make([]*ast.Term, len(in.Chain))
	for i, a := range in.Chain {
		chain[i] = ast.ObjectTerm(text("kind", a.Kind), text("id", a.ID))
	}
	return ast.NewObject(
		text("tenant", in.Tenant), field("user", actor(in.User)), field("agent", actor(in.Agent)), field("chain", ast.ArrayTerm(chain...)),
		text("purpose", in.Purpose), text("run", in.Run), text("step", in.Step), number("attempt", in.Attempt),
		text("operation", in.Operation), text("effect", in.Effect),
		field("resource", ast.ObjectTerm(text("name", in.Resource), text("type", kind), text("id", key), text("sensitivity", in.Sensitivity))),
		text("relation", in.Relation), text("scope", in.Scope), field("arguments", ast.NewTerm(arguments)), truth("approved", in.Approved),
		field("time", ast.ObjectTerm(text("at", in.At.UTC().Format(time.RFC3339)), text("day", day(at.Weekday())), text("yesterday", day((at.Weekday()+6)%7)),
			number("minute", at.Hour()*60+at.Minute()))),
		field("hours", in.Hours.term()),
		field("recent", ast.ObjectTerm(number("calls", in.Recent.Calls), number("usual", in.Recent.Usual), number("denials", in.Recent.Denials),
			truth("first_use", in.Recent.FirstUse), number("tenants", in.Recent.Tenants))),
	), nil
}

// actor is null where it is nobody.
func actor(a decision.Actor) *ast.Term {
	if a.ID == "" {
		return ast.NullTerm()
	}
	return ast.ObjectTerm(text("kind", a.Kind), text("id", a.ID))
}

func (h *Hours) term() *ast.Term {
	if h == nil {
		return ast.NullTerm()
	}
	days := make([]*ast.Term, len(h.Days))
	for i, d := range h.Days {
		days[i] = ast.InternedTerm(day(d))
	}
	return ast.ObjectTerm(field("days", ast.ArrayTerm(days...)), number("from", h.From), number("to", h.To))
}

func readArguments(text []byte) (ast.Value, error) {
	value, err := decode(text)
	if err != nil {
		return nil, err
	}
	return ast.InterfaceToValue(value)
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
