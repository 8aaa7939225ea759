package scoring

import (
	"fmt"
	"strings"
	"testing"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stated is a fully known input from texts, as published rows give it.
func stated(t testing.TB, f *Formula, base, factors, threat, mitigation string) Input {
	t.Helper()
	in := f.Unknown()
	in.Base = Exactly(dec(t, base))
	values := strings.Split(factors, ",")
	if len(values) != FactorCount {
		t.Fatalf("%d factors", len(values))
	}
	for i, v := range values {
		in.Factors[i] = Exactly(dec(t, v))
	}
	in.Threat = Exactly(dec(t, threat))
	if f.Mitigation != nil {
		in.Mitigation = Exactly(dec(t, mitigation))
	}
	if err := f.Check(&in); err != nil {
		t.Fatal(err)
	}
	return in
}

// summary is a known result as "sum aars raw score band".
func summary(r Result) string {
	return fmt.Sprintf("%s %s %s %s %s", r.FactorSum, r.AARS, r.Raw, r.Score, r.BandHigh)
}

// TestOwnExamples holds scores computed by hand, one formula after another, so
// that the test has force without the published rows.
func TestOwnExamples(t *testing.T) {
	tests := []struct {
		formula, base, factors, threat, mitigation string
		want                                       string
	}{
		// (10 − 6.4) × 0.55 × 0.97 = 1.9206; 6.4 + 1.9206 = 8.3206.
		{"aivss-0.8", "6.4", "1,1,1,0.5,0.5,0.5,0.5,0.5,0,0", "0.97", "1", "5.5 1.9206 8.3206 8.3 High"},
		// The same × 0.83 = 6.906098.
		{"aivss-0.8", "6.4", "1,1,1,0.5,0.5,0.5,0.5,0.5,0,0", "0.97", "0.83", "5.5 1.9206 6.906098 6.9 Medium"},
		// 6.4 + 1.9206 × 0.83 = 7.994098.
		{"aivss-0.8-floor", "6.4", "1,1,1,0.5,0.5,0.5,0.5,0.5,0,0", "0.97", "0.83", "5.5 1.9206 7.994098 8 High"},
		// A tie that floats miss: (1 + 9 × 0.85) = 8.65, half up 8.7.
		{"aivss-0.8", "1", "1,1,1,1,1,1,1,1,0.5,0", "1", "1", "8.5 7.65 8.65 8.7 High"},
		// 8.95 is High by its raw score and Critical by its rounded one:
		// 7 + 3 × 0.65 = 8.95.
		{"aivss-0.8", "7", "1,1,1,1,1,1,0.5,0,0,0", "1", "1", "6.5 1.95 8.95 9 Critical"},
		// Nothing at all is None.
		{"aivss-0.8", "0", "0,0,0,0,0,0,0,0,0,0", "0.5", "1", "0 0 0 0 None"},
		// 0.05 rounds up into Low: 10 × 0.005 is not on the lattice, so
		// take the average: (0.1 + 0) / 2 = 0.05.
		{"aivss-0.5", "0.1", "0,0,0,0,0,0,0,0,0,0", "1", "", "0 0 0.05 0.1 Low"},
		// (7.3 + 4) / 2 × 0.91 = 5.1415.
		{"aivss-0.5", "7.3", "1,1,0.5,0.5,0.5,0.5,0,0,0,0", "0.91", "", "4 4 5.1415 5.1 Medium"},
		// (9.1 + 6.5) / 2 × 0.9 × 0.83 = 5.8266.
		{"aivss-0.5-mitigated", "9.1", "1,1,1,1,1,0.5,0.5,0.5,0,0", "0.9", "0.83", "6.5 6.5 5.8266 5.8 Medium"},
		// 3.5 × 0.333 × 1.05 = 1.2238…: (6.5 + 1.223775) × 0.9 = 6.9513975.
		{"aivss-0.8-continuous", "6.5", "0.33,0.5,0.2,0.4,0.3,0.5,0.3,0.2,0.4,0.2", "1.05", "0.9", "3.33 1.223775 6.9513975 7 High"},
		// Factors 9.6 × 1.1 = 10.56 exceed the headroom 2.0: held at 10.
		{"aivss-0.8-continuous", "8", "1,1,1,1,1,1,1,1,0.8,0.8", "1.1", "1", "9.6 2 10 10 Critical"},
		{"aivss-0.8-continuous", "8", "1,1,1,1,1,1,1,1,0.8,0.8", "1.1", "0.85", "9.6 2 8.5 8.5 High"},
	}
	for _, test := range tests {
		f := lookup(t, test.formula)
		in := stated(t, f, test.base, test.factors, test.threat, test.mitigation)
		if got := summary(f.Score(&in)); got != test.want {
			t.Errorf("%s %s: got %s, want %s", test.formula, test.base, got, test.want)
		}
		checkOracle(t, f, &in)
	}
}

func TestClampIsReportedWhereItBites(t *testing.T) {
	f := lookup(t, "aivss-0.8-continuous")
	tests := []struct {
		base, threat string
		want         bool
	}{
		{"8", "1.1", true},
		{"8", "1", false},
		{"10", "1.1", false}, // no headroom, so nothing exceeds it
	}
	for _, test := range tests {
		in := stated(t, f, test.base, "1,1,1,1,1,1,1,1,1,1", test.threat, "1")
		if r := f.Score(&in); r.Clamped != test.want {
			t.Errorf("base %s threat %s: clamped %v, want %v", test.base, test.threat, r.Clamped, test.want)
		}
	}
	unknown := f.Unknown()
	if r := f.Score(&unknown); !r.Clamped {
		t.Error("an interval that reaches the clamp must say so")
	}
}

func TestUnknownSpansTheWholeScale(t *testing.T) {
	wants := map[string]string{
		"aivss-0.8":            "0–10 None–Critical",
		"aivss-0.8-continuous": "0–10 None–Critical",
		"aivss-0.8-floor":      "0–10 None–Critical",
		"aivss-0.5":            "0–10 None–Critical",
		"aivss-0.5-mitigated":  "0–10 None–Critical",
		"aivss-1.0-candidate":  "0–10 None–Critical",
		"aivss-ssvc":           "0–10 None–Critical",
	}
	for _, f := range Formulas() {
		in := f.Unknown()
		r := f.Score(&in)
		if got := fmt.Sprintf("%s %s–%s", r.Score, r.BandLow, r.BandHigh); got != wants[f.ID] {
			t.Errorf("%s: %s", f.ID, got)
		}
	}
}

func TestIntervalCornersDiffer(t *testing.T) {
	// AARS is highest where the base is lowest; the score where it is highest.
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "5", "1,1,1,1,1,0,0,0,0,0", "1", "1")
	in.Base = Interval{5 * One, 9 * One}
	r := f.Score(&in)
	if got := fmt.Sprintf("AARS %s raw %s score %s", r.AARS, r.Raw, r.Score); got != "AARS 0.5–2.5 raw 7.5–9.5 score 7.5–9.5" {
		t.Error(got)
	}
}

