package listing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

var vectors = []string{
	"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
	"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P",
	"CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N/E:U",
	"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
}

// genText draws text that a careless writer would break: quotes, line breaks,
// words that YAML takes for something else.
func genText(limit int) *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{"yes", "null", "0.5", "2026-01-01", "a: b", "# no", "- x", "'", "\"", "\\", "é", "日本", "\u2028", "😀", "\t", " ", "\n", "{", "]", "&a", "*b", "!c", "%", "@", "|", ">", "unknown"})
	return rapid.Custom(func(t *rapid.T) string {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(odd, rapid.StringN(0, 6, -1)), 0, 5).Draw(t, "parts"), "")
		text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
		if len(text) > limit {
			text = strings.ToValidUTF8(text[:limit], "")
		}
		return text
	})
}

func genLine() *rapid.Generator[string] {
	return rapid.Map(genText(100), func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				return -1
			}
			return r
		}, s)
	})
}

// genAgent draws an agent as the reader of assessments would make it.
func genAgent(t *rapid.T) *Agent {
	f := rapid.SampledFrom(scoring.Formulas()).Draw(t, "formula")
	a := blank(FormAssessment, "", choice{f, source.Stated, RuleFormulaStated, false})
	draw := func(what string) bool { return rapid.Bool().Draw(t, what) }
	text := func(g *rapid.Generator[string], what string) Text {
		if !draw(what + " given") {
			return Text{Basis: source.Unknown}
		}
		return Text{Value: g.Draw(t, what), Basis: source.Stated}
	}
	words := func(v Value) Value {
		if draw("why given") {
			v.Why = genText(200).Draw(t, "why")
		}
		if draw("source given") {
			v.Source = genText(200).Draw(t, "source")
		}
		return v
	}
	known := func(d scoring.Decimal) Value { return words(Value{Interval: scoring.Exactly(d), Basis: source.Stated}) }
	a.Name, a.Provider, a.Description = text(genLine(), "name"), text(genLine(), "provider"), text(genText(500), "description")
	switch rapid.IntRange(0, 2).Draw(t, "base") {
	case 1:
		a.Base = known(scoring.Tenths(rapid.IntRange(0, 100).Draw(t, "tenths")))
	case 2:
		vector := rapid.SampledFrom(vectors).Draw(t, "vector")
		c, _, err := scoring.ParseCVSS(vector)
		if err != nil {
			t.Fatal(err)
		}
		a.takeVector(f, vector, c, words(Value{Interval: scoring.Exactly(c.Base)}))
	}
	for key, to := range map[string]*Value{scoring.PartThreat: &a.Threat, scoring.PartMitigation: &a.Mitigation, "vulnerability": &a.Vulnerability, "impact": &a.Impact} {
		if m := multiplierOf(f, key); m != nil && draw(key) {
			*to = known(rapid.SampledFrom(m.Levels).Draw(t, "level").Value)
		} else if m != nil && draw(key+" unknown") {
			*to = words(unknownMultiplier(f, key))
		}
	}
	if f.AARSMayBeStated() && draw("aars") {
		a.AARS = known(scoring.Decimal(rapid.IntRange(0, int(10*scoring.One)).Draw(t, "value")))
	}
	for i := range a.Factors {
		factor := &f.Factors[i]
		level := rapid.SampledFrom(factor.Levels).Draw(t, "level")
		switch {
		case !draw(factor.Key):
			a.Factors[i].Value = words(a.Factors[i].Value)
		case f.Kind == scoring.KindProfile:
			a.Factors[i].Value = words(Value{Basis: source.Stated})
			if a.Factors[i].Letter = level.Letter; level.Letter == "X" {
				a.Factors[i].Basis = source.Unknown
			}
		case f.Continuous:
			a.Factors[i].Value = known(scoring.Decimal(rapid.IntRange(0, int(factor.High)).Draw(t, "value")))
		default:
			a.Factors[i].Value = known(level.Value)
		}
	}
	for _, id := range layerIDs {
		if !draw(id) {
			continue
		}
		note := LayerNote{Layer: id, Text: genText(200).Draw(t, "note")}
		if note.Status, note.Basis = statusByWords(note.Text); draw("status") {
			note.Status, note.Basis = rapid.SampledFrom([]Status{Mapped, NotCertain, NotApplicable}).Draw(t, "status"), source.Stated
		}
		a.Layers = append(a.Layers, note)
	}
	for range rapid.IntRange(0, 3).Draw(t, "tools") {
		a.Tools = append(a.Tools, Tool{Name: genLine().Draw(t, "tool"), Description: genText(200).Draw(t, "does")})
	}
	return a
}

