//go:build !windows

package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"agentrisk/capabilities/enforce/decision"
)

func exported(t *testing.T, dir string, format Format) []map[string]any {
	t.Helper()
	var buf bytes.Buffer
	must(t, Export(&buf, dir, Filter{Scope: AllTenants()}, format))
	var all []map[string]any
	for line := range strings.Lines(buf.String()) {
		var m map[string]any
		must(t, json.Unmarshal([]byte(line), &m))
		all = append(all, m)
	}
	return all
}

func exportLog(t *testing.T) (dir string, events int) {
	t.Helper()
	dir = t.TempDir()
	l := openLog(t, dir)
	trail := mustBegin(t, l, "run-1")
	for _, kind := range Kinds() {
		mustAppend(t, trail, testEvent(kind))
	}
	bare := Event{Kind: KindAuthentication, At: testTime, Tenant: "acme", Reason: strings.Repeat("long ", 300),
		Decisions: []decision.Decision{decision.Denied("identity", "the token expired")}}
	mustAppend(t, trail, bare)
	closeLog(t, l)
	return dir, len(Kinds()) + 1
}

func TestExportFormats(t *testing.T) {
	dir, n := exportLog(t)
	for _, format := range Formats() {
		if got := len(exported(t, dir, format)); got != n {
			t.Errorf("%s: %d lines, want %d", format, got, n)
		}
	}
	if err := Export(&bytes.Buffer{}, dir, Filter{Scope: AllTenants()}, "csv"); err == nil || !strings.Contains(err.Error(), "cloudevents") {
		t.Errorf("unknown format: %v", err)
	}
	if err := Export(&bytes.Buffer{}, dir, Filter{}, FormatJSONL); err == nil {
		t.Error("exported without a scope")
	}
}

// TestCloudEvents holds the rules of CloudEvents 1.0.2, sections "REQUIRED
// Attributes" and "Attribute Naming Convention".
func TestCloudEvents(t *testing.T) {
	dir, _ := exportLog(t)
	name := regexp.MustCompile(`^[a-z0-9]{1,20}$`)
	seen := map[any]bool{}
	for _, m := range exported(t, dir, FormatCloudEvents) {
		for _, key := range []string{"id", "source", "specversion", "type"} {
			if s, ok := m[key].(string); !ok || s == "" {
				t.Errorf("%s is missing in %v", key, m)
			}
		}
		for key := range m {
			if !name.MatchString(key) {
				t.Errorf("attribute %q", key)
			}
		}
		if _, err := url.Parse(m["source"].(string)); err != nil || m["specversion"] != "1.0" {
			t.Errorf("source %v, version %v", m["source"], m["specversion"])
		}
		if _, err := time.Parse(time.RFC3339, m["time"].(string)); err != nil {
			t.Error(err)
		}
		if seen[m["id"]] {
			t.Errorf("id %v occurs twice", m["id"])
		}
		seen[m["id"]] = true
	}
}

// TestWorkOSFields holds the bounds of AuditLogEventsController_create in the
// published OpenAPI.
func TestWorkOSFields(t *testing.T) {
	dir, _ := exportLog(t)
	name := regexp.MustCompile(`^[a-zA-Z0-9_-]{0,40}$`)
	for _, m := range exported(t, dir, FormatWorkOS) {
		event := m["event"].(map[string]any)
		if m["organization_id"] != "acme" {
			t.Errorf("organization %v", m["organization_id"])
		}
		for _, key := range []string{"action", "occurred_at", "actor", "targets", "context"} {
			if event[key] == nil {
				t.Errorf("%s is missing in %v", key, event)
			}
		}
		parties := append(event["targets"].([]any), event["actor"])
		for _, p := range parties {
			if p := p.(map[string]any); p["id"] == "" || p["type"] == "" {
				t.Errorf("party %v", p)
			}
		}
		if event["context"].(map[string]any)["location"] == "" {
			t.Error("no location")
		}
		metadata := event["metadata"].(map[string]any)
		if len(metadata) > 50 {
			t.Errorf("%d values of metadata", len(metadata))
		}
		for key, value := range metadata {
			if s, ok := value.(string); !name.MatchString(key) || ok && len([]rune(s)) > 500 {
				t.Errorf("metadata %q: %v", key, value)
			}
		}
	}
}

