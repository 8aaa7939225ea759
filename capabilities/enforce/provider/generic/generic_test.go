package generic_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/generic"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/store/storetest"
)

var ctx = context.Background()

func outputs(paths ...string) (list []provider.Output) {
	for _, path := range paths {
		path, kind, _ := strings.Cut(path, " ")
		list = append(list, provider.Output{Path: path, Type: kind, Secret: path == "token"})
	}
	return list
}

func open(t testing.TB, b storetest.Backend) *generic.Service {
	t.Helper()
	st, err := state.New(b.Open(t, storetest.NewClock()), storetest.Box(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := generic.New("desk", []provider.Operation{
		{ID: "send", Effect: effects.Message, Control: effects.None, Outputs: outputs("id string", "sent boolean"), Status: 201},
		{ID: "read", Effect: effects.Read, Control: effects.None, Outputs: outputs("data[0].id string")},
		{ID: "ask", Effect: effects.Write, Control: effects.Approve, Outputs: outputs("approved boolean")},
		{ID: "drop", Effect: effects.Delete, Control: effects.None, Undo: "restore"},
	}, st)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func call(key string) provider.Call {
	return provider.Call{Tenant: "t", User: "u", Key: key, At: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), Arguments: map[string]any{"x": 1}}
}

func TestOnceMarkedAndUndone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		s := open(t, b)
		first, err := s.Call(ctx, "send", call("k"))
		if err != nil || !first.Simulated || first.Undo["call"] != "k" || first.Status != 201 {
			t.Fatalf("%+v %v", first, err)
		}
		again, err := s.Call(ctx, "send", call("k"))
		if err != nil || !again.Repeated || cmp.Diff(first.Body, again.Body) != "" {
			t.Errorf("%+v %v", again, err)
		}
		if other, err := s.Call(ctx, "send", call("l")); err != nil || cmp.Diff(first.Body, other.Body) == "" {
			t.Errorf("two calls with one id: %+v %v", other, err)
		}
		if found, ok, err := s.Lookup(ctx, "send", call("k")); !ok || err != nil || !found.Simulated {
			t.Errorf("%+v %t %v", found, ok, err)
		}
		back := call("undo k")
		back.Arguments = first.Undo
		if r, err := s.Call(ctx, generic.UndoID, back); err != nil || r.Undo != nil {
			t.Errorf("%+v %v", r, err)
		}
		if undone, err := s.Undone(ctx, call("k")); !undone || err != nil {
			t.Errorf("%t %v", undone, err)
		}
		if undone, err := s.Undone(ctx, call("l")); undone || err != nil {
			t.Errorf("the other was undone: %t %v", undone, err)
		}
		foreign := back
		foreign.Tenant, foreign.Key = "other", "f"
		if _, err := s.Call(ctx, generic.UndoID, foreign); err == nil {
			t.Error("another tenant undid it")
		}
	})
}

func TestReadsAndGates(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	if r, err := s.Call(ctx, "read", provider.Call{Tenant: "t"}); err != nil || !r.Simulated || r.Status != 200 {
		t.Errorf("%+v %v", r, err)
	}
	if _, found, err := s.Lookup(ctx, "read", call("k")); found || err != nil {
		t.Errorf("%t %v", found, err)
	}
	if r, err := s.Call(ctx, "ask", call("k")); err != nil || cmp.Diff(r.Body, map[string]any{"approved": false}) != "" || r.Undo != nil {
		t.Errorf("a made-up yes: %+v %v", r, err)
	}
	for id, c := range map[string]provider.Call{"none": call("k"), "send": {Tenant: "t"}} {
		var f *provider.Failure
		if _, err := s.Call(ctx, id, c); !errors.As(err, &f) || f.Kind != provider.Refused {
			t.Errorf("%s: %v", id, err)
		}
	}
	large := call("k2")
	large.Arguments = map[string]any{"x": strings.Repeat("x", provider.MaxArguments)}
	if _, err := s.Call(ctx, "send", large); err == nil {
		t.Error("too large, and let in")
	}
	for _, op := range s.Operations() {
		want := map[string]string{"send": generic.UndoID, "drop": "restore"}[op.ID]
		if !op.Simulated || op.Provider != "desk" || op.Keyed != (op.Effect != effects.Read) || op.Undo != want {
			t.Errorf("%+v", op)
		}
	}
}

func TestBody(t *testing.T) {
	op := provider.Operation{ID: "op", Outputs: outputs("id string", "user.email string", "user string", "data[1].n integer", "data[0] string", "list array", "o object",
		"ok boolean", "token string", "created_at string", "page_url string", "a..b string", "x[99] string", "x[-1] string", "x[", "x[0]y string", "", "matrix[0][1] number", "any")}
	got := generic.Body(op, call("k"))
	want := map[string]any{
		"id": "", "user": map[string]any{"email": "simulated@simulated.invalid"}, "data": []any{"simulated data", map[string]any{"n": 1}},
		"list": []any{}, "o": map[string]any{}, "ok": true, "token": "", "created_at": "2026-03-04T12:00:00Z", "page_url": "",
		"matrix": []any{[]any{nil, 1}}, "any": "simulated any",
	}
	body := got.(map[string]any)
	for name, prefix := range map[string]string{"id": "simulated_", "token": "simulated-secret-", "page_url": "https://simulated.invalid/"} {
		if text, _ := body[name].(string); !strings.HasPrefix(text, prefix) {
			t.Errorf("%s: %v", name, body[name])
		}
		body[name] = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNewRefuses(t *testing.T) {
	st, err := state.New(storetest.SQLite(t).Open(t, storetest.NewClock()), storetest.Box(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, ops := range [][]provider.Operation{{{ID: "a"}, {ID: "a"}}, {{ID: ""}}, {{ID: generic.UndoID}}} {
		if _, err := generic.New("desk", ops, st); err == nil {
			t.Errorf("%v is let in", ops)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add("data[0].id", "data.x", "string")
	f.Add("a[1][2].b", "a", "array")
	f.Fuzz(func(t *testing.T, one, two, kind string) {
		op := provider.Operation{ID: "op", Outputs: []provider.Output{{Path: one, Type: kind}, {Path: two}, {Path: one + "." + two, Type: kind}}}
		if diff := cmp.Diff(generic.Body(op, call("k")), generic.Body(op, call("k"))); diff != "" {
			t.Error(diff)
		}
	})
}

// TestStatedValues: an answer holds what the document says of it, except where it would
// decide something.
func TestStatedValues(t *testing.T) {
	stated := []provider.Output{{Path: "state", Type: "string", Value: "done"}, {Path: "ok", Type: "boolean", Value: true}}
	op := provider.Operation{ID: "op", Control: effects.None, Outputs: stated}
	if got := generic.Body(op, call("k")); cmp.Diff(got, map[string]any{"state": "done", "ok": true}) != "" {
		t.Errorf("got %v", got)
	}
	for _, control := range []effects.Control{effects.Authenticate, effects.ValidateCredential, effects.Authorize, effects.Approve, effects.Limit} {
		op.Control = control
		if got, _ := generic.Body(op, call("k")).(map[string]any); got["state"] == "done" || got["ok"] != false {
			t.Errorf("%s: a made-up yes: %v", control, got)
		}
	}
}
