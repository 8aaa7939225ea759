package workos_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"agentrisk/capabilities/enforce/provider/workos"
	"agentrisk/capabilities/enforce/store/storetest"
)

func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}

// api is the published description.
type api struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	paths    map[string]string // operation id to the pointer of its description
	root     map[string]any
	seen     map[string]bool // operation and status
}

var description = sync.OnceValues(readDescription)

// openAPI returns the published description, nil where it is not there. Where CI is
// true it must be.
func openAPI(t testing.TB) *api {
	t.Helper()
	a, err := description()
	if os.IsNotExist(err) {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Log("the published description is not there: shapes are not compared")
		return nil
	}
	must(t, err)
	return a
}

func readDescription() (*api, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "..", "shared", "data", "workos", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	a := &api{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}, paths: map[string]string{}, seen: map[string]bool{}}
	if err := yaml.Unmarshal(text, &a.root); err != nil {
		return nil, err
	}
	mend(a.root)
	whole, err := json.Marshal(a.root)
	if err != nil {
		return nil, err
	}
	a.compiler.Draft, a.compiler.AssertFormat = jsonschema.Draft2020, true
	if err := a.compiler.AddResource("openapi.json", bytes.NewReader(whole)); err != nil {
		return nil, err
	}
	for path, methods := range a.root["paths"].(map[string]any) {
		for method, op := range methods.(map[string]any) {
			if id, ok := get(op, "operationId").(string); ok {
				a.paths[strings.TrimSuffix(id, "[0]")] = "/paths/" + escape(path) + "/" + method
			}
		}
	}
	return a, nil
}

