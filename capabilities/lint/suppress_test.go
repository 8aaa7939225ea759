package lint

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const guarded = `steps:
  - id: login
    call: api.verifySession
  # capcheck: COMMENT
  - id: remove
    call: api.deleteProject
  - id: log
    call: api.createAuditEvent
`

func lintGuarded(t *testing.T, comment string, c Config) Result {
	t.Helper()
	c.Profile = Audit
	return newLinter(t, c).Lint(context.Background(), parseText(t, "g.yaml", strings.Replace(guarded, "COMMENT", comment, 1)))
}

func TestSuppressions(t *testing.T) {
	const all = "ignore[CAP102, missing_approval] until=2026-11-22 by=jo -- the gateway decides"
	tests := []struct {
		name       string
		comment    string
		config     Config
		suppressed []string
		told       []string // of the suppressions
	}{
		{"by id and name, to its last day", all, Config{}, []string{"CAP102", "CAP103"}, nil},
		{"a day later", strings.Replace(all, "11-22", "11-21", 1), Config{}, nil, []string{"CAP902"}},
		{"one of two is unused", "ignore[CAP102,CAP101] -- x", Config{}, []string{"CAP102"}, []string{"CAP901"}},
		{"its rule is off", "ignore[CAP102,CAP101] -- x", Config{Rules: map[string]RuleSetting{"CAP101": {Off: true}}}, []string{"CAP102"}, nil},
		{"no reason", "ignore[CAP102]", Config{}, nil, []string{"CAP903"}},
		{"no such rule", "ignore[CAP1O2] -- x", Config{}, nil, []string{"CAP904"}},
		{"no form", "ignore CAP102 -- x", Config{}, nil, []string{"CAP904"}},
		{"no date", "ignore[CAP102] until=soon -- x", Config{}, nil, []string{"CAP904"}},
		{"for auditors", all, Config{NoIgnores: true}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := lintGuarded(t, tt.comment, tt.config)
			var suppressed, told []string
			for _, f := range r.Findings {
				if f.Suppressed != (f.Suppression != nil) {
					t.Errorf("%s is suppressed by %v", f.Rule, f.Suppression)
				}
				if f.Suppressed {
					suppressed = append(suppressed, f.Rule)
				}
				if strings.HasPrefix(f.Rule, "CAP9") {
					told = append(told, f.Rule)
					if f.Location.Range.Start.Line != 4 {
						t.Errorf("%s points at line %d", f.Rule, f.Location.Range.Start.Line)
					}
				}
			}
			if !cmp.Equal(suppressed, tt.suppressed) || !cmp.Equal(told, tt.told) {
				t.Errorf("suppressed %v, told %v; want %v, %v", suppressed, told, tt.suppressed, tt.told)
			}
			if r.Summary.Suppressed != len(suppressed) || r.Summary.Findings+r.Summary.Suppressed != len(r.Findings) {
				t.Errorf("summary %+v of %d findings", r.Summary, len(r.Findings))
			}
		})
	}
}

// TestSuppressionHoldsForItsNode: the comment belongs to one step, and not to the
// same finding elsewhere.
func TestSuppressionHoldsForItsNode(t *testing.T) {
	text := strings.Replace(guarded, "  # capcheck: COMMENT\n", "", 1) + "# capcheck: ignore[CAP102] -- at the end, beside nothing\n"
	r := newLinter(t, Config{Profile: Audit}).Lint(context.Background(), parseText(t, "g.yaml", text))
	for _, f := range r.Findings {
		if f.Suppressed {
			t.Errorf("%s is suppressed by a comment beside nothing", f.Rule)
		}
	}
}

