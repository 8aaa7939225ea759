package workos_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/capabilities/enforce/provider/state"
	"agentrisk/capabilities/enforce/provider/workos"
	"agentrisk/capabilities/enforce/store/storetest"
)

// makers are operations that make something, for the n-th time.
var makers = map[string]func(user string, n int) object{
	"UserlandSessionsController_authenticate":         func(string, int) object { return nil },
	"DataIntegrationsController_getUserlandUserToken": func(user string, _ int) object { return object{"user_id": user} },
	"UserApiKeysController_create":                    func(user string, _ int) object { return object{"userId": user, "name": "n"} },
	"OrganizationsController_create":                  func(_ string, n int) object { return object{"name": "o", "domains": fmt.Sprintf("d%d.example", n)} },
	"JumpWireWeb.DataVaultController.create":          func(_ string, n int) object { return object{"name": fmt.Sprint("s", n), "value": "hidden word"} },
	"WebhookEndpointsController_create": func(_ string, n int) object {
		return object{"endpoint_url": fmt.Sprintf("https://w.example/%d", n), "events": "user.created"}
	},
	"ApplicationsController_create":                        func(string, int) object { return object{"name": "a"} },
	"PortalSessionsController_create":                      func(string, int) object { return nil },
	"AuditLogEventsController_create":                      func(string, int) object { return nil },
	"UserlandUserOrganizationMembershipsController_update": func(string, int) object { return object{"role_slug": "admin"} },
}

var (
	ownID  = regexp.MustCompile(`[a-z_]+_[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f-]{22}`)
	values = regexp.MustCompile(`(?:sk|whsec|local_access|local_refresh)_[0-9a-z]{32}`)
)

// TestTenantsNeverMeet: with every id and every credential of one tenant, another
// one reads, changes and removes nothing, and lists show nothing of them.
func TestTenantsNeverMeet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			b.tenant, b.user, b.scratch = "north", "ana", rapid.SampledFrom([]string{"", "copy"}).Draw(rt, "copy")
			var ids, secrets []string
			for range rapid.IntRange(1, 4).Draw(rt, "calls") {
				n++
				id := rapid.SampledFrom(workos.OperationIDs()).Draw(rt, "operation")
				make := makers[id]
				if make == nil {
					continue
				}
				args := make(b.user, n)
				if id == "PortalSessionsController_create" {
					args = object{"organization": "north"}
				}
				if id == "UserlandUserOrganizationMembershipsController_update" {
					args["id"] = workos.MembershipID("north", "ana")
				}
				r, err := b.service.Call(ctx, id, b.call(args))
				if err != nil {
					rt.Fatal(err)
				}
				text, _ := json.Marshal(r)
				if name, ok := args["name"].(string); ok {
					ids = append(ids, name)
				}
				ids = append(ids, ownID.FindAllString(string(text), -1)...)
				secrets = append(secrets, values.FindAllString(string(text), -1)...)
			}
			ids = append(ids, "key_live", "ana", "north", workos.MembershipID("north", "ana"))
			b.tenant, b.user = "south", "sam"
			b.intrude(rt, ids, append(secrets, worldKey))
		})
	})
}

// free are parameters whose value names nothing that there is: texts of the caller's
// own choice, and what is only compared with it.
var free = map[string]bool{"action": true, "actionName": true, "client_id": true, "description": true, "email": true, "external_id": true,
	"idempotency-key": true, "name": true, "permission_slug": true, "resource": true, "agent": true, "search": true, "signals_id": true, "user_agent": true}

// intrude tries everything with what is another tenant's.
func (b *bench) intrude(rt *rapid.T, ids, secrets []string) {
	for _, op := range b.service.Operations() {
		for _, p := range op.Params {
			stolen := ids
			if p.Role == provider.RoleCredential {
				stolen = secrets
			}
			if p.Type != "string" || len(p.Allowed) > 0 || free[p.Name] && op.ID != "JumpWireWeb.DataVaultController.show_by_name" || op.ID == "JumpWireWeb.DataVaultController.create" {
				continue
			}
			for range 2 {
				id := rapid.SampledFrom(stolen).Draw(rt, "stolen")
				args := object{p.Name: id}
				for _, other := range op.Params {
					if other.Required && other.Name != p.Name && other.Default == nil && !other.Sealed {
						args[other.Name] = map[string]any{"string": "x", "array": []any{"user.created"}, "object": object{}}[other.Type]
					}
				}
				r, err := b.service.Call(ctx, op.ID, b.call(args))
				if err != nil || r.Denied {
					continue
				}
				data, isList := get(plain(rt, r.Body), "data").([]any)
				if !isList || len(data) > 0 {
					rt.Fatalf("%s takes %s=%s: %+v", op.ID, p.Name, id, r)
				}
			}
		}
	}
	for _, id := range []string{"EventsController_list", "ConnectionsController_list", "DirectoriesController_list", "DirectoryUsersController_list", "WebhookEndpointsController_list"} {
		if r, err := b.service.Call(ctx, id, b.call(nil)); err != nil || len(get(plain(rt, r.Body), "data").([]any)) > 0 {
			rt.Fatalf("%s: %+v %v", id, r, err)
		}
	}
}

