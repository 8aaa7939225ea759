package policy

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"agentrisk/capabilities/enforce/decision"
	"agentrisk/capabilities/lint/ruletest"
	"agentrisk/internal/source"
)

// TestRules: every Rego test of the runtime's policy passes, and they run every
// line of it.
func TestRules(t *testing.T) {
	r, err := ruletest.Run(context.Background(), os.DirFS("rules/runtime"), ruletest.Options{Name: "rules/runtime", Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range r.Tests {
		if !one.Passed {
			t.Errorf("%s:%d: %s: %s", one.File, one.Line, one.Name, one.Message)
		}
	}
	for _, gap := range r.Uncovered {
		t.Errorf("%s:%d-%d: no test runs it", gap.File, gap.First, gap.Last)
	}
	t.Logf("%d tests, %.1f %% of the lines", len(r.Tests), r.Coverage)
	if !r.Passed() || r.Coverage < 100 || len(r.Tests) < 19 {
		t.Errorf("%d tests, %.2f %% of the lines", len(r.Tests), r.Coverage)
	}
}

var wednesday = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

func step() Input {
	user, agent := decision.Actor{Kind: "user", ID: "ada"}, decision.Actor{Kind: "agent", ID: "bot"}
	return Input{Request: decision.Request{Context: decision.Context{Tenant: "acme", User: user, Agent: agent, Chain: []decision.Actor{user, agent}, Purpose: "support", Run: "r1"},
		Step: "s1", Attempt: 1, Operation: "tickets.get", Effect: "read", Resource: "ticket:1", Relation: "viewer", Scope: "tickets:read",
		Arguments: []byte(`{"id":"1"}`), At: wednesday},
		Sensitivity: "internal", Hours: &Hours{Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, From: 9 * 60, To: 17 * 60},
		Recent: Recent{Calls: 1, Usual: 1, Tenants: 1}}
}

func bundle(text string) Bundle {
	return Bundle{Name: "own", FS: fstest.MapFS{"own.rego": {Data: []byte("package policy\n\n" + text)}}}
}

func policy(t testing.TB, o Options) *Policy {
	t.Helper()
	p, err := New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecide(t *testing.T) {
	p := policy(t, Options{})
	for name, one := range map[string]struct {
		change func(*Input)
		want   decision.Verdict
		rule   string
	}{
		"allowed":     {func(*Input) {}, decision.Allow, ""},
		"no time":     {func(in *Input) { in.At = time.Time{} }, decision.Deny, "runtime/input"},
		"no tenant":   {func(in *Input) { in.Tenant = "" }, decision.Deny, "runtime/RUN001"},
		"no user":     {func(in *Input) { in.User = decision.Actor{} }, decision.Deny, "runtime/RUN001"},
		"night":       {func(in *Input) { in.Effect, in.At = "delete", wednesday.Add(8*time.Hour) }, decision.Defer, "runtime/RUN011"},
		"night there": {func(in *Input) { in.Effect, in.Zone = "delete", time.FixedZone("", 6*3600) }, decision.Defer, "runtime/RUN011"},
		"day there": {func(in *Input) {
			in.Effect, in.At, in.Zone = "delete", wednesday.Add(8*time.Hour), time.FixedZone("", -6*3600)
		}, decision.Allow, ""},
		"restricted":     {func(in *Input) { in.Sensitivity = "restricted" }, decision.StepUp, "runtime/RUN020"},
		"approved":       {func(in *Input) { in.Sensitivity, in.Approved = "restricted", true }, decision.Allow, "runtime/RUN020"},
		"approved night": {func(in *Input) { in.Effect, in.At, in.Approved = "delete", wednesday.Add(8*time.Hour), true }, decision.Defer, "runtime/RUN011"},
		"bad arguments":  {func(in *Input) { in.Arguments = []byte(`{`) }, decision.Deny, "runtime/input"},
		"two arguments":  {func(in *Input) { in.Arguments = []byte(`{} {}`) }, decision.Deny, "runtime/input"},
		"huge number":    {func(in *Input) { in.Arguments = []byte(`{"n":[1e999999999]}`) }, decision.Deny, "runtime/input"},
		"many arguments": {func(in *Input) { in.Arguments = []byte(`"` + strings.Repeat("a", maxArguments) + `"`) }, decision.Deny, "runtime/input"},
	} {
		t.Run(name, func(t *testing.T) {
			in := step()
			one.change(&in)
			got := p.Decide(context.Background(), in)
			if got.Verdict != one.want || got.Rule != one.rule || got.Reason == "" || got.Check != Check || got.SuppliedBy != decision.ByRuntime {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestUserPolicyDenies: what a policy of the user's own leaves open is a denial.
func TestUserPolicyDenies(t *testing.T) {
	for name, text := range map[string]string{
		"undefined":            `decision := {"verdict": "allow"} if input.tenant == "globex"`,
		"undefined field":      `decision := {"verdict": input.arguments.verdict}`,
		"no object":            `decision := "allow"`,
		"true":                 `decision := true`,
		"no verdict":           `decision := {"reasons": []}`,
		"no such verdict":      `decision := {"verdict": "permit"}`,
		"capital":              `decision := {"verdict": "Allow"}`,
		"verdict no text":      `decision := {"verdict": true}`,
		"unknown field":        `decision := {"verdict": "allow", "unless": "night"}`,
		"conflict":             "decision := {\"verdict\": \"allow\"} if input.attempt > 0\n\ndecision := {\"verdict\": \"deny\"} if input.attempt > 0",
		"failing builtin":      `decision := {"verdict": "allow"} if not 1 / (input.attempt - 1) == 0`,
		"bad reasons":          `decision := {"verdict": "allow", "reasons": ["fine"]}`,
		"reasons no list":      `decision := {"verdict": "allow", "reasons": {"rule": "a"}}`,
		"unknown obligation":   `decision := {"verdict": "allow", "obligations": [{"id": "watermark"}]}`,
		"obligations no list":  `decision := {"verdict": "allow", "obligations": "mask"}`,
		"obligation of text":   `decision := {"verdict": "allow", "obligations": ["mask"]}`,
		"obligation and more":  `decision := {"verdict": "allow", "obligations": [{"id": "mask", "when": "never"}]}`,
		"modify to nothing":    `decision := {"verdict": "modify"}`,
		"modify to a list":     `decision := {"verdict": "modify", "arguments": []}`,
		"allow with arguments": `decision := {"verdict": "allow", "arguments": {}}`,
		"endless":              `decision := {"verdict": "allow"} if count([1 | some i in numbers.range(1, 100000000); i < 0]) == 0`,
	} {
		t.Run(name, func(t *testing.T) {
			p := policy(t, Options{Bundles: []Bundle{bundle(text)}, Obligations: []string{"mask"}, Timeout: 50 * time.Millisecond})
			begun := time.Now()
			got := p.Decide(context.Background(), step())
			if got.Verdict != decision.Deny || !strings.HasPrefix(got.Rule, "own/") || got.Arguments != nil {
				t.Errorf("%+v", got)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestUserPolicy(t *testing.T) {
	p := policy(t, Options{Obligations: []string{"mask"}, Bundles: []Bundle{
		{Name: "facts", FS: fstest.MapFS{"a/rules.rego": {Data: []byte(`package policy
decision := {"verdict": "step-up", "reasons": [{"rule": "F1", "text": "not a friend"}]} if not input.user.id in data.friends
decision := {"verdict": "allow", "obligations": [{"id": "mask", "with": {"fields": ["mail"]}}]} if input.user.id in data.friends
`)}, "data.json": {Data: []byte(`{"friends":["ada"]}`)}, "a/rules_test.rego": {Data: []byte("no rego")}, "README.md": {Data: []byte("words")}}},
		bundle(`decision := {"verdict": "modify", "arguments": object.union(input.arguments, {"limit": 10}), "reasons": [{"rule": "M1", "text": "ten at most"}]}`),
	}})
	got := p.Decide(context.Background(), step())
	if got.Verdict != decision.Modify || string(got.Arguments) != `{"id":"1","limit":10}` || len(got.Obligations) != 1 || got.Obligations[0].ID != "mask" {
		t.Errorf("%+v", got)
	}
	in := step()
	in.User.ID = "eve"
	if got = p.Decide(context.Background(), in); got.Verdict != decision.StepUp || got.Arguments != nil || got.Reason != "not a friend; ten at most" {
		t.Errorf("%+v", got)
	}
	in.Approved = true
	if got = p.Decide(context.Background(), in); got.Verdict != decision.Modify || got.Arguments == nil {
		t.Errorf("%+v", got)
	}
}

// TestUserPolicyCannotLoosen: for any step, adding a policy that allows everything
// changes nothing.
func TestUserPolicyCannotLoosen(t *testing.T) {
	strict := policy(t, Options{})
	loose := policy(t, Options{Bundles: []Bundle{bundle(`decision := {"verdict": "allow"}`)}})
	rapid.Check(t, func(t *rapid.T) {
		in := step()
		in.Effect = rapid.SampledFrom([]string{"read", "write", "message", "delete", "credential", "access", "execute", "money", "other"}).Draw(t, "effect")
		in.Sensitivity = rapid.SampledFrom([]string{"", "public", "internal", "confidential", "restricted"}).Draw(t, "sensitivity")
		in.At = wednesday.Add(time.Duration(rapid.IntRange(0, 7*24).Draw(t, "hours")) * time.Hour)
		in.Recent = Recent{Calls: rapid.IntRange(0, 50).Draw(t, "calls"), Usual: rapid.IntRange(0, 3).Draw(t, "usual"), Denials: rapid.IntRange(0, 9).Draw(t, "denials"),
			FirstUse: rapid.Bool().Draw(t, "first"), Tenants: rapid.IntRange(0, 3).Draw(t, "tenants")}
		in.Approved = rapid.Bool().Draw(t, "approved")
		a, b := strict.Decide(context.Background(), in), loose.Decide(context.Background(), in)
		if a.Verdict != b.Verdict || a.Reason != b.Reason {
			t.Fatalf("%+v and %+v", a, b)
		}
		if again := strict.Decide(context.Background(), in); again.Reason != a.Reason || again.Verdict != a.Verdict {
			t.Fatalf("%+v, and again %+v", a, again)
		}
	})
}

func TestTwoChanges(t *testing.T) {
	change := fstest.MapFS{"p.rego": {Data: []byte(`package policy
decision := {"verdict": "modify", "arguments": {}}`)}}
	p := policy(t, Options{Bundles: []Bundle{{Name: "a", FS: change}, {Name: "b", FS: change}}})
	if got := p.Decide(context.Background(), step()); got.Verdict != decision.Deny || got.Rule != "b/conflict" {
		t.Errorf("%+v", got)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := policy(t, Options{}).Decide(ctx, step()); got.Verdict != decision.Deny {
		t.Errorf("%+v", got)
	}
}

// TestSandbox: a policy that could reach out, or that is no policy, does not
// compile, and the error has its place.
func TestSandbox(t *testing.T) {
	for text, want := range map[string]string{
		`decision := http.send({"method": "get", "url": "http://127.0.0.1"})`:       "own/own.rego:3:13: undefined function http.send",
		`decision := {"verdict": opa.runtime().env.VERDICT}`:                        "undefined function opa.runtime",
		`decision := {"verdict": "allow"} if time.now_ns() > 0`:                     "undefined function time.now_ns",
		`decision := {"verdict": "allow"} if rand.intn("a", 2) == 0`:                "undefined function rand.intn",
		`decision := {"verdict": "allow"} if net.lookup_ip_addr("a.example") != {}`: "undefined function net.lookup_ip_addr",
		`decision := {"verdict": "allow"} if 1e9999 > 0`:                            "too large or too long",
		`verdict := "allow"`:          "has no rule decision",
		`decision := {"verdict": `:    "own/own.rego:",
		`decision := {"verdict": x}`:  "unsafe",
		`import data.policy.decision`: "has no rule decision",
	} {
		_, err := New(context.Background(), Options{Bundles: []Bundle{bundle(text)}})
		var at *source.Error
		if !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	fine := "package policy\ndecision := {\"verdict\": \"allow\"}"
	for name, files := range map[string]fstest.MapFS{
		"holds no .rego file":   {},
		"is no object":          {"p.rego": {Data: []byte(fine)}, "data.json": {Data: []byte(`[]`)}},
		"has a key policy":      {"p.rego": {Data: []byte(fine)}, "data.json": {Data: []byte(`{"policy":{"decision":{"verdict":"allow"}}}`)}},
		"too large or too long": {"p.rego": {Data: []byte(fine)}, "data.json": {Data: []byte(`{"n":1e999999}`)}},
		"unexpected EOF":        {"p.rego": {Data: []byte(fine)}, "data.json": {Data: []byte(`{`)}},
	} {
		if _, err := New(context.Background(), Options{Bundles: []Bundle{{Name: "own", FS: files}}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(context.Background(), Options{Bundles: []Bundle{{Name: "runtime", FS: fstest.MapFS{"p.rego": {Data: []byte(fine)}}}}}); err == nil {
		t.Error("a bundle took the name of the runtime's own")
	}
}

func TestVersion(t *testing.T) {
	plain := policy(t, Options{}).Version()
	if plain != policy(t, Options{}).Version() || len(plain) != 64 {
		t.Errorf("%s", plain)
	}
	seen := []string{plain}
	allow := "package policy\ndecision := {\"verdict\": \"allow\"}"
	for _, b := range []Bundle{
		{Name: "a", FS: fstest.MapFS{"p.rego": {Data: []byte(allow)}}},
		{Name: "b", FS: fstest.MapFS{"p.rego": {Data: []byte(allow)}}},
		{Name: "a", FS: fstest.MapFS{"q.rego": {Data: []byte(allow)}}},
		{Name: "a", FS: fstest.MapFS{"p.rego": {Data: []byte(allow + "\n")}}},
		{Name: "a", FS: fstest.MapFS{"p.rego": {Data: []byte(allow)}, "data.json": {Data: []byte(`{}`)}}},
		{Name: "a", FS: fstest.MapFS{"p.rego": {Data: []byte(allow)}, "data.json": {Data: []byte(`{"a":1}`)}}},
	} {
		v := policy(t, Options{Bundles: []Bundle{b}}).Version()
		if slices.Contains(seen, v) {
			t.Errorf("%s has a version seen before", b.Name)
		}
		seen = append(seen, v)
	}
}

// FuzzArguments: whatever the arguments are, there is a decision and a reason.
func FuzzArguments(f *testing.F) {
	for _, text := range []string{`{}`, `{"a":[1,2.5e3,null,"x"]}`, `1e400`, `{"a":`, ``, `[[[[]]]]`} {
		f.Add([]byte(text))
	}
	p := policy(f, Options{})
	f.Fuzz(func(t *testing.T, text []byte) {
		in := step()
		in.Arguments = text
		got := p.Decide(context.Background(), in)
		if got.Reason == "" || got.Verdict == decision.Allow && len(text) > 0 && !json.Valid(text) && len(strings.TrimSpace(string(text))) > 0 {
			t.Errorf("%q: %+v", text, got)
		}
	})
}

// BenchmarkDecide reports the median of a decision of the runtime's own policy.
func BenchmarkDecide(b *testing.B) {
	p := policy(b, Options{})
	in := step()
	times := make([]time.Duration, 0, b.N)
	for b.Loop() {
		begun := time.Now()
		if got := p.Decide(context.Background(), in); got.Verdict != decision.Allow {
			b.Fatal(got)
		}
		times = append(times, time.Since(begun))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-µs")
}

// BenchmarkNew is what a cold start pays.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		policy(b, Options{})
	}
}
