package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// document reads a capability from its text.
func document(t testing.TB, text string) *capabilities.Document {
	t.Helper()
	f, err := source.NewFile("test.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return capabilities.NewReader(nil, capabilities.Options{}).ReadFile(f)[0]
}

// argument compiles one value of a step and returns it.
func argument(t *testing.T, value string) (Value, error) {
	t.Helper()
	text := "name: Values\ninputs:\n  - {name: word, type: string}\n  - {name: list, type: array}\nsteps:\n" +
		"  - {id: first, operation: notes.getNote}\n  - id: second\n    operation: notes.createNote\n    with:\n      v: " + value + "\n"
	p, err := Compile(document(t, text), "", Options{})
	if err != nil {
		return Value{}, err
	}
	for _, a := range p.Step("second").Arguments {
		if a.Param.Name == "v" {
			return a.Value, nil
		}
	}
	return Value{}, errors.New("unbound")
}

func TestValues(t *testing.T) {
	given := Env{
		Inputs: map[string]any{"word": "moss", "list": []any{"a", json.Number("9007199254740993"), true, nil, map[string]any{"k": "v"}}},
		Steps:  map[string]Result{"first": {Known: true, Status: 201, Body: map[string]any{"id": "n1", "odd key": "x", "parts": []any{map[string]any{"n": json.Number("7")}}}}},
		Secret: func(name string) (any, error) {
			if name == "KEY" {
				return "hidden", nil
			}
			return nil, errors.New("there is no such secret")
		},
		Context: map[string]any{"tenant": "north", "user": "ana"},
	}
	for _, tt := range []struct {
		value string
		want  any
		err   string // part of the error of compiling or evaluating
	}{
		{"plain words", "plain words", ""},
		{"5", json.Number("5"), ""},
		{"0x1F", json.Number("31"), ""},
		{"9007199254740993", json.Number("9007199254740993"), ""},
		{"1.50", json.Number("1.50"), ""},
		{"'5'", "5", ""},
		{"true", true, ""},
		{"'true'", "true", ""},
		{"2026-01-02", "2026-01-02", ""},
		{"'{{word}}'", "moss", ""},
		{"'{{ inputs.word }}!'", "moss!", ""},
		{"'${input.word}-${word}'", "moss-moss", ""},
		{"'${{ inputs.list }}'", []any{"a", json.Number("9007199254740993"), true, nil, map[string]any{"k": "v"}}, ""},
		{"'n {{inputs.list[1]}} {{inputs.list[2]}} {{inputs.list[4]}}'", `n 9007199254740993 true {"k":"v"}`, ""},
		{"inputs.word", "moss", ""},
		{"first.id", "n1", ""},
		{"steps.first.id", "n1", ""},
		{"'{{steps.first.outputs.id}}'", "n1", ""},
		{"'{{first.parts[0].n}}'", json.Number("7"), ""},
		{"'{{steps.first[\"odd key\"]}}'", "x", ""},
		{"'{{first.statusCode}}'", json.Number("201"), ""},
		{"$.first.parts[0].n", json.Number("7"), ""},
		{"'{{first.absent}}'", nil, ""},
		{"'{{first.absent | default: \"none\"}}'", "none", ""},
		{"'{{inputs.word == \"moss\"}}'", true, ""},
		{"third.id", "third.id", ""}, // a word with a dot
		{"'{{context.user}} of {{context.tenant}}'", "ana of north", ""},
		{"'{{secrets.KEY}}'", "hidden", ""},
		{"'Bearer ${secrets.KEY}'", "Bearer hidden", ""},
		{"'{{env.KEY}}'", "hidden", ""}, // from the vault, never from the process
		{"'{{secrets.OTHER}}'", nil, "no such secret"},
		{"'a {{first.absent}}'", nil, "has no value"},
		{"'{{third.id}}'", nil, "names nothing"},
		{"'{{inputs.wrod}}'", nil, `did you mean "word"`},
		{"'{{word | upper}}'", nil, "filter default"},
		{"'${len(inputs.list)}'", nil, "not known"},
		{"'{{word'", nil, "does not end"},
		{"'{{inputs.list[*]}}'", nil, "not understood"},
		{"$response.body#/id", nil, "before there is one"},
		{"$request.body#/id", nil, "not kept"},
		{"'{{item.id}}'", nil, "names nothing"},
		{"{a: {b: '{{word}}'}, c: [1, '{{first.id}}']}", map[string]any{"a": map[string]any{"b": "moss"}, "c": []any{json.Number("1"), "n1"}}, ""},
		{"[{a: 1}, {a: '{{word}}', b: 2}]", []any{map[string]any{"a": json.Number("1")}, map[string]any{"a": "moss", "b": json.Number("2")}}, ""},
	} {
		v, err := argument(t, tt.value)
		var got any
		if err == nil {
			got, err = v.Eval(given)
		}
		switch {
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%s: %v, %v: want an error with %q", tt.value, got, err, tt.err)
		case tt.err == "" && (err != nil || !reflect.DeepEqual(got, tt.want)):
			t.Errorf("%s: %#v, %v: want %#v", tt.value, got, err, tt.want)
		}
	}
}

func TestUnknownValues(t *testing.T) {
	v, err := argument(t, "'note {{first.id}}'")
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []Env{{}, {Steps: map[string]Result{"first": {Body: map[string]any{"id": "x"}}}}} {
		_, err := v.Eval(given)
		var unknown *UnknownError
		if !errors.Is(err, ErrUnknown) || !errors.As(err, &unknown) || unknown.Of != "step first" {
			t.Errorf("%v", err)
		}
	}
	if got := v.Steps(); !reflect.DeepEqual(got, []string{"first"}) {
		t.Errorf("takes from %v", got)
	}
}

func TestSecretsAreMarked(t *testing.T) {
	for value, want := range map[string]bool{"'{{secrets.KEY}}'": true, "'Bearer {{secrets.KEY}}'": true, "'{{word}}'": false,
		"'{{first.api_key}}'": true, "'{{first.id}}'": false, "'{{secrets.KEY == \"x\"}}'": false, "{a: ['{{secrets.KEY}}']}": true} {
		v, err := argument(t, value)
		if err != nil || v.Secret() != want {
			t.Errorf("%s: %v, %v", value, v.Secret(), err)
		}
	}
}

// Lookups join by value, numbers by what they are worth.
func TestJoin(t *testing.T) {
	people := []any{map[string]any{"id": json.Number("1"), "name": "ana"}, map[string]any{"id": json.Number("2.0"), "name": "ben"}, map[string]any{"name": "nobody"}}
	for _, tt := range []struct{ wanted, want any }{
		{json.Number("2"), map[string]any{"name": "ben"}},
		{[]any{json.Number("2"), json.Number("1")}, []any{map[string]any{"name": "ana"}, map[string]any{"name": "ben"}}},
		{"2", nil}, {nil, nil}, {[]any{}, []any{}}, {[]any{nil}, []any{}},
	} {
		join := newNode(node{kind: kJoin, name: "id", names: []string{"name"}, parts: []*node{literal(people), literal(tt.wanted)}})
		got, err := Value{join}.Eval(Env{})
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v: %v, %v", tt.wanted, got, err)
		}
	}
	if _, err := (Value{newNode(node{kind: kJoin, name: "id", parts: []*node{literal("x"), literal(1)}})}).Eval(Env{}); err == nil {
		t.Error("joins with a text")
	}
}

