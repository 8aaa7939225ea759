package scoring

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestFormulasInOrder(t *testing.T) {
	want := "aivss-0.8 aivss-0.8-continuous aivss-0.8-floor aivss-0.5 aivss-0.5-mitigated aivss-1.0-candidate aivss-ssvc"
	var ids []string
	for _, f := range Formulas() {
		ids = append(ids, f.ID)
	}
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("got %s", got)
	}
	if ids[0] != DefaultID {
		t.Error("the default is not first")
	}
	if _, ok := Lookup("aivss-0.7"); ok {
		t.Error("a formula nobody published")
	}
	Formulas()[0] = nil
	if Formulas()[0] == nil {
		t.Error("the caller's slice is the package's own")
	}
}

// TestFormulasAreWhole holds what the rest of the package takes for granted
// about the tables.
func TestFormulasAreWhole(t *testing.T) {
	tags := map[string]bool{}
	for _, f := range Formulas() {
		if f.Title == "" || f.Source == "" || f.Expression == "" || f.Tag == "" || tags[f.Tag] {
			t.Errorf("%s: title, source, expression or tag is missing or shared", f.ID)
		}
		tags[f.Tag] = true
		want := FactorCount
		if f.Kind == KindProfile {
			want = len(Profile{})
		}
		if len(f.Factors) != want {
			t.Errorf("%s: %d factors, want %d", f.ID, len(f.Factors), want)
		}
		seen := map[string]bool{letterBase: true, letterAARS: true, letterThreat: true, letterMitigation: true}
		for i := range f.Factors {
			checkFactorTable(t, f, &f.Factors[i], seen)
			if got, ok := f.Factor(f.Factors[i].Key); !ok || got != i {
				t.Errorf("%s: key %s leads to %d", f.ID, f.Factors[i].Key, got)
			}
		}
		for _, m := range append([]*Multiplier{f.Threat, f.Mitigation}, scales(f)...) {
			if m != nil {
				checkMultiplierTable(t, f, m)
			}
		}
	}
}

func scales(f *Formula) []*Multiplier {
	var out []*Multiplier
	for i := range f.Scales {
		out = append(out, &f.Scales[i])
	}
	return out
}

func checkFactorTable(t *testing.T, f *Formula, factor *Factor, seen map[string]bool) {
	t.Helper()
	if factor.Name == "" || len(factor.Letter) != 2 || seen[factor.Letter] || seen[factor.Key] {
		t.Errorf("%s: %s: name, letter or key is missing or shared", f.ID, factor.Key)
	}
	seen[factor.Letter], seen[factor.Key] = true, true
	last := factor.Low - 1
	for _, l := range factor.Levels {
		if l.Meaning == "" {
			t.Errorf("%s: %s: a level without meaning", f.ID, factor.Key)
		}
		if f.Kind == KindProfile {
			continue
		}
		if l.Value <= last || l.Value > factor.High {
			t.Errorf("%s: %s: level %s out of order or range", f.ID, factor.Key, l.Value)
		}
		last = l.Value
	}
	if f.Kind == KindScore && (factor.Low != 0 || factor.High != One || factor.Concept == "" || !factor.has(half)) {
		t.Errorf("%s: %s: plainFactor relies on 0, 0.5 and 1", f.ID, factor.Key)
	}
}

func checkMultiplierTable(t *testing.T, f *Formula, m *Multiplier) {
	t.Helper()
	lowest, highest := m.Levels[0].Value, m.Levels[0].Value
	for _, l := range m.Levels {
		lowest, highest = min(lowest, l.Value), max(highest, l.Value)
		if got, ok := m.Level(l.ID); !ok || got != l {
			t.Errorf("%s: %s: id %s leads to %v", f.ID, m.Key, l.ID, got)
		}
		if got, ok := m.LevelOf(l.Value); !ok || got != l {
			t.Errorf("%s: %s: value %s leads to %v", f.ID, m.Key, l.Value, got)
		}
		if got, ok := m.LevelByLetter(l.Letter); !ok || got != l || l.Meaning == "" {
			t.Errorf("%s: %s: letter %s leads to %v", f.ID, m.Key, l.Letter, got)
		}
	}
	if !m.Continuous && (lowest != m.Low || highest != m.High) {
		t.Errorf("%s: %s: range %s–%s does not match the levels", f.ID, m.Key, m.Low, m.High)
	}
	// The overflow argument in score.go holds for these bounds.
	if f.Kind == KindScore && (m.Low < 0 || m.High > 11000 || m.Key == PartMitigation && m.High > One) {
		t.Errorf("%s: %s reaches %s", f.ID, m.Key, m.High)
	}
}

