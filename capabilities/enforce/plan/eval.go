package plan

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// maxText bounds the bytes of a text that is put together from parts.
const maxText = 1 << 20

func (n *node) fail(message string, err error) error {
	return &ValueError{Value: n.String(), Message: message, Err: err}
}

func (n *node) eval(env *Env) (any, error) {
	if n == nil {
		return nil, nil
	}
	switch n.kind {
	case kLiteral:
		return n.literal, nil
	case kInput:
		return n.inputOf(env)
	case kItem:
		if !env.HasItem {
			return nil, &UnknownError{"the item of a loop"}
		}
		return at(env.Item, n.path), nil
	case kContext:
		return env.Context[n.name], nil
	case kSecret:
		return n.secretOf(env, n.name)
	case kBody, kStatus, kOutput:
		return n.resultOf(env)
	case kNot, kAnd, kOr, kEqual, kLess, kLessEqual, kMatch, kExists:
		return n.judge(env)
	}
	return n.evalParts(env)
}

// inputOf is an input; {"$secret": NAME} stands for a value of the vault.
func (n *node) inputOf(env *Env) (any, error) {
	value := env.Inputs[n.name]
	if named, ok := value.(map[string]any); ok && len(named) == 1 {
		if name, ok := named["$secret"].(string); ok {
			return n.secretOf(env, name)
		}
	}
	return at(value, n.path), nil
}

func (n *node) secretOf(env *Env, name string) (any, error) {
	if env.Secret == nil {
		return nil, n.fail("no secrets are at hand", nil)
	}
	v, err := env.Secret(name)
	if err != nil {
		return nil, n.fail("cannot be had", err)
	}
	return v, nil
}

func (n *node) resultOf(env *Env) (any, error) {
	r, ok := env.Steps[n.name]
	if !ok || !r.Known {
		return nil, &UnknownError{"step " + n.name}
	}
	switch n.kind {
	case kStatus:
		return json.Number(strconv.Itoa(r.Status)), nil
	case kOutput:
		return at(r.Outputs[n.path[0]], n.path[1:]), nil
	}
	return at(r.Body, n.path), nil
}

func (n *node) evalParts(env *Env) (any, error) {
	switch n.kind {
	case kElse:
		v, err := n.parts[0].eval(env)
		if err != nil || v != nil {
			return v, err
		}
		return n.parts[1].eval(env)
	case kJoin:
		return n.join(env)
	case kProject:
		return n.project(env)
	}
	values := make([]any, len(n.parts))
	for i, part := range n.parts {
		v, err := part.eval(env)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	switch n.kind {
	case kPath:
		return at(values[0], n.path), nil
	case kText:
		return n.text(values)
	case kList:
		return values, nil
	case kMap:
		out := make(map[string]any, len(values))
		for i, v := range values {
			out[n.names[i]] = v
		}
		return out, nil
	}
	return n.colon(values[0])
}

// text joins parts. A part that is absent is an error: a text with a hole in it
// is another text than the one meant.
func (n *node) text(values []any) (any, error) {
	var b strings.Builder
	for i, v := range values {
		if v == nil {
			return nil, n.fail("is part of a text and has no value: "+n.parts[i].String(), nil)
		}
		b.WriteString(plainText(v))
		if b.Len() > maxText {
			return nil, n.fail("is longer than "+strconv.Itoa(maxText)+" bytes", nil)
		}
	}
	return b.String(), nil
}

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return jsonText(v)
}

// colon takes a reference such as repository:notes apart.
func (n *node) colon(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	text, ok := v.(string)
	if !ok {
		return nil, n.fail("is "+describe(v)+", not a text such as type:id", nil)
	}
	before, after, found := strings.Cut(text, ":")
	if !found || before == "" || after == "" {
		return nil, n.fail("names no resource as type:id", nil)
	}
	if n.kind == kBefore {
		return before, nil
	}
	return after, nil
}

// at gives what lies at path in v, nil where there is nothing. The length of a
// list or text is at length.
func at(v any, path []string) any {
	for _, name := range path {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			switch {
			case name == "length":
				v = json.Number(strconv.Itoa(len(in)))
			case err == nil && i >= 0 && i < len(in) && isIndex(name):
				v = in[i]
			default:
				return nil
			}
		case string:
			if name != "length" {
				return nil
			}
			v = json.Number(strconv.Itoa(len([]rune(in))))
		default:
			return nil
		}
	}
	return v
}

// isIndex reports whether a name is a place in a list: digits alone, no zero in
// front.
func isIndex(name string) bool {
	if name == "" || len(name) > len(strconv.Itoa(math.MaxInt32)) || name[0] == '0' && len(name) > 1 {
		return false
	}
	for i := range len(name) {
		if !isDigit(name[i]) {
			return false
		}
	}
	return true
}

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "yes or no"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	default:
		if _, ok := rational(v); ok {
			return "a number"
		}
		return "of an unknown type"
	}
}
