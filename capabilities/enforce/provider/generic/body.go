package generic

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
)

// Bounds of a made-up answer.
const (
	maxOutputs = 200
	maxSteps   = 16
	maxIndex   = 8
)

// Body makes up an answer of the declared shape. The same call gives the same one.
// Paths that cannot be read are left out.
func Body(op provider.Operation, call provider.Call) any {
	var body any = map[string]any{}
	for _, out := range op.Outputs[:min(len(op.Outputs), maxOutputs)] {
		steps, ok := split(out.Path)
		if ok {
			body = set(body, steps, value(op, call, out, steps))
		}
	}
	return body
}

// split cuts a path such as data[0].id; numbers stand for places in lists.
func split(path string) (steps []any, ok bool) {
	for _, part := range strings.Split(path, ".") {
		name, places, isList := strings.Cut(part, "[")
		if name == "" && !isList {
			return nil, false
		}
		if name != "" {
			steps = append(steps, name)
		}
		if !isList {
			continue
		}
		inner, closed := strings.CutSuffix(places, "]")
		for _, place := range strings.Split(inner, "][") {
			n, err := strconv.Atoi(place)
			if !closed || err != nil || n < 0 || n > maxIndex {
				return nil, false
			}
			steps = append(steps, n)
		}
	}
	return steps, len(steps) <= maxSteps
}

// set puts a value at a place. Of two that claim one place, the one that holds
// others stays.
func set(in any, steps []any, value any) any {
	if len(steps) == 0 {
		if isFilled(in) {
			return in
		}
		return value
	}
	switch step := steps[0].(type) {
	case string:
		object, ok := in.(map[string]any)
		if !ok {
			if isFilled(in) {
				return in
			}
			object = map[string]any{}
		}
		object[step] = set(object[step], steps[1:], value)
		return object
	case int:
		list, ok := in.([]any)
		if !ok && isFilled(in) {
			return in
		}
		for len(list) <= step {
			list = append(list, nil)
		}
		list[step] = set(list[step], steps[1:], value)
		return list
	}
	return in
}

func isFilled(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// deciding are the controls whose answer a flow trusts.
var deciding = []effects.Control{effects.Authenticate, effects.ValidateCredential, effects.Authorize, effects.Approve, effects.Limit}

func value(op provider.Operation, call provider.Call, out provider.Output, steps []any) any {
	if out.Value != nil && !slices.Contains(deciding, op.Control) {
		return out.Value
	}
	switch out.Type {
	case "integer", "number":
		return 1
	case "boolean":
		return !slices.Contains(deciding, op.Control)
	case "array":
		return []any{}
	case "object":
		return map[string]any{}
	}
	return text(op, call, out, steps)
}

// text is clearly made up, and yet of the form that its name promises.
func text(op provider.Operation, call provider.Call, out provider.Output, steps []any) string {
	name := ""
	for _, step := range steps {
		if word, ok := step.(string); ok {
			name = word
		}
	}
	mark := digest(op.ID, call.Tenant, call.Scratch, call.Key, out.Path)
	lower := strings.ToLower(name)
	switch {
	case out.Secret:
		return "simulated-secret-" + mark
	case lower == "id" || strings.HasSuffix(lower, "_id") || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID"):
		return "simulated_" + mark
	case strings.HasSuffix(lower, "_at") || strings.HasSuffix(name, "At") || lower == "date" || lower == "timestamp":
		return call.At.UTC().Format(time.RFC3339)
	case strings.Contains(lower, "url") || strings.Contains(lower, "link") || lower == "href":
		return "https://simulated.invalid/" + mark
	case strings.Contains(lower, "email"):
		return "simulated@simulated.invalid"
	}
	return "simulated " + name
}