// TestWorkOSSchema validates every exported event against the schema of the request
// in the published document.
func TestWorkOSSchema(t *testing.T) {
	var document any
	must(t, yaml.Unmarshal(sharedFile(t, "data/workos/openapi.yaml"), &document))
	raw, err := json.Marshal(jsonable(document))
	must(t, err)
	compiler := jsonschema.NewCompiler()
	must(t, compiler.AddResource("openapi.json", bytes.NewReader(raw)))
	schema, err := compiler.Compile("openapi.json#/paths/~1audit_logs~1events/post/requestBody/content/application~1json/schema")
	must(t, err)
	if err := schema.Validate(map[string]any{"organization_id": "acme"}); err == nil {
		t.Fatal("the schema takes an event without an event")
	}
	dir, n := exportLog(t)
	events := exported(t, dir, FormatWorkOS)
	if len(events) != n {
		t.Fatalf("%d events, want %d", len(events), n)
	}
	for _, event := range events {
		if err := schema.Validate(map[string]any(event)); err != nil {
			t.Errorf("%v: %v", event, err)
		}
	}
}

// jsonable turns the keys of YAML mappings, which may be numbers, into texts.
func jsonable(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := map[string]any{}
		for key, value := range v {
			m[fmt.Sprint(key)] = jsonable(value)
		}
		return m
	case map[string]any:
		for key, value := range v {
			v[key] = jsonable(value)
		}
	case []any:
		for i := range v {
			v[i] = jsonable(v[i])
		}
	}
	return v
}

// TestOCSFFields holds the required fields of OCSF 1.6.0: base event, API Activity
// (class 6003) and Authentication (class 3002), and the arithmetic of type_uid.
func TestOCSFFields(t *testing.T) {
	dir, _ := exportLog(t)
	for _, m := range exported(t, dir, FormatOCSF) {
		for _, key := range []string{"activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata", "actor"} {
			if m[key] == nil {
				t.Errorf("%s is missing in %v", key, m)
			}
		}
		class, activity := m["class_uid"].(float64), m["activity_id"].(float64)
		if m["type_uid"] != class*100+activity || m["category_uid"] != float64(int(class)/1000) {
			t.Errorf("type %v of class %v and activity %v", m["type_uid"], class, activity)
		}
		if activity == 99 && m["activity_name"] == "" {
			t.Error("another activity without a name")
		}
		if m["time"] != float64(testTime.UnixMilli()) {
			t.Errorf("time %v", m["time"])
		}
		metadata := m["metadata"].(map[string]any)
		if metadata["version"] != "1.6.0" || metadata["product"] == nil || metadata["uid"] == "" {
			t.Errorf("metadata %v", metadata)
		}
		switch class {
		case 6003:
			if m["src_endpoint"] == nil || m["api"].(map[string]any)["operation"] == "" {
				t.Errorf("api activity %v", m)
			}
		case 3002:
			if m["service"] == nil || m["user"].(map[string]any)["uid"] == "" {
				t.Errorf("authentication %v", m)
			}
		default:
			t.Errorf("class %v", class)
		}
		denied := metadata["event_code"] == "denial" || strings.Contains(m["message"].(string), "long")
		if got := m["action_id"] == 2.0 && m["status_id"] == 2.0; got != denied {
			t.Errorf("%v: action %v, status %v", metadata["event_code"], m["action_id"], m["status_id"])
		}
	}
}

// sharedFile reads from the folder of shared material beside the repository.
func sharedFile(t *testing.T, path string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	must(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "..", "shared", path))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("the shared material is not here: %v", err)
	}
	return raw
}
