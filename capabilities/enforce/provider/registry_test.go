package provider_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agentrisk/capabilities/enforce/provider"
)

// fake is a provider that only lists.
type fake struct {
	name string
	ids  []string
}

func (f fake) Name() string { return f.name }

func (f fake) Operations() (ops []provider.Operation) {
	for _, id := range f.ids {
		ops = append(ops, provider.Operation{Provider: f.name, ID: id})
	}
	return ops
}

func (f fake) Call(context.Context, string, provider.Call) (provider.Response, error) {
	return provider.Response{}, nil
}

func (f fake) Lookup(context.Context, string, provider.Call) (provider.Response, bool, error) {
	return provider.Response{}, false, nil
}

func TestRegistry(t *testing.T) {
	r, err := provider.NewRegistry(fake{"one", []string{"b", "a", "login[0]"}}, fake{"two", []string{"b", "c"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name, id, want string
	}{
		{"one", "a", "one"}, {"ONE", "a", "one"}, {"", "a", "one"}, {"", "c", "two"}, {"", "b", ""}, {"two", "b", "two"},
		{"two", "a", ""}, {"three", "a", ""}, {"one", "login", "one"}, {"one", "login[0]", "one"}, {"one", "login[x]", ""}, {"", "", ""},
	} {
		if op, ok := r.Find(one.name, one.id); op.Provider != one.want || ok != (one.want != "") {
			t.Errorf("%s %s: %+v %t", one.name, one.id, op, ok)
		}
	}
	if got := r.IDs("one"); !slices.Equal(got, []string{"a", "b", "login[0]"}) {
		t.Errorf("%v", got)
	}
	if got := r.IDs(""); !slices.Equal(got, []string{"a", "b", "c", "login[0]"}) {
		t.Errorf("%v", got)
	}
	if p, ok := r.Provider("Two"); !ok || p.Name() != "two" {
		t.Error("no provider two")
	}
	for _, bad := range [][]provider.Provider{{fake{"a", nil}, fake{"A", nil}}, {fake{"", nil}}, {fake{"a", []string{"x", "x[1]"}}}, {fake{"a", []string{""}}}} {
		if _, err := provider.NewRegistry(bad...); err == nil {
			t.Errorf("%v is let in", bad)
		}
	}
}

func operation() provider.Operation {
	return provider.Operation{Params: []provider.Param{
		{Name: "id", In: "path", Type: "string", Required: true},
		{Name: "limit", In: "query", Type: "integer", Default: 10},
		{Name: "deep", In: "query", Type: "boolean"},
		{Name: "count", In: "body", Type: "integer"},
		{Name: "scopes", In: "body", Type: "array", Allowed: []string{"r", "w"}},
		{Name: "more", In: "body", Type: "object"},
	}}
}

func TestBind(t *testing.T) {
	number := json.Number("10")
	for name, tt := range map[string]struct {
		given  map[string]any
		want   map[string]any
		faults string
	}{
		"defaults":        {map[string]any{"id": "x"}, map[string]any{"id": "x", "limit": number}, ""},
		"null is nothing": {map[string]any{"id": "x", "count": nil}, map[string]any{"id": "x", "limit": number}, ""},
		"all": {map[string]any{"id": "x", "limit": "7", "deep": "true", "count": 3, "scopes": []string{"r"}, "more": map[string]int{"a": 1}},
			map[string]any{"id": "x", "limit": json.Number("7"), "deep": true, "count": json.Number("3"), "scopes": []any{"r"}, "more": map[string]any{"a": json.Number("1")}}, ""},
		"one for a list": {map[string]any{"id": "x", "scopes": "w"}, map[string]any{"id": "x", "limit": number, "scopes": []any{"w"}}, ""},
		"big":            {map[string]any{"id": "x", "count": 9007199254740993}, map[string]any{"id": "x", "limit": number, "count": json.Number("9007199254740993")}, ""},
		"missing":        {nil, nil, "id:required"},
		"empty":          {map[string]any{"id": ""}, nil, "id:type"},
		"wrong": {map[string]any{"id": 1, "limit": "x", "deep": "yes", "count": "3", "scopes": []any{"x"}, "more": "x", "other": 1}, nil,
			"count:type deep:type id:type limit:type more:type other:unknown scopes:value"},
		"no integer": {map[string]any{"id": "x", "count": 1.5}, nil, "count:type"},
		"no JSON":    {map[string]any{"id": func() {}}, nil, ":value"},
		"too large":  {map[string]any{"id": strings.Repeat("x", provider.MaxArguments)}, nil, ":size"},
	} {
		t.Run(name, func(t *testing.T) {
			got, faults := provider.Bind(operation(), tt.given)
			var list []string
			for _, f := range faults {
				list = append(list, f.Param+":"+f.Code)
			}
			if text := strings.Join(list, " "); text != tt.faults {
				t.Errorf("faults %q, want %q", text, tt.faults)
			}
			if tt.faults == "" && cmp.Diff(got, tt.want) != "" {
				t.Error(cmp.Diff(got, tt.want))
			}
		})
	}
}

func FuzzBind(f *testing.F) {
	f.Add(`{"id":"x","limit":3,"scopes":["r"]}`)
	f.Add(`{"id":{"a":[1,2,{"b":null}]},"count":1e400}`)
	f.Fuzz(func(t *testing.T, text string) {
		var given map[string]any
		if json.Unmarshal([]byte(text), &given) != nil {
			return
		}
		got, faults := provider.Bind(operation(), given)
		if len(faults) > 0 {
			return
		}
		again, faults := provider.Bind(operation(), got)
		if len(faults) > 0 || cmp.Diff(got, again) != "" {
			t.Errorf("%v, then %v %v", got, again, faults)
		}
	})
}