func TestKeysAreThePublishedOnes(t *testing.T) {
	wants := map[string]string{
		"aivss-0.8":            "autonomy tools language context non_determinism opacity persistence identity multi_agent self_mod",
		"aivss-0.8-continuous": "autonomy_of_action goal_driven_planning self_modification dynamic_tool_use persistent_memory contextual_awareness dynamic_identity multi_agent_interactions non_determinism opacity_and_reflexivity",
		"aivss-0.5":            "autonomy_of_action tool_use memory_use dynamic_identity multi_agent_interactions non_determinism self_modification goal_driven_planning contextual_awareness opacity_and_reflexivity",
		"aivss-0.5-mitigated":  "autonomy tool_use multi_agent non_determinism self_modification dynamic_identity persistent_memory natural_language_input data_access external_dependencies",
		"aivss-1.0-candidate":  "LC CP AP SR EX PT CA TD",
	}
	for id, want := range wants {
		var keys []string
		for _, factor := range lookup(t, id).Factors {
			keys = append(keys, factor.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s: got %s", id, got)
		}
	}
}

func TestCheck(t *testing.T) {
	strict, continuous, average := lookup(t, "aivss-0.8"), lookup(t, "aivss-0.8-continuous"), lookup(t, "aivss-0.5")
	tests := []struct {
		name   string
		f      *Formula
		change func(*Input)
		part   string
		want   string // of the error; empty: allowed
	}{
		{"everything unknown", strict, func(*Input) {}, "", ""},
		{"a base in hundredths", strict, func(in *Input) { in.Base = Exactly(75500) }, PartBase, "base 7.55 is not allowed: expected a CVSS score from 0 to 10 in tenths"},
		{"one end in hundredths", strict, func(in *Input) { in.Base = Interval{0, 75500} }, PartBase, "base 0–7.55"},
		{"a base above 10", strict, func(in *Input) { in.Base = Exactly(101000) }, PartBase, "base 10.1"},
		{"a base below 0", strict, func(in *Input) { in.Base = Exactly(-1000) }, PartBase, "base -0.1"},
		{"a turned interval", strict, func(in *Input) { in.Base = Interval{5 * One, 4 * One} }, PartBase, "base 5–4"},
		{"a factor between levels", strict, func(in *Input) { in.Factors[0] = Exactly(7000) }, "autonomy",
			"aivss-0.8: autonomy 0.7 is not allowed: expected one of 0, 0.5, 1 (aivss-0.8-continuous takes values between the levels)"},
		{"one end between levels", strict, func(in *Input) { in.Factors[9] = Interval{0, 7000} }, "self_mod", "self_mod 0–0.7"},
		{"a factor above 1", continuous, func(in *Input) { in.Factors[1] = Exactly(10001) }, "goal_driven_planning", "expected a number from 0 to 1"},
		{"any factor up to 1", continuous, func(in *Input) { in.Factors[1] = Exactly(3333) }, "", ""},
		{"a threat without level", strict, func(in *Input) { in.Threat = Exactly(9100) }, PartThreat, "expected one of 1 (attacked), 0.97 (proof-of-concept), 0.5 (unreported)"},
		{"v0.5's own threat level", average, func(in *Input) { in.Threat = Exactly(9100) }, "", ""},
		{"the highest threat of listings", continuous, func(in *Input) { in.Threat = Exactly(11000) }, "", ""},
		{"a higher one", continuous, func(in *Input) { in.Threat = Exactly(11001) }, PartThreat, "expected a number from 0 to 1.1"},
		{"a mitigation without level", strict, func(in *Input) { in.Mitigation = Exactly(7500) }, PartMitigation, "expected one of 1 (none), 0.83 (partial), 0.67 (strong)"},
		{"a mitigation the formula lacks", average, func(in *Input) { in.Mitigation = Exactly(8300) }, PartMitigation, "the formula has no mitigation multiplier"},
		{"none there", average, func(in *Input) { in.Mitigation = Interval{} }, "", ""},
		{"a stated AARS", average, func(in *Input) { in.AARSStated, in.AARS = true, Exactly(47500) }, "", ""},
		{"one above 10", average, func(in *Input) { in.AARSStated, in.AARS = true, Exactly(100001) }, PartAARS, "from 0 to 10"},
		{"one the formula computes", strict, func(in *Input) { in.AARSStated = true }, PartAARS, "give the ten factors instead"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := test.f.Unknown()
			test.change(&in)
			err := test.f.Check(&in)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var ve *ValueError
			if !errors.As(err, &ve) || ve.Part != test.part || ve.Formula != test.f.ID || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
		})
	}
	for _, id := range []string{"aivss-ssvc", "aivss-1.0-candidate"} {
		f := lookup(t, id)
		in := f.Unknown()
		var ke *KindError
		if err := f.Check(&in); !errors.As(err, &ke) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestCheckSchema(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "6.4", "1,1,1,0.5,0.5,0.5,0.5,0.5,0,0", "0.97", "1")
	in.Mitigation = Exactly(7500)
	if f.Check(&in) == nil || f.CheckSchema(&in) != nil {
		t.Error("the schema of appendix A allows 0.75, the text does not")
	}
	checkOracle(t, f, &in)
	if got := showComparisons(f.Compare(&in)); got[0] != "aivss-0.8 6.2" || got[2] != "aivss-0.8-floor refused" {
		t.Error(got)
	}
	if p := plan(t, f, &in, Search{Goal: Goal{Band: BandHigh, AtLeast: true}}); !p.Reached {
		t.Error("no plan")
	}
	for _, bad := range []Decimal{6600, 10001} {
		in.Mitigation = Exactly(bad)
		if f.CheckSchema(&in) == nil {
			t.Errorf("%s is outside the schema", bad)
		}
	}
	in.Mitigation, in.Factors[0] = Exactly(7500), Exactly(7000)
	if f.CheckSchema(&in) == nil {
		t.Error("the schema allows no factor between levels")
	}
}

func TestBands(t *testing.T) {
	for tenths := range 101 {
		if got, want := BandOf(Tenths(tenths)).String(), bandByName(tenths); got != want {
			t.Errorf("%s: %s, want %s", Tenths(tenths), got, want)
		}
	}
	for b := BandNone; b <= BandCritical; b++ {
		if BandOf(b.Floor()) != b {
			t.Errorf("%s does not hold its own floor %s", b, b.Floor())
		}
		for _, s := range []string{b.String(), strings.ToUpper(b.String()), strings.ToLower(b.String())} {
			if got, err := ParseBand(s); err != nil || got != b {
				t.Errorf("%s: %v, %v", s, got, err)
			}
		}
	}
	var b Band
	if err := json.Unmarshal([]byte(`"high"`), &b); err != nil || b != BandHigh {
		t.Error(b, err)
	}
	if err := json.Unmarshal([]byte(`"hi"`), &b); err == nil {
		t.Error("no such band")
	}
	var ne *NameError
	if _, err := ParseBand("severe"); !errors.As(err, &ne) || !strings.Contains(err.Error(), "none, low, medium, high, critical") {
		t.Error(err)
	}
}

func TestFormulaJSON(t *testing.T) {
	for _, f := range Formulas() {
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			ID, Kind, Tag string
			Factors       []struct {
				Key    string
				Levels []struct{ Value Decimal }
			}
			Threat *struct {
				Levels []struct {
					ID    string
					Value Decimal
				}
			}
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.ID != f.ID || got.Kind != f.Kind.String() || got.Tag != f.Tag || len(got.Factors) != len(f.Factors) ||
			got.Factors[0].Levels[1].Value != f.Factors[0].Levels[1].Value || (got.Threat == nil) != (f.Threat == nil) {
			t.Errorf("%s: %s", f.ID, text)
		}
	}
}

func TestErrorsReadWell(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&KindError{"aivss-ssvc", KindDecision, KindScore}, "aivss-ssvc gives a decision, not a score (choose a formula that does, see the list of formulas)"},
		{&CostError{"tools", -1}, "the cost of tools is -1: expected a whole number from 0 to 1000000"},
		{&NameError{"part", "autonomie", "autonomy, tools"}, `unknown part "autonomie": expected one of autonomy, tools`},
		{&DecimalError{"0,5", "a comma", "write 0.5"}, `"0,5" is not a usable number: a comma (write 0.5)`},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %s", got)
		}
	}
}

func TestResultJSON(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "6.9", "1,1,0.5,1,0.5,1,0.5,0,1,1", "0.97", "1")
	text, err := json.Marshal(f.Score(&in))
	want := `{"factor_sum":{"low":7.5,"high":7.5},"aars":{"low":2.25525,"high":2.25525},"raw":{"low":9.15525,"high":9.15525},` +
		`"score":{"low":9.2,"high":9.2},"band_low":"Critical","band_high":"Critical","clamped":false}`
	if err != nil || string(text) != want {
		t.Errorf("got  %s (%v)\nwant %s", text, err, want)
	}
}
