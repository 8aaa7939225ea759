package workos_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/provider/workos"
	"agentrisk/capabilities/enforce/store/storetest"
	"agentrisk/capabilities/enforce/world"
)

var (
	ctx = context.Background()
	at  = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
)

// The key of the north's world; nothing anywhere opens with it.
const worldKey = "a key that the world knows"

const worldYAML = `
version: agentrisk.world/v1
tenants:
  - id: north
    name: North
    users: [{id: ana, name: Ana}, {id: ben}, {id: cid}, {id: eve, session: false}]
    agents:
      - id: helper
        grants:
          - {user: ana, scopes: [r], resources: ["doc:*"]}
          - {user: ben, scopes: [r], until: 2026-01-01T00:00:00Z}
    resources: [{id: "doc:plan", sensitivity: internal}]
    keys:
      - {id: key_live, user: ana, sha256: 46a2ea7d3a4a4e1f7ae3f1d7b6e4f2c4c7b1a8d3c5f9e1b2a3d4c5e6f7a8b9c0, scopes: [r]}
      - {id: key_revoked, user: ana, sha256: 1111111111111111111111111111111111111111111111111111111111111111, scopes: [r], revoked: true}
    model: &model "model"
  - id: south
    users: [{id: sam}]
    agents: [{id: runner, grants: [{user: sam, scopes: [r]}]}]
    resources: [{id: "doc:map", sensitivity: internal}]
    model: *model
`

func testWorld(t testing.TB) *world.World {
	t.Helper()
	text := strings.Replace(worldYAML, "46a2ea7d3a4a4e1f7ae3f1d7b6e4f2c4c7b1a8d3c5f9e1b2a3d4c5e6f7a8b9c0", sum(worldKey), 1)
	w, err := world.Read(fstest.MapFS{"w.yaml": {Data: []byte(text)}}, "w.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// related: Ana is editor of the plan, and asking about Cid breaks.
func related(_ context.Context, tenant, user, relation, resource string) (bool, error) {
	if user == "cid" {
		return true, errors.New("the engine is down")
	}
	return tenant == "north" && user == "ana" && relation == "editor" && resource == "doc:plan", nil
}

// bench is a stand-in with a caller.
type bench struct {
	t       testing.TB
	service *workos.Service
	state   *state.State
	api     *api // nil: the published description is not there
	calls   int
	tenant  string
	user    string
	scratch string
	at      time.Time
}

func newBench(t testing.TB, b storetest.Backend) *bench {
	t.Helper()
	st, err := state.New(b.Open(t, storetest.NewClock()), storetest.Box(t))
	must(t, err)
	s, err := workos.New(workos.Options{State: st, World: testWorld(t), Related: related, Random: rand.Reader})
	must(t, err)
	return &bench{t: t, service: s, state: st, tenant: "north", user: "ana", at: at}
}

// stopper is a test of any kind.
type stopper interface {
	Helper()
	Fatal(...any)
}

func must(t stopper, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) call(args map[string]any) provider.Call {
	b.calls++
	b.at = b.at.Add(time.Second)
	return provider.Call{Tenant: b.tenant, User: b.user, Agent: "helper", Scratch: b.scratch, Key: fmt.Sprintf("key %d", b.calls), Arguments: args, At: b.at}
}

// try calls and holds the answer, whatever it is, to the published description.
func (b *bench) try(id string, args map[string]any) (provider.Response, int, any) {
	b.t.Helper()
	return b.again(id, b.call(args))
}

func (b *bench) again(id string, call provider.Call) (provider.Response, int, any) {
	b.t.Helper()
	r, err := b.service.Call(ctx, id, call)
	status, body := r.Status, r.Body
	if err != nil {
		failure, answer := (*provider.Failure)(nil), (*workos.Answer)(nil)
		if !errors.As(err, &failure) || failure.Kind != provider.Refused {
			b.t.Fatalf("%s: %v", id, err)
		}
		if !errors.As(err, &answer) {
			return r, failure.Status, nil // refused before it came to the service
		}
		status, body = answer.Status, plain(b.t, answer.Body)
	}
	b.api.check(b.t, id, status, plain(b.t, body))
	return r, status, plain(b.t, body)
}

// do is a call that must be answered with a status.
func (b *bench) do(id string, want int, args map[string]any) map[string]any {
	b.t.Helper()
	_, status, body := b.try(id, args)
	if status != want {
		b.t.Fatalf("%s %v: status %d, want %d: %v", id, args, status, want, body)
	}
	object, _ := body.(map[string]any)
	return object
}

// denied is a call that must be denied.
func (b *bench) denied(id string, want int, args map[string]any) map[string]any {
	b.t.Helper()
	r, status, body := b.try(id, args)
	if status != want || !r.Denied || r.Reason == "" {
		b.t.Fatalf("%s %v: status %d, want %d, denied %t %q: %v", id, args, status, want, r.Denied, r.Reason, body)
	}
	return body.(map[string]any)
}

func plain(t stopper, v any) (out any) {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	must(t, json.Unmarshal(text, &out))
	return out
}

func get(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func ids(body map[string]any) (list []string) {
	for _, item := range body["data"].([]any) {
		list = append(list, fmt.Sprint(get(item, "id")))
	}
	return list
}

type object = map[string]any

// each runs a test on every backend, with the published description where it is.
func each(t *testing.T, test func(t *testing.T, b *bench)) {
	description := openAPI(t)
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend)
		b.api = description
		test(t, b)
	})
}

