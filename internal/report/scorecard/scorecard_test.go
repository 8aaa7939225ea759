package scorecard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"

	"agentrisk/internal/report"
	"agentrisk/internal/source"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// build makes the card of an assessment given as YAML.
func build(t rapid.TB, text string) *Card {
	t.Helper()
	file, err := source.NewFile("agent.yaml", []byte(text), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	agents, err := listing.Load(file, listing.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Build(agents[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// assessment writes an assessment of aivss-0.8; a part that is not given is
// left out.
func assessment(name string, parts map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "schema: agentrisk.assessment/v1\nname: %s\nformula: aivss-0.8\n", name)
	for _, key := range []string{"cvss", "threat", "mitigation"} {
		if v, ok := parts[key]; ok {
			fmt.Fprintf(&b, "%s: %s\n", key, v)
		}
	}
	b.WriteString("factors:\n")
	f, _ := scoring.Lookup("aivss-0.8")
	for _, factor := range f.Factors {
		if v, ok := parts[factor.Key]; ok {
			fmt.Fprintf(&b, "  %s: %s\n", factor.Key, v)
		}
	}
	return strings.TrimSuffix(b.String(), "factors:\n")
}

// parts draws any part of an assessment, or leaves it out.
func parts(t *rapid.T) map[string]string {
	f, _ := scoring.Lookup("aivss-0.8")
	out := map[string]string{}
	draw := func(key string, values ...string) {
		if v := rapid.SampledFrom(append(values, "")).Draw(t, key); v != "" {
			out[key] = v
		}
	}
	draw("cvss", "0", "0.1", "4.6", "7.5", "10")
	draw("threat", "attacked", "proof-of-concept", "unreported")
	draw("mitigation", "none", "partial", "strong")
	for _, factor := range f.Factors {
		draw(factor.Key, "0", "0.5", "1")
	}
	return out
}

// The arithmetic that is shown ends in the score that is reported.
func TestTextShowsTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := build(t, assessment("Any", parts(t)))
		var b bytes.Buffer
		if err := c.Text(&b, report.Terminal{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"AIVSS " + score(c.Score) + "  " + c.Band.String(), "→ " + tenths(c.Score.Low), "→ " + tenths(c.Score.High)} {
			if !strings.Contains(b.String(), want) {
				t.Fatalf("%q is missing in:\n%s", want, b.String())
			}
		}
	})
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("score.json", bytes.NewReader(JSONSchema)); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("score.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONKeepsToItsSchema(t *testing.T) {
	s := schema(t)
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		if err := report.WriteJSON(&b, build(t, assessment("Any", parts(t)))); err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(&b)
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Fatalf("%#v", err)
		}
	})
}

// Lists are lists, never null: readers in other languages count on it.
func TestJSONHasNoNullLists(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteJSON(&b, build(t, assessment("Bare", nil))); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"factors", "layers", "chains", "drivers", "warnings", "evidence", "threats", "comparisons"} {
		if strings.Contains(b.String(), `"`+key+`": null`) {
			t.Errorf("%s is null", key)
		}
	}
}

func TestGate(t *testing.T) {
	known := map[string]string{"cvss": "7.5", "threat": "attacked", "mitigation": "none", "autonomy": "0", "tools": "0", "language": "0", "context": "0",
		"non_determinism": "0", "opacity": "0", "persistence": "0", "identity": "0", "multi_agent": "0", "self_mod": "0"}
	point := build(t, assessment("Point", known)) // 7.5
	delete(known, "tools")
	ranged := build(t, assessment("Ranged", known)) // 7.5–7.8
	var b bytes.Buffer
	if err := report.WriteJSON(&b, NewSet([]*Card{point}, nil)); err != nil {
		t.Fatal(err)
	}
	baseline, err := ReadBaseline("old.json", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		gate Gate
		card *Card
		fail bool
	}{
		{"no gate", Gate{}, point, false},
		{"at the limit", Gate{FailOn: scoring.Tenths(75)}, point, true},
		{"below the limit", Gate{FailOn: scoring.Tenths(76)}, point, false},
		{"high end counts", Gate{FailOn: scoring.Tenths(76)}, ranged, true},
		{"low end counts", Gate{FailOn: scoring.Tenths(76), Certain: true}, ranged, false},
		{"as in the baseline", Gate{FailOn: scoring.Tenths(40), Baseline: baseline}, point, false},
		{"not in the baseline", Gate{Baseline: baseline}, ranged, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			failures, problems := tt.gate.Check([]*Card{tt.card})
			if len(problems) > 0 || (len(failures) == 1) != tt.fail {
				t.Errorf("failures %v, problems %v", failures, problems)
			}
		})
	}
}

