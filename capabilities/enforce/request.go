package enforce

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

// member refuses a user or agent that the tenant does not list, with the nearest
// that it does.
func member(t world.Tenant, user, agent string) error {
	users, agents := make([]string, len(t.Users)), make([]string, len(t.Agents))
	for i, u := range t.Users {
		users[i] = u.ID
	}
	for i, a := range t.Agents {
		agents[i] = a.ID
	}
	for _, one := range []struct {
		what, name string
		known      []string
	}{{"user", user, users}, {"agent", agent, agents}} {
		if !slices.Contains(one.known, one.name) {
			return &Error{Kind: Unknown, Op: "find the " + one.what, Detail: fmt.Sprintf("there is no %s %q in %s", one.what, one.name, t.ID),
				Hint: source.DidYouMean(one.name, one.known)}
		}
	}
	return nil
}

// maxPurpose is the longest purpose that the log takes, in bytes.
const maxPurpose = audit.MaxText

// readable refuses a purpose that could not be shown to a person as it is, or
// recorded, before anything is begun.
func readable(purpose string) error {
	hidden := func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
	fault := ""
	switch {
	case len(purpose) > maxPurpose:
		fault = fmt.Sprintf("has %d bytes, more than %d", len(purpose), maxPurpose)
	case !utf8.ValidString(purpose):
		fault = "is no UTF-8"
	case strings.ContainsFunc(purpose, hidden):
		fault = fmt.Sprintf("holds %+q, which does not show", firstOf(purpose, hidden))
	case purpose != "" && strings.TrimSpace(purpose) == "":
		fault = "is blank"
	default:
		return nil
	}
	return &Error{Kind: Invalid, Op: "begin the run", Detail: "the purpose " + fault, Hint: "say what for in a line of text"}
}

func firstOf(text string, match func(rune) bool) rune {
	r, _ := utf8.DecodeRuneInString(text[strings.IndexFunc(text, match):])
	return r
}

// typed holds the inputs to what the plan says of them. What the run's context
// knows is filled in: a user or an agent that the caller does not name.
func typed(p *plan.Plan, req *Request) error {
	if err := readable(req.Purpose); err != nil {
		return err
	}
	inputs := make(map[string]any, len(req.Inputs))
	names := make([]string, len(p.Inputs))
	for i, in := range p.Inputs {
		names[i] = in.Name
		value, given := req.Inputs[in.Name]
		if !given {
			value, given = usualInput(in, *req)
		}
		switch {
		case !given && in.Required:
			return &Error{Kind: Invalid, Op: "read the inputs", Detail: fmt.Sprintf("the input %q is required", in.Name), Hint: expected(in)}
		case !given:
			continue
		}
		if !fits(value, in.Type) {
			return &Error{Kind: Invalid, Op: "read the inputs", Detail: fmt.Sprintf("the input %q is %s", in.Name, describe(value)), Hint: expected(in)}
		}
		if text, ok := value.(string); ok && len(in.Allowed) > 0 && !slices.Contains(in.Allowed, text) {
			return &Error{Kind: Invalid, Op: "read the inputs", Detail: fmt.Sprintf("the input %q is %q", in.Name, text), Hint: "expected one of " + strings.Join(in.Allowed, ", ")}
		}
		inputs[in.Name] = value
	}
	for _, name := range sortedKeys(req.Inputs) {
		if !slices.Contains(names, name) {
			return &Error{Kind: Invalid, Op: "read the inputs", Detail: fmt.Sprintf("the capability has no input %q", name), Hint: source.DidYouMean(name, names)}
		}
	}
	req.Inputs = inputs
	return nil
}

func usualInput(in plan.Input, req Request) (any, bool) {
	switch in.Role {
	case provider.RoleUser:
		return req.User, true
	case provider.RoleAgent:
		return req.Agent, true
	case provider.RoleTenant:
		return req.Tenant, true
	}
	return in.Default, in.Default != nil
}

func expected(in plan.Input) string {
	if in.Type == "" {
		return "expected a value"
	}
	return "expected " + in.Type
}

// fits says whether a JSON value is of a type. A secret of the vault fits where a
// text does.
func fits(value any, kind string) bool {
	if secret, ok := value.(map[string]any); ok && len(secret) == 1 {
		if _, named := secret["$secret"].(string); named {
			return kind == "" || kind == "string"
		}
	}
	switch kind {
	case "string":
		_, ok := value.(string)
		return ok
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "array":
		_, ok := value.([]any)
		return ok
	case "object":
		_, ok := value.(map[string]any)
		return ok
	case "integer", "number":
		return number(value, kind == "integer")
	}
	return true
}

func number(value any, whole bool) bool {
	switch n := value.(type) {
	case json.Number:
		_, err := n.Int64()
		return err == nil || !whole
	case float64:
		return !whole || n == math.Trunc(n)
	case int, int64:
		return true
	}
	return false
}

func describe(value any) string {
	switch value.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	case nil:
		return "nothing"
	}
	return "a number"
}