// The two parts of a resource put together again are the resource.
func TestColon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z:]{0,6}`).Draw(t, "text")
		in := literal(text)
		before, err := Value{newNode(node{kind: kBefore, parts: []*node{in}})}.Eval(Env{})
		after, err2 := Value{newNode(node{kind: kAfter, parts: []*node{in}})}.Eval(Env{})
		i := strings.IndexByte(text, ':')
		if whole := i > 0 && i < len(text)-1; whole != (err == nil) || (err == nil) != (err2 == nil) {
			t.Fatalf("%q: %v, %v", text, err, err2)
		}
		if err == nil && (fmt.Sprint(before, ":", after) != text || strings.Contains(before.(string), ":")) {
			t.Fatalf("%q: %v and %v", text, before, after)
		}
	})
}

// at never panics, and finds what was put there.
func TestAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "0", "1", "00", "length", "-1", "", "99999999999999999999"}), 0, 5).Draw(t, "path")
		var v any = "found"
		for i := len(path) - 1; i >= 0; i-- {
			if isIndex(path[i]) && path[i] != "99999999999999999999" {
				v = []any{nil, nil}
				v.([]any)[map[string]int{"0": 0, "1": 1}[path[i]]] = "found"
				if i < len(path)-1 {
					return
				}
				continue
			}
			v = map[string]any{path[i]: v}
		}
		if got := at(v, path); got != "found" {
			t.Fatalf("%v in %v: %v", path, v, got)
		}
		at("text", path)
		at([]any{"x"}, path)
	})
}
