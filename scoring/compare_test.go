package scoring

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func showComparisons(cs []Comparison) []string {
	var out []string
	for _, c := range cs {
		if c.Refused != "" {
			out = append(out, c.Formula+" refused")
			continue
		}
		line := fmt.Sprintf("%s %s", c.Formula, c.Result.Score)
		if len(c.Missing) > 0 {
			line += " missing " + strings.Join(c.Missing, " ")
		}
		if len(c.Dropped) > 0 {
			line += " dropped " + strings.Join(c.Dropped, " ")
		}
		out = append(out, line)
	}
	return out
}

func TestCompareFromStrict(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "9", "1,1,1,1,1,1,1,1,1,1", "0.5", "0.67")
	comparisons := f.Compare(&in)
	want := []string{
		"aivss-0.8 6.4", // (9 + 0.5) × 0.67 = 6.365
		"aivss-0.8-continuous 6.3–6.4 missing goal_driven_planning dropped language",
		"aivss-0.8-floor 9.3", // 9 + 0.5 × 0.67 = 9.335
		"aivss-0.5 8.2–8.6 missing goal_driven_planning dropped mitigation language", // 0.91 is v0.5's unreported
		"aivss-0.5-mitigated refused", // it has no strong mitigation
	}
	if got := showComparisons(comparisons); !slices.Equal(got, want) {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
	if r := comparisons[4].Refused; !strings.Contains(r, "mitigation 0.67 is not allowed: expected one of 1 (none), 0.83 (partial)") {
		t.Error(r)
	}
	var pairs []string
	for _, d := range Disagreements(comparisons) {
		pairs = append(pairs, fmt.Sprintf("%s %s / %s %s", d.A, d.BandA[0], d.B, d.BandB[0]))
	}
	if got := strings.Join(pairs, "\n"); got != strings.Join([]string{
		"aivss-0.8 Medium / aivss-0.8-floor Critical",
		"aivss-0.8 Medium / aivss-0.5 High",
		"aivss-0.8-continuous Medium / aivss-0.8-floor Critical",
		"aivss-0.8-continuous Medium / aivss-0.5 High",
		"aivss-0.8-floor Critical / aivss-0.5 High",
	}, "\n") {
		t.Errorf("got:\n%s", got)
	}
}

func TestDisagreementsAreCertain(t *testing.T) {
	result := func(id string, low, high Band) Comparison {
		return Comparison{Formula: id, Result: Result{BandLow: low, BandHigh: high}}
	}
	refused := result("refused", BandNone, BandNone)
	refused.Refused = "it has no form here"
	got := Disagreements([]Comparison{
		result("a", BandLow, BandHigh), result("b", BandMedium, BandCritical), result("c", BandCritical, BandCritical), refused,
	})
	// a and b may both be Medium or High; b may be Critical as c is.
	if len(got) != 1 || got[0] != (Disagreement{"a", "c", [2]Band{BandLow, BandHigh}, [2]Band{BandCritical, BandCritical}}) {
		t.Errorf("%+v", got)
	}
}

func TestCompareFromListing(t *testing.T) {
	f := lookup(t, "aivss-0.8-continuous")
	in := stated(t, f, "7.5", "0.2,0.3,0.1,0.4,0.2,0.5,0.3,0.2,0.4,0.3", "1", "0.83")
	want := []string{
		"aivss-0.8 refused", "aivss-0.8-continuous 6.8", "aivss-0.8-floor refused", "aivss-0.5 refused", "aivss-0.5-mitigated refused",
	}
	if got := showComparisons(f.Compare(&in)); !slices.Equal(got, want) {
		t.Errorf("values between levels fit no strict formula: %v", got)
	}
	// With values on the levels, v0.8 still lacks language: an interval.
	in = stated(t, f, "7.5", "1,1,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5", "0.97", "1")
	want = []string{
		"aivss-0.8 8.7–9 missing language dropped goal_driven_planning",
		"aivss-0.8-continuous 9",
		"aivss-0.8-floor 8.7–9 missing language dropped goal_driven_planning",
		"aivss-0.5 6.5",
		"aivss-0.5-mitigated 5.2–6.5 missing natural_language_input data_access external_dependencies dropped goal_driven_planning contextual_awareness opacity_and_reflexivity",
	}
	if got := showComparisons(f.Compare(&in)); !slices.Equal(got, want) {
		t.Errorf("got:\n%s", strings.Join(got, "\n"))
	}
}

func TestCompareKeepsUnknownUnknown(t *testing.T) {
	for _, f := range scoringFormulas() {
		in := f.Unknown()
		for _, c := range f.Compare(&in) {
			to := lookup(t, c.Formula)
			if c.Refused != "" || c.Input != to.Unknown() || len(c.Dropped) > 0 {
				t.Errorf("%s to %s: %+v", f.ID, c.Formula, c)
			}
		}
	}
}

func TestCompareDropsAForeignAARS(t *testing.T) {
	f := lookup(t, "aivss-0.5")
	in := f.Unknown()
	in.Base, in.AARS, in.AARSStated, in.Threat = Exactly(Tenths(94)), Exactly(85000), true, Exactly(9700)
	for _, c := range f.Compare(&in) {
		if own := c.Formula == f.ID; c.Input.AARSStated != own || slices.Contains(c.Dropped, PartAARS) == own {
			t.Errorf("%+v", c)
		}
		if mf := lookup(t, c.Formula).Mitigation != nil; mf != slices.Contains(c.Missing, PartMitigation) {
			t.Errorf("%s: missing %v", c.Formula, c.Missing)
		}
	}
}

func TestTranslateToItselfChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 4)
		c, err := f.Translate(&in, f)
		if err != nil || c.Input != in || len(c.Missing)+len(c.Dropped) > 0 {
			t.Fatalf("%s: %+v (%v), not %+v", f.ID, c, err, in)
		}
	})
}
