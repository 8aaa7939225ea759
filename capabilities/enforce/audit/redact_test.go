package audit

import (
	"strings"
	"testing"

	"agentrisk/capabilities/enforce/decision"
)

func TestRedactionsHideTheirSample(t *testing.T) {
	red := testRedactor(t)
	rules, err := loadRedactions()
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) < 8 {
		t.Fatalf("only %d rules", len(rules))
	}
	for _, rule := range rules {
		if rule.Source == "" || rule.Sample == "" {
			t.Errorf("%s has no source or no sample", rule.ID)
		}
		got := red.text("before "+rule.Sample+" after", MaxText)
		if !strings.HasPrefix(got, "before [redacted:") || !strings.HasSuffix(got, "] after") {
			t.Errorf("%s: %q became %q", rule.ID, rule.Sample, got)
		}
	}
}

// FuzzMarks: no text that a rule would find lacks the rule's marks.
func FuzzMarks(f *testing.F) {
	rules, err := loadRedactions()
	if err != nil {
		f.Fatal(err)
	}
	for _, rule := range rules {
		f.Add("before " + rule.Sample + " after")
		f.Add(strings.ToUpper(rule.Sample))
	}
	f.Add("pa\u017f\u017fword=hunter22")
	f.Add("sk-0123456789abcdef ghp_0123456789abcdef github_pat_0123456789abcdef xoxb-01234567 AIza0123456789abcdefghij AKIA0123456789ABCDEF API-KEY: abcd")
	f.Fuzz(func(t *testing.T, text string) {
		for _, rule := range rules {
			if isASCII(text) && rule.re.MatchString(text) && !rule.marked(strings.ToLower(text)) {
				t.Errorf("%s finds %q, which has none of its marks", rule.ID, text)
			}
		}
	})
}

func TestRedactionLeavesPlainReasons(t *testing.T) {
	red := testRedactor(t)
	for _, text := range []string{
		"ada is not a member of project:7",
		"the token expired 3 minutes ago",
		"policy working-hours denies between 18:00 and 07:00",
		"basic authentication is switched off", // the word alone is no header
	} {
		if got := red.text(text, MaxText); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestNoCanaryReachesAnEntry puts a known secret into every text of an event.
func TestNoCanaryReachesAnEntry(t *testing.T) {
	const canary = "c4n4ry-9f8e7d"
	red, err := newRedactor(func(text string) string { return strings.ReplaceAll(text, canary, "[masked]") })
	if err != nil {
		t.Fatal(err)
	}
	v := Event{
		Kind: KindDenial, At: testTime, Tenant: "t-" + canary, Purpose: canary, Step: canary, Operation: canary,
		Effect: canary, Resource: "key:" + canary, Approval: canary, Reason: strings.Repeat("x", MaxText-5) + canary,
		Chain:     []decision.Actor{{Kind: canary, ID: canary}},
		Decisions: []decision.Decision{{Check: canary, Reason: canary, Rule: canary, SuppliedBy: decision.ByRuntime}},
		Facts:     map[string]string{"note": "value " + canary, "api_key": "anything", "key_id": "key_7"},
	}
	e, err := v.entry("run-1", red)
	if err != nil {
		t.Fatal(err)
	}
	e.Seq = 1
	raw, err := e.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), canary) || strings.Contains(string(raw), canary[:6]) {
		t.Errorf("the canary is in %s", raw)
	}
	if e.Facts["api_key"] == "anything" || e.Facts["key_id"] != "key_7" {
		t.Errorf("facts %v", e.Facts)
	}
}