func TestParseFailOn(t *testing.T) {
	for text, want := range map[string]scoring.Decimal{"low": 1000, "Medium": 40000, "high": 70000, "critical": 90000, "6.9": 69000, "10": 100000} {
		if got, err := ParseFailOn(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "none", "0", "10.1", "7.05", "-1", "hihg", "NaN", "1e1000"} {
		if got, err := ParseFailOn(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
}

func TestSummaryNeverAverages(t *testing.T) {
	low := build(t, assessment("Low", map[string]string{"cvss": "0", "threat": "unreported", "mitigation": "strong"}))
	high := build(t, assessment("High", map[string]string{"cvss": "10", "threat": "attacked", "mitigation": "none"}))
	s := NewSet([]*Card{low, high}, nil)
	if s.Summary.Highest.High != 10*scoring.One || s.Summary.Critical != 1 || s.Summary.Agents != 2 || s.Summary.Count != 2 {
		t.Errorf("summary %+v", s.Summary)
	}
}

func TestDiff(t *testing.T) {
	all := map[string]string{"cvss": "7.5", "threat": "attacked", "mitigation": "none", "autonomy": "1", "tools": "0.5"}
	from := build(t, assessment("Before", all))
	if d := Compare(from, from); d.Changed() || d.Direction != Same {
		t.Errorf("nothing changed, and yet %+v", d)
	}
	all["mitigation"] = "partial"
	all["autonomy"] = "0.5"
	d := Compare(from, build(t, assessment("After", all)))
	if d.Direction != Better || len(d.Parts) != 2 || d.Parts[0].Part != "mitigation" || d.Parts[1].Part != "autonomy" {
		t.Fatalf("got %s %+v", d.Direction, d.Parts)
	}
	delete(all, "tools")
	if d := Compare(from, build(t, assessment("After", all))); d.Parts[len(d.Parts)-1].To.Known() {
		t.Errorf("what became unknown shows as %v", d.Parts)
	}
}

func TestWhatIf(t *testing.T) {
	c := build(t, assessment("Any", map[string]string{"cvss": "7.5", "threat": "attacked", "mitigation": "none", "autonomy": "1"}))
	low := scoring.BandLow
	for _, q := range []Question{
		{Set: []Assignment{{"autonmy", "1"}}},
		{Set: []Assignment{{"autonomy", "0.7"}}},
		{Set: []Assignment{{"mitigation", "storng"}}},
		{Reach: &low, Costs: map[string]int{"nothing": 1}},
		{Reach: &low, Keep: []string{"nothing"}},
	} {
		if _, err := c.WhatIf(q); err == nil {
			t.Errorf("%+v is accepted", q)
		}
	}
	w, err := c.WhatIf(Question{Set: []Assignment{{"mitigation", "strong"}, {"autonomy", "unknown"}}})
	if err != nil || w.To.Score.High > scoring.Tenths(67) || len(w.Changes) != 2 {
		t.Fatalf("got %+v, %v", w, err)
	}
}

// Text of strangers cannot drive a terminal or a Markdown page.
func TestHostileTextIsTamed(t *testing.T) {
	c := build(t, assessment("Any", nil))
	c.Subject.Name = "a\x1b[2Jb <img src=x> | `c`"
	var text, markdown bytes.Buffer
	s := NewSet([]*Card{c}, nil)
	if err := s.Text(&text, report.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "\x1b") || strings.Contains(markdown.String(), "<img") {
		t.Errorf("passed through:\n%s\n%s", text.String(), markdown.String())
	}
}

func TestSARIFHasAPlaceAndAFingerprint(t *testing.T) {
	c := build(t, assessment("Any", map[string]string{"cvss": "9.9"}))
	var a, b bytes.Buffer
	if err := NewSet([]*Card{c}, nil).SARIF(&a, "1"); err != nil {
		t.Fatal(err)
	}
	moved := build(t, "# moved down\n"+assessment("Any", map[string]string{"cvss": "9.9"}))
	if err := NewSet([]*Card{moved}, nil).SARIF(&b, "1"); err != nil {
		t.Fatal(err)
	}
	print := func(doc []byte) (fingerprint string, line int) {
		var log report.SARIF
		if err := json.Unmarshal(doc, &log); err != nil {
			t.Fatal(err)
		}
		r := log.Runs[0].Results[0]
		return r.PartialFingerprints["agentrisk/v1"], r.Locations[0].PhysicalLocation.Region.StartLine
	}
	f1, l1 := print(a.Bytes())
	f2, l2 := print(b.Bytes())
	if f1 == "" || f1 != f2 || l2 != l1+1 {
		t.Errorf("fingerprints %s %s, lines %d %d", f1, f2, l1, l2)
	}
}

// TestPublishedSARIFSchema checks against the schema of the standard where the
// variable names a copy of it, as the gate does.
func TestPublishedSARIFSchema(t *testing.T) {
	path := os.Getenv("AGENTRISK_TEST_SARIF_SCHEMA")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("AGENTRISK_TEST_SARIF_SCHEMA names no file, and the gate must not skip")
		}
		t.Skip("AGENTRISK_TEST_SARIF_SCHEMA names no file")
	}
	s, err := jsonschema.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	card := build(t, assessment("Any", map[string]string{"cvss": "9.9"}))
	broken := Problem{At: source.Location{File: "a b.yaml"}, ID: "unreadable", Message: "cannot be read"}
	for _, set := range []*Set{NewSet([]*Card{card}, []Problem{broken}), NewSet(nil, nil)} {
		var b bytes.Buffer
		if err := set.SARIF(&b, "1.0.0"); err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%#v", err)
		}
	}
}

func FuzzReadBaseline(f *testing.F) {
	for _, seed := range []string{
		`{"schema":"agentrisk.score/v1","formula":"aivss-0.8","subject":{"name":"a"},"score":{"low":1.5,"high":9}}`,
		`{"schema":"agentrisk.scores/v1","scores":[{"subject":{"name":"a"},"score":{"low":7,"high":7}},{}]}`,
		`{"schema":"other"}`, `[]`, `{"schema":"agentrisk.score/v1","score":{"low":1e99}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ReadBaseline("old.json", data)
		if (b == nil) == (err == nil) {
			t.Fatalf("neither a baseline nor an error: %v, %v", b, err)
		}
	})
}
