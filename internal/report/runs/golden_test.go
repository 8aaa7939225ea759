package runs

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"agentrisk/capabilities/enforce"
	"agentrisk/capabilities/enforce/approval"
	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/journal"
	"agentrisk/internal/report"
)

var update = flag.Bool("update", false, "rewrite the expected outputs")

type form func(io.Writer, report.Terminal) error

func plain(write func(io.Writer) error) form {
	return func(w io.Writer, _ report.Terminal) error { return write(w) }
}

// forms are all forms of all reports, by the name of their expected output.
func forms() map[string]form {
	page := approval.Page{Approvals: []approval.Approval{exampleApproval()}}
	proven := &audit.Proven{Origin: "log.example", Size: 12, Records: []audit.Record{exampleRecord()}}
	return map[string]form{
		"waiting.txt": func(w io.Writer, t report.Terminal) error {
			return Text(w, t, waiting(), Hints{Flags: " --home x --world w", Audit: " --home x"})
		},
		"completed.txt": func(w io.Writer, t report.Terminal) error { return Text(w, t, completed(), Hints{}) },
		"plan.txt":      func(w io.Writer, t report.Terminal) error { return PlanText(w, t, examplePlan()) },
		"approval.txt": func(w io.Writer, t report.Terminal) error {
			return ApprovalText(w, t, exampleApproval(), []string{"user_chidi"})
		},
		"verify.txt":     func(w io.Writer, t report.Terminal) error { return VerifyText(w, t, exampleVerify()) },
		"entry.txt":      func(w io.Writer, t report.Terminal) error { return EntryText(w, t, exampleRecord()) },
		"proven.txt":     func(w io.Writer, t report.Terminal) error { return ProvenText(w, t, proven) },
		"runs.txt":       plain(func(w io.Writer) error { return RunsText(w, exampleRuns(), noon) }),
		"approvals.txt":  plain(func(w io.Writer) error { return ApprovalsText(w, page) }),
		"waiting.json":   plain(func(w io.Writer) error { return JSON(w, waiting()) }),
		"completed.json": plain(func(w io.Writer) error { return JSON(w, completed()) }),
		"plan.json":      plain(func(w io.Writer) error { return PlanJSON(w, examplePlan()) }),
		"approval.json":  plain(func(w io.Writer) error { return ApprovalJSON(w, exampleApproval(), []string{"user_chidi"}) }),
		"approvals.json": plain(func(w io.Writer) error { return ApprovalsJSON(w, page) }),
		"runs.json":      plain(func(w io.Writer) error { return RunsJSON(w, exampleRuns()) }),
		"verify.json":    plain(func(w io.Writer) error { return VerifyJSON(w, exampleVerify()) }),
	}
}

func TestGolden(t *testing.T) {
	for name, write := range forms() {
		t.Run(name, func(t *testing.T) { golden(t, name, report.Terminal{}, write) })
		if strings.HasSuffix(name, ".txt") {
			t.Run("color-"+name, func(t *testing.T) { golden(t, "color-"+name, report.Terminal{Color: true, Width: 48}, write) })
		}
	}
}

func golden(t *testing.T, name string, term report.Terminal, write form) {
	t.Helper()
	path := filepath.Join("testdata", name)
	var got bytes.Buffer
	if err := write(&got, term); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("differs from %s; go test -update rewrites it:\n%s", path, diff)
	}
}

// TestHostileText: nothing that the input says can act on a terminal.
func TestHostileText(t *testing.T) {
	for name, write := range forms() {
		if !strings.HasSuffix(name, ".txt") {
			continue
		}
		var b bytes.Buffer
		if err := write(&b, report.Terminal{}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\u202e\u202c\u200b") {
			t.Errorf("%s holds a character that acts", name)
		}
	}
}

