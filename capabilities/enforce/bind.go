package enforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/limits"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
)

// call is a step with its values, ready to be asked for.
type call struct {
	step    *plan.Step
	name    string         // of the step in this run
	values  map[string]any // what the provider gets
	shown   canonical.JSON // the same without secrets: recorded, hashed and shown
	req     decision.Request
	scopes  []string // that the grant must cover
	volume  int64
	unknown []string // arguments whose values do not exist in a dry run
	lately  limits.Found

	asked  decision.Request  // what people were asked: req, or more for an approval of the capability's own
	answer decision.Decision // of the approval that was used
	covers []covering        // steps whose arguments a person saw here

	wanted  []byte // the arguments that a policy wants instead
	covered bool   // the capability itself had it approved
	inDoubt bool   // it was intended before, and nobody wrote what came of it
}

// bind takes the arguments of a step from where the plan says.
func (r *runner) bind(s *plan.Step, name string) (*call, error) {
	c := &call{step: s, name: name, values: map[string]any{}}
	for _, a := range s.Arguments {
		if a.How == plan.Unbound {
			continue
		}
		value, err := a.Value.Eval(r.env)
		switch {
		case errors.Is(err, plan.ErrUnknown) && r.req.Mode == DryRun:
			c.unknown = append(c.unknown, a.Param.Name)
			continue
		case err != nil:
			return nil, fmt.Errorf("argument %s: %w", a.Param.Name, err)
		case value == nil && a.Param.Required:
			return nil, fmt.Errorf("argument %s is required, and %s gives nothing", a.Param.Name, a.Note)
		case value == nil:
			continue
		}
		c.values[a.Param.Name] = value
	}
	if err := r.show(c); err != nil {
		return nil, err
	}
	return c, r.fill(c)
}

// show makes the form of the arguments that is hashed, recorded and shown: a
// secret stands there as a mark that is the same for the same secret.
func (r *runner) show(c *call) error {
	hidden := hide(c.values, r)
	if len(c.unknown) > 0 {
		hidden.(map[string]any)["$unknown"] = toAny(c.unknown)
	}
	text, err := json.Marshal(hidden)
	if err != nil {
		return fmt.Errorf("the arguments cannot be written: %w", err)
	}
	if c.shown, err = canonical.Parse(text); err != nil {
		return fmt.Errorf("the arguments cannot be recorded: %w", err)
	}
	return nil
}

func hide(v any, r *runner) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[r.masked(key)] = hide(value, r)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = hide(value, r)
		}
		return out
	case string:
		if r.masked(v) != v {
			return map[string]any{"$secret_sha256": canonical.Sum("argument", r.sealed.Run, v)}
		}
	}
	return v
}

// fill finds out what the step asks for: which relation to which resource, and
// which scopes.
func (r *runner) fill(c *call) (err error) {
	s := c.step
	c.req = decision.Request{Context: r.sealed, Step: c.name, Attempt: 1, Operation: s.Operation.ID, Effect: string(s.Operation.Effect),
		Arguments: c.shown.Bytes(), Hash: c.shown.Hash(), At: r.now()}
	if c.req.Operation == "" {
		c.req.Operation = s.Named
	}
	if c.req.Resource, c.req.Relation, err = r.target(c); err != nil {
		return err
	}
	c.scopes = texts(byRole(s, c.values, provider.RoleScopes))
	if len(c.scopes) == 0 {
		c.scopes = []string{s.Operation.Provider + ":" + string(s.Operation.Effect)}
	}
	slices.Sort(c.scopes)
	c.req.Scope = strings.Join(c.scopes, " ")
	c.volume = volume(s, c.values)
	return nil
}

// target is what the step acts on. A step that names nothing itself acts on what
// the capability has authorized, before or after; else on the service as a whole.
// What the capability authorizes and cannot be told is not the service as a whole.
func (r *runner) target(c *call) (resource, relation string, err error) {
	resource, relation = named(c.step, c.values)
	if by := r.plan.Step(c.step.Needs.Authorization.By); by != nil && (resource == "" || relation == "") {
		other, err := r.peek(by)
		if err != nil {
			return "", "", fmt.Errorf("what %s authorizes cannot be told: %w", by.ID, err)
		}
		res, rel := named(by, other)
		if resource == "" {
			resource = res
		}
		if relation == "" && res == resource {
			relation = rel
		}
	}
	if resource == "" {
		resource = "service:" + c.step.Operation.Provider
	}
	if relation == "" {
		relation = usual(c.step.Operation.Effect)
	}
	return resource, relation, nil
}

// peek evaluates the arguments of another step as far as they are known now.
func (r *runner) peek(s *plan.Step) (map[string]any, error) {
	values := map[string]any{}
	for _, a := range s.Arguments {
		if a.How == plan.Unbound {
			continue
		}
		value, err := a.Value.Eval(r.env)
		if errors.Is(err, plan.ErrUnknown) {
			continue
		}
		if err != nil {
			return nil, err
		}
		values[a.Param.Name] = value
	}
	return values, nil
}

func named(s *plan.Step, values map[string]any) (resource, relation string) {
	if relations := texts(byRole(s, values, provider.RoleRelation)); len(relations) == 1 {
		relation = relations[0]
	}
	if whole := texts(byRole(s, values, provider.RoleResource)); len(whole) == 1 {
		return whole[0], relation
	}
	kind, id := texts(byRole(s, values, provider.RoleResourceType)), texts(byRole(s, values, provider.RoleResourceID))
	if len(kind) == 1 && len(id) == 1 {
		return kind[0] + ":" + id[0], relation
	}
	return "", relation
}

// usual is the relation that an effect needs where nobody says.
func usual(e effects.Effect) string {
	switch {
	case e == effects.Read:
		return "reader"
	case e.Privileged():
		return "operator"
	}
	return "writer"
}

// byRole is the value of the first argument with a role.
func byRole(s *plan.Step, values map[string]any, role provider.Role) any {
	for _, p := range s.Operation.Params {
		if p.Role == role {
			if v, found := values[p.Name]; found {
				return v
			}
		}
	}
	return nil
}

// texts is a value as a list of texts: a list, or a text with spaces.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return strings.Fields(v)
	case []any:
		var out []string
		for _, one := range v {
			if text, ok := one.(string); ok {
				out = append(out, text)
			}
		}
		return out
	}
	return nil
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, one := range list {
		out[i] = one
	}
	return out
}

// volume is how much the step uses: what it says, one record, or unknown where it
// moves money and does not say how much.
func volume(s *plan.Step, values map[string]any) int64 {
	said := byRole(s, values, provider.RoleVolume)
	if n, err := strconv.ParseInt(fmt.Sprint(said), 10, 64); said != nil && err == nil && n >= 0 {
		return n
	}
	if said != nil || s.Operation.Effect == effects.Money {
		return limits.UnknownVolume
	}
	return 1
}

// asks puts into the report what the step asks for. A control of the capability's
// own needs neither relation nor scope; it may name them.
func (c *call) asks(rep *StepReport) {
	rep.Arguments, _ = c.shown.Value().(map[string]any)
	rep.Resource, rep.Relation, rep.Scope = c.req.Resource, c.req.Relation, c.req.Scope
	if c.guards() {
		rep.Resource, rep.Relation = named(c.step, c.values)
		rep.Scope = ""
	}
}

// guards says whether the step is a control of the capability's own.
func (c *call) guards() bool {
	control := c.step.Operation.Control
	return control != effects.None && control != ""
}
