package enforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/policy"
)

// checkAll asks every check, and once more where a policy wants other arguments:
// what is approved, recorded and done is what the policy made of it.
func (r *runner) checkAll(ctx context.Context, c *call, rep *StepReport, approved bool) []decision.Decision {
	all := r.check(ctx, c, approved)
	if modify, _ := first(all, decision.Modify); !modify {
		return all
	}
	if err := r.modify(c); err != nil {
		return append(all, decision.Denied(policy.Check, "the arguments that a policy wants cannot be used: "+err.Error()))
	}
	c.asks(rep)
	rep.Modified = true
	again := r.check(ctx, c, approved)
	if modify, _ := first(again, decision.Modify); modify {
		if bytes.Equal(c.wanted, c.shown.Bytes()) {
			return settled(again)
		}
		return append(again, decision.Denied(policy.Check, "a policy wants other arguments each time it is asked"))
	}
	return again
}

// settled: a policy that wants the arguments as they are now allows them.
func settled(list []decision.Decision) []decision.Decision {
	for i := range list {
		if list[i].Verdict == decision.Modify {
			list[i].Verdict = decision.Allow
		}
	}
	return list
}

// modify takes over what a policy changed. A secret is not the policy's to change:
// it saw a mark in its place.
func (r *runner) modify(c *call) error {
	var wanted map[string]any
	d := json.NewDecoder(bytes.NewReader(c.wanted))
	d.UseNumber()
	if err := d.Decode(&wanted); err != nil {
		return err
	}
	shown, _ := c.shown.Value().(map[string]any)
	values := map[string]any{}
	for name, value := range wanted {
		switch was, known := shown[name]; {
		case known && reflect.DeepEqual(value, was):
			values[name] = c.values[name]
		case !known && !r.takes(c, name):
			return errors.New("the operation has no parameter " + name)
		case slices.Contains(c.secret, name) || !reflect.DeepEqual(hide(c.values[name], r), c.values[name]):
			return errors.New(name + " is a secret")
		default:
			values[name] = value
		}
	}
	c.values = values
	if err := r.show(c); err != nil {
		return err
	}
	c.scopes = nil
	return r.fill(c)
}

func (r *runner) takes(c *call, name string) bool {
	for _, p := range c.step.Operation.Params {
		if p.Name == name {
			return true
		}
	}
	return false
}
