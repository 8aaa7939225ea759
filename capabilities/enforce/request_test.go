package enforce_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/plan"
)

// TestInputsAreTyped: what the capability did not ask for, or in another form, is
// refused before a run comes to be.
func TestInputsAreTyped(t *testing.T) {
	b := setup(t)
	p := b.planOf("a.yaml", strings.Replace(writes(create), "inputs:\n", `inputs:
  - {name: n, type: integer}
  - {name: on, type: boolean}
  - {name: list, type: array}
  - {name: map, type: object}
  - {name: user_id, type: string}
`, 1))
	for _, one := range []struct {
		name  string
		value any
		want  string // "": fits
	}{
		{"n", json.Number("3"), ""}, {"n", json.Number("3.5"), "expected integer"}, {"n", "3", `"n" is a text; expected integer`},
		{"on", true, ""}, {"on", "true", "expected boolean"},
		{"list", []any{"a"}, ""}, {"list", "a", "expected array"},
		{"map", map[string]any{"a": 1.0}, ""}, {"map", []any{}, `"map" is a list`},
		{"organization_name", nil, `"organization_name" is nothing`}, {"organization_name", 4.0, "is a number"},
		{"organisation_name", "x", `did you mean "organization_name"?`},
	} {
		req := request("user_amara", named("x"))
		req.Inputs[one.name] = one.value
		report, err := b.Start(ctx, p, req)
		if one.want == "" {
			if err != nil || report.Outcome != enforce.Completed {
				t.Errorf("%s = %v: %v %+v", one.name, one.value, err, report)
			}
			continue
		}
		if !errors.Is(err, enforce.Invalid) || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s = %v: %v, want %q", one.name, one.value, err, one.want)
		}
	}
	if _, err := b.Start(ctx, p, enforce.Request{Tenant: "lakeside", User: "user_amara", Agent: "support-assistant", Purpose: "x"}); err == nil || !strings.Contains(err.Error(), `"organization_name" is required`) {
		t.Errorf("%v", err)
	}
	for purpose, want := range map[string]string{"look\naway": `holds '\n'`, "a\x01b": "does not show", "a\u0085b": "does not show", "a\u202eb": `'\u202e'`, "\xff": "no UTF-8",
		" ": "blank", strings.Repeat("x", 1001): "more than 1000"} {
		_, err := b.Start(ctx, p, request("user_amara", named("x"), func(r *enforce.Request) { r.Purpose = purpose }))
		if !errors.Is(err, enforce.Invalid) || !strings.Contains(err.Error(), want) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
			t.Errorf("%q: %v, want %s", purpose, err, want)
		}
	}
	for _, change := range []func(*enforce.Request){
		func(r *enforce.Request) { r.Reading = "loose" }, func(r *enforce.Request) { r.Mode = "real" }, func(r *enforce.Request) { r.Canary = -1 },
	} {
		if _, err := b.Start(ctx, p, request("user_amara", named("x"), change)); !errors.Is(err, enforce.Invalid) {
			t.Errorf("%v", err)
		}
	}
	for _, p := range []*plan.Plan{nil, {}} { // a run of it could not be resumed
		if _, err := b.Start(ctx, p, request("user_amara", named("x"))); !errors.Is(err, enforce.Invalid) {
			t.Errorf("%v", err)
		}
	}
}

// TestErrorSaysItOnce: where the cause says what is wrong, the kind does not say it
// again; it is there for errors.Is all the same.
func TestErrorSaysItOnce(t *testing.T) {
	b := setup(t)
	_, err := b.ShowRun(ctx, "lakeside", "run_nope")
	if !errors.Is(err, enforce.Unknown) || err.Error() != "show run_nope: journal: run run_nope: there is no such run" {
		t.Errorf("%v", err)
	}
	for want, e := range map[string]*enforce.Error{
		"open x: a part of the runtime cannot be used: gone; wait": {Kind: enforce.Unavailable, Op: "open x", Err: errors.New("gone"), Hint: "wait"},
		"find x: there is no such thing":                           {Kind: enforce.Unknown, Op: "find x"},
		"find x: none: gone":                                       {Kind: enforce.Unknown, Op: "find x", Detail: "none", Err: errors.New("gone")},
	} {
		if e.Error() != want {
			t.Errorf("%s, want %s", e, want)
		}
	}
}
