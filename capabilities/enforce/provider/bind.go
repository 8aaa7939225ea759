package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// MaxArguments bounds the arguments of a call, in bytes of JSON.
const MaxArguments = 64 << 10

// Invalid is an argument that an operation does not take as it is.
type Invalid struct {
	Param string
	Code  string // required, unknown, type, value or size
	Text  string // for a person; never contains the argument
}

// Bind checks the arguments of a call against an operation's parameters and puts
// them into JSON values: text, json.Number, bool, []any and map[string]any. Null is
// no argument. Defaults are filled in. One text stands for a list of one, and digits
// in a path or a query for a number. The faults come in order of their names.
func Bind(op Operation, given map[string]any) (map[string]any, []Invalid) {
	text, err := json.Marshal(given)
	if err != nil {
		return nil, []Invalid{{Code: "value", Text: "the arguments are no JSON values"}}
	}
	if len(text) > MaxArguments {
		return nil, []Invalid{{Code: "size", Text: fmt.Sprintf("the arguments have more than %d bytes", MaxArguments)}}
	}
	args := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&args); err != nil {
		return nil, []Invalid{{Code: "value", Text: "the arguments are no JSON values"}}
	}
	out, faults := map[string]any{}, unknown(op, args)
	for _, p := range op.Params {
		value := args[p.Name]
		if value == nil && p.Default != nil {
			value = p.Default
		}
		if value == nil {
			if p.Required {
				faults = append(faults, Invalid{p.Name, "required", p.Name + " is required"})
			}
			continue
		}
		taken, ok := p.take(value)
		if !ok {
			faults = append(faults, Invalid{p.Name, "type", p.Name + " must be of the type " + p.Type})
			continue
		}
		if !p.allows(taken) {
			faults = append(faults, Invalid{p.Name, "value", p.Name + " must be one of " + strings.Join(p.Allowed, ", ")})
			continue
		}
		out[p.Name] = taken
	}
	slices.SortStableFunc(faults, func(a, b Invalid) int { return strings.Compare(a.Param, b.Param) })
	return out, faults
}

func unknown(op Operation, args map[string]any) (faults []Invalid) {
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if !slices.ContainsFunc(op.Params, func(p Param) bool { return p.Name == name }) {
			faults = append(faults, Invalid{name, "unknown", "there is no such parameter"})
		}
	}
	return faults
}

// take turns a value into one of the parameter's type.
func (p Param) take(value any) (any, bool) {
	switch v := value.(type) {
	case string:
		return p.takeText(v)
	case json.Number:
		_, err := strconv.ParseInt(v.String(), 10, 64)
		return v, p.Type == "" || p.Type == "number" || p.Type == "integer" && err == nil
	case int: // a default
		return json.Number(strconv.Itoa(v)), p.Type == "" || p.Type == "number" || p.Type == "integer"
	case bool:
		return v, p.Type == "" || p.Type == "boolean"
	case []any:
		return v, p.Type == "" || p.Type == "array"
	case map[string]any:
		return v, p.Type == "" || p.Type == "object"
	}
	return nil, false
}

func (p Param) takeText(text string) (any, bool) {
	switch {
	case p.Type == "string" || p.Type == "":
		return text, text != "" || !p.Required
	case p.Type == "array":
		return []any{text}, text != ""
	case p.In != "path" && p.In != "query":
		return nil, false
	case p.Type == "integer":
		_, err := strconv.ParseInt(text, 10, 64)
		return json.Number(text), err == nil
	case p.Type == "boolean":
		return text == "true", text == "true" || text == "false"
	}
	return nil, false
}

// allows says whether a value, or each of a list, is one of the allowed ones.
func (p Param) allows(value any) bool {
	if len(p.Allowed) == 0 {
		return true
	}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	for _, one := range list {
		if !slices.Contains(p.Allowed, fmt.Sprint(one)) {
			return false
		}
	}
	return true
}
