package world_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/enforce/fga"
	"agentrisk/capabilities/enforce/world"
	"agentrisk/internal/source"
)

func parse(text string) (*world.World, error) {
	return world.Read(fstest.MapFS{"w.yaml": {Data: []byte(text)}}, "w.yaml")
}

func demo(t testing.TB) *world.World {
	t.Helper()
	w, err := world.Demo()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestDemo(t *testing.T) {
	w := demo(t)
	l, ok := w.Tenant("lakeside")
	if !ok || len(w.Tenants) != 2 || len(l.Users) != 4 || l.Users[3].Session || !l.Users[0].Session {
		t.Fatalf("%+v", w)
	}
	// The tenant of the defaults is open at any hour: the first run must not depend
	// on the clock.
	h, _ := w.Tenant("harbour")
	if h.Hours.From != 480 || h.Hours.To != 1080 || len(h.Hours.Days) != 5 || l.Hours != nil || l.Zone.String() != "Europe/Berlin" {
		t.Errorf("%+v %+v %s", h.Hours, l.Hours, l.Zone)
	}
	if d := w.Defaults; d.Tenant != "lakeside" || d.User != "user_amara" || d.Agent != "support-assistant" || d.Purpose == "" {
		t.Errorf("%+v", d)
	}
	if scopes, _ := w.Defaults.Inputs["requested_scopes"].([]any); len(scopes) != 1 || scopes[0] != "repository:read" {
		t.Errorf("%+v", w.Defaults.Inputs)
	}
	if l.Limits[0].Window != time.Hour || l.Sensitivity("repository:payroll") != "restricted" || l.Sensitivity("repository:x") != "" {
		t.Errorf("%+v", l)
	}
}

// TestDemoDecides puts the demo world into the authorization engine: one user may,
// one may not, and the other tenant does not come into it.
func TestDemoDecides(t *testing.T) {
	w := demo(t)
	ctx := context.Background()
	e, err := fga.Open(ctx, fga.Memory, fga.Options{Guard: w.Belongs})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, tenant := range w.Tenants {
		model, err := fga.ParseModel(tenant.Model)
		if err != nil {
			t.Fatal(err)
		}
		var tuples []fga.Tuple
		for _, one := range tenant.Tuples {
			tuple := fga.Tuple{User: one.User, Relation: one.Relation, Object: one.Object}
			if one.Condition != "" {
				tuple.Condition = &fga.Condition{Name: one.Condition, Context: one.Context}
			}
			tuples = append(tuples, tuple)
		}
		if err := errors.Join(e.Provision(ctx, tenant.ID, model), e.Replace(ctx, tenant.ID, tuples)); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	for _, one := range []struct {
		tenant, user, agent, relation, resource string
		at                                      time.Time
		want                                    decision.Verdict
	}{
		{"lakeside", "user_amara", "support-assistant", "editor", "repository:field-notes", at, decision.Allow},
		{"lakeside", "user_bruno", "support-assistant", "editor", "repository:field-notes", at, decision.Deny},
		{"lakeside", "user_bruno", "support-assistant", "viewer", "repository:field-notes", at, decision.Allow},
		{"lakeside", "user_amara", "dispatch-bot", "editor", "repository:field-notes", at, decision.Deny},
		{"lakeside", "user_chidi", "support-assistant", "editor", "repository:field-notes", at, decision.Deny},
		{"harbour", "user_amara", "support-assistant", "editor", "repository:field-notes", at, decision.Deny},
		{"lakeside", "user_amara", "support-assistant", "editor", "repository:manifests", at, decision.Deny},
		{"harbour", "user_emeka", "dispatch-bot", "viewer", "repository:manifests", at, decision.Allow},
		{"harbour", "user_emeka", "dispatch-bot", "viewer", "repository:manifests", at.AddDate(10, 0, 0), decision.Deny},
	} {
		user, agent := decision.Actor{Kind: "user", ID: one.user}, decision.Actor{Kind: "agent", ID: one.agent}
		got := e.Check(ctx, decision.Request{Context: decision.Context{Tenant: one.tenant, User: user, Agent: agent, Chain: []decision.Actor{user, agent}, Purpose: "p", Run: "r"},
			Relation: one.relation, Resource: one.resource, At: one.at})
		if got.Verdict != one.want {
			t.Errorf("%+v: %+v", one, got)
		}
	}
}

func TestBelongs(t *testing.T) {
	w := demo(t)
	for _, one := range []struct {
		tenant, entity string
		want           bool
	}{
		{"lakeside", "user:user_amara", true}, {"harbour", "user:user_amara", false}, {"lakeside", "agent:support-assistant", true},
		{"harbour", "agent:support-assistant", false}, {"lakeside", "repository:field-notes", true}, {"harbour", "repository:field-notes", false},
		{"lakeside", "repository:manifests", false}, {"", "user:user_amara", false}, {"lakeside", "", false}, {"lakeside", "user:", false},
		{"lakeside", "user:*", false}, {"other", "repository:field-notes", false},
	} {
		if got := w.Belongs(one.tenant, one.entity); got != one.want {
			t.Errorf("%s %s: %t", one.tenant, one.entity, got)
		}
	}
}

// change replaces one text of the demo world.
func change(t *testing.T, old, text string) string {
	t.Helper()
	if !strings.Contains(string(world.Template()), old) {
		t.Fatalf("the demo world has no %q", old)
	}
	return strings.Replace(string(world.Template()), old, text, 1)
}

// TestRefuses: each fault has its place, and says what to do where that is known.
func TestRefuses(t *testing.T) {
	for _, one := range []struct{ old, text, want string }{
		{"agentrisk.world/v1", "agentrisk.world/v2", "did you mean"},
		{"name: Lakeside Surveys", "nmae: Lakeside Surveys", `did you mean "name"?`},
		{"zone: Europe/Berlin", "zone: Europe/Berlim", "there is no time zone"},
		{"zone: Europe/Berlin", "zone: Local", "there is no time zone"},
		{"days: [monday,", "days: [mondy,", `did you mean "monday"?`},
		{`from: "08:00"`, `from: "8:00"`, "a time of the day"},
		{`from: "08:00"`, `from: "24:00"`, "a time of the day"},
		{`from: "08:00", `, "", "hours lacks a field; expected from"},
		{"id: user_bruno, name", "id: user_amara, name", `there are two users "user_amara"`},
		{"- user: user_bruno", "- user: user_brunno", `did you mean "user_bruno"?`},
		{"user: user_chidi, effects", "user: user_emeka, effects", "there is no user"},
		{"effects: [credential, access,", "effects: [credentials, access,", `did you mean "credential"?`},
		{"sensitivity: restricted", "sensitivity: secret", "there is no sensitivity"},
		{`id: "repository:payroll"`, "id: payroll", "a resource as type:id"},
		{"then: defer", "then: warn", "there is no answer"},
		{"window: 1h", "window: 0s", "more than nothing"},
		{"window: 1h", "window: hour", "a time such as"},
		{"most: 20", "most: -5", "a whole number"},
		{"most: 20", "most: 5.5", "a whole number"},
		{"egress: [api.workos.com]", `egress: ["*"]`, "a host such as"},
		{"egress: [api.workos.com]", `egress: ["https://api.workos.com"]`, "a host such as"},
		{`{user: "user:user_amara", relation: editor`, `{user: "user:*", relation: editor`, "everybody"},
		{`{user: "user:user_amara", relation: editor`, `{user: "user:user_amra", relation: editor`, `did you mean "user:user_amara"?`},
		{`relation: editor, object: "repository:field-notes"`, `relation: editor, object: "repository:manifests"`, "is of the tenant harbour"},
		{`["repository:field-notes", "service:workos"]`, `["repository:manifests"]`, "is of the tenant harbour"},
		{`resources: ["repository:field-notes", "service:workos"]`, `resources: ["*"]`, "type:id or type:*"},
		{"sha256: ", "sha256: 00", "the hash is none"},
		{"latency: 5ms", "latency: 5ms, fault: {kind: status}", "status with the kind status"},
		{"latency: 5ms", "latency: 5ms, fault: {kind: slow}", "there is no fault"},
		{"latency: 5ms", "latency: 2h", "at most"},
		{"  - id: harbour", "  - id: lakeside", `there are two tenants "lakeside"`},
		{"  - id: harbour", "  - id: har/bour", "a tenant's id"},
		{"session: false", "session: maybe", "true or false"},
		{"tenant: lakeside", "tenant: lakside", `did you mean "lakeside"?`},
		{"user: user_amara\n  agent:", "user: user_emeka\n  agent:", `there is no user "user_emeka"`},
		{"agent: support-assistant\n  purpose", "agent: dispatch-bot\n  purpose", `there is no agent "dispatch-bot"`},
		{`id: "repository:payroll"`, `id: "repository:pay\x01roll"`, "a resource as type:id"},
		{"- {id: user_amara,", `- {id: "user\u202eamara",`, "a user's id is"},
		{"  inputs:\n", "  input:\n", `did you mean "inputs"?`},
	} {
		_, err := parse(change(t, one.old, one.text))
		var at *source.Error
		if !errors.As(err, &at) || at.At.Range.Start.Line == 0 || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: %v, want %s", one.text, err, one.want)
		}
	}
	for _, text := range []string{"", "[]", "version: agentrisk.world/v1", "version: agentrisk.world/v1\ntenants: []", "a: 1\na: 2", "\x00", "version: agentrisk.world/v1\n---\n{}"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q passed", text)
		}
	}
}

