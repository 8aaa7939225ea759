package findings

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/internal/report"
)

func compileSchema(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("schema.json", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestJSONIsValid: what is written is what the published schema says, and the
// schema refuses what is not.
func TestJSONIsValid(t *testing.T) {
	schema := compileSchema(t, JSONSchema)
	for name, r := range map[string]*Report{"example": example(), "clean": clean()} {
		var b bytes.Buffer
		if err := r.JSON(&b); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(decode(t, b.Bytes())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wrong := strings.Replace(b.String(), `"summary"`, `"sumary"`, 1)
		if schema.Validate(decode(t, []byte(wrong))) == nil {
			t.Errorf("%s: the schema takes a report without its summary", name)
		}
	}
}

// TestNDJSON: every line is an object of its type, and together they hold what
// the JSON form holds.
func TestNDJSON(t *testing.T) {
	var b bytes.Buffer
	if err := example().NDJSON(&b); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for line := range strings.Lines(b.String()) {
		var one struct{ Type, Rule string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		seen[one.Type]++
	}
	for kind, want := range map[string]int{"file": 2, "finding": 4, "step": 3, "incomplete": 2, "summary": 1} {
		if seen[kind] != want {
			t.Errorf("%d lines are a %s, not %d", seen[kind], kind, want)
		}
	}
}

func TestJUnitCounts(t *testing.T) {
	var b bytes.Buffer
	if err := example().JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != 7 || got.Failures != 2 || got.Errors != 2 {
		t.Errorf("%d tests, %d failures, %d errors", got.Tests, got.Failures, got.Errors)
	}
	skipped := 0
	for _, s := range got.Suites {
		skipped += s.Skipped
	}
	if skipped != 2 || len(got.Suites) != 3 {
		t.Errorf("%d skipped in %d suites", skipped, len(got.Suites))
	}
}

// TestGitHubCommands: a command a line, and every part of it escaped.
func TestGitHubCommands(t *testing.T) {
	if got, want := command("error", "a\nb%::", "file", "x,y:z.yaml", "line", "", "title", "100%\r"), "::error file=x%2Cy%3Az.yaml,title=100%25%0D::a%0Ab%25::\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var b bytes.Buffer
	if err := example().GitHub(&b); err != nil {
		t.Fatal(err)
	}
	kinds := []string{"::error ", "::error ", "::error ", "::warning "}
	for i, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		if i >= len(kinds) || !strings.HasPrefix(line, kinds[i]) {
			t.Errorf("line %d is %s", i+1, line)
		}
	}
}

func TestGitLabFingerprintsDiffer(t *testing.T) {
	var b bytes.Buffer
	if err := example().GitLab(&b); err != nil {
		t.Fatal(err)
	}
	var issues []gitlabIssue
	if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if seen[i.Fingerprint] || i.Location.Path == "" || i.Location.Lines.Begin < 1 {
			t.Errorf("issue %+v", i)
		}
		seen[i.Fingerprint] = true
	}
	if len(issues) != 4 {
		t.Errorf("%d issues, not 4", len(issues))
	}
}

// TestMarkdownFits: a report of any size fits into a job summary, and says what
// it leaves out.
func TestMarkdownFits(t *testing.T) {
	r := example()
	for len(r.Result.Findings) < 20_000 {
		r.Result.Findings = append(r.Result.Findings, r.Result.Findings[0])
		r.Result.Steps = append(r.Result.Steps, r.Result.Steps[1])
	}
	var b bytes.Buffer
	if err := r.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1<<20 {
		t.Errorf("%d bytes", b.Len())
	}
	if !strings.Contains(b.String(), "more, for which this page has no room") {
		t.Error("nothing tells what is left out")
	}
}

// TestPublishedSARIFSchema checks against the schema of the standard where the
// variable names a copy of it; TestSARIFForCodeScanning always runs.
func TestPublishedSARIFSchema(t *testing.T) {
	path := os.Getenv("AGENTRISK_TEST_SARIF_SCHEMA")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("AGENTRISK_TEST_SARIF_SCHEMA names no file")
		}
		t.Skip("AGENTRISK_TEST_SARIF_SCHEMA names no file")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	schema := compileSchema(t, text)
	for name, r := range map[string]*Report{"example": example(), "clean": clean()} {
		var b bytes.Buffer
		if err := r.SARIF(&b); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(decode(t, b.Bytes())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSARIFForCodeScanning holds what code scanning asks for beyond the schema.
func TestSARIFForCodeScanning(t *testing.T) {
	for name, r := range map[string]*Report{"example": example(), "clean": clean()} {
		var b bytes.Buffer
		if err := r.SARIF(&b); err != nil {
			t.Fatal(err)
		}
		var log report.SARIF
		dec := json.NewDecoder(&b)
		dec.DisallowUnknownFields()
		if err := dec.Decode(&log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if run.Results == nil || len(run.Results) != len(r.Result.Findings) || run.ColumnKind != "unicodeCodePoints" {
			t.Errorf("%s: %d results, columns are %s", name, len(run.Results), run.ColumnKind)
		}
		if run.Invocations[0].ExecutionSuccessful != (len(r.Result.Incomplete) == 0) {
			t.Errorf("%s: an incomplete run passes for a successful one", name)
		}
		for i, result := range run.Results {
			checkSARIFResult(t, &run, i, &result)
		}
		for _, rule := range run.Tool.Driver.Rules {
			if severity, _ := rule.Properties["security-severity"].(string); severity == "" || rule.Help.Text == "" || rule.ShortDescription.Text == "" {
				t.Errorf("%s: rule %+v", name, rule)
			}
		}
	}
}

func checkSARIFResult(t *testing.T, run *report.SARIFRun, i int, result *report.SARIFResult) {
	t.Helper()
	at := result.Locations[0].PhysicalLocation
	if strings.HasPrefix(at.ArtifactLocation.URI, "/") || strings.Contains(at.ArtifactLocation.URI, "..") || at.Region == nil || at.Region.StartLine < 1 {
		t.Errorf("result %d lies at %+v %+v", i, at.ArtifactLocation, at.Region)
	}
	if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
		t.Errorf("result %d: its rule is not %s", i, result.RuleID)
	}
	if result.PartialFingerprints[FingerprintKey] == "" || result.Message.Text == "" {
		t.Errorf("result %d has no fingerprint or message", i)
	}
	for _, taxon := range result.Taxa {
		found := false
		for _, c := range run.Taxonomies {
			for _, entry := range c.Taxa {
				found = found || c.Name == taxon.ToolComponent.Name && entry.ID == taxon.ID
			}
		}
		if !found {
			t.Errorf("result %d names %s, which no taxonomy holds", i, taxon.ID)
		}
	}
}
