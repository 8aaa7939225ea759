package scoring

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ratings is an input from the ten factors; the scales are those of the page's
// default: poc, moderate, critical.
func ratings(v ...int) SSVC {
	s := SSVC{Threat: Exactly(5000), Vulnerability: Exactly(5000), Impact: Exactly(ten)}
	for i, n := range v {
		s.Factors[i] = Exactly(Decimal(n) * One)
	}
	return s
}

func TestSSVCDefault(t *testing.T) {
	s := ratings(4, 4, 4, 4, 3, 3, 3, 2, 3, 2)
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	d := s.Decide()
	got := fmt.Sprint(d.Low, d.High, d.AgentLow, d.Exposure, d.Likelihood, d.Risk, d.Groups[0].Average, d.Groups[1].Average, d.Groups[2].Average)
	if got != "Immediate Immediate prime mover 8 0.25 20 4 3 2.33" {
		t.Error(got)
	}
	if d.WhyLow != "the average of group A is 4, at least 4" || d.WhyHigh != d.WhyLow {
		t.Error(d.WhyLow)
	}
	text, err := json.Marshal(d)
	if err != nil || !strings.Contains(string(text), `"low":"Immediate","high":"Immediate","possible":["Immediate"],"agent_low":"prime mover"`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestSSVCClasses(t *testing.T) {
	tests := []struct {
		name    string
		factors []int
		class   AgentClass
		why     string
	}{
		{"all at least", []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, Copilot, "all group averages are below 2.5"},
		{"just below four", []int{4, 4, 4, 3, 1, 1, 1, 1, 1, 1}, Specialist, "the strongest group A averages 3.75, at least 3"},
		{"four in a group of three", []int{1, 1, 1, 1, 4, 4, 4, 1, 1, 1}, PrimeMover, "the average of group B is 4, at least 4"},
		{"two at three", []int{3, 3, 3, 3, 1, 1, 1, 3, 3, 3}, Specialist, "2 group averages are at least 3"},
		{"one at three, others low", []int{1, 1, 1, 1, 3, 3, 3, 1, 1, 1}, Specialist, "the strongest group B averages 3, at least 3"},
		{"between 2.5 and 3", []int{1, 1, 1, 1, 3, 3, 2, 1, 1, 1}, Copilot, "the strongest group B averages 2.67, below 3"},
		{"just below 2.5", []int{3, 2, 2, 2, 1, 1, 1, 1, 1, 1}, Copilot, "all group averages are below 2.5"},
		{"exactly 2.5", []int{3, 3, 2, 2, 1, 1, 1, 1, 1, 1}, Copilot, "the strongest group A averages 2.5, below 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := ratings(test.factors...)
			if d := s.Decide(); d.AgentLow != test.class || d.AgentHigh != test.class || d.WhyLow != test.why {
				t.Errorf("got %s: %s", d.AgentLow, d.WhyLow)
			}
		})
	}
}

// TestSSVCTable holds the published table, row by row.
func TestSSVCTable(t *testing.T) {
	factors := map[AgentClass][]int{
		Copilot: {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, Specialist: {3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, PrimeMover: {5, 5, 5, 5, 5, 5, 5, 5, 5, 5},
	}
	rows := []struct {
		threat string
		agent  AgentClass
		want   string
	}{
		{"none", Copilot, "Defer Scheduled Out-of-Cycle"}, {"none", Specialist, "Scheduled Scheduled Out-of-Cycle"}, {"none", PrimeMover, "Scheduled Out-of-Cycle Immediate"},
		{"poc", Copilot, "Scheduled Scheduled Out-of-Cycle"}, {"poc", Specialist, "Scheduled Out-of-Cycle Out-of-Cycle"}, {"poc", PrimeMover, "Out-of-Cycle Out-of-Cycle Immediate"},
		{"active", Copilot, "Out-of-Cycle Out-of-Cycle Immediate"}, {"active", Specialist, "Out-of-Cycle Immediate Immediate"}, {"active", PrimeMover, "Immediate Immediate Immediate"},
	}
	for _, row := range rows {
		var got []string
		for _, impact := range []string{"contained", "significant", "critical"} {
			s := ratings(factors[row.agent]...)
			level, _ := ssvcThreat.Level(row.threat)
			s.Threat = Exactly(level.Value)
			level, _ = ssvcImpact.Level(impact)
			s.Impact = Exactly(level.Value)
			got = append(got, s.Decide().Low.String())
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s %s: %v, want %s", row.threat, row.agent, got, row.want)
		}
	}
}

func TestSSVCUnknown(t *testing.T) {
	s := UnknownSSVC()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	d := s.Decide()
	if got := fmt.Sprint(d.Low, d.High, d.Possible, d.AgentLow, d.AgentHigh, d.Risk); got != "Defer Immediate [Defer Scheduled Out-of-Cycle Immediate] copilot prime mover 0.24–57.6" {
		t.Error(got)
	}
	// No threat, little impact: only the class is open, and no class makes
	// this Out-of-Cycle.
	s.Threat, s.Impact = Exactly(2000), Exactly(2*One)
	if d := s.Decide(); fmt.Sprint(d.Possible) != "[Defer Scheduled]" {
		t.Error(d.Possible)
	}
}

func TestSSVCRangeContainsEveryPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, point := UnknownSSVC(), UnknownSSVC()
		for i := range s.Factors {
			a, b := rapid.IntRange(1, 5).Draw(t, "a"), rapid.IntRange(1, 5).Draw(t, "b")
			s.Factors[i] = Interval{Decimal(min(a, b)) * One, Decimal(max(a, b)) * One}
			point.Factors[i] = Exactly(Decimal(rapid.IntRange(min(a, b), max(a, b)).Draw(t, "inside")) * One)
		}
		for i, m := range []*Multiplier{&ssvcThreat, &ssvcVulnerability, &ssvcImpact} {
			a, b := rapid.IntRange(0, 2).Draw(t, "a"), rapid.IntRange(0, 2).Draw(t, "b")
			in := rapid.IntRange(min(a, b), max(a, b)).Draw(t, "inside")
			*[]*Interval{&s.Threat, &s.Vulnerability, &s.Impact}[i] = Interval{m.Levels[min(a, b)].Value, m.Levels[max(a, b)].Value}
			*[]*Interval{&point.Threat, &point.Vulnerability, &point.Impact}[i] = Exactly(m.Levels[in].Value)
		}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		d, x := s.Decide(), point.Decide()
		if x.Low != x.High || x.Low < d.Low || d.High < x.Low || !d.Risk.Contains(x.Risk.Low) || x.AgentLow < d.AgentLow || d.AgentHigh < x.AgentLow {
			t.Fatalf("%+v lies outside %+v", x, d)
		}
		// The risk of a point is the product, computed in rationals.
		risk := mul(rat(point.Threat.Low), rat(point.Vulnerability.Low), rat(x.AgentLow.Exposure()), rat(point.Impact.Low))
		if rat(x.Risk.Low).Cmp(risk) != 0 {
			t.Fatalf("risk %s, want %s", x.Risk, risk.FloatString(4))
		}
		found := false
		for _, o := range d.Possible {
			found = found || o == x.Low
		}
		if !found {
			t.Fatalf("%s is not among %v", x.Low, d.Possible)
		}
	})
}

func TestSSVCErrors(t *testing.T) {
	tests := []struct {
		change func(*SSVC)
		want   string
	}{
		{func(s *SSVC) { s.Factors[0] = Exactly(0) }, "aivss-ssvc: execution_autonomy 0 is not allowed: expected one of 1, 2, 3, 4, 5"},
		{func(s *SSVC) { s.Factors[9] = Exactly(15000) }, "deceptiveness 1.5"},
		{func(s *SSVC) { s.Threat = Exactly(9700) }, "threat 0.97 is not allowed: expected one of 0.2 (none), 0.5 (poc), 0.9 (active)"},
		{func(s *SSVC) { s.Vulnerability = Exactly(One) }, "vulnerability 1"},
		{func(s *SSVC) { s.Impact = Exactly(3 * One) }, "impact 3"},
	}
	for _, test := range tests {
		s := UnknownSSVC()
		test.change(&s)
		var ve *ValueError
		if err := s.Check(); !errors.As(err, &ve) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want …%s…", err, test.want)
		}
	}
}