// Reading what was written gives the same agent, and writing that the same file.
func TestWriteThenReadIsTheIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := genAgent(t)
		text := Assessment(a)
		file, err := source.NewFile("a.yaml", text, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		agents, err := Load(file, Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(a, agents[0], meaning); diff != "" {
			t.Fatalf("read back otherwise (-written +read):\n%s\n%s", diff, text)
		}
		if again := Assessment(agents[0]); !bytes.Equal(again, text) {
			t.Fatalf("written otherwise:\n%s\n%s", text, again)
		}
	})
}

// A page that is turned into an assessment scores the same, and each value says
// which place of the page it is from.
func TestAPageBecomesAnAssessment(t *testing.T) {
	for _, path := range fixtures(t, "listings") {
		page := load(t, open(t, path), Options{})
		text := string(Assessment(page))
		a := load(t, fileOf(t, "a.yaml", text), Options{})
		if got, want := score(t, a), score(t, page); got != want {
			t.Errorf("%s scores %v, the assessment %v", path, want.Score, got.Score)
		}
		if statusesOf(a) != statusesOf(page) || a.Name.Value != page.Name.Value || a.Description.Value != page.Description.Value {
			t.Errorf("%s: layers, name or description are lost:\n%s", path, text)
		}
		for i := range page.Factors {
			if want := page.Factors[i]; want.known() && a.Factors[i].Source != want.Evidence[0].At.String() {
				t.Errorf("%s: %s is from %q", path, want.Key, a.Factors[i].Source)
			}
		}
	}
}

func TestTemplatesCanBeRead(t *testing.T) {
	for _, f := range scoring.Formulas() {
		a := load(t, fileOf(t, "init.yaml", string(Template(f))), Options{})
		if a.Formula.Value != f.ID || a.Formula.Basis != source.Stated || len(a.Factors) != len(f.Factors) {
			t.Errorf("%s: formula %v, %d factors", f.ID, a.Formula, len(a.Factors))
		}
		for _, v := range a.Factors {
			if v.known() || len(v.Evidence) != 1 {
				t.Errorf("%s: %s is %v", f.ID, v.Key, v)
			}
		}
		if a.Base.known() || a.Threat.known() || a.Mitigation.known() {
			t.Errorf("%s: something is known", f.ID)
		}
		for _, factor := range f.Factors {
			for _, l := range factor.Levels {
				if !bytes.Contains(Template(f), []byte(l.Meaning)) {
					t.Errorf("%s: level %q of %s is not explained", f.ID, l.Meaning, factor.Key)
				}
			}
		}
	}
}