func TestFault(t *testing.T) {
	w, err := parse(change(t, "latency: 5ms", "latency: 5ms, fault: {kind: status, status: 503, times: 2}"))
	if err != nil {
		t.Fatal(err)
	}
	if f := w.Providers[0].Operations[0].Fault; f != (world.Fault{Kind: "status", Status: 503, Times: 2}) {
		t.Errorf("%+v", f)
	}
}

// TestSchema: the published schema takes the demo world, and refuses what the
// reader refuses for its form.
func TestSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	if err := c.AddResource("world.schema.json", bytes.NewReader(world.Schema)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("world.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		string(world.Template()): true,
		change(t, "name: Lakeside Surveys", "nmae: Lakeside Surveys"):  false,
		change(t, "sensitivity: restricted", "sensitivity: secret"):    false,
		change(t, "most: 20", "most: -5"):                              false,
		change(t, "agentrisk.world/v1", "agentrisk.world/v2"):          false,
		change(t, `from: "08:00", `, ""):                               false,
		change(t, "then: defer", "then: warn"):                         false,
		change(t, "latency: 5ms", "latency: 5ms, fault: {kind: slow}"): false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != want {
			t.Errorf("the schema says %v, want %t", err, want)
		}
		if _, err := parse(text); (err == nil) != want {
			t.Errorf("the reader says %v, want %t", err, want)
		}
	}
}

// FuzzParse: no text breaks the reader, and nothing it takes belongs to two tenants
// unless both list it.
func FuzzParse(f *testing.F) {
	f.Add(world.Template())
	f.Add([]byte("version: agentrisk.world/v1\ntenants: [{id: a, users: [{id: u}], model: m}]\n"))
	f.Add([]byte("tenants: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := parse(string(text))
		if (w == nil) == (err == nil) {
			t.Fatalf("%v %v", w, err)
		}
		if err != nil {
			return
		}
		for _, tenant := range w.Tenants {
			for _, r := range tenant.Resources {
				if !w.Belongs(tenant.ID, r.ID) {
					t.Errorf("%s is not %s's", r.ID, tenant.ID)
				}
			}
		}
	})
}