// TestAgreesWithTheCatalogue: ids, effects and controls are those that lint and the
// engine know.
func TestAgreesWithTheCatalogue(t *testing.T) {
	c, err := effects.New()
	must(t, err)
	ops := newBench(t, storetest.SQLite(t)).service.Operations()
	if len(ops) < 30 || !slices.IsSortedFunc(ops, func(a, b provider.Operation) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("%d operations, or out of order", len(ops))
	}
	for _, op := range ops {
		got := c.Classify(effects.Operation{Provider: "workos", ID: op.ID})
		if got.Basis != effects.ByCatalogue || got.Confidence != effects.Certain || strings.TrimSuffix(got.Canonical, "[0]") != op.ID {
			t.Errorf("%s: the catalogue has %q, %s", op.ID, got.Canonical, got.Basis)
		}
		if got.Effect != op.Effect || got.Control != op.Control {
			t.Errorf("%s: %s %s, the catalogue has %s %s", op.ID, op.Effect, op.Control, got.Effect, got.Control)
		}
		if op.Title == "" || op.Host != "api.workos.com" || op.Provider != workos.Name || op.Keyed == (op.Effect == effects.Read) && op.Method != "GET" {
			t.Errorf("%s: %+v", op.ID, op)
		}
		if op.Undo != "" && !slices.ContainsFunc(ops, func(o provider.Operation) bool { return o.ID == op.Undo }) {
			t.Errorf("%s: there is no %s to undo it with", op.ID, op.Undo)
		}
	}
}

// TestSeedTwo goes through the sample capability, for one who may and one who may not.
func TestSeedTwo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		who := b.do("UserlandSessionsController_authenticate", 200, object{"user_id": "ana", "refresh_token": "ana"})
		if get(who, "user", "id") != "ana" || get(who, "user", "email") != "ana@north.example" {
			t.Errorf("%v", who)
		}
		b.do("UserlandSessionsController_authenticate", 200, object{"refresh_token": who["refresh_token"]})
		b.denied("UserlandSessionsController_authenticate", 400, object{"refresh_token": who["refresh_token"]}) // used

		token, _, body := b.try("DataIntegrationsController_getUserlandUserToken", object{"user_id": "ana", "scopes": []string{"r", "w"}, "agent": "helper"})
		value := get(body, "access_token", "access_token")
		if get(body, "access_token", "scopes", 1) != "w" || get(body, "access_token", "expires_at") != "2026-03-04T12:15:04.000Z" {
			t.Errorf("%v", body)
		}
		key := b.do("ApiKeysController_validateApiKey", 200, object{"value": value})
		if get(key, "api_key", "owner", "id") != "ana" || get(key, "api_key", "permissions", 0) != "r" {
			t.Errorf("%v", key)
		}
		check := object{"permission_slug": "editor", "resource_type_slug": "doc", "resource_external_id": "plan"}
		if yes := b.do("AuthorizationController_check", 200, check); yes["authorized"] != true {
			t.Errorf("%v", yes)
		}
		b.do("AuditLogEventsController_create", 200, object{"resource": "doc:plan"})

		b.do("ApiKeysController_expire", 200, token.Undo)
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": value})
		b.user = "ben"
		if no := b.denied("AuthorizationController_check", 200, check); no["authorized"] != false {
			t.Errorf("%v", no)
		}
	})
}

