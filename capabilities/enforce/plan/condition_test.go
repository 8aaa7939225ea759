package plan

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"agentrisk/capabilities"
)

// anything resolves every reference as the dialects do where all names are known:
// a bare name is an input.
func anything(ref capabilities.Reference) (*node, error) {
	switch ref.Root {
	case capabilities.FromStep:
		return newNode(node{kind: kBody, name: ref.Name, path: ref.Path}), nil
	case capabilities.FromItem:
		return newNode(node{kind: kItem, path: ref.Path}), nil
	case capabilities.FromSecret:
		return newNode(node{kind: kSecret, name: ref.Name}), nil
	case capabilities.FromResponse:
		if strings.EqualFold(ref.Name, "statusCode") {
			return newNode(node{kind: kStatus, name: "own"}), nil
		}
		return newNode(node{kind: kBody, name: "own", path: ref.Path}), nil
	}
	return newNode(node{kind: kInput, name: ref.Name, path: ref.Path}), nil
}

// env is what the conditions of the tests are judged by.
func env(t testing.TB) Env {
	var inputs, own, check map[string]any
	for text, into := range map[string]*map[string]any{
		`{"yes":true,"no":false,"none":null,"word":"done","empty":"","five":5,"big":9007199254740993,"half":0.5,"digits":"5","list":[1,2],"nothing":[],"map":{"a":1},"said":"false","quote":"it's"}`: &inputs,
		`{"status":"Done","data":[{"id":"x","n":1e2}],"a/b":{"c~d":7},"allowed":true}`:                                                                                                               &own,
		`{"allowed":false,"odd key":{"x":1}}`: &check,
	} {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return Env{Inputs: inputs, Steps: map[string]Result{"own": {Body: own, Status: 200, Known: true},
		"check": {Body: check, Status: 200, Known: true}, "skipped": {}}}
}

func judge(t testing.TB, text string, loose bool) string {
	n, err := parseExpression(text, loose, anything)
	if err != nil {
		return "refused"
	}
	holds, err := Condition{node: n}.Holds(env(t))
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

func TestConditions(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"yes", "yes"}, {"no", "no"}, {"!no", "yes"}, {"not no", "yes"}, {"!!yes", "yes"}, {"not yes", "no"},
		{"none", "no"}, {"absent", "no"}, {"absent.deeper", "no"}, {"word", "yes"}, {"empty", "no"}, {"said", "no"},
		{"five", "yes"}, {"list", "yes"}, {"nothing", "no"}, {"map", "yes"},
		{"yes == true", "yes"}, {"yes != true", "no"}, {"yes === true", "yes"}, {"yes !== true", "no"}, {"no == false", "yes"},
		{"yes && no", "no"}, {"yes || no", "yes"}, {"yes and not no", "yes"}, {"no or yes", "yes"}, {"YES_ == null", "yes"},
		{"no && yes || yes", "yes"}, {"no && (yes || yes)", "no"}, {"yes || yes && no", "yes"},
		{"word == 'done'", "yes"}, {`word == "done"`, "yes"}, {"word == 'Done'", "no"}, {"'done' == word", "yes"},
		{"quote == 'it''s'", "yes"}, {"word != 'done'", "no"}, {"word < 'e'", "yes"},
		{"five == 5", "yes"}, {"five == 5.0", "yes"}, {"five < 5", "no"}, {"five <= 5", "yes"}, {"five > 4.9", "yes"}, {"five >= 5", "yes"},
		{"five == 5e0", "yes"}, {"half == 0.5", "yes"}, {"-1 < five", "yes"},
		// A double cannot tell these two apart.
		{"big == 9007199254740993", "yes"}, {"big == 9007199254740992", "no"}, {"big > 9007199254740992", "yes"},
		// Null is equal to null alone, and has no order.
		{"none == null", "yes"}, {"absent == null", "yes"}, {"word == null", "no"}, {"word != null", "yes"}, {"none == false", "no"},
		{"none < 1", "error"}, {"none == ''", "no"},
		// Values of two types are neither equal nor different.
		{"digits == 5", "error"}, {"digits != 5", "error"}, {"yes == 'true'", "error"}, {"yes != 'true'", "error"}, {"list == 'x'", "error"},
		{"map > 1", "error"}, {"yes < no", "error"},
		{"list == list", "yes"}, {"map == map", "yes"}, {"list == nothing", "no"}, {"list == map", "error"},
		{"list.length == 2", "yes"}, {"nothing.length > 0", "no"}, {"word.length == 4", "yes"},
		{"list[0] == 1", "yes"}, {"list[2] == null", "yes"}, {"list[01] == 1", "refused"},
		{"steps.check.allowed == true", "no"}, {"steps.check.allowed", "no"}, {"steps.check['odd key'].x == 1", "yes"},
		{"{{steps.check.allowed}} == false", "yes"}, {"${steps.check.allowed == false}", "yes"}, {"${{ inputs.yes }}", "yes"},
		{"{{ inputs.absent | default: 'x' }} == 'x'", "yes"}, {"{{ inputs.word | default('x') }} == 'done'", "yes"},
		{"$inputs.yes && $statusCode == 200", "yes"}, {"$statusCode >= 200 && $statusCode < 300", "yes"}, {"{$statusCode} == 200", "yes"},
		{"$response.body#/data/0/id == 'x'", "yes"}, {"$response.body#/data/0/n == 100", "yes"},
		{"$steps.check.allowed != true", "yes"},
		// What did not run is not known, unless the rest decides.
		{"steps.skipped.ok", "unknown"}, {"!steps.skipped.ok", "unknown"}, {"steps.skipped.ok == null", "unknown"},
		{"no && steps.skipped.ok", "no"}, {"steps.skipped.ok && no", "no"}, {"yes && steps.skipped.ok", "unknown"},
		{"yes || steps.skipped.ok", "yes"}, {"steps.skipped.ok || yes", "yes"}, {"no || steps.skipped.ok", "unknown"},
		{"steps.never.ok", "unknown"}, {"item.ok", "unknown"}, {"secrets.key == 'x'", "error"},
		// Anything else is refused, never taken for a yes.
		{"", "refused"}, {"   ", "refused"}, {"yes yes", "refused"}, {"yes ==", "refused"}, {"== yes", "refused"}, {"(yes", "refused"},
		{"yes)", "refused"}, {"yes &&", "refused"}, {"yes & no", "refused"}, {"yes = true", "refused"}, {"1 < five < 9", "refused"},
		{"word in ['done']", "refused"}, {"word contains 'd'", "refused"}, {"len(list) > 0", "refused"}, {"list.length()", "refused"},
		{"list[?(@ > 1)]", "refused"}, {"list[*]", "refused"}, {"list[0:1]", "refused"}, {"a..b", "refused"}, {"$..b", "refused"}, {"list.*", "refused"},
		{"word == 'done", "refused"}, {`word == 'a\'b'`, "refused"}, {"word == done; yes", "refused"}, {"five + 1 == 6", "refused"},
		{"05 == 5", "refused"}, {"5x == 5", "refused"}, {"{{yes", "refused"}, {"${yes", "refused"}, {"{{yes | upper}}", "refused"},
		{"only when the lead has agreed", "refused"}, {"true ? yes : no", "refused"}, {"$unknown.x", "refused"}, {"\x00", "refused"},
		{"word matches /d.*/", "refused"}, {"yes == true == true", "refused"},
	} {
		if got := judge(t, tt.text, false); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// Arazzo compares texts without their case, and a text that is a number with
// numbers (1.0.1, 5.8.11.1).
func TestConditionsOfArazzo(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"$response.body#/status == 'done'", "yes"}, {"$response.body#/status != 'DONE'", "no"}, {"$inputs.digits == 5", "yes"},
		{"$inputs.digits < 6", "yes"}, {"$inputs.word == 5", "error"}, {"$inputs.yes == 'true'", "error"},
	} {
		if got := judge(t, tt.text, true); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}

// Bounds: what is deep or long is refused, and does not exhaust the stack.
func TestConditionsAreBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 30_000) + "yes" + strings.Repeat(")", 30_000),
		strings.Repeat("{{", 30_000),
		strings.Repeat("yes && ", 20_000) + "yes",
		"five == 1" + strings.Repeat("0", 500),
		"five < 1e999999999",
	} {
		if got := judge(t, text, false); got != "refused" {
			t.Errorf("%.20q…: %s", text, got)
		}
	}
	for _, text := range []string{strings.Repeat("!", 60_001) + "no", strings.Repeat("yes && ", 2000) + "yes"} {
		if got := judge(t, text, false); got != "yes" {
			t.Errorf("%.20q…: %s", text, got)
		}
	}
}

