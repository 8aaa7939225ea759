package capabilities

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// The rules are part of the program: all of them load, and every word in them
// means something.
func TestRulesLoad(t *testing.T) {
	known := map[string]bool{"any": true, "version": true, "text": true, "number": true, "integer": true, "bool": true,
		"true": true, "map": true, "=": true, "one-of": true, "list": true, "keyed": true}
	for dialect, load := range rulesOf {
		r, err := load()
		if err != nil {
			t.Fatalf("%s: %v", dialect, err)
		}
		if r.maps[r.root] == nil || r.key == "" || len(r.versions) <= r.first {
			t.Errorf("%s: root %q, key %q, versions %v from %d", dialect, r.root, r.key, r.versions, r.first)
		}
		var check func(where string, v *valueType)
		check = func(where string, v *valueType) {
			if v == nil {
				return
			}
			if !known[v.base] && r.texts[v.base] == nil && r.maps[v.base] == nil && r.choices[v.base] == nil {
				t.Errorf("%s: %s: no kind is called %q", dialect, where, v.base)
			}
			if v.base == "keyed" && v.keys != "any" && r.texts[v.keys] == nil {
				t.Errorf("%s: %s: no kind of text is called %q", dialect, where, v.keys)
			}
			check(where, v.of)
		}
		for name, k := range r.maps {
			for field, variants := range k.fields {
				for _, v := range variants {
					check(name+"."+field, v.is)
				}
			}
			for _, a := range k.alternatives {
				for field, variants := range a.fields {
					for _, v := range variants {
						check(name+"."+field, v.is)
					}
				}
				for _, field := range append(a.must, a.without...) {
					if k.fields[field] == nil {
						t.Errorf("%s: %s: an alternative names %q, which is no field", dialect, name, field)
					}
				}
			}
		}
		for name, c := range r.choices {
			for _, v := range c.kinds {
				check(name, v)
			}
			for _, o := range append(c.has, option{is: c.orElse}) {
				check(name, o.is)
			}
			for _, o := range c.of {
				check(name, o.is)
			}
		}
	}
}

const goodArazzo = `arazzo: 1.0.1
info: {title: a, version: b}
sourceDescriptions: [{name: s, url: ./x.yaml, type: openapi}]
workflows:
  - workflowId: w
    steps:
      - {stepId: a, operationId: x}
`

func TestConform(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"good", goodArazzo, ""},
		{"extension", goodArazzo + "x-own: 1\n", ""},
		{"unknown field", goodArazzo + "worflows: 1\n", "unknown-field 8:1"},
		{"required", strings.Replace(goodArazzo, "title: a, ", "", 1), "required 2:8"},
		{"wrong type", strings.Replace(goodArazzo, "title: a", "title: [a]", 1), "wrong-type 2:16"},
		{"wrong word", strings.Replace(goodArazzo, "type: openapi", "type: raml", 1), "not-allowed 3:53"},
		{"wrong name", strings.Replace(goodArazzo, "workflowId: w", "workflowId: w w", 1), "not-allowed 5:17"},
		{"too few", strings.Replace(goodArazzo, "\n      - {stepId: a, operationId: x}", " []", 1), "too-few 6:12"},
		{"none of the alternatives", strings.Replace(goodArazzo, ", operationId: x", "", 1), "alternatives 7:10"},
		{"two of the alternatives", strings.Replace(goodArazzo, "operationId: x", "operationId: x, workflowId: w", 1), "alternatives 7:10"},
		{"unknown version", strings.Replace(goodArazzo, "1.0.1", "2.0.0", 1), "version 1:9"},
		{"no such step", strings.Replace(goodArazzo, "operationId: x", "operationId: x, onSuccess: [{name: n, type: goto, stepId: z}]", 1), "reference 7:56"},
		{"duplicate step", goodArazzo + "      - {stepId: a, operationId: y}\n", "duplicate-id 8:18"},
		{"duplicate key", strings.Replace(goodArazzo, "stepId: a", "stepId: b, stepId: a", 1), "duplicate-key 7:21"},
		{"cut off", goodArazzo + "# --- truncated at 32 KB\n", "incomplete 2:15"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := readText(t, "a.yaml", tt.text)[0]
			verdict, violations := Conform(d)
			var got []string
			for _, v := range violations {
				got = append(got, fmt.Sprintf("%s %d:%d", v.ID, v.At.Range.Start.Line, v.At.Range.Start.Column))
			}
			sort.Strings(got)
			if strings.Join(got, ", ") != tt.want || (verdict == Conforms) != (tt.want == "") {
				t.Errorf("%s: got %q (%v), want %q", verdict, strings.Join(got, ", "), violations, tt.want)
			}
		})
	}
}

func TestWithoutASpecificationNothingIsJudged(t *testing.T) {
	for _, text := range []string{"steps: []", "apiVersion: naftiko.io/v1\nkind: Capability", "- a", ""} {
		if verdict, violations := Conform(readText(t, "a.yaml", text)[0]); verdict != Unjudged || violations != nil {
			t.Errorf("%q: %s %v", text, verdict, violations)
		}
	}
}

func TestViolationsHelp(t *testing.T) {
	d := readText(t, "a.yaml", strings.Replace(goodArazzo, "operationId", "operatonId", 1))[0]
	_, violations := Conform(d)
	if len(violations) != 2 || !strings.Contains(violations[0].Error(), `did you mean "operationId"?`) {
		t.Errorf("%v", violations)
	}
}

// What is told briefly is the beginning of what is told in full.
func TestConformBriefly(t *testing.T) {
	dir := sharedData(t, "capabilities")
	r := NewReader(tree(t, dir), Options{})
	documents, cut := 0, 0
	for _, name := range corpusFiles(t, dir) {
		docs, err := r.Read(name)
		if err != nil {
			continue // it is no text
		}
		for _, d := range docs {
			verdict, all := Conform(d)
			structure := slices.DeleteFunc(slices.Clone(all), func(v *source.Error) bool {
				return slices.Contains([]string{"reference", "duplicate-id", "duplicate-key", "incomplete"}, v.ID)
			})
			for _, most := range []int{0, 1, 20} {
				briefly, told, count := ConformBriefly(d, most)
				same := func(a, b *source.Error) bool { return a.Error() == b.Error() }
				if briefly != verdict || count != len(structure) || !slices.EqualFunc(told, structure[:min(most, count)], same) {
					t.Errorf("%s, at most %d: %s, %d of %d told; in full %s, %d", name, most, briefly, len(told), count, verdict, len(structure))
				}
				if count > most {
					cut++
				}
			}
			documents++
		}
	}
	if documents == 0 || cut == 0 {
		t.Errorf("%d documents, cut short %d times", documents, cut)
	}
}