func TestAuthenticateRefuses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const op = "UserlandSessionsController_authenticate"
		b.denied(op, 400, object{"user_id": "ben"})
		b.denied(op, 400, object{"refresh_token": "made up"})
		b.denied(op, 400, object{"organization_id": "south"})
		b.do(op, 422, object{"grant_type": "password"})
		b.do(op, 422, object{"password": "x"})
		b.user = "eve"
		if body := b.denied(op, 400, nil); body["error"] != "invalid_grant" {
			t.Errorf("%v", body)
		}
		b.user = "sam"
		b.denied(op, 400, nil)
		b.user = ""
		b.do(op, 422, nil)
		b.tenant = "west"
		if _, status, _ := b.try(op, nil); status != 401 {
			t.Errorf("%d", status)
		}
	})
}

func TestTokensRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const op = "DataIntegrationsController_getUserlandUserToken"
		if body := b.denied(op, 200, object{"user_id": "cid"}); body["error"] != "not_installed" {
			t.Errorf("%v", body)
		}
		if body := b.denied(op, 200, object{"user_id": "ben"}); body["error"] != "needs_reauthorization" {
			t.Errorf("%v", body)
		}
		b.do(op, 404, object{"user_id": "sam"})
		b.do(op, 404, object{"user_id": "ana", "slug": "other"})
		b.do(op, 404, object{"user_id": "ana", "organization_id": "south"})
		b.do(op, 400, nil)
		b.do(op, 400, object{"user_id": "ana", "scopes": []any{1}})
	})
}

func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		live := b.do("ApiKeysController_validateApiKey", 200, object{"value": worldKey})
		if get(live, "api_key", "id") != "key_live" {
			t.Errorf("%v", live)
		}
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": "no key"})
		b.do("ApiKeysController_validateApiKey", 422, object{"value": ""})
		made := b.do("UserApiKeysController_create", 201, object{"userId": "ana", "name": "n", "permissions": []string{"r"}, "expires_at": "2026-03-04T13:00:00Z"})
		other := b.do("UserApiKeysController_create", 201, object{"userId": "ana", "name": "m"})
		list := b.do("UserApiKeysController_list", 200, object{"userId": "ana"})
		if got, want := ids(list), []string{other["id"].(string), made["id"].(string), "key_live", "key_revoked"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if strings.Contains(fmt.Sprint(list), made["value"].(string)) {
			t.Error("the list tells a key's value")
		}
		first := b.do("UserApiKeysController_list", 200, object{"userId": "ana", "limit": 1})
		second := b.do("UserApiKeysController_list", 200, object{"userId": "ana", "limit": 1, "after": get(first, "list_metadata", "after")})
		if ids(first)[0] != other["id"] || ids(second)[0] != made["id"] {
			t.Errorf("%v %v", first, second)
		}
		b.do("UserApiKeysController_list", 422, object{"userId": "ana", "after": "none"})
		b.do("UserApiKeysController_list", 422, object{"userId": "ana", "limit": 101})
		b.do("UserApiKeysController_list", 404, object{"userId": "sam"})
		b.do("UserApiKeysController_create", 404, object{"userId": "sam", "name": "n"})
		b.do("UserApiKeysController_create", 400, object{"userId": "ana", "name": "n", "expires_at": "yesterday"})
		b.do("UserApiKeysController_create", 400, object{"userId": "ana", "name": "n", "expires_at": "2026-03-04T11:00:00Z"})
		b.do("UserApiKeysController_create", 400, object{"userId": "ana"})

		b.do("ApiKeysController_expire", 200, object{"id": "key_live"})
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": worldKey})
		b.do("ApiKeysController_expire", 409, object{"id": "key_live"})
		b.do("ApiKeysController_expire", 409, object{"id": "key_revoked"})
		b.do("ApiKeysController_expire", 404, object{"id": "nothing"})
		b.do("ApiKeysController_expire", 422, object{"id": made["id"], "expires_at": "soon"})
		b.do("ApiKeysController_expire", 200, object{"id": made["id"], "expires_at": "2026-03-04T12:30:00Z"})
		b.do("ApiKeysController_validateApiKey", 200, object{"value": made["value"]})
		b.at = at.Add(31 * time.Minute)
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": made["value"]})
		b.do("EventsController_list", 200, nil)
	})
}