func TestReportsGoInAndOut(t *testing.T) {
	for _, path := range fixtures(t, "reports") {
		agents, err := Load(open(t, path), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(agents) != 2 || agents[0].Name.Value != "Parcel Desk: PD-1" || len(agents[0].Warnings) > 0 {
			t.Fatalf("%d agents, the first %q with %v", len(agents), agents[0].Name.Value, agents[0].Warnings)
		}
		// The second states another sum and score than follow.
		if w := agents[1].Warnings; len(w) != 2 || w[0].ID != WarnStatedSum || w[1].ID != WarnStatedScore || !strings.Contains(w[0].Message, "stated as 4,") || !strings.Contains(w[0].Message, "4.5") {
			t.Errorf("warnings %v", w)
		}
		text, err := AppendixA(agents, ReportMetadata{AssessorID: "team-blue", AssessmentDate: "2026-05-04"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := loadBytes("out.json", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for i := range agents {
			if diff := cmp.Diff(agents[i], again[i], meaning, cmp.FilterPath(func(p cmp.Path) bool { return strings.HasPrefix(p.Last().String(), ".Stated") }, cmp.Ignore())); diff != "" {
				t.Errorf("read back otherwise:\n%s", diff)
			}
			if len(again[i].Warnings) > 0 {
				t.Errorf("what we wrote does not follow: %v", again[i].Warnings)
			}
		}
	}
}

func TestReportsAreNeverMadeUp(t *testing.T) {
	full := load(t, open(t, "../../testdata/assessments/v0.8.yaml"), Options{})
	meta := ReportMetadata{AssessorID: "me", AssessmentDate: "2026-05-04", Category: "Agentic AI Tool Misuse"}
	if text, err := AppendixA([]*Agent{full}, meta); err != nil || !json.Valid(text) {
		t.Fatalf("%v\n%s", err, text)
	}
	page := load(t, open(t, "../../testdata/listings/harbor-desk.txt"), Options{})
	partly := load(t, open(t, "../../testdata/assessments/unknowns.yaml"), Options{})
	without := func(change func(*ReportMetadata)) ReportMetadata { m := meta; change(&m); return m }
	tests := []struct {
		name   string
		agents []*Agent
		meta   ReportMetadata
		want   string
	}{
		{"no assessor", []*Agent{full}, without(func(m *ReportMetadata) { m.AssessorID = "" }), "assessor"},
		{"no date", []*Agent{full}, without(func(m *ReportMetadata) { m.AssessmentDate = "" }), "date"},
		{"no real date", []*Agent{full}, without(func(m *ReportMetadata) { m.AssessmentDate = "4 May" }), "date"},
		{"no category", []*Agent{full}, without(func(m *ReportMetadata) { m.Category = "" }), "owasp category"},
		{"another formula", []*Agent{page}, meta, "aivss-0.8-continuous"},
		{"unknowns", []*Agent{partly}, meta, "cvss vector"},
		{"two systems", []*Agent{full, partly}, meta, "one system"},
		{"nothing", nil, meta, "at least one"},
	}
	for _, tt := range tests {
		text, err := AppendixA(tt.agents, tt.meta)
		var many Errors
		if !errors.As(err, &many) || text != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error about %q", tt.name, err, tt.want)
		}
	}
}

func TestCardsNameWhatCanBeCalled(t *testing.T) {
	a := load(t, open(t, "../../testdata/cards/courier.json"), Options{})
	if a.Form != FormAgentCard || a.Provider.Value != "Lanes and Co" || fmt.Sprint(a.Tools[1].Name, len(a.Tools)) != "Book a pickup2" {
		t.Errorf("%s by %q with %v", a.Form, a.Provider.Value, a.Tools)
	}
	if a.Formula.Basis != source.Assumed || score(t, a).Score != (scoring.Interval{High: 10 * scoring.One}) {
		t.Errorf("a card says nothing of a score, and it is %v", score(t, a).Score)
	}
}

func TestRealCardsAndTools(t *testing.T) {
	for _, glob := range []string{"agent-cards/*.json", "mcp-tools/*/*.json", "mcp-tools/*/*/tools.json"} {
		names := sharedFiles(t, glob)
		tools := 0
		for _, name := range names {
			agents, err := Load(open(t, name), Options{})
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			tools += len(agents[0].Tools)
			if form := agents[0].Form; form != FormAgentCard && form != FormMCPTools {
				t.Errorf("%s is read as %s", name, form)
			}
		}
		t.Logf("measured: %s: %d files, %d tools", glob, len(names), tools)
	}
}
