package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agentrisk/capabilities/enforce/plan"
	"agentrisk/capabilities/enforce/provider"
)

func TestInputValue(t *testing.T) {
	tests := []struct {
		kind, text string
		allowed    []string
		want       any
		err        string
	}{
		{"string", "a,b", nil, "a,b", ""},
		{"", "[1]", nil, "[1]", ""},
		{"string", "", nil, "", ""},
		{"string", "fast", []string{"slow", "fast"}, "fast", ""},
		{"string", "quick", []string{"slow", "fast"}, nil, "none of slow, fast"},
		{"integer", "12", nil, json.Number("12"), ""},
		{"integer", "9007199254740993", nil, nil, "cannot be kept exactly"},
		{"integer", "1.5", nil, nil, "whole number"},
		{"integer", "twelve", nil, nil, "no number"},
		{"integer", `"12"`, nil, nil, "no number"},
		{"number", "1.5", nil, json.Number("1.5"), ""},
		{"number", "true", nil, nil, "no number"},
		{"boolean", "true", nil, true, ""},
		{"boolean", "yes", nil, nil, "neither true nor false"},
		{"array", "a, b", nil, []any{"a", "b"}, ""},
		{"array", "", nil, []any{}, ""},
		{"array", `["a,b", 1]`, nil, []any{"a,b", json.Number("1")}, ""},
		{"array", `["a"`, nil, nil, "JSON array"},
		{"object", `{"a": {"b": null}}`, nil, map[string]any{"a": map[string]any{"b": nil}}, ""},
		{"object", `[]`, nil, nil, "JSON object"},
		{"object", `{"a": 1, "a": 2}`, nil, nil, "JSON object"},
		{"string", "@secret:db", nil, map[string]any{"$secret": "db"}, ""},
		{"integer", "@secret:", nil, nil, "names no secret"},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.text, func(t *testing.T) {
			got, err := inputValue(plan.Input{Name: "x", Type: tt.kind, Allowed: tt.allowed}, tt.text)
			if tt.err != "" {
				var e *exit
				if !errors.As(err, &e) || e.code != exitUsage || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want %q", err, tt.err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

// TestInputErrorsHideValues: a value may be a secret that somebody typed in the
// wrong place.
func TestInputErrorsHideValues(t *testing.T) {
	const value = "hunter2hunter2"
	for _, kind := range []string{"integer", "number", "boolean", "object"} {
		if _, err := inputValue(plan.Input{Name: "x", Type: kind}, value); err == nil || strings.Contains(err.Error(), value) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestInputs(t *testing.T) {
	c := &command{dir: t.TempDir()}
	pl := &plan.Plan{Inputs: []plan.Input{
		{Name: "target", Type: "string", Required: true}, {Name: "scopes", Type: "array", Required: true},
		{Name: "pace", Type: "string", Required: true, Default: "slow"}, {Name: "note", Type: "string"},
		{Name: "who", Type: "string", Required: true, Role: provider.RoleUser},
	}}
	file := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good := file("good.yaml", "scopes: [read, write]\nnote: 3\n")
	tests := []struct {
		name     string
		flags    []string
		file     string
		defaults map[string]any
		want     map[string]any
		taken    []string
		err      string
	}{
		{name: "flags beat the file, the file the world", flags: []string{"target=a=b", "scopes=x"}, file: good, defaults: map[string]any{"note": "world"},
			want: map[string]any{"target": "a=b", "scopes": []any{"x"}, "note": json.Number("3")}},
		{name: "the world gives the rest", flags: []string{"target=a"}, defaults: map[string]any{"scopes": []any{"r"}, "other": 1, "who": "somebody else"},
			want: map[string]any{"target": "a", "scopes": []any{"r"}}, taken: []string{"scopes"}},
		{name: "missing", flags: []string{"target=a"}, err: "no value for scopes"},
		{name: "near", flags: []string{"targt=a"}, err: `did you mean "target"`},
		{name: "twice", flags: []string{"target=a", "target=b"}, err: "given twice"},
		{name: "no value", flags: []string{"target"}, err: "expected name=value"},
		{name: "file with an unknown name", file: file("unknown.yaml", "scope: []\n"), err: `did you mean "scopes"`},
		{name: "file that is no map", file: file("list.yaml", "[a]\n"), err: "expected a map"},
		{name: "file with a number that JSON lacks", file: file("hex.yaml", "note: 0x10\n"), err: "a number that JSON cannot write"},
		{name: "no file", file: "none.yaml", err: "none.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, taken, err := c.inputs(pl, tt.flags, tt.file, tt.defaults)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.taken, taken); diff != "" {
				t.Error(diff)
			}
		})
	}
}