// TestEveryEffectHappensOnce: each operation that is keyed, called by many at once
// with one key, takes effect once and gives one answer, with ids that the key gives.
func TestEveryEffectHappensOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, backend storetest.Backend) {
		b := newBench(t, backend)
		for i, id := range workos.OperationIDs() {
			if makers[id] == nil {
				continue
			}
			args := makers[id]("ana", i)
			switch id {
			case "PortalSessionsController_create":
				args = object{"organization": "north"}
			case "UserlandUserOrganizationMembershipsController_update":
				args["id"] = workos.MembershipID("north", "ana")
			}
			call := b.call(args)
			answers := make([]provider.Response, 4)
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() {
					r, err := b.service.Call(ctx, id, call)
					if err != nil {
						t.Errorf("%s: %v", id, err)
					}
					answers[i] = r
				})
			}
			all.Wait()
			repeated := 0
			for _, r := range answers {
				if r.Repeated {
					repeated++
				}
				r.Repeated, answers[0].Repeated = false, false
				if diff := cmp.Diff(answers[0], r); diff != "" {
					t.Errorf("%s: %s", id, diff)
				}
			}
			n, err := b.state.Effects(ctx, state.Of(workos.Name, call), call.Key)
			if n != 1 || err != nil || repeated != 3 {
				t.Errorf("%s: %d effects, %d repeated, %v", id, n, repeated, err)
			}
			if found, ok, err := b.service.Lookup(ctx, id, call); !ok || err != nil || cmp.Diff(found.Body, answers[0].Body) != "" {
				t.Errorf("%s: %+v %t %v", id, found, ok, err)
			}
		}
	})
}

// TestEffectsNeedAKey: without one nothing happens.
func TestEffectsNeedAKey(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	for id, make := range makers {
		call := b.call(make("ana", 1))
		call.Key = ""
		if id == "PortalSessionsController_create" {
			call.Arguments = object{"organization": "north"}
		}
		var f *provider.Failure
		if _, err := b.service.Call(ctx, id, call); !errors.As(err, &f) || f.Kind != provider.Refused {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestUndo: what says how it is undone is undone so.
func TestUndo(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	undo := map[string]string{}
	for _, op := range b.service.Operations() {
		undo[op.ID] = op.Undo
	}
	for id, make := range makers {
		args := make("ana", 1)
		if id == "PortalSessionsController_create" {
			args = object{"organization": "north"}
		}
		if id == "UserlandUserOrganizationMembershipsController_update" {
			args["id"] = workos.MembershipID("north", "ana")
		}
		r, _, _ := b.try(id, args)
		if (undo[id] != "") != (r.Undo != nil) {
			t.Errorf("%s is undone by %q with %v", id, undo[id], r.Undo)
		}
		if undo[id] == "" {
			continue
		}
		if _, status, body := b.try(undo[id], r.Undo); status >= 300 {
			t.Errorf("%s: %d %v", undo[id], status, body)
		}
	}
}

// TestCopyIsThrownAway: what is done in a copy of the state is not done.
func TestCopyIsThrownAway(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		kept := b.do("JumpWireWeb.DataVaultController.create", 201, object{"name": "kept", "value": "v"})
		b.scratch = "copy"
		made := b.do("UserApiKeysController_create", 201, object{"userId": "ana", "name": "n"})
		b.do("ApiKeysController_expire", 200, object{"id": "key_live"})
		b.do("JumpWireWeb.DataVaultController.delete", 200, object{"id": kept["id"]})
		b.do("ApiKeysController_validateApiKey", 200, object{"value": made["value"]})
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": worldKey})
		b.scratch = ""
		b.do("JumpWireWeb.DataVaultController.show_by_id", 200, object{"id": kept["id"]})
		b.do("ApiKeysController_validateApiKey", 200, object{"value": worldKey})
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": made["value"]})
		must(t, b.state.DropScratch(ctx, "north", "copy"))
		b.scratch = "copy"
		b.do("ApiKeysController_validateApiKey", 200, object{"value": worldKey})
		b.denied("ApiKeysController_validateApiKey", 200, object{"value": made["value"]})
	})
}

// TestNoCredentialIsLegible: the database holds none in the clear.
func TestNoCredentialIsLegible(t *testing.T) {
	backend := storetest.SQLite(t)
	b := newBench(t, backend)
	secrets := []string{"hidden word"}
	for id, make := range makers {
		if id == "PortalSessionsController_create" || id == "UserlandUserOrganizationMembershipsController_update" {
			continue
		}
		r, _, _ := b.try(id, make("ana", 1))
		text, _ := json.Marshal(r)
		secrets = append(secrets, values.FindAllString(string(text), -1)...)
	}
	if len(secrets) < 6 {
		t.Fatalf("only %v", secrets)
	}
	files, err := filepath.Glob(backend.Location + "*")
	must(t, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds %s", filepath.Base(name), secret)
			}
		}
	}
}