func TestCheckRefuses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const op = "AuthorizationController_check"
		check := func(more object) object {
			args := object{"permission_slug": "editor", "resource_type_slug": "doc", "resource_external_id": "plan"}
			for k, v := range more {
				args[k] = v
			}
			return args
		}
		b.denied(op, 404, check(object{"resource_external_id": "map"}))     // the other tenant's
		b.denied(op, 404, check(object{"resource_external_id": "nothing"})) // nobody's
		b.denied(op, 404, check(object{"organization_membership_id": workos.MembershipID("south", "sam")}))
		b.denied(op, 404, check(object{"organization_membership_id": "om_made_up"}))
		b.denied(op, 200, check(object{"permission_slug": "owner"}))
		b.do(op, 422, object{"permission_slug": "editor"})
		b.user = "cid" // the engine says yes, and fails
		b.denied(op, 200, check(nil))
	})
}

func TestAuditEvents(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const op = "AuditLogEventsController_create"
		target := []any{object{"id": "1", "type": "doc"}}
		b.do(op, 200, object{"action": "doc.read", "actor": object{"id": "ana", "type": "user", "name": "Ana"}, "targets": target, "metadata": object{"k": "v", "n": 1}, "version": 1})
		many, long := object{}, strings.Repeat("x", 501)
		for i := range 51 {
			many[fmt.Sprint("k", i)] = "v"
		}
		for _, args := range []object{
			{"metadata": many}, {"metadata": object{"k": long}}, {"metadata": object{strings.Repeat("k", 41): "v"}}, {"metadata": object{"k": []any{}}},
			{"targets": []any{}}, {"targets": []any{"x"}}, {"actor": object{"id": "x"}}, {"context": object{}}, {"action": strings.Repeat("a", 201)},
			{"actor": object{"id": "x", "type": "y", "name": 1}}, {"context": object{"location": "x", "user_agent": 1}},
		} {
			body := b.do(op, 400, args)
			if body["code"] != "invalid_audit_log_event" {
				t.Errorf("%v: %v", args, body)
			}
		}
		b.do(op, 200, object{"metadata": object{"k": long[:500]}})
		b.do(op, 422, object{"occurred_at": "now"})
		b.do(op, 422, object{"version": "x"})
		b.do(op, 404, object{"organization_id": "south"})

		const schema = "AuditLogValidatorVersionsController_create"
		if v := b.do(schema, 201, object{"actionName": "doc.read", "targets": []any{object{"id": "1", "type": "doc"}, object{"type": "doc"}}, "actor_metadata": object{}, "metadata": object{}}); get(v, "version") != 1.0 || len(v["targets"].([]any)) != 1 {
			t.Errorf("%v", v)
		}
		if v := b.do(schema, 201, object{"actionName": "doc.read", "targets": []any{object{"type": "doc", "metadata": object{"type": "object"}}}}); get(v, "version") != 2.0 {
			t.Errorf("%v", v)
		}
		b.do(schema, 422, object{"actionName": "doc.read", "targets": []any{}})
		b.do(schema, 422, object{"actionName": "doc.read", "targets": []any{object{"type": "doc", "metadata": 1}}})
		b.do(schema, 422, object{"actionName": strings.Repeat("a", 201), "targets": target})
		b.do(op, 200, object{"action": "doc.read", "targets": target})
		b.do(op, 400, object{"action": "doc.read", "targets": []any{object{"id": "1", "type": "user"}}})
		if list := b.do("EventsController_list", 200, nil); len(ids(list)) != 0 {
			t.Errorf("audit events are among the events: %v", list)
		}
	})
}