func TestPublished08Examples(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	examples := map[string]Input{}
	for _, row := range sharedRows(t, "v0.8-examples.csv") {
		c, notes, err := ParseCVSS(row["cvss_v4_vector"])
		if err != nil {
			t.Fatal(err)
		}
		if c.Base.String() != row["cvss_base"] || len(notes) != 1 || notes[0].ID != NoteThreatNotDefined {
			t.Errorf("%s: base %s, want %s; notes %v", row["risk"], c.Base, row["cvss_base"], notes)
		}
		in := stated(t, f, row["cvss_base"], row["factors_autonomy_tools_language_context_nondeterminism_opacity_persistence_identity_multiagent_selfmod"], "0.97", "1")
		checkRow(t, row["risk"], f.Score(&in), row["factor_sum"], row["aars_exact"], row["raw_exact"], row["aivss"], row["severity"])
		examples[row["section"]] = in
	}
	for _, row := range sharedRows(t, "v0.8-whatif.csv") {
		in, ok := examples[row["section"]]
		if !ok {
			t.Fatalf("no example %s", row["section"])
		}
		for column, changed := range map[string]*Input{
			"aivss_mf_0.83":  in.with(partMitigation, Exactly(8300)),
			"aivss_mf_0.67":  in.with(partMitigation, Exactly(6700)),
			"aivss_thm_0.50": in.with(partThreat, Exactly(5000)),
			"aivss_thm_1.00": in.with(partThreat, Exactly(One)),
		} {
			if got := f.Score(changed).Score.Low; got != dec(t, row[column]) {
				t.Errorf("%s %s: got %s, want %s", row["section"], column, got, row[column])
			}
		}
	}
}

func checkRow(t *testing.T, name string, r Result, sum, aars, raw, score, severity string) {
	t.Helper()
	want := fmt.Sprintf("%s %s %s %s", dec(t, sum), trim(aars), trim(raw), dec(t, score))
	got := fmt.Sprintf("%s %s %s %s", r.FactorSum, r.AARS, r.Raw, r.Score)
	if got != want || r.BandHigh.String() != severity {
		t.Errorf("%s: got %s %s, want %s %s", name, got, r.BandHigh, want, severity)
	}
}

