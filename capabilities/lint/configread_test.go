package lint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/internal/source"
)

func parseConfig(text string) (Config, error) {
	f, err := source.NewFile(ConfigName, []byte(text), source.Limits{})
	if err != nil {
		return Config{}, err
	}
	return ParseConfig(f)
}

const wholeConfig = `version: 1
profile: ci
rules:
  CAP102: warning
  missing_audit: off
  CAP404: {enabled: true, severity: note}
catalogue:
  - {operation: hr.ask_manager, control: approve}
  - {operation: wipe, effect: delete}
paths:
  include: ["flows/**/*.yaml"]
  exclude: [vendor]
`

func TestConfig(t *testing.T) {
	got, err := parseConfig(wholeConfig)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{Profile: CI,
		Rules:     map[string]RuleSetting{"CAP102": {Severity: Warning}, "missing_audit": {Off: true}, "CAP404": {Severity: Note}},
		Catalogue: []CatalogueEntry{{Operation: "hr.ask_manager", Control: "approve"}, {Operation: "wipe", Effect: "delete"}},
		Include:   []string{"flows/**/*.yaml"}, Exclude: []string{"vendor"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := parseConfig("# nothing\n"); err != nil || !cmp.Equal(got, Config{}) {
		t.Errorf("an empty file gives %+v, %v", got, err)
	}
}

// TestConfigProvider: an entry that names a provider says nothing of others.
func TestConfigProvider(t *testing.T) {
	c, err := parseConfig("catalogue:\n  - {operation: openGate, provider: acme, effect: access}\n")
	if err != nil {
		t.Fatal(err)
	}
	for provider, want := range map[string]string{"acme": "access", "other": "read"} {
		r := newLinter(t, c).Lint(context.Background(), parseText(t, "flow.yaml", "provider: "+provider+"\nsteps:\n  - {id: s, call: openGate}\n"))
		if r.Steps[0].Effect != want {
			t.Errorf("%s: %s, want %s", provider, r.Steps[0].Effect, want)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	tests := []struct{ text, at, want string }{
		{"profil: ci\n", "1:1", "one of catalogue, paths, profile, rules, version"},
		{"catalogue:\n  - {operation: x, efect: read}\n", "2:20", "one of control, effect, operation, provider"},
		{"catalogue:\n  - {operation: x, provider: [a], effect: read}\n", "2:30", "expected a name"},
		{"rules:\n  CAP101: warnin\n", "2:11", `did you mean "warning"?`},
		{"profil: ci\n", "1:1", `did you mean "profile"?`},
		{"profile: cii\n", "1:10", `did you mean "ci"?`},
		{"profile: [ci]\n", "1:10", "is a list"},
		{"version: 2\n", "1:10", "expected 1"},
		{"rules: [CAP101]\n", "1:8", "expected a map"},
		{"rules:\n  CAP101: loud\n", "2:11", "expected one of on, off, error"},
		{"rules:\n  CAP101: {sevrity: note}\n", "2:12", `did you mean "severity"?`},
		{"rules:\n  CAP101: {enabled: maybe}\n", "2:21", "expected true or false"},
		{"catalogue:\n  - {operation: x}\n", "2:5", "says nothing"},
		{"catalogue:\n  - {control: approve}\n", "2:5", "names no operation"},
		{"catalogue:\n  - {operation: x, control: aprove}\n", "2:29", `did you mean "approve"?`},
		{"paths: {exclude: vendor}\n", "1:18", "expected a list"},
		{"paths: {exclude: [1]}\n", "1:19", "is a number"},
		{"profile: ci\nprofile: audit\n", "2:1", "stands here again"},
		{"[]\n", "1:1", "is a list"},
		{"a: [\n", "", ""},
	}
	for _, tt := range tests {
		_, err := parseConfig(tt.text)
		var e *source.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v, want a *source.Error", tt.text, err)
			continue
		}
		if at := strings.TrimPrefix(e.At.String(), ConfigName+":"); tt.at != "" && at != tt.at || !strings.Contains(strings.ReplaceAll(e.Error(), "holds a number", "is a number"), tt.want) {
			t.Errorf("%q: %v at %s, want %q at %s", tt.text, e, at, tt.want, tt.at)
		}
	}
}

// TestConfigSchema: the published schema takes what the reader takes, and
// nothing of what it refuses.
func TestConfigSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", bytes.NewReader(ConfigSchema)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{
		`{"version":1,"profile":"ci","rules":{"CAP102":"warning","x":false,"y":{"severity":"note"}},"catalogue":[{"operation":"a","control":"approve"}],"paths":{"include":["a"]}}`: true,
		`{}`:                                    true,
		`{"profil":"ci"}`:                       false,
		`{"profile":"cii"}`:                     false,
		`{"version":2}`:                         false,
		`{"rules":{"a":"loud"}}`:                false,
		`{"rules":{"a":{"sevrity":"note"}}}`:    false,
		`{"catalogue":[{"operation":"a"}]}`:     false,
		`{"catalogue":[{"control":"approve"}]}`: false,
		`{"catalogue":[{"operation":"a","control":"aprove"}]}`:    false,
		`{"paths":{"exclude":"vendor"}}`:                          false,
		`{"paths":{"exclude":[1]}}`:                               false,
		`{"catalogue":[{"operation":"a","effect":"read","x":1}]}`: false,
	} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); (err == nil) != ok {
			t.Errorf("%s: the schema says %v", text, err)
		}
		if _, err := parseConfig(text); (err == nil) != ok {
			t.Errorf("%s: the reader says %v", text, err)
		}
	}
}