func TestOnboarding(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r, _, body := b.try("OrganizationsController_create", object{"name": "Acme", "domains": []string{"Acme.example"}, "external_id": "e1", "metadata": object{"tier": "1"}})
		org := get(body, "id").(string)
		if get(body, "domains", 0, "domain") != "acme.example" || r.Undo["id"] != org || !strings.HasPrefix(org, "org_01K") || len(org) != 30 {
			t.Errorf("%v %v", r.Undo, body)
		}
		for want, args := range map[int]object{
			400: {"name": "B", "external_id": "e1"}, 409: {"name": "B", "domains": []string{"acme.example"}},
			422: {"name": "B", "domains": []string{"not a domain"}},
		} {
			b.do("OrganizationsController_create", want, args)
		}
		b.do("OrganizationsController_create", 422, nil)
		b.do("OrganizationsController_create", 422, object{"name": "B", "external_id": "é"})
		b.do("OrganizationsController_create", 400, object{"name": "B", "metadata": object{"k": 1}})
		b.do("OrganizationsController_create", 422, object{"name": "B", "domain_data": []any{object{"domain": "b.example"}}})
		b.do("OrganizationsController_create", 409, object{"name": "B", "domains": []string{"b.example", "b.example"}})
		b.do("OrganizationsController_create", 201, object{"name": "B", "domain_data": []any{object{"domain": "b.example", "state": "verified"}}, "allow_profiles_outside_organization": true})

		if list := b.do("ConnectionsController_list", 200, object{"organization_id": org}); len(ids(list)) != 0 {
			t.Errorf("connected before anybody followed a link: %v", list)
		}
		link := b.do("PortalSessionsController_create", 201, object{"organization": org, "intent": "sso", "it_contact_emails": "it@acme.example"})
		if !strings.HasPrefix(link["link"].(string), "https://setup.workos.com?token=") {
			t.Errorf("%v", link)
		}
		list, _, body := b.try("ConnectionsController_list", object{"organization_id": org, "domain": "acme.example", "search": "acme", "connection_type": "GenericSAML"})
		if !list.Simulated || get(body, "data", 0, "state") != "active" {
			t.Errorf("%v", body)
		}
		if dirs := b.do("DirectoriesController_list", 200, object{"organization_id": org}); len(ids(dirs)) != 0 {
			t.Errorf("a link for single sign-on linked a directory: %v", dirs)
		}
		b.do("PortalSessionsController_create", 201, object{"organization": org, "intent": "dsync"})
		dirs := b.do("DirectoriesController_list", 200, object{"organization_id": org})
		people := b.do("DirectoryUsersController_list", 200, object{"directory": ids(dirs)[0]})
		if get(people, "data", 0, "email") != "simulated.person@acme.example" {
			t.Errorf("%v", people)
		}
		b.do("PortalSessionsController_create", 201, object{"organization": "north"})
		b.do("PortalSessionsController_create", 404, object{"organization": "south"})
		b.do("PortalSessionsController_create", 422, object{"organization": org, "intent": "other"})
		b.do("PortalSessionsController_create", 422, object{"organization": org, "it_contact_emails": []string{"nobody"}})
		b.do("PortalSessionsController_create", 422, object{"organization": org, "return_url": "http://x.example"})
		b.do("DirectoryUsersController_list", 404, object{"directory": "none"})
		b.do("DirectoryUsersController_list", 404, object{"group": "none"})
		b.do("DirectoriesController_list", 422, object{"limit": 0})
		b.do("ConnectionsController_list", 422, object{"order": "up"})

		b.do("OrganizationsController_deleteOrganization", 200, r.Undo)
		b.denied("OrganizationsController_deleteOrganization", 403, r.Undo)
		b.denied("OrganizationsController_deleteOrganization", 403, object{"id": "north"})
		if left := b.do("ConnectionsController_list", 200, object{"organization_id": org}); len(ids(left)) != 0 {
			t.Errorf("%v", left)
		}
		b.do("OrganizationsController_create", 201, object{"name": "Acme", "domains": []string{"acme.example"}, "external_id": "e1"})
		told := b.do("EventsController_list", 200, object{"events": []string{"organization.created", "organization.deleted"}, "order": "asc"})
		if len(ids(told)) != 4 || get(told, "data", 2, "event") != "organization.deleted" {
			t.Errorf("%v", told)
		}
		if own := b.do("EventsController_list", 200, object{"organization_id": org}); len(ids(own)) != 2 {
			t.Errorf("%v", own)
		}
		if none := b.do("EventsController_list", 200, object{"range_end": "2026-03-04T12:00:00Z"}); len(ids(none)) != 0 {
			t.Errorf("%v", none)
		}
		b.do("EventsController_list", 422, object{"events": []string{"no.event"}})
		b.do("EventsController_list", 422, object{"range_start": "x"})
	})
}