// TestFingerprintsStay: lines that move change no fingerprint, another operation
// does.
func TestFingerprintsStay(t *testing.T) {
	prints := func(text string) map[string]string {
		out := map[string]string{}
		for _, f := range newLinter(t, Config{Profile: Audit}).Lint(context.Background(), parseText(t, "g.yaml", text)).Findings {
			if out[f.Fingerprint] != "" {
				t.Errorf("%s and %s have one fingerprint", f.Rule, out[f.Fingerprint])
			}
			out[f.Fingerprint] = f.Rule
		}
		return out
	}
	before := prints(guarded)
	if after := prints("# moved\n\n" + strings.ReplaceAll(guarded, "  - id: remove", "\n\n  - id: remove")); !cmp.Equal(before, after) {
		t.Error(cmp.Diff(before, after))
	}
	if after := prints(strings.Replace(guarded, "deleteProject", "deleteTeam", 1)); cmp.Equal(before, after) {
		t.Error("another operation has the same fingerprints")
	}
}

func TestBaseline(t *testing.T) {
	r := lintGuarded(t, "ignore[CAP102] -- decided by the gateway", Config{})
	b, err := NewBaseline(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Findings) == 0 || len(b.Findings) != r.Summary.Findings {
		t.Fatalf("%d entries of %d findings", len(b.Findings), r.Summary.Findings)
	}
	var text bytes.Buffer
	if err := b.Write(&text); err != nil {
		t.Fatal(err)
	}
	again, err := ReadBaseline("base.json", text.Bytes())
	if err != nil || !cmp.Equal(b, again) {
		t.Fatal(err, cmp.Diff(b, again))
	}
	if fresh := again.New(r); len(fresh) != 0 {
		t.Errorf("new against itself: %v", fresh)
	}
	if fresh := again.New(lintGuarded(t, "none", Config{})); len(fresh) != 2 { // CAP102, and the comment that cannot be read
		t.Errorf("new without the suppression: %v", joined(fresh))
	}
	if gone := again.Gone(Result{}); len(gone) != len(b.Findings) {
		t.Errorf("%d gone", len(gone))
	}
	if _, err := NewBaseline(Result{Incomplete: []Incomplete{{Message: "x"}}}); err == nil {
		t.Error("a baseline was made of an incomplete result")
	}
	for _, bad := range []string{"", "{}", "[]", text.String() + "{}", `{"schema":"agentrisk.baseline/v2","findings":[]}`,
		`{"schema":"agentrisk.baseline/v1","findings":[{"fingerprint":"x"}]}`, `{"schema":"agentrisk.baseline/v1","fidnings":[]}`} {
		if _, err := ReadBaseline("base.json", []byte(bad)); err == nil || !strings.Contains(err.Error(), "base.json") {
			t.Errorf("%q was taken: %v", bad, err)
		}
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"schema":"agentrisk.baseline/v1","findings":[{"fingerprint":"0123456789abcdef0123456789abcdef","rule":"CAP101","file":"a","message":"b"}]}`))
	f.Add([]byte(`{"schema":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := ReadBaseline("b", text)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := b.Write(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadBaseline("b", out.Bytes()); err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
	})
}

// TestDayIsGiven: whether a suppression holds is decided by the day given, and by
// no clock.
func TestDayIsGiven(t *testing.T) {
	docs := parseText(t, "g.yaml", strings.Replace(guarded, "COMMENT", "ignore[CAP102] until=2026-06-30 -- x", 1))
	for day, want := range map[string]int{"2026-06-30": 1, "2026-07-01": 0} {
		date, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		l, err := New(Config{Today: date})
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Lint(context.Background(), docs).Summary.Suppressed; got != want {
			t.Errorf("on %s %d are suppressed, want %d", day, got, want)
		}
	}
}

// TestResultAsJSON: lists are never null, and the shape is the published one.
func TestResultAsJSON(t *testing.T) {
	for _, r := range []Result{newLinter(t, Config{}).Lint(context.Background(), nil), lintGuarded(t, "ignore[CAP102] -- x", Config{})} {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(":null")) {
			t.Errorf("null in %s", text)
		}
		if !bytes.HasPrefix(text, []byte(`{"schema":"agentrisk.findings/v1","files":[`)) {
			t.Errorf("begins %.80s", text)
		}
	}
}