// tri is one of the three truth values.
type tri int

const (
	no tri = iota
	unknown
	yes
)

// TestThreeValues compares "and", "or" and "not" with Kleene's tables, over
// random expressions.
func TestThreeValues(t *testing.T) {
	words := map[tri]string{no: "no", unknown: "steps.skipped.ok", yes: "yes"}
	rapid.Check(t, func(t *rapid.T) {
		var draw func(depth int) (string, tri)
		draw = func(depth int) (string, tri) {
			switch rapid.IntRange(0, 3+depth).Draw(t, "form") {
			case 4, 5:
				a, x := draw(depth - 1)
				b, y := draw(depth - 1)
				return "(" + a + " && " + b + ")", min(x, y)
			case 6:
				a, x := draw(depth - 1)
				b, y := draw(depth - 1)
				return "(" + a + " or " + b + ")", max(x, y)
			case 7:
				a, x := draw(depth - 1)
				return "!(" + a + ")", yes - x
			}
			x := tri(rapid.IntRange(0, 2).Draw(t, "value"))
			return words[x], x
		}
		text, want := draw(4)
		got := map[string]tri{"no": no, "yes": yes, "unknown": unknown}
		n, err := parseExpression(text, false, anything)
		if err != nil {
			t.Fatal(err)
		}
		holds, err := Condition{node: n}.Holds(Env{Inputs: map[string]any{"yes": true, "no": false}})
		word := map[bool]string{true: "yes", false: "no"}[holds]
		if errors.Is(err, ErrUnknown) {
			word = "unknown"
		} else if err != nil {
			t.Fatal(err)
		}
		if got[word] != want {
			t.Fatalf("%s: %s, want %d", text, word, want)
		}
	})
}