func TestVault(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const v = "JumpWireWeb.DataVaultController."
		made := b.do(v+"create", 201, object{"name": "db", "value": "hunter"})
		id := made["id"]
		shown := b.do(v+"show_by_id", 200, object{"id": id})
		if shown["value"] != "hunter" || get(b.do(v+"show_by_name", 200, object{"name": "db"}), "value") != "hunter" {
			t.Errorf("%v", shown)
		}
		b.do(v+"create", 409, object{"name": "db", "value": "x"})
		b.do(v+"create", 400, object{"name": strings.Repeat("x", 201), "value": "x"})
		b.do(v+"create", 400, object{"name": "x", "value": strings.Repeat("x", 40_000)})
		b.do(v+"create", 400, object{"name": "x", "value": "x", "key_context": object{"organization_id": "south"}})
		b.do(v+"create", 400, object{"name": "x", "value": "x", "key_context": object{}})
		b.do(v+"create", 201, object{"name": "x", "value": "x", "key_context": object{"purpose": "p"}})
		b.do(v+"update", 409, object{"id": id, "value": "new", "version_check": "old"})
		now := b.do(v+"update", 201, object{"id": id, "value": "new", "version_check": made["version_id"]})
		b.do(v+"update", 400, object{"id": "none", "value": "x"})
		b.do(v+"update", 400, object{"id": id, "value": strings.Repeat("x", 40_000)})
		b.do(v+"delete", 409, object{"id": id, "version_check": made["version_id"]})
		b.do(v+"delete", 200, object{"id": id, "version_check": get(now, "metadata", "version_id")})
		b.do(v+"delete", 404, object{"id": id})
		b.do(v+"show_by_id", 404, object{"id": id})
		b.do(v+"show_by_name", 404, object{"name": "db"})
		b.do(v+"create", 201, object{"name": "db", "value": "again"})
	})
}

func TestWebhooks(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		args := object{"endpoint_url": "https://hooks.example/a", "events": []string{"user.created"}}
		r, _, body := b.try("WebhookEndpointsController_create", args)
		secret := get(body, "secret").(string)
		b.do("WebhookEndpointsController_create", 409, args)
		for _, one := range []object{
			{"endpoint_url": "http://hooks.example/a", "events": []string{"user.created"}}, {"endpoint_url": "https://u:p@hooks.example", "events": []string{"user.created"}},
			{"endpoint_url": "https://hooks.example/b", "events": []string{"vault.data.read"}}, {"endpoint_url": "https://hooks.example/b"},
		} {
			b.do("WebhookEndpointsController_create", 422, one)
		}
		list := b.do("WebhookEndpointsController_list", 200, nil)
		if len(ids(list)) != 1 || strings.Contains(fmt.Sprint(list), secret) {
			t.Errorf("%v", list)
		}
		b.do("WebhookEndpointsController_delete", 204, r.Undo)
		b.do("WebhookEndpointsController_delete", 404, r.Undo)
		b.do("WebhookEndpointsController_create", 201, args)
	})
}

