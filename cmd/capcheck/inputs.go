package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// secretPrefix marks an input whose value lies in the vault.
const secretPrefix = "@secret:"

// inputs gathers the values of a run: those of flags, then those of a file, then
// those of the world. taken names the ones that the world gave.
func (c *command) inputs(pl *plan.Plan, flags []string, file string, defaults map[string]any) (values map[string]any, taken []string, err error) {
	known := map[string]plan.Input{}
	for _, in := range pl.Inputs {
		known[in.Name] = in
	}
	values = map[string]any{}
	if file != "" {
		if values, err = c.readInputs(file); err != nil {
			return nil, nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if _, ok := known[name]; !ok {
				return nil, nil, noInput(name, known)
			}
		}
	}
	said := map[string]bool{}
	for _, text := range flags {
		name, value, found := strings.Cut(text, "=")
		in, ok := known[name]
		switch {
		case !found:
			return nil, nil, usage("--input %s has no value; expected name=value", name)
		case !ok:
			return nil, nil, noInput(name, known)
		case said[name]:
			return nil, nil, usage("--input %s is given twice", name)
		}
		said[name] = true
		if values[name], err = inputValue(in, value); err != nil {
			return nil, nil, err
		}
	}
	var missing []string
	for _, in := range pl.Inputs {
		if _, given := values[in.Name]; given || sealedRole(in.Role) {
			continue
		}
		if value, ok := defaults[in.Name]; ok {
			values[in.Name] = value
			taken = append(taken, in.Name)
		} else if in.Required && in.Default == nil {
			missing = append(missing, in.Name)
		}
	}
	if len(missing) > 0 {
		return nil, nil, usage("no value for %s: say --input %s=VALUE, or put it into a file for --inputs", strings.Join(missing, ", "), missing[0])
	}
	return values, taken, nil
}

// sealedRole: the runtime gives the value itself, from who acts for whom.
func sealedRole(r provider.Role) bool {
	return r == provider.RoleUser || r == provider.RoleAgent || r == provider.RoleTenant
}

func noInput(name string, known map[string]plan.Input) error {
	if len(known) == 0 {
		return usage("there is no input %q; this capability takes none", name)
	}
	return unknown("input", name, slices.Sorted(maps.Keys(known)))
}

// inputValue reads the text of a flag as the plan types the input. Errors never
// quote the value, which may be a secret.
func inputValue(in plan.Input, text string) (any, error) {
	if name, ok := strings.CutPrefix(text, secretPrefix); ok {
		if name == "" {
			return nil, usage("--input %s=%s names no secret", in.Name, secretPrefix)
		}
		return map[string]any{"$secret": name}, nil
	}
	if len(in.Allowed) > 0 && !slices.Contains(in.Allowed, text) && in.Type != "array" {
		return nil, usage("--input %s is none of %s", in.Name, strings.Join(in.Allowed, ", "))
	}
	switch in.Type {
	case "integer", "number":
		number := json.Number(text)
		value, err := canonical.Parse([]byte(text))
		if _, ok := value.Value().(json.Number); err != nil || !ok {
			return nil, usage("--input %s is no number, or one that cannot be kept exactly", in.Name)
		}
		if _, err := number.Int64(); in.Type == "integer" && err != nil {
			return nil, usage("--input %s is no whole number, or too large", in.Name)
		}
		return number, nil
	case "boolean":
		if text != "true" && text != "false" {
			return nil, usage("--input %s is neither true nor false", in.Name)
		}
		return text == "true", nil
	case "array":
		return arrayValue(in, text)
	case "object":
		return jsonValue(in, text, "a JSON object", func(v any) bool { _, ok := v.(map[string]any); return ok })
	}
	return text, nil
}

// arrayValue reads a JSON array, or texts between commas.
func arrayValue(in plan.Input, text string) (any, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return jsonValue(in, text, "a JSON array", func(v any) bool { _, ok := v.([]any); return ok })
	}
	out := []any{}
	if text == "" {
		return out, nil
	}
	for item := range strings.SplitSeq(text, ",") {
		out = append(out, strings.TrimSpace(item))
	}
	return out, nil
}

func jsonValue(in plan.Input, text, what string, fits func(any) bool) (any, error) {
	value, err := canonical.Parse([]byte(text))
	if err != nil || !fits(value.Value()) {
		return nil, usage("--input %s is not %s, or holds a number that cannot be kept exactly", in.Name, what)
	}
	return value.Value(), nil
}

// inputLimits bound a file of inputs.
var inputLimits = source.Limits{Bytes: 1 << 20, Depth: 32, Nodes: 50_000, Documents: 1}

// readInputs reads a file of inputs, JSON or YAML.
func (c *command) readInputs(name string) (map[string]any, error) {
	path := c.abs(name)
	f, err := source.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path), inputLimits)
	if err != nil {
		return nil, &exit{exitUsage, fmt.Errorf("--inputs: %w", err)}
	}
	doc, err := source.ParseOne(f, inputLimits)
	if err != nil {
		return nil, &exit{exitUsage, fmt.Errorf("--inputs: %w", err)}
	}
	value, err := plainValue(doc.Root)
	if err != nil {
		return nil, &exit{exitUsage, fmt.Errorf("--inputs: %w", err)}
	}
	values, ok := value.(map[string]any)
	if !ok {
		return nil, usage("--inputs %s: expected a map from the names of inputs to their values", name)
	}
	return values, nil
}

// plainValue is a node as a JSON value; numbers keep their text.
func plainValue(n source.Node) (any, error) {
	switch n.Kind() {
	case source.Mapping:
		out := map[string]any{}
		for key, value := range n.Pairs() {
			var err error
			if out[key.Text()], err = plainValue(value); err != nil {
				return nil, err
			}
		}
		return out, nil
	case source.Sequence:
		out := []any{}
		for _, item := range n.Items() {
			value, err := plainValue(item)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		return out, nil
	}
	if n.IsNull() {
		return nil, nil
	}
	if value, ok := n.Bool(); ok {
		return value, nil
	}
	if n.IsNumber() {
		if number := json.Number(n.Text()); json.Valid([]byte(number)) {
			return number, nil
		}
		return nil, &source.Error{At: n.Location(), ID: "input", Message: "a number that JSON cannot write", Expected: "a number in decimal, or text in quotes"}
	}
	return n.Text(), nil
}