// trim removes trailing zeros of a published decimal.
func trim(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func TestPublishedListingRows(t *testing.T) {
	f := lookup(t, "aivss-0.8-continuous")
	for _, row := range sharedRows(t, "listing-rows.csv") {
		in := stated(t, f, row["cvss_base"], row["factors_AA_GP_SM_TU_PM_CA_DI_MA_ND_OR"], row["thm"], row["mf"])
		checkRow(t, row["slug"], f.Score(&in), row["factor_sum"], row["aars_exact"], row["raw_exact"], row["aivss"], row["severity"])
	}
}

func TestPublishedRoundingTies(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	for _, row := range sharedRows(t, "rounding-ties.csv") {
		in := halvesInput(f, dec(t, row["cvss"]), int(dec(t, row["factor_sum"])/half))
		in.Threat, in.Mitigation = Exactly(dec(t, row["thm"])), Exactly(dec(t, row["mf"]))
		r := f.Score(&in)
		if r.Raw.String() != trim(row["raw_exact"]) || r.Score.Low != dec(t, row["aivss_half_up"]) {
			t.Errorf("%v: raw %s score %s", row, r.Raw, r.Score)
		}
		if r.Score.Low == dec(t, row["naive_float"]) {
			t.Errorf("%v: the row does not tell half-up from floats", row)
		}
	}
}

func TestPublished05Examples(t *testing.T) {
	f := lookup(t, "aivss-0.5")
	differ := 0
	for _, row := range sharedRows(t, "v0.5-examples.csv") {
		in := stated(t, f, row["cvss_base"], row["factors_autonomy_tool_memory_identity_multiagent_nondeterminism_selfmod_planning_context_opacity"], "0.97", "")
		in.AARS, in.AARSStated = Exactly(dec(t, row["aars_stated"])), true
		if err := f.Check(&in); err != nil {
			t.Fatal(err)
		}
		r := f.Score(&in)
		if r.FactorSum.Low != dec(t, row["factor_sum_of_listed"]) || r.Raw.String() != trim(row["raw_from_stated"]) || r.Score.Low != dec(t, row["aivss_stated"]) {
			t.Errorf("%s: sum %s raw %s score %s", row["risk"], r.FactorSum, r.Raw, r.Score)
		}
		warned := hasNote(f.Notes(&in, &r, nil), NoteAARSStated)
		if warned != (row["aars_stated"] != row["factor_sum_of_listed"]) {
			t.Errorf("%s: warned %v", row["risk"], warned)
		}
		if warned {
			differ++
		}
	}
	if differ != 7 {
		t.Errorf("%d examples state an AARS that is not their sum, want 7", differ)
	}
}

func TestPublishedAVERecords(t *testing.T) {
	f := lookup(t, "aivss-0.5-mitigated")
	for _, row := range sharedRows(t, "ave-averaging.csv") {
		in := f.Unknown()
		in.Base = Exactly(dec(t, row["cvss"]))
		in.AARS, in.AARSStated = Exactly(dec(t, row["aars"])), true
		in.Threat, in.Mitigation = Exactly(dec(t, row["thm"])), Exactly(dec(t, row["mf"]))
		if err := f.Check(&in); err != nil {
			t.Errorf("%s: %v", row["record"], err)
			continue
		}
		r := f.Score(&in)
		if r.Raw.String() != trim(row["exact"]) || r.Score.Low != dec(t, row["half_up"]) {
			t.Errorf("%s: raw %s score %s, want %s and %s", row["record"], r.Raw, r.Score, row["exact"], row["half_up"])
		}
	}
}

func hasNote(notes []Note, id string) bool {
	for _, n := range notes {
		if n.ID == id {
			return true
		}
	}
	return false
}

func TestScoreAllocatesNothing(t *testing.T) {
	for _, f := range Formulas() {
		in := f.Unknown()
		var sink Result
		if n := testing.AllocsPerRun(100, func() { sink = f.Score(&in) }); n != 0 {
			t.Errorf("%s: %v allocations", f.ID, n)
		}
		_ = sink
	}
}

func BenchmarkScore(b *testing.B) {
	f := lookup(b, DefaultID)
	in := halvesInput(f, Tenths(94), 13)
	in.Threat, in.Mitigation = Exactly(9700), Exactly(8300)
	b.ReportAllocs()
	var sum Decimal
	for b.Loop() {
		r := f.Score(&in)
		sum += r.Score.High
	}
	if sum == 0 {
		b.Fatal("nothing was scored")
	}
}