func TestConnect(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		app := b.do("ApplicationsController_create", 201, object{"name": "helper", "scopes": []string{"r"}, "description": "d"})
		r, _, secret := b.try("ApplicationCredentialsController_create", object{"id": app["id"]})
		if value := get(secret, "secret").(string); len(value) < 32 || get(secret, "secret_hint") != value[len(value)-4:] {
			t.Errorf("%v", secret)
		}
		b.do("ApplicationCredentialsController_delete", 204, r.Undo)
		b.do("ApplicationCredentialsController_delete", 404, r.Undo)
		other := b.do("ApplicationCredentialsController_create", 201, object{"id": app["id"]})
		b.do("ApplicationsController_delete", 204, object{"id": app["id"]})
		b.do("ApplicationsController_delete", 404, object{"id": app["id"]})
		b.do("ApplicationCredentialsController_delete", 404, object{"id": other["id"]}) // gone with it
		b.do("ApplicationCredentialsController_create", 404, object{"id": app["id"]})
		b.do("ApplicationsController_create", 422, object{"name": "x", "application_type": "oauth"})
		b.do("ApplicationsController_create", 404, object{"name": "x", "organization_id": "south"})
	})
}

func TestMembersAndRadar(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		list := b.do("UserlandUserOrganizationMembershipsController_list", 200, object{"limit": 2})
		next := b.do("UserlandUserOrganizationMembershipsController_list", 200, object{"limit": 2, "after": get(list, "list_metadata", "after")})
		back := b.do("UserlandUserOrganizationMembershipsController_list", 200, object{"limit": 2, "before": ids(next)[0]})
		if fmt.Sprint(ids(list), ids(next), ids(back)) != "[om_north_ana om_north_ben] [om_north_cid om_north_eve] [om_north_ana om_north_ben]" {
			t.Errorf("%v %v %v", ids(list), ids(next), ids(back))
		}
		b.do("UserlandUserOrganizationMembershipsController_list", 400, object{"after": "none"})
		if none := b.do("UserlandUserOrganizationMembershipsController_list", 200, object{"statuses": []string{"pending"}}); len(ids(none)) != 0 {
			t.Errorf("%v", none)
		}
		b.do("UserlandUserOrganizationMembershipsController_list", 404, object{"organization_id": "south"})
		r, _, _ := b.try("UserlandUserOrganizationMembershipsController_update", object{"id": "om_north_ben", "role_slug": "admin"})
		one := b.do("UserlandUserOrganizationMembershipsController_list", 200, object{"user_id": "ben"})
		if get(one, "data", 0, "role", "slug") != "admin" {
			t.Errorf("%v", one)
		}
		back = b.do("UserlandUserOrganizationMembershipsController_update", 200, r.Undo)
		if get(back, "role", "slug") != "member" {
			t.Errorf("%v", back)
		}
		b.do("UserlandUserOrganizationMembershipsController_update", 422, object{"id": "om_north_ben", "role_slug": "king"})
		b.do("UserlandUserOrganizationMembershipsController_update", 404, object{"id": "om_south_sam", "role_slug": "admin"})

		b.do("RadarStandaloneController_assess", 200, nil)
		b.denied("RadarStandaloneController_assess", 200, object{"email": "mallory@elsewhere.example"})
		b.denied("RadarStandaloneController_assess", 200, object{"email": "eve@north.example"})
		b.do("RadarStandaloneController_assess", 400, object{"email": "none"})
		b.do("RadarStandaloneController_assess", 400, object{"ip_address": "here"})
	})
}
