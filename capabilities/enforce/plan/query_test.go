package plan

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// queried reads a condition in JSONPath over a value, nil for the inputs.
func queried(text string, root *node) (*node, []string, error) {
	p := &queryParser{parser: parser{text: text, end: len(text), resolve: anything}, root: root}
	n, err := p.read()
	return n, p.notes, err
}

// body is the answer that the queries of the tests look at.
const body = `{"status":"Done","n":5,"digits":"5","yes":true,"no":false,"null":null,"empty":"","list":[1,2,3],"none":[],"map":{"a":1},
"same":{"a":1.0},"length":9,"odd key":{"x":1},"0":"zero","ümlaut":"ä","big":9007199254740993,"huge":1e999,
"items":[{"id":"a","n":1,"tags":["x","y"]},{"id":"b","n":2,"tags":[]},{"id":"c","tags":null}],"nested":[[{"k":1}],[{"k":2},{"k":3}]]}`

func query(t testing.TB, text string) string {
	n, _, err := queried(text, newNode(node{kind: kBody, name: "own"}))
	if err != nil {
		return "refused"
	}
	given := env(t)
	given.Steps["own"] = Result{Known: true, Status: 200, Body: parsed(t, body)}
	return outcome(Condition{node: n}, given)
}

func parsed(t testing.TB, text string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func outcome(c Condition, given Env) string {
	holds, err := c.Holds(given)
	switch {
	case errors.Is(err, ErrUnknown):
		return "unknown"
	case err != nil:
		return "error"
	case holds:
		return "yes"
	}
	return "no"
}

func TestQueries(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`$.status == "Done"`, "yes"}, {`$.status == 'done'`, "no"}, {"$['status'] == 'Done'", "yes"}, {"$.n >= 5 && $.n < 6", "yes"},
		{"$.status == 'x' || $.status == 'Done'", "yes"}, {"!($.status == 'Done')", "no"}, {"'Done' == $.status", "yes"},
		{" $ .items [ 0 ] ['id'] == 'a' ", "yes"}, {"$.ümlaut == 'ä'", "yes"}, {"$['odd key'].x == 1", "yes"},
		// Values of two types are different, and have no order.
		{"$.digits == 5", "no"}, {"$.digits != 5", "yes"}, {"$.digits < 6", "no"}, {"$.yes == 'true'", "no"}, {"$.yes == 1", "no"},
		{"$.no == null", "no"}, {"$.empty == null", "no"}, {"$.list == 'x'", "no"}, {"$.map > 1", "no"}, {"$.map >= 1", "no"}, {"$.no < $.yes", "no"},
		{"$.yes <= $.yes", "yes"}, {"$.null <= null", "yes"}, {"$.null < null", "no"}, {"$.list <= $.list", "yes"}, {"$.status < 'E'", "yes"},
		{"$.map == $.same", "yes"}, {"$.map == $.list", "no"}, {"$.list == $.none", "no"}, {"$.n == 5e0", "yes"},
		{"$.big == 9007199254740993", "yes"}, {"$.big == 9007199254740992", "no"},
		// Null is a value; what is absent is none, and equal to what is absent.
		{"$.null == null", "yes"}, {"$.null != null", "no"}, {"$.gone == null", "no"}, {"$.gone != null", "yes"}, {"$.gone == $.lost", "yes"},
		{"$.gone <= $.lost", "yes"}, {"$.gone < $.lost", "no"}, {"$.gone == 'x'", "no"}, {"$.gone != 'x'", "yes"}, {"$.gone < 1", "no"}, {"$.gone >= 1", "no"},
		{"$.gone.deeper == $.null", "no"},
		// A test asks whether there is a value, not whether it is true.
		{"$.status", "yes"}, {"$.no", "yes"}, {"$.null", "yes"}, {"$.none", "yes"}, {"$.gone", "no"}, {"!$.gone", "yes"}, {"$.gone || $.no", "yes"},
		{"$.status.x", "no"}, {"$", "yes"}, {"$.null.x", "no"},
		// Names are of maps, places of lists.
		{"$.list[0] == 1", "yes"}, {"$.list[-1] == 3", "yes"}, {"$.list[-4]", "no"}, {"$.list[3]", "no"}, {"$.list['0']", "no"}, {"$['0'] == 'zero'", "yes"},
		{"$[0]", "no"}, {"$.map[0]", "no"}, {"$.status[0]", "no"},
		// .length at the end, outside of a filter.
		{"$.list.length == 3", "yes"}, {"$.none.length > 0", "no"}, {"$.none.length == 0", "yes"}, {"$.gone.length == 0", "no"}, {"$.gone.length > 0", "no"},
		{"$.status.length == 4", "yes"}, {"$.length == 9", "yes"}, {"$.map.length == 1", "no"}, {"$.n.length == 1", "no"}, {"$.ümlaut.length == 1", "yes"},
		{"$.list['length'] == 3", "no"}, {"$['length'] == 9", "yes"}, {"$['length']", "yes"},
		{"length($.list) == 3", "yes"}, {"length($.map) == 1", "yes"}, {"length($.ümlaut) == 1", "yes"}, {"length($.n) == 1", "no"}, {"length($.gone) == 0", "no"},
		{"length($.n) == length($.gone)", "yes"}, {"length($.list) == count($.list[*])", "yes"},
		// Filters.
		{"$.items[?@.id == 'b']", "yes"}, {"$.items[?(@.id == 'z')]", "no"}, {"$.items[? @.id == 'a' || @.n > 5 ].n", "yes"}, {"$.items[?@.id == 'c'].n", "no"},
		{"count($.items[?@.n]) == 2", "yes"}, {"count($.items[?!@.n]) == 1", "yes"}, {"count($.items[?@.n >= 1 && @.id != 'a']) == 1", "yes"},
		{"count($.items[?@.gone]) == 0", "yes"}, {"count($.items[*]) == 3", "yes"}, {"count($.items.*) == 3", "yes"}, {"count($.items) == 1", "yes"},
		{"count($.nested[*][*]) == 3", "yes"}, {"count($.nested[*][?@.k > 1]) == 2", "yes"}, {"$.nested[?@[?@.k == 3]]", "yes"}, {"$.nested[?count(@[*]) > 2]", "no"},
		{"$.items[?length(@.tags) == 2]", "yes"}, {"count($.items[?length(@.tags) == 0]) == 1", "yes"}, {"$[?count(@.a) > 0]", "yes"}, {"$[?count(@.zz) > 0]", "no"},
		{"$.items[?@.tags == null]", "yes"}, {"$.items[?@.n == null]", "no"}, {"$.list[?@ > 2]", "yes"}, {"$.list[?@ == $.n]", "no"}, {"$.list[?@ < $.n && $.yes]", "yes"},
		{"$.map[?@ == 1]", "yes"}, {"$.status[?@ == 'Done']", "no"}, {"$.none[?@.a == 'x']", "no"}, {"!$.none[?@.a == 'x']", "yes"},
		{"$.items[?@['length'] > 0]", "no"},
		// Values from outside of the context keep their type.
		{"$.n == $inputs.five", "yes"}, {"$.n == $inputs.digits", "no"}, {"$.list[?@ < $inputs.five]", "yes"}, {"$statusCode == 200 && $.yes == true", "yes"},
		{"$.items[?@.id == $response.body#/items/1/id]", "yes"}, {"$.n == $inputs.absent", "error"}, {"$.gone == $inputs.none", "error"},
		// What is beyond comparison decides nothing.
		{"$.huge == 1", "error"}, {"$.huge != 'x'", "error"}, {"$.huge", "yes"}, {"$[?@ > 1]", "error"},
		// What did not run is not known, unless the rest decides.
		{"$.n == $steps.skipped.n", "unknown"}, {"$.n != $steps.skipped.n", "unknown"}, {"$.list[?@ == $steps.skipped.n]", "unknown"},
		{"!$.list[?@ == $steps.skipped.n]", "unknown"}, {"$.none[?@ == $steps.skipped.n]", "no"}, {"$.n == 5 || $.n == $steps.skipped.n", "yes"},
		{"$.n == 6 && $.n == $steps.skipped.n", "no"}, {"$.list[?@ > 9 && @ == $steps.skipped.n]", "no"},
	} {
		if got := query(t, tt.text); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// What is not judged exactly is refused, with what was expected or a hint.
func TestQueriesRefused(t *testing.T) {
	root := newNode(node{kind: kBody, name: "own"})
	for text, want := range map[string]string{
		"": "too early", "  ": "too early", "$.a ==": "too early", "$.a == 'x": "does not end", "$.a == 'it''s'": "not understood", `$.a == 'a\'b'`: "backslash",
		"$.a = 1": "not understood", "$.a === 1": "not understood", "$.a == 1 == 1": "not understood", "1": "too early", "true": "too early", "$inputs.x": "too early",
		"$..a": "two dots", "$.a[0:1]": "slices", "$['a','b']": "slices", "$[0,1]": "slices", "$.a[01] == 1": "no place", "$.a[-0]": "no place", "$.a[-]": "no place",
		"$.a[99999999999]": "no place", "$.a[]": "not understood", "$.a[b]": "not understood", "$.a[0": "too early", "$.": "too early", "$.a.": "too early",
		"$.0": "not understood", "$.a-b == 1": "dash", "$.a.length()": "called on a path", "$.a.length": "nothing is compared", "!$.a.length": "nothing is compared",
		"length($.a.length) == 1": "nothing is compared", "$.a[?@.b.length > 0]": "length(…)", "$[?(@.a == 'x')].length == 0": "count(…)", "$.a[*].length > 1": "count(…)",
		"$.a[*] == 1": "several values", "$[?@.a == 1] == 1": "several values", "length($[*]) == 1": "several values", "count($.a[*])": "too early",
		"@.a == 1": "outside of a filter", "$.a[?@ == 1": "too early", "$.a[?1 == 1]": "nothing of the item", "$.a[?$.b == $.c]": "nothing of the item",
		"$.a[?$inputs.x == 1]": "nothing of the item", "$.a[?$.b[?@.c]]": "looks through the whole", "$.a[?count($.b[*]) > @.n]": "looks through the whole",
		"match($.a, 'x.*')": "count or length", "search($.a, 'x')": "count or length", "value($.a) == 1": "count or length", "count(1) == 1": "not understood",
		"count($inputs.x) == 1": "outside of the context", "length('abc') == 3": "not understood", "count ($.a) == 1": "not understood",
		"! $.a == 1": "before a comparison", "!!$.a": "not understood", "!1": "too early", "($.a": "operator or )", "$.a)": "not understood", "($.a) == 1": "not understood",
		"$.a == '$inputs.x'": "looks like a reference", "$.a == 'x {$inputs.y}'": "looks like a reference", "$.a == '{{y}}'": "looks like a reference",
		"$.a == '${y}'": "looks like a reference", "$.a == True": "not understood", "$.a == NULL": "not understood", "$.a and $.b": "not understood", "not $.a": "not understood",
		"a == 1": "not understood", "$.a == b": "not understood", "$.a == 01": "no number", "$.a == 1x": "no number", "$.a == +1": "not understood",
		"$.a == {$inputs.x}": "not understood", "$.a + 1 == 2": "not understood", "$.a in ['x']": "not understood", "$.a == ['x']": "not understood",
		"$.a =~ /x/": "not understood", "$.a\x00": "not understood", "$.a == '\x01'": "control character", "$.a == '\xff'": "UTF-8", "$nothing.x == 1": "names no value",
		"$.a == " + "1" + strings.Repeat("0", 500): "no number",
	} {
		_, _, err := queried(text, root)
		var p *problem
		if !errors.As(err, &p) || !strings.Contains(p.message+" "+p.expected+" "+p.hint, want) {
			t.Errorf("%q: %+v, want %q", text, err, want)
		}
	}
}

// The context must have a value, but for inputs, which may be absent one by one.
func TestContexts(t *testing.T) {
	given := Env{Inputs: map[string]any{"files": []any{"a"}, "null": nil},
		Steps: map[string]Result{"own": {Known: true, Status: 204}, "skipped": {}}}
	own, skipped := newNode(node{kind: kBody, name: "own"}), newNode(node{kind: kBody, name: "skipped"})
	for _, tt := range []struct {
		root       *node
		text, want string
	}{
		{own, "$.a", "error"}, {own, "$.a != 1", "error"}, {own, "!$[?@.a == 1]", "error"}, {own, "$ == null", "error"},
		{own.under([]string{"a"}), "$.b", "error"},
		{skipped, "$.a", "unknown"}, {skipped, "!$.a", "unknown"}, {skipped, "$.a != 1", "unknown"}, {skipped, "count($[*]) == 0", "unknown"}, {skipped, "1 == 1 || $.a", "yes"},
		{newNode(node{kind: kInput, name: "gone"}), "$.a != 1", "error"},
		{nil, "$.files.length > 0", "yes"}, {nil, "$.files[?@ == 'a']", "yes"}, {nil, "$.gone", "no"}, {nil, "$.gone.length == 0", "no"}, {nil, "$.null == null", "yes"},
		{nil, "$.gone == null", "no"}, {nil, "$.null", "yes"}, {nil, "$.null.a", "no"}, {nil, "$['files'][0] == 'a'", "yes"},
		{nil, "$", "refused"}, {nil, "$[*]", "refused"}, {nil, "$[?@ == 1]", "refused"}, {nil, "$[0] == 1", "refused"}, {nil, "$.length > 0", "refused"},
	} {
		n, _, err := queried(tt.text, tt.root)
		got := "refused"
		if err == nil {
			got = outcome(Condition{node: n}, given)
		}
		if got != tt.want {
			t.Errorf("%s over %s: %s, want %s", tt.text, tt.root, got, tt.want)
		}
	}
}

// A reader is told where JSONPath says something else than may be thought.
func TestQueryNotes(t *testing.T) {
	root := newNode(node{kind: kBody, name: "own"})
	for text, want := range map[string]string{
		"$.a != null": "absent is not null", "null != $.a": "absent is not null", "$.a == null": "", "$.a != 1": "", "$.ok": "false and null", "!$.ok": "false and null",
		"$[?@.a]": "", "$.a.length > 0": "how much a list", "length($.a) > 0": "", "$[?count(@.a) > 0]": "one or none", "count($[*]) > 0": "",
	} {
		_, notes, err := queried(text, root)
		if got := strings.Join(notes, "\n"); err != nil || want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
}

// Bounds: what is deep or long is refused, and does not exhaust the stack.
func TestQueriesAreBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 30_000) + "$.a" + strings.Repeat(")", 30_000), strings.Repeat("$[?", 20_000), "$" + strings.Repeat("[?@", 70) + strings.Repeat("]", 70),
		strings.Repeat("$.a && ", 9_000) + "$.a", "$" + strings.Repeat(".a", 40_000),
	} {
		if _, _, err := queried(text, newNode(node{kind: kBody, name: "own"})); err == nil {
			t.Errorf("%.20q… is read", text)
		}
	}
}