// TestWidth: text keeps to the columns of its terminal; tables may be wider.
func TestWidth(t *testing.T) {
	for name, write := range forms() {
		if !strings.HasSuffix(name, ".txt") || name == "runs.txt" || name == "approvals.txt" {
			continue
		}
		for _, width := range []int{0, 48, 100} {
			var b bytes.Buffer
			if err := write(&b, report.Terminal{Width: width}); err != nil {
				t.Fatal(err)
			}
			most := max(width, 48)
			if width == 0 {
				most = usualColumns
			}
			for line := range strings.Lines(b.String()) {
				if got := report.Width(strings.TrimRight(line, "\n")); got > most && strings.Contains(strings.TrimSpace(line), " ") && !strings.HasPrefix(line, "  capcheck ") && !strings.Contains(line, "    hidden") {
					t.Errorf("%s at %d: a line takes %d columns: %q", name, width, got, line)
				}
			}
		}
	}
}

// TestExact: what is to be approved loses nothing, not even a space, and two
// values that differ never look the same.
func TestExact(t *testing.T) {
	for _, pair := range [][2]any{
		{"a  b", "a b"}, {"a\u00a0b", "a b"}, {"a\u200bb", "ab"}, {"a\u202eb", "a.b"}, {"\U000e0041", ""}, {1, "1"}, {[]any{"a"}, "[\"a\"]"},
	} {
		if a, b := quoted(pair[0]), quoted(pair[1]); a == b {
			t.Errorf("%#v and %#v both show as %s", pair[0], pair[1], a)
		}
	}
	p := newPage(report.Terminal{Width: 40})
	long := strings.Repeat("ab  ", 40)
	p.exact("  ", long)
	var back strings.Builder
	for line := range strings.Lines(p.String()) {
		back.WriteString(strings.TrimSuffix(line, "\n")[2:])
	}
	if back.String() != long {
		t.Errorf("shown as %q", back.String())
	}
}

func schema(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("schema.json", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	out, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSchemas: what is written is what the published schemas say, and they refuse
// what is not.
func TestSchemas(t *testing.T) {
	run, plan := schema(t, JSONSchema), schema(t, PlanSchema)
	tests := map[string]struct {
		of    *jsonschema.Schema
		write func(io.Writer) error
		spoil func(map[string]any)
	}{
		"waiting":   {run, func(w io.Writer) error { return JSON(w, waiting()) }, func(v map[string]any) { delete(v, "wait") }},
		"completed": {run, func(w io.Writer) error { return JSON(w, completed()) }, func(v map[string]any) { v["outcome"] = "fine" }},
		"empty": {run, func(w io.Writer) error {
			return JSON(w, &enforce.Report{Run: "r", Reading: enforce.Enforced, Mode: enforce.DryRun, Outcome: enforce.Failed})
		}, func(v map[string]any) { v["steps"] = nil }},
		"plan": {plan, func(w io.Writer) error { return PlanJSON(w, examplePlan()) }, func(v map[string]any) { v["more"] = true }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			var v map[string]any
			dec := json.NewDecoder(&b)
			dec.UseNumber()
			if err := dec.Decode(&v); err != nil {
				t.Fatal(err)
			}
			if err := tt.of.Validate(v); err != nil {
				t.Fatalf("%#v", err)
			}
			tt.spoil(v)
			if tt.of.Validate(v) == nil {
				t.Error("the schema accepts a spoilt one")
			}
		})
	}
}

// TestSecretsDoNotPass: a text that looks like a hidden secret is told apart.
func TestSecretsDoNotPass(t *testing.T) {
	hidden := shownValue(map[string]any{"$secret_sha256": "8d47"})
	for _, other := range []any{"[secret] sha-256 8d47", map[string]any{"$secret_sha256": "8d47", "more": 1}, map[string]any{"$secret_sha256": 1}} {
		if shownValue(other) == hidden {
			t.Errorf("%v shows as a secret", other)
		}
	}
}

// TestSame: a report is a function of what it is given.
func TestSame(t *testing.T) {
	for name, write := range forms() {
		var a, b bytes.Buffer
		if err := write(&a, report.Terminal{}); err != nil {
			t.Fatal(err)
		}
		if err := write(&b, report.Terminal{}); err != nil || a.String() != b.String() {
			t.Errorf("%s differs from run to run (%v)", name, err)
		}
	}
}

// TestNothing: empty lists say so.
func TestNothing(t *testing.T) {
	var b bytes.Buffer
	if err := RunsText(&b, journal.Page{}, noon); err != nil || b.String() != "no runs\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := ApprovalsText(&b, approval.Page{}); err != nil || b.String() != "no approvals\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
