package scoring

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func showSteps(d Derivation) []string {
	var out []string
	for _, s := range d.Steps {
		out = append(out, s.Name+" = "+s.Expression+" = "+s.Value)
	}
	return out
}

func TestExplain(t *testing.T) {
	tests := []struct {
		vector string
		want   []string
	}{
		{"AIVSS:0.8/BS:6.4/AU:1/TO:1/LA:1/CX:0.5/ND:0.5/OP:0.5/PE:0.5/ID:0.5/MA:0/SM:0/TM:P/MF:P", []string{
			"FS = 1 + 1 + 1 + 0.5 + 0.5 + 0.5 + 0.5 + 0.5 + 0 + 0 = 5.5",
			"AARS = (10 − 6.4) × (5.5 / 10) × 0.97 = 1.9206",
			"raw score = (6.4 + 1.9206) × 0.83 = 6.906098",
			"score = 6.906098 half up to tenths = 6.9",
			"severity = band of 6.9 = Medium",
		}},
		{"AIVSS:0.8f/BS:6.4/AU:1/TO:1/LA:1/CX:0.5/ND:0.5/OP:0.5/PE:0.5/ID:0.5/MA:0/SM:0/TM:P/MF:P", []string{
			"FS = 1 + 1 + 1 + 0.5 + 0.5 + 0.5 + 0.5 + 0.5 + 0 + 0 = 5.5",
			"AARS = (10 − 6.4) × (5.5 / 10) × 0.97 = 1.9206",
			"raw score = 6.4 + 1.9206 × 0.83 = 7.994098",
			"score = 7.994098 half up to tenths = 8",
			"severity = band of 8 = High",
		}},
		{"AIVSS:0.8c/BS:8/AU:1/PL:1/SM:1/TO:1/PE:1/CX:1/ID:1/MA:1/ND:1/OP:1/TM:1.1/MF:0.85", []string{
			"FS = 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 = 10",
			"AARS = (10 − 8) × (10 / 10) × 1.1 = 2.2",
			"AARS = held at the headroom 10 − 8 = 2",
			"raw score = (8 + 2) × 0.85 = 8.5",
			"score = 8.5 half up to tenths = 8.5",
			"severity = band of 8.5 = High",
		}},
		{"AIVSS:0.5m/BS:8.7/AS:5.5/TM:P/MF:P", []string{
			"AARS = as stated = 5.5",
			"raw score = (8.7 + 5.5) / 2 × 0.9 × 0.83 = 5.3037",
			"score = 5.3037 half up to tenths = 5.3",
			"severity = band of 5.3 = Medium",
		}},
	}
	for _, test := range tests {
		v := mustVector(t, test.vector)
		got := v.Formula.Explain(&v.Input)
		if len(got) != 1 || got[0].Corner != "" || got[0].Source != v.Formula.Source || !slices.Equal(showSteps(got[0]), test.want) {
			t.Errorf("%s:\n%s", test.vector, strings.Join(showSteps(got[0]), "\n"))
		}
	}
}

// TestExplainEndsInTheScore holds that the derivations end in the ends of the
// score, for every kind of input.
func TestExplainEndsInTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 3)
		r := f.Score(&in)
		ds := f.Explain(&in)
		first, last := ds[0].Steps, ds[len(ds)-1].Steps
		if first[len(first)-2].Value != r.Score.Low.String() || last[len(last)-2].Value != r.Score.High.String() ||
			first[len(first)-1].Value != r.BandLow.String() || last[len(last)-1].Value != r.BandHigh.String() {
			t.Fatalf("%+v: %+v", r, ds)
		}
	})
}
