package listing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// Every fixture of the good kinds is read to what its golden file says, and
// twice the same.
func TestFixturesReadAsRecorded(t *testing.T) {
	for _, folder := range []string{"listings", "assessments", "reports", "cards"} {
		for _, path := range fixtures(t, folder) {
			t.Run(filepath.Base(path), func(t *testing.T) {
				file := open(t, path)
				agents, err := Load(file, Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := render(t, agents)
				again, err := Load(file, Options{})
				if err != nil || !bytes.Equal(got, render(t, again)) {
					t.Errorf("a second reading differs (%v)", err)
				}
				golden(t, filepath.Join("testdata", "golden", folder, filepath.Base(path)+".json"), got)
				for _, a := range agents {
					checkEvidence(t, file, a)
				}
			})
		}
	}
}

func render(t *testing.T, agents []*Agent) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(agents); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got:\n%s", path, got)
	}
}

// Every bad fixture ends in the errors beside it: each with its id, its place,
// what was expected and a hint.
func TestBadInputIsExplained(t *testing.T) {
	for _, path := range fixtures(t, "bad") {
		if strings.HasSuffix(path, ".err") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = loadBytes(filepath.Base(path), text)
			if err == nil {
				t.Fatal("accepted")
			}
			var c collector
			c.addError("", err)
			var b bytes.Buffer
			for _, e := range c.errs {
				if e.ID == "" || e.Message == "" || e.At.File == "" {
					t.Errorf("incomplete: %#v", e)
				}
				fmt.Fprintf(&b, "[%s] %s\n", e.ID, e)
			}
			golden(t, path+".err", b.Bytes())
		})
	}
}

func loadBytes(name string, text []byte) ([]*Agent, error) {
	file, err := source.NewFile(name, text, source.Limits{})
	if err != nil {
		return nil, err
	}
	return Load(file, Options{})
}

func TestErrorsAreTypedAndBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("schema: agentrisk.assessment/v1\n")
	for i := range 3 * MaxErrors {
		fmt.Fprintf(&b, "field%d: 1\n", i)
	}
	_, err := loadBytes("many.yaml", []byte(b.String()))
	var many Errors
	if !errors.As(err, &many) || len(many) != MaxErrors+1 {
		t.Fatalf("got %d errors of %T, want %d", len(many), err, MaxErrors+1)
	}
	if last := many[MaxErrors]; last.ID != "too-many-errors" || !strings.Contains(last.Message, fmt.Sprint(2*MaxErrors)) {
		t.Errorf("the last says %v", last)
	}
	var one *source.Error
	if !errors.As(err, &one) || one.ID != "unknown-field" {
		t.Errorf("errors.As finds %v", one)
	}
	for i := 1; i < len(many); i++ {
		if many[i].At.Range.Start.Before(many[i-1].At.Range.Start) {
			t.Fatalf("errors %d and %d are out of order", i-1, i)
		}
	}
}

func TestDetection(t *testing.T) {
	const line = `{"name":"x","cvss":5}`
	tests := []struct {
		name, text string
		want       Form
	}{
		{"-", "schema: agentrisk.assessment/v1\nname: x\n", FormAssessment},
		{"-", `{"schema": "agentrisk.assessment/v1", "name": "x"}`, FormAssessment},
		{"-", "factors: {autonomy: 1}\n", FormAssessment},
		{"-", line, FormNDJSON},
		{"-", line + "\n" + line, FormNDJSON},
		{"a.json", line + "\n" + line, FormNDJSON},
		{"a.json", line, FormAssessment},
		{"a.jsonl", "", FormNDJSON},
		{"a.csv", "", FormCSV},
		{"-", "name,cvss\n", FormCSV},
		{"-", "autonomy,tools\r\n", FormCSV},
		{"-", "Hello, name\n", FormListing},
		{"-", `{"metadata": {"system_name": "x"}}`, FormAppendixA},
		{"-", `{"vulnerabilities": []}`, FormAppendixA},
		{"-", `{"name": "x", "skills": []}`, FormAgentCard},
		{"-", `{"name": "x", "protocolVersion": "0.3"}`, FormAgentCard},
		{"-", `{"tools": []}`, FormMCPTools},
		{"-", `{"jsonrpc": "2.0", "result": {"tools": []}}`, FormMCPTools},
		{"-", `[{"name": "x"}]`, FormMCPTools},
		{"-", `{"name": "x", "inputSchema": {}}`, FormMCPTools},
		{"-", "<!doctype html><p>x", FormListing},
		{"a.md", "# x\n", FormListing},
		{"-", "[a link](b) in a page\n", FormListing},
	}
	for _, tt := range tests {
		form, _, err := detect(fileOf(t, tt.name, tt.text), "", Options{})
		if err != nil || form != tt.want {
			t.Errorf("%s %q is %q (%v), want %q", tt.name, tt.text, form, err, tt.want)
		}
	}
	for _, text := range []string{"a: 1\n", `{"a": 1}`, "[1, 2]\n", `"x"`} {
		_, err := Load(fileOf(t, "a.yaml", text), Options{})
		var e *source.Error
		if !errors.As(err, &e) || e.ID != ErrUnknownForm {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFormCanBeForced(t *testing.T) {
	file := fileOf(t, "a.json", `{"name": "x", "description": "d", "tools": [{"name": "t"}]}`)
	for form, tools := range map[Form]int{FormMCPTools: 1, FormAgentCard: 0} {
		a := load(t, file, Options{Form: form})
		if a.Form != form || len(a.Tools) != tools || a.Name.Value != "x" {
			t.Errorf("%s: %d tools", a.Form, len(a.Tools))
		}
	}
	if _, err := Load(file, Options{Form: FormAssessment}); err == nil {
		t.Error("a file without a schema is an assessment")
	}
}
