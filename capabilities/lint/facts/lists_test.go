package facts

import (
	"strings"
	"testing"

	"agentrisk/capabilities"
)

// list returns the facts of one list, written as their names, kinds and texts.
func list(d *Document, name string) string {
	var lines []string
	for _, f := range d.Lists[name] {
		lines = append(lines, strings.Join([]string{f.Name, f.Kind, f.Text}, "/"))
	}
	return strings.Join(lines, " ")
}

func TestWideAddresses(t *testing.T) {
	const head = "naftiko: 1.0.0-alpha2\ncapability:\n  exposes:\n    - {type: rest, namespace: api, resources: [], "
	for rest, want := range map[string]string{
		`address: 0.0.0.0}`:  "api/address/0.0.0.0",
		`address: "::"}`:     "api/address/::",
		`address: 10.0.0.1}`: "",
		`address: 0.0.0.0, authentication: {type: none}}`:                   "api/address/0.0.0.0",
		`address: 0.0.0.0, authentication: {type: bearer, token: "{{T}}"}}`: "",
		`cors: "*"}`:                             "cors/origin/*",
		`cors: {allowedOrigins: ["*"]}}`:         "cors/origin/*",
		`cors: {origin: "*"}}`:                   "cors/origin/*",
		`allowedOrigins: ["*"]}`:                 "allowedOrigins/origin/*",
		`allowedOrigins: ["https://a.example"]}`: "",
	} {
		if got := list(of(t, head+rest+"\n"), "wide_addresses"); got != want {
			t.Errorf("%s: %q, want %q", rest, got, want)
		}
	}
	const service = "naftiko: 1.0.0-alpha2\ncapability:\n  consumes:\n    - {type: http, namespace: crm, baseUri: URL, inputParameters: [{name: host, in: query}], resources: []}\n"
	for url, want := range map[string]string{
		`"https://{{host}}/v1"`: "crm/host/https://{{host}}/v1", `"https://{{env.HOST}}/v1"`: "", `"https://crm.example/{{host}}"`: "", `https://crm.example.com/v1`: "",
	} {
		if got := list(of(t, strings.Replace(service, "URL", url, 1)), "wide_addresses"); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

func TestSecretsInURLs(t *testing.T) {
	const service = "naftiko: 1.0.0-alpha2\ncapability:\n  consumes:\n    - {type: http, namespace: crm, baseUri: BASE, AUTH resources: [{name: r, path: PATH, operations: [{name: o, method: GET}]}]}\n"
	for _, tt := range []struct{ base, auth, path, want string }{
		{"https://a.example", "", "/x", ""},
		{`"https://a.example/{{api_key}}"`, "", "/x", "api_key/address/"},
		{"https://a.example", "", `"/x?token={{token}}"`, "token/address/"},
		{"https://a.example", "", `"/x/{{page_token}}"`, ""},
		{"https://a.example", `authentication: {type: apikey, key: k, value: "{{K}}", placement: query},`, "/x", "crm/placement/"},
		{"https://a.example", `authentication: {type: apikey, key: k, value: "{{K}}", placement: header},`, "/x", ""},
	} {
		text := strings.NewReplacer("BASE", tt.base, "AUTH", tt.auth, "PATH", tt.path).Replace(service)
		if got := list(of(t, text), "secret_urls"); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

// Values made up for these tests: none was ever valid.
func TestLiteralSecrets(t *testing.T) {
	for value, want := range map[string]bool{
		"{{TOKEN}}": false, "${TOKEN}": false, "MY_SECRET_TOKEN": false, "your-token-here": false, "<token>": false, "changeme123": false,
		"short": false, "xoxb-your-token": false, "correct horse battery": false, "my-header-name": false,
		"Zk3vQ8pLw71mNd45": true, "Bearer Zk3vQ8pLw71mNd45": true, "ghp_" + strings.Repeat("a1", 18): true, "AKIA" + strings.Repeat("Q7", 8): true,
		"sk_live_" + strings.Repeat("z9", 12): true,
	} {
		if got := literal(value) || knownSecret(value); got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// TestModelIsNotChanged: facts only look; the same document gives the same facts
// again.
func TestModelIsNotChanged(t *testing.T) {
	d := of(t, longFlow(40))
	again := Of(d.Model, byName{})
	for name, facts := range d.Lists {
		if len(again.Lists[name]) != len(facts) || list(d, name) != list(again, name) {
			t.Errorf("%s: another result the second time", name)
		}
	}
}

func TestPlacesOfHandles(t *testing.T) {
	d := of(t, steps("login", "pay"))
	if _, ok := d.Place(0); ok {
		t.Error("the handle 0 stands for something")
	}
	if _, ok := d.Place(Handle(len(d.places) + 1)); ok {
		t.Error("a handle behind the last stands for something")
	}
	p, ok := d.Place(step(t, d, "pay").At)
	if !ok || p.Step != "pay" || p.Range().Range.Start.Line != 3 || d.StepAt(step(t, d, "pay").At) == nil || d.StepAt(0) != nil {
		t.Errorf("%+v", p)
	}
	empty := Of(&capabilities.Document{}, byName{})
	if at, _ := empty.Place(empty.At); at.Range().Range.Start.Line != 1 {
		t.Errorf("a document without text begins at %v", at.Range())
	}
}