func TestFindConfig(t *testing.T) {
	tree := fstest.MapFS{"a/.capcheck.yaml": {Data: []byte("profile: ci\n")}, "a/b/c/x.yaml": {}, "z/x.yaml": {},
		"a/.capcheck/rules/deleting/deleting.rego": ownRule("ACME001", "deleting", deletes)["deleting/deleting.rego"]}
	for folder, want := range map[string]string{"a/b/c": "a/.capcheck.yaml", "a": "a/.capcheck.yaml", "z": "", ".": ""} {
		if got, err := FindConfig(tree, folder); err != nil || got != want {
			t.Errorf("from %s: %q, %v, want %q", folder, got, err, want)
		}
	}
	c, err := ReadConfig(tree, "a/.capcheck.yaml")
	if err != nil || c.Profile != CI || len(c.UserRules) != 1 || c.UserRules[0].Name != "a/.capcheck/rules" {
		t.Fatalf("%+v, %v", c, err)
	}
	l := newLinter(t, c)
	if len(l.Rules()) != 57 {
		t.Errorf("%d rules", len(l.Rules()))
	}
	if _, err := FindConfig(fstest.MapFS{"a/.capcheck.yaml/x": {}}, "a"); err == nil {
		t.Error("a folder was taken for a configuration")
	}
}

// TestConfigSettles: settings change rules, and names of no rule are errors with
// the nearest.
func TestConfigSettles(t *testing.T) {
	docs := parseText(t, "steps.yaml", manySteps(4))
	count := func(c Config) (n int, severity Severity) {
		for _, f := range newLinter(t, c).Lint(context.Background(), docs).Findings {
			if f.Rule == "CAP103" {
				n++
				severity = f.Severity
			}
		}
		return n, severity
	}
	if n, s := count(Config{}); n != 1 || s != Error {
		t.Errorf("without settings: %d, %s", n, s)
	}
	if n, s := count(Config{Rules: map[string]RuleSetting{"CAP103": {Severity: Note}}, Profile: Audit}); n != 1 || s != Note {
		t.Errorf("as a note: %d, %s", n, s)
	}
	if n, _ := count(Config{Rules: map[string]RuleSetting{"missing_approval": {Off: true}}}); n != 0 {
		t.Errorf("switched off: %d", n)
	}
	if n, _ := count(Config{Catalogue: []CatalogueEntry{{Operation: "deleteProject", Effect: "write"}}}); n != 0 {
		t.Errorf("by the catalogue only a write: %d", n)
	}
	for _, c := range []Config{
		{Today: today, Rules: map[string]RuleSetting{"CAP1O3": {}}},
		{Today: today, Rules: map[string]RuleSetting{"CAP103": {Severity: "loud"}}},
		{Today: today, Profile: "cii"},
		{},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	_, err := New(Config{Today: today, Rules: map[string]RuleSetting{"CAP1O3": {}}})
	if err == nil || !strings.Contains(err.Error(), `did you mean "CAP1`) {
		t.Errorf("no nearest name: %v", err)
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{wholeConfig, "rules: {a: off}", "[]", "paths:\n- x", "a: &a [*a]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := parseConfig(text)
		var e *source.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("untyped error %v", err)
		}
	})
}
