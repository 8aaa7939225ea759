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
	"agentrisk/capabilities/enforce/identity"
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
	scopes  []string          // that the grant must cover
	whole   *decision.Request // the service as a whole; nil where req asks for no less
	volume  int64
	unknown []string        // arguments whose values do not exist in a dry run
	claims  identity.Claims // of the token, as the check of identity found it
	lately  limits.Found    // what the check of limits saw
	secret  []string        // arguments that are credentials, whatever they hold

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
		if isCredential(a) {
			c.secret = append(c.secret, a.Param.Name)
			r.teach(s.ID, value)
		}
	}
	if err := r.show(c); err != nil {
		return nil, err
	}
	return c, r.fill(c)
}

// isCredential: what an operation takes as a credential is one, and so is what the
// plan calls a secret. The session of the sealed context is a name.
func isCredential(a plan.Argument) bool {
	return a.How != plan.Sealed && (a.Value.Secret() || a.Param.Role == provider.RoleCredential)
}

// show makes the form of the arguments that is hashed, recorded and shown: a
// secret stands there as a mark that is the same for the same secret.
func (r *runner) show(c *call) error {
	hidden := hide(c.values, r).(map[string]any)
	for _, name := range c.secret {
		if value, given := c.values[name]; given {
			hidden[name] = r.markOf(fmt.Sprint(value))
		}
	}
	if len(c.unknown) > 0 {
		hidden["$unknown"] = toAny(c.unknown)
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
			return r.markOf(v)
		}
	}
	return v
}

// markOf stands for a secret: the same for the same secret, within the run. Without
// the runtime's key nobody can try out what it stands for.
func (r *runner) markOf(secret string) map[string]any {
	return map[string]any{"$secret_sha256": canonical.Sum("argument", r.marks, r.sealed.Run, secret)}
}

// fill finds out what the step asks for: which relation to which resource, and
// which scopes. A secret in the place of a name is masked there too, so that it is
// neither recorded nor shown; nothing is granted under a mask.
func (r *runner) fill(c *call) error {
	s := c.step
	c.req = decision.Request{Context: r.sealed, Step: c.name, Attempt: 1, Operation: s.Operation.ID, Effect: string(s.Operation.Effect),
		Arguments: c.shown.Bytes(), Hash: c.shown.Hash(), At: r.now()}
	if c.req.Operation == "" {
		c.req.Operation = s.Named
	}
	own, err := r.target(c)
	if err != nil {
		return err
	}
	for _, value := range byRole(s, c.values, provider.RoleScopes) {
		c.scopes = append(c.scopes, texts(value)...)
	}
	whole := c.req
	whole.Resource, whole.Relation, whole.Scope = "service:"+s.Operation.Provider, usual(s.Operation.Effect), s.Operation.Provider+":"+string(s.Operation.Effect)
	if len(c.scopes) == 0 {
		c.scopes = []string{whole.Scope}
	}
	for i := range c.scopes {
		c.scopes[i] = r.masked(c.scopes[i])
	}
	slices.Sort(c.scopes)
	c.scopes = slices.Compact(c.scopes)
	c.req.Scope = strings.Join(c.scopes, " ")
	c.req.Resource, c.req.Relation = r.masked(c.req.Resource), r.masked(c.req.Relation)
	if c.whole = nil; !own && (whole.Resource != c.req.Resource || whole.Relation != c.req.Relation || whole.Scope != c.req.Scope) {
		c.whole = &whole
	}
	c.volume = volume(s, c.values)
	return nil
}

// target is what the step acts on. A step that names nothing itself acts on what
// the capability has authorized, before or after; else on the service as a whole.
// What the capability authorizes and cannot be told is not the service as a whole.
//
// own: a modelled operation names it. Anything else is only what a document says:
// then the service as a whole is asked for too.
func (r *runner) target(c *call) (own bool, err error) {
	resource, relation, err := named(c.step, c.values)
	if err != nil {
		return false, err
	}
	own = resource != "" && !c.step.Operation.Simulated
	if by := r.plan.Step(c.step.Needs.Authorization.By); by != nil && (resource == "" || relation == "") {
		other, err := r.peek(by)
		if err != nil {
			return false, fmt.Errorf("what %s authorizes cannot be told: %w", by.ID, err)
		}
		res, rel, err := named(by, other)
		if err != nil {
			return false, fmt.Errorf("what %s authorizes cannot be told: %w", by.ID, err)
		}
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
	c.req.Resource, c.req.Relation = resource, relation
	return own, nil
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

// named is what a step names itself. More than one of a kind cannot be checked as
// one, and is an error.
func named(s *plan.Step, values map[string]any) (resource, relation string, err error) {
	var parts [4]string
	for i, role := range [...]provider.Role{provider.RoleRelation, provider.RoleResource, provider.RoleResourceType, provider.RoleResourceID} {
		if parts[i], err = only(s, values, role); err != nil {
			return "", "", err
		}
	}
	relation, resource = parts[0], parts[1]
	if kind, id := parts[2], parts[3]; kind != "" && id != "" {
		if resource != "" && resource != kind+":"+id {
			return "", "", fmt.Errorf("%s names two resources", s.Operation.ID)
		}
		resource = kind + ":" + id
	}
	return resource, relation, nil
}

// only is the one text that the arguments with a role hold, as it is; "" for none.
func only(s *plan.Step, values map[string]any, role provider.Role) (string, error) {
	found := ""
	for _, value := range byRole(s, values, role) {
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		for _, one := range list {
			text, isText := one.(string)
			switch {
			case !isText && s.Operation.Simulated: // its name alone gave it the role
			case !isText:
				return "", fmt.Errorf("%s names a %s that is no text", s.Operation.ID, role)
			case found != "" && text != found:
				return "", fmt.Errorf("%s names more than one %s", s.Operation.ID, role)
			default:
				found = text
			}
		}
	}
	return found, nil
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

// byRole are the values of the arguments with a role.
func byRole(s *plan.Step, values map[string]any, role provider.Role) (list []any) {
	for _, p := range s.Operation.Params {
		if v, found := values[p.Name]; p.Role == role && found && v != nil {
			list = append(list, v)
		}
	}
	return list
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
	if len(said) == 1 {
		if n, err := strconv.ParseInt(fmt.Sprint(said[0]), 10, 64); err == nil && n >= 0 {
			return n
		}
	}
	if len(said) > 0 || s.Operation.Effect == effects.Money {
		return limits.UnknownVolume
	}
	return 1
}

// asks puts into the report what the step asks for. A control of the capability's
// own needs neither relation nor scope; it may name them.
func (c *call) asks(rep *StepReport) {
	rep.Arguments, _ = c.shown.Value().(map[string]any)
	rep.Resource, rep.Relation, rep.Scope = c.req.Resource, c.req.Relation, c.req.Scope
	rep.Whole = nil
	if c.whole != nil && !c.guards() {
		rep.Whole = &WholeReport{c.whole.Resource, c.whole.Relation, c.whole.Scope}
	}
	if c.guards() {
		rep.Scope = ""
		if resource, _, err := named(c.step, c.values); err != nil || resource == "" {
			rep.Resource, rep.Relation = "", ""
		}
	}
}

// guards says whether the step is a control of the capability's own.
func (c *call) guards() bool { return protects(c.step.Operation) }

// protects says whether an operation is a control, so that it needs none. Of one that
// nobody modelled only its name says so, which is the document's to choose: it needs
// what its effect needs, unless it asks a person and so is not called at all.
func protects(op provider.Operation) bool {
	return op.Control == effects.Approve || op.Control != effects.None && op.Control != "" && !op.Simulated
}
