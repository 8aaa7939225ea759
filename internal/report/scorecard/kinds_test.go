package scorecard

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"agentrisk/internal/report"
)

const ssvcUnknown = "schema: agentrisk.assessment/v1\nname: open\nformula: aivss-ssvc\nfactors: {tool_authority: 3}\n"

// A decision that unknowns leave open is shown as a range in every format.
func TestOpenDecisionIsARange(t *testing.T) {
	set := NewSet([]*Card{build(t, ssvcUnknown), build(t, assessment("other", nil))}, nil)
	const want = "Defer–Immediate"
	var text, markdown, sarif bytes.Buffer
	if err := set.Text(&text, report.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if err := set.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	if err := set.SARIF(&sarif, "1"); err != nil {
		t.Fatal(err)
	}
	for format, got := range map[string]string{"text": text.String(), "markdown": markdown.String(), "sarif": sarif.String()} {
		if !strings.Contains(got, want) {
			t.Errorf("%s does not say %s:\n%s", format, want, got)
		}
	}
}

func TestOpenEffectClassNamesThePossibleOnes(t *testing.T) {
	c := build(t, "schema: agentrisk.assessment/v1\nname: open\nformula: aivss-1.0-candidate\nfactors: {}\n")
	for _, class := range c.Candidate.Possible {
		if !strings.Contains(c.unscored(), class.String()) {
			t.Errorf("%q does not name %s", c.unscored(), class)
		}
	}
}

// Code scanning takes the severity from the rule and needs a line.
func TestSARIFRulesCarryTheSeverity(t *testing.T) {
	full := map[string]string{"cvss": "7.5", "threat": "attacked", "mitigation": "none"}
	cards := []*Card{build(t, assessment("high", full)), build(t, "schema: agentrisk.assessment/v1\nname: bare\n"), build(t, ssvcUnknown)}
	var b bytes.Buffer
	if err := NewSet(cards, []Problem{{ID: "x", Message: "is odd", Expected: "even", Hint: "halve it"}}).SARIF(&b, "1"); err != nil {
		t.Fatal(err)
	}
	var log report.SARIF
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for _, r := range run.Results {
		rule := run.Tool.Driver.Rules[r.RuleIndex]
		if rule.ID != r.RuleID {
			t.Errorf("%s points at the rule %s", r.RuleID, rule.ID)
		}
		if r.RuleID != scoreRule && rule.Properties["security-severity"] == nil {
			t.Errorf("rule %s has no severity", rule.ID)
		}
		if region := r.Locations[0].PhysicalLocation.Region; region == nil || region.StartLine < 1 {
			t.Errorf("%s has no line", r.Message.Text)
		}
	}
	if got := run.Results[2].Level; got != "error" {
		t.Errorf("a decision that may be Immediate is %s", got)
	}
	if got := run.Invocations[0].ToolExecutionNotifications[0].Message.Text; got != "is odd; expected even (halve it)" {
		t.Errorf("the problem reads %q", got)
	}
}

func TestFingerprintSurvivesAnotherBand(t *testing.T) {
	var prints []string
	for _, base := range []string{"3", "9"} {
		var b bytes.Buffer
		c := build(t, assessment("same", map[string]string{"cvss": base, "threat": "attacked", "mitigation": "none", "autonomy": "0"}))
		if err := NewSet([]*Card{c}, nil).SARIF(&b, "1"); err != nil {
			t.Fatal(err)
		}
		var log report.SARIF
		if err := json.Unmarshal(b.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		prints = append(prints, log.Runs[0].Results[0].PartialFingerprints["agentrisk/v1"])
	}
	if prints[0] != prints[1] {
		t.Errorf("fingerprints %v", prints)
	}
}

func TestUnscoredCardsAreNotDropped(t *testing.T) {
	cards := []*Card{build(t, ssvcUnknown), build(t, assessment("a", nil))}
	if got := Unscored(cards); len(got) != 1 || got[0].ID != "no-score" || got[0].At.File != "agent.yaml" {
		t.Errorf("got %v", got)
	}
}

func TestDiffOfDecisions(t *testing.T) {
	of := func(factors string) *Card {
		return build(t, "schema: agentrisk.assessment/v1\nname: a\nformula: aivss-ssvc\nthreat: poc\nvulnerability: moderate\nimpact: critical\nfactors: {"+factors+"}\n")
	}
	all := func(level string) string {
		keys := []string{"execution_autonomy", "tool_authority", "code_execution_rights", "critical_system_access", "persistent_memory",
			"dynamic_identity_and_permissions", "multi_agent_coordination", "self_modification", "non_determinism", "deceptiveness"}
		return strings.Join(keys, ": "+level+", ") + ": " + level
	}
	low, high := of(all("1")), of(all("5"))
	for _, tt := range []struct {
		from, to *Card
		want     Direction
	}{{low, high, Worse}, {high, low, Better}, {low, low, Same}} {
		d := Compare(tt.from, tt.to)
		if d.Direction != tt.want || d.From.Result != tt.from.unscored() || d.To.Result != tt.to.unscored() {
			t.Errorf("got %s from %q to %q, want %s", d.Direction, d.From.Result, d.To.Result, tt.want)
		}
	}
}

func TestAgentWithoutANameIsCalledSo(t *testing.T) {
	c := build(t, "schema: agentrisk.assessment/v1\nfactors: {tools: 1}\n")
	var b bytes.Buffer
	if err := c.Text(&b, report.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "unnamed\n") {
		t.Errorf("the text begins with %.20q", b.String())
	}
}

func TestOldVectorIsAWarningWithItsPlace(t *testing.T) {
	c := build(t, assessment("old", map[string]string{"cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "tools": "1"}))
	for _, w := range c.Warnings {
		if w.ID == "cvss-v3" && w.Kind == "warning" && w.At != nil && w.At.Range.Start.Line == 4 {
			return
		}
	}
	t.Errorf("warnings %+v", c.Warnings)
}