// TestQueryComparisons holds the laws of RFC 9535, 2.3.5.2.2, over all pairs of
// types: one comparison and its opposite, order and equality.
func TestQueryComparisons(t *testing.T) {
	operand := rapid.SampledFrom([]string{"$.status", "$.n", "$.digits", "$.yes", "$.no", "$.null", "$.list", "$.map", "$.same", "$.gone", "$.lost", "$.big",
		"'5'", "5", "true", "null", "count($.items[*])", "length($.none)", "length($.gone)"})
	rapid.Check(t, func(r *rapid.T) {
		a, b := operand.Draw(r, "a"), operand.Draw(r, "b")
		is := func(x, sign, y string) bool {
			got := query(t, x+" "+sign+" "+y)
			if got != "yes" && got != "no" {
				r.Fatalf("%s %s %s: %s", x, sign, y, got)
			}
			return got == "yes"
		}
		equal, less, more := is(a, "==", b), is(a, "<", b), is(a, ">", b)
		switch {
		case is(a, "!=", b) == equal, is(a, "<=", b) != (less || equal), is(a, ">=", b) != (more || equal), less && more, equal && (less || more),
			is(b, "==", a) != equal, is(b, ">", a) != less, a == b && !equal:
			r.Fatalf("%s and %s: equal %v, less %v, more %v", a, b, equal, less, more)
		}
	})
}