// mend removes what the description lists twice as required, which is no valid schema.
func mend(v any) {
	switch v := v.(type) {
	case map[string]any:
		if required, ok := v["required"].([]any); ok {
			slices.SortFunc(required, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			v["required"] = slices.CompactFunc(required, func(a, b any) bool { return a == b })
		}
		for _, one := range v {
			mend(one)
		}
	case []any:
		for _, one := range v {
			mend(one)
		}
	}
}

func escape(step string) string {
	return strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1")
}

// at follows a pointer, and what it refers to.
func (a *api) at(pointer string) any {
	var v any = a.root
	for _, step := range strings.Split(pointer, "/")[1:] {
		v = get(v, strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~"))
	}
	if ref, ok := get(v, "$ref").(string); ok {
		return a.at(strings.TrimPrefix(ref, "#"))
	}
	return v
}

func (a *api) schema(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	if a.schemas[pointer] == nil {
		s, err := a.compiler.Compile("openapi.json#" + strings.ReplaceAll(strings.ReplaceAll(pointer, "{", "%7B"), "}", "%7D"))
		must(t, err)
		a.schemas[pointer] = s
	}
	return a.schemas[pointer]
}

// undocumented are answers that the description does not have: it lists none for
// arguments out of bounds there. 401 is the answer to a key it does not know.
var undocumented = map[string]bool{
	"UserApiKeysController_list 422": true,
}

// check holds an answer to the description: its status, and its shape.
func (a *api) check(t testing.TB, id string, status int, body any) {
	t.Helper()
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	pointer := a.paths[id] + "/responses/" + fmt.Sprint(status)
	response := a.at(pointer)
	if response == nil {
		if status != 401 && !undocumented[id+" "+fmt.Sprint(status)] {
			t.Errorf("%s answers with %d, which the description does not have", id, status)
		}
		return
	}
	a.seen[id+" "+fmt.Sprint(status)] = true
	schema := get(response, "content", "application/json", "schema")
	if schema == nil {
		if body != nil {
			t.Errorf("%s answers %d with a body: %v", id, status, body)
		}
		return
	}
	if err := a.schema(t, pointer+"/content/application~1json/schema").Validate(body); err != nil {
		t.Errorf("%s %d: %v\n%#v", id, status, body, err)
	}
}

// TestParametersAreThePublishedOnes: each declared parameter is one of the real
// request, and a request made of them is one that the description takes.
func TestParametersAreThePublishedOnes(t *testing.T) {
	a := openAPI(t)
	if a == nil {
		t.Skip("needs the published description at ../shared")
	}
	b := newBench(t, storetest.SQLite(t))
	for _, op := range b.service.Operations() {
		pointer := a.paths[op.ID]
		if get(a.root, "paths", op.Path, strings.ToLower(op.Method), "operationId") == nil || !strings.HasPrefix(pointer, "/paths/"+escape(op.Path)) {
			t.Errorf("%s is not %s %s", op.ID, op.Method, op.Path)
			continue
		}
		published := map[string]bool{}
		list, _ := get(a.at(pointer), "parameters").([]any)
		for i := range list {
			p := list[i]
			if ref, ok := get(p, "$ref").(string); ok {
				p = a.at(strings.TrimPrefix(ref, "#"))
			}
			published[fmt.Sprint(get(p, "in"), " ", get(p, "name"), " ", get(p, "required") == true)] = true
		}
		for _, p := range op.Params {
			switch p.In {
			case "", "body":
			default:
				if !published[fmt.Sprint(p.In, " ", p.Name, " ", p.Required)] {
					t.Errorf("%s: no %s parameter %s (required %t)", op.ID, p.In, p.Name, p.Required)
				}
			}
		}
	}
	for id, args := range map[string]object{
		"UserlandSessionsController_authenticate":              {"refresh_token": "x"},
		"DataIntegrationsController_getUserlandUserToken":      {"user_id": "ana", "slug": "s", "scopes": []any{"x"}, "agent": "a"},
		"ApiKeysController_validateApiKey":                     {"value": "x"},
		"AuthorizationController_check":                        {"permission_slug": "p", "resource_external_id": "i", "resource_type_slug": "t"},
		"AuditLogEventsController_create":                      {"occurred_at": "2026-01-01T00:00:00Z", "actor": object{"id": "1", "type": "user"}, "targets": []any{}, "context": object{"location": "l"}, "resource": "doc:x"},
		"AuditLogValidatorVersionsController_create":           {"targets": []any{object{"type": "doc"}}, "actor_metadata": object{}},
		"OrganizationsController_create":                       {"name": "n", "domains": []any{"x.example"}},
		"PortalSessionsController_create":                      {"organization": "o", "intent": "sso", "it_contact_emails": []any{"a@b.example"}},
		"UserApiKeysController_create":                         {"name": "n", "permissions": []any{"r"}},
		"ApiKeysController_expire":                             {"expires_at": "2030-01-01T00:00:00Z"},
		"RadarStandaloneController_assess":                     {"email": "a@b.example"},
		"JumpWireWeb.DataVaultController.create":               {"name": "n", "value": "v", "key_context": object{"a": "b"}},
		"JumpWireWeb.DataVaultController.update":               {"value": "v", "version_check": "c"},
		"WebhookEndpointsController_create":                    {"endpoint_url": "https://x.example", "events": []any{"user.created"}},
		"ApplicationsController_create":                        {"name": "n", "scopes": []any{"r"}},
		"ApplicationCredentialsController_create":              {},
		"UserlandUserOrganizationMembershipsController_update": {"role_slug": "admin"},
	} {
		body := plain(t, b.service.Body(id, args))
		if err := a.schema(t, a.paths[id]+"/requestBody/content/application~1json/schema").Validate(body); err != nil {
			t.Errorf("%s: %v\n%#v", id, body, err)
		}
	}
}

// TestComparisonCanFail: what is not of the published shape is found.
func TestComparisonCanFail(t *testing.T) {
	a := openAPI(t)
	if a == nil {
		t.Skip("needs the published description at ../shared")
	}
	for id, body := range map[string]any{
		"AuthorizationController_check":                   object{"authorized": "yes"},
		"ApiKeysController_validateApiKey":                object{"api_key": object{"id": "x"}},
		"DataIntegrationsController_getUserlandUserToken": object{"active": false},
		"EventsController_list":                           object{"object": "list", "data": []any{object{"object": "event"}}, "list_metadata": object{"after": nil}},
	} {
		if a.schema(t, a.paths[id]+"/responses/200/content/application~1json/schema").Validate(body) == nil {
			t.Errorf("%s takes %v", id, body)
		}
	}
}

// TestMain tells, after a whole run, which operations no answer was compared of.
func TestMain(m *testing.M) {
	code := m.Run()
	whole := true
	for _, name := range []string{"test.run", "test.skip", "test.fuzz", "test.list"} {
		whole = whole && flag.Lookup(name).Value.String() == ""
	}
	if a, err := description(); code == 0 && err == nil && whole {
		code = a.uncovered()
	}
	os.Exit(code)
}

func (a *api) uncovered() (code int) {
	covered := map[string]bool{}
	for one := range a.seen {
		id, status, _ := strings.Cut(one, " ")
		covered[id] = covered[id] || status < "300"
	}
	for _, id := range workos.OperationIDs() {
		if !covered[id] {
			fmt.Println("no success compared with the published description:", id)
			code = 1
		}
	}
	return code
}