// A comparison and its opposite never both hold, whatever is compared.
func TestOppositesExclude(t *testing.T) {
	operand := rapid.SampledFrom([]string{"yes", "no", "none", "word", "five", "big", "digits", "list", "map", "absent", "steps.skipped.x", "'5'", "5", "null", "true"})
	rapid.Check(t, func(r *rapid.T) {
		a, b := operand.Draw(r, "a"), operand.Draw(r, "b")
		for _, pair := range [][2]string{{"==", "!="}, {"<", ">="}, {">", "<="}} {
			x, y := judge(t, a+" "+pair[0]+" "+b, false), judge(t, a+" "+pair[1]+" "+b, false)
			decided := x == "yes" || x == "no"
			if decided != (y == "yes" || y == "no") || decided && x == y || !decided && x != y {
				r.Fatalf("%s, %s: %s %s, %s %s", a, b, pair[0], x, pair[1], y)
			}
		}
	})
}

func FuzzCondition(f *testing.F) {
	for _, text := range []string{"a == 'b' && !c", "{{ steps.x.y[0] }} != null", "$response.body#/a~1b >= 1e3 || not ($statusCode == 200)",
		"${input.a | default: 'x'}", "((a))", "'it''s' == x", "a['odd key'].length > 0", "-0.5e-3 < {$inputs.n}"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, loose bool) {
		n, err := parseExpression(text, loose, anything)
		if err != nil {
			var p *problem
			if !errors.As(err, &p) || p.message == "" {
				t.Fatalf("%q: %v says nothing", text, err)
			}
			return
		}
		spelling := n.String()
		_, err = Condition{node: n}.Holds(env(t))
		var value *ValueError
		if err != nil && !errors.Is(err, ErrUnknown) && !errors.As(err, &value) {
			t.Fatalf("%q: %v has no type", text, err)
		}
		if n.String() != spelling || n.size > maxSize {
			t.Fatalf("%q: changed, or %d parts", text, n.size)
		}
	})
}