// TestSecretOutputsAreMarked: every credential in an answer stands at a place that
// is declared as secret.
func TestSecretOutputsAreMarked(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	marked := map[string][]string{}
	for _, op := range b.service.Operations() {
		for _, out := range op.Outputs {
			if out.Secret {
				marked[op.ID] = append(marked[op.ID], out.Path)
			}
		}
	}
	for id, make := range makers {
		args := make("ana", 1)
		switch id {
		case "PortalSessionsController_create":
			args = object{"organization": "north"}
		case "UserlandUserOrganizationMembershipsController_update":
			args["id"] = workos.MembershipID("north", "ana")
		}
		r, _, _ := b.try(id, args)
		body := plain(t, r.Body)
		for _, path := range marked[id] {
			steps := strings.Split(path, ".")
			at, last := body, len(steps)-1
			for _, step := range steps[:last] {
				at = get(at, step)
			}
			object, _ := at.(object)
			if object[steps[last]] == nil {
				t.Errorf("%s has no %s", id, path)
			}
			delete(object, steps[last])
		}
		text, _ := json.Marshal(body)
		if left := values.FindString(string(text)); left != "" || strings.Contains(string(text), "?token=") {
			t.Errorf("%s: a credential stands where none is declared: %s", id, text)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	st, err := state.New(storetest.SQLite(t).Open(t, storetest.NewClock()), storetest.Box(t))
	must(t, err)
	full := workos.Options{State: st, World: testWorld(t), Related: related, Random: rand.Reader}
	for name, change := range map[string]func(*workos.Options){
		"state": func(o *workos.Options) { o.State = nil }, "world": func(o *workos.Options) { o.World = nil },
		"related": func(o *workos.Options) { o.Related = nil }, "random": func(o *workos.Options) { o.Random = nil },
	} {
		o := full
		change(&o)
		if _, err := workos.New(o); err == nil {
			t.Errorf("without %s it is let in", name)
		}
	}
	full.Random = strings.NewReader("")
	s, err := workos.New(full)
	must(t, err)
	call := provider.Call{Tenant: "north", User: "ana", Key: "k", At: at, Arguments: object{"userId": "ana", "name": "n"}}
	if r, err := s.Call(ctx, "UserApiKeysController_create", call); err == nil {
		t.Errorf("a key without randomness: %+v", r)
	}
}

// FuzzArguments: whatever is sent, the answer is one of the service's, and what is
// no read and not accepted leaves nothing behind.
func FuzzArguments(f *testing.F) {
	f.Add("UserApiKeysController_create", `{"userId":"ana","name":"n","permissions":["a"],"expires_at":"2030-01-01T00:00:00Z"}`)
	f.Add("AuditLogEventsController_create", `{"actor":{"id":"a","type":"b","metadata":{"k":1}},"targets":[{"id":"","type":null}],"metadata":{"a":[]}}`)
	f.Add("OrganizationsController_create", `{"name":"\u0000","domain_data":[{"domain":"a.b","state":"verified"}],"metadata":{"":""}}`)
	f.Add("EventsController_list", `{"after":"\u0000","limit":"1e3","events":["user.created"],"range_start":"0000-01-01T00:00:00Z"}`)
	f.Add("JumpWireWeb.DataVaultController.create", `{"name":"n","value":"v","key_context":{"organization_id":"south"}}`)
	b := newBench(f, storetest.SQLite(f))
	b.api = openAPI(f)
	reads := map[string]bool{}
	for _, op := range b.service.Operations() {
		reads[op.ID] = op.Effect == effects.Read || !op.Keyed
	}
	n := 0
	f.Fuzz(func(t *testing.T, id, text string) {
		var args map[string]any
		if json.Unmarshal([]byte(text), &args) != nil || len(reads) == 0 {
			return
		}
		if _, known := reads[id]; !known {
			return
		}
		n++
		call := b.call(args)
		call.Key = fmt.Sprintf("fuzz %d", n)
		b.t = t
		_, status, _ := b.again(id, call)
		count, err := b.state.Effects(ctx, state.Of(workos.Name, call), call.Key)
		if err != nil || count > 1 || count == 1 && (status >= 300 || reads[id]) {
			t.Errorf("%s %s: status %d, %d effects, %v", id, text, status, count, err)
		}
	})
}