// The same condition is judged otherwise where it is no JSONPath.
func TestQueriesAreApart(t *testing.T) {
	for _, tt := range []struct{ simple, query, want, typed string }{
		{"$inputs.digits == 5", "$.digits == 5", "yes", "no"}, {"$response.body#/status == 'DONE'", "$.status == 'DONE'", "yes", "no"},
		{"$inputs.no", "$.no", "no", "yes"}, {"$inputs.absent == null", "$.absent == null", "yes", "no"}, {"$inputs.list == 'x'", "$.list == 'x'", "error", "no"},
	} {
		if got, typed := judge(t, tt.simple, true), query(t, tt.query); got != tt.want || typed != tt.typed {
			t.Errorf("%s: %s, %s: %s", tt.simple, got, tt.query, typed)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, text := range []string{`$.status == "x" || $.n != 5`, "$.items[?@.id == $inputs.word && !@.n].tags[-1]", "count($.items[?length(@.tags) > 0]) >= 1",
		"$[?count(@.items) > 0]", "$['odd key'].x <= $['length']", "!($.list.length == 3) && $.gone", "$.nested[*][?@.k == $.n]", "$[?(@.slug == $inputs.slug)].length == 0"} {
		f.Add(text, false)
		f.Add(text, true)
	}
	given := env(f)
	given.Steps["own"] = Result{Known: true, Status: 200, Body: parsed(f, body)}
	f.Fuzz(func(t *testing.T, text string, inputs bool) {
		root := newNode(node{kind: kBody, name: "own"})
		if inputs {
			root = nil
		}
		n, _, err := queried(text, root)
		if err != nil {
			var p *problem
			if !errors.As(err, &p) || p.message == "" {
				t.Fatalf("%q: %v says nothing", text, err)
			}
			return
		}
		spelling := n.String()
		holds, err := Condition{node: n}.Holds(given)
		var value *ValueError
		if err != nil && (holds || !errors.Is(err, ErrUnknown) && !errors.As(err, &value)) {
			t.Fatalf("%q: %v, %v has no type", text, holds, err)
		}
		again, _, err2 := queried(text, root)
		if err2 != nil || again.String() != spelling || n.String() != spelling || n.size > maxSize {
			t.Fatalf("%q: changed, or %d parts", text, n.size)
		}
		// What is decided without the answer is decided so with it.
		blind, err3 := Condition{node: n}.Holds(Env{Inputs: given.Inputs})
		if err3 == nil && err == nil && blind != holds {
			t.Fatalf("%q: %v without the answer, %v with it", text, blind, holds)
		}
	})
}

// The stated draft of JSONPath is another language, and so is a context that is an
// expression.
func TestContextsRefused(t *testing.T) {
	for criterion, want := range map[string]string{
		"{condition: $.a == 1, type: jsonpath}":                                                                                      "does not say what",
		"{condition: $.a == 1, type: jsonpath, context: $response.header.x}":                                                         "header",
		"{condition: $.a == 1, type: jsonpath, context: '$response.body == 1'}":                                                      "names no value",
		"{condition: $.a == 1, type: jsonpath, context: plain words}":                                                                "names no value",
		"{condition: $.a == 1, type: jsonpath, context: $steps.two.outputs.x}":                                                       "names no step",
		"{condition: $.a == 1, context: $response.body}":                                                                             "type: jsonpath",
		"{condition: '$[?@.a == 1]', context: $response.body, type: {type: jsonpath, version: draft-goessner-dispatch-jsonpath-00}}": "the version",
		"{condition: //a, context: $response.body, type: xpath}":                                                                     "jsonpath",
		"{condition: $.a == 1, type: jsonpath, context: $inputs}":                                                                    `no input "a"`,
	} {
		text := "arazzo: 1.0.1\ninfo: {title: X, version: 1.0.0}\nsourceDescriptions: [{name: n, url: ./n.yaml, type: openapi}]\nworkflows:\n" +
			"  - workflowId: w\n    inputs: {type: object, properties: {b: {type: string}}}\n    steps:\n      - {stepId: one, operationId: getNote, successCriteria: [" + criterion + "]}\n"
		_, err := Compile(document(t, text), "", Options{})
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) || refusal.Faults[0].At.File == "" {
			t.Errorf("%s: %v, want %q", criterion, err, want)
		}
	}
}

// A path into an answer of a known shape is looked up in it, as those of other
// conditions are.
func TestQueriesInShape(t *testing.T) {
	for _, tt := range []struct{ context, condition, want, warning string }{
		{"steps.org", "$.organization_id == 'x'", `equal-by-type($(step org).id, "x")`, "goes by that name"},
		{"steps.org", "$.id == 'x'", `equal-by-type($(step org).id, "x")`, ""},
		{"steps.org", "$.gone != 'x'", `not(equal-by-type($(step org).gone, "x"))`, `has no "gone"`},
		{"steps.list", "$.data[?@.state == 'active']", `exists($(step list).data[?equal-by-type(@.state, "active")])`, ""},
		{"steps.list.data", "$[0].state == 'active'", `equal-by-type($(step list.data)[0].state, "active")`, ""},
		{"steps.list", "$.date[*]", `exists($(step list).date[*])`, `has no "date"`},
	} {
		text := "name: X\nspecification: Naftiko Capability Composition\nproviderId: workos\ninputs: [{name: name, type: string}]\nsteps:\n" +
			"  - {id: org, operation: OrganizationsController_create, with: {name: '{{name}}'}}\n  - {id: list, operation: ConnectionsController_list}\n" +
			"  - {id: last, operation: ConnectionsController_list, when: {type: JSONPath, context: " + tt.context + ", condition: \"" + tt.condition + "\"}}\n"
		p, err := Compile(document(t, text), "", Options{Operations: service()})
		if err != nil {
			t.Errorf("%s: %v", tt.condition, err)
			continue
		}
		warned := ""
		for _, w := range p.Warnings {
			warned += w.Text + "\n"
		}
		when := p.Step("last").When
		if len(when) != 1 || when[0].String() != tt.want || !strings.Contains(warned, tt.warning) || tt.warning == "" && strings.Contains(warned, "has no") {
			t.Errorf("%s: %v, warned of %s", tt.condition, when, warned)
		}
	}
}
