package scoring

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDriversOfAKnownInput(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "5", "1,0.5,0,0,0,0,0,0,0,1", "1", "0.83")
	var got []string
	for _, d := range f.Drivers(&in) {
		line := d.Part + " ±" + d.Swing.String() + " =" + d.Contribution.String()
		if d.Up != nil {
			line += " up " + d.Up.To.String() + "→" + d.Up.Score.String()
		}
		if d.Down != nil {
			line += " down " + d.Down.To.String() + "→" + d.Down.Score.String()
		}
		got = append(got, line)
	}
	// Score (5 + 5 × 0.25) × 0.83 = 5.1875. One step of a factor is
	// 5 × 0.05 × 0.83 = 0.2075; the threat from 1 to 0.97 is 0.031125; the
	// mitigation up to 1 is 1.0625, down to 0.67 exactly 1.
	want := []string{
		"mitigation ±1.0625 =1 up 1→6.3 down 0.67→4.2",
		"autonomy ±0.2075 =0.415 down 0.5→5",
		"self_mod ±0.2075 =0.415 down 0.5→5",
		"tools ±0.2075 =0.2075 up 1→5.4 down 0→5",
		"language ±0.2075 =0 up 0.5→5.4",
		"context ±0.2075 =0 up 0.5→5.4",
		"non_determinism ±0.2075 =0 up 0.5→5.4",
		"opacity ±0.2075 =0 up 0.5→5.4",
		"persistence ±0.2075 =0 up 0.5→5.4",
		"identity ±0.2075 =0 up 0.5→5.4",
		"multi_agent ±0.2075 =0 up 0.5→5.4",
		"threat ±0.031125 =0.51875 down 0.97→5.2",
		"base ±0 =3.1125",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDriversOfUnknownParts(t *testing.T) {
	f := lookup(t, "aivss-0.8-continuous")
	in := stated(t, f, "5", "0.2,0.2,0.2,0.2,0.2,0,0,0,0,0", "1", "1")
	in.Base = Interval{4 * One, 6 * One}
	in.Factors[9] = Interval{0, One}
	drivers := f.Drivers(&in)
	// FS is 1 to 2: the score is 4 + 0.6 = 4.6 at the least and
	// 6 + 0.8 = 6.8 at the most.
	// Known mitigation moves 6.8 by 1.156 and comes between the two.
	base, opacity := drivers[0], drivers[2]
	if base.Part != PartBase || base.IfLowest.Score.String() != "4.6–5.2" || base.IfHighest.Score.String() != "6.4–6.8" || base.Swing.String() != "1.8" || base.Narrows.String() != "1.6" {
		t.Errorf("%+v %+v %+v", base, base.IfLowest, base.IfHighest)
	}
	if opacity.Part != "opacity_and_reflexivity" || opacity.IfLowest.Score.String() != "4.6–6.4" || opacity.IfHighest.Score.String() != "5.2–6.8" ||
		opacity.Swing.String() != "0.6" || opacity.Narrows.String() != "0.4" || opacity.Up != nil || opacity.Down != nil {
		t.Errorf("%+v %+v %+v", opacity, opacity.IfLowest, opacity.IfHighest)
	}
	if text, err := json.Marshal(opacity); err != nil || !strings.Contains(string(text), `"if_highest":{"to":1,"score":{"low":5.2,"high":6.8}`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestDriversOfAStatedAARS(t *testing.T) {
	f := lookup(t, "aivss-0.5-mitigated")
	in := f.Unknown()
	in.Base, in.AARS, in.AARSStated = Exactly(8*One), Exactly(65000), true
	in.Threat, in.Mitigation = Exactly(One), Exactly(One)
	var parts []string
	for _, d := range f.Drivers(&in) {
		parts = append(parts, d.Part)
		if d.Part == PartAARS && (d.Up.To.String() != "7" || d.Down.To.String() != "6" || d.Swing.String() != "0.25") {
			t.Errorf("%+v", d)
		}
	}
	if got := strings.Join(parts, " "); got != "mitigation threat aars base" {
		t.Error(got)
	}
}

func TestDriversAreSortedAndTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 4)
		now := f.Score(&in)
		drivers := f.Drivers(&in)
		if len(drivers) != len(f.parts(&in)) {
			t.Fatalf("%d drivers", len(drivers))
		}
		for i, d := range drivers {
			if i > 0 && drivers[i-1].Swing.Cmp(d.Swing) < 0 {
				t.Fatalf("%s swings more than what stands before it", d.Part)
			}
			if d.Contribution.Low.Coef < 0 || d.Contribution.High.Coef < 0 || d.Narrows < 0 {
				t.Fatalf("%s contributes %s, narrows %s", d.Part, d.Contribution, d.Narrows)
			}
			if d.Up != nil && (d.Up.To <= d.Now.High || d.Up.Score.Low < now.Score.Low) ||
				d.Down != nil && (d.Down.To >= d.Now.Low || d.Down.Score.High > now.Score.High) {
				t.Fatalf("%s: up %+v, down %+v from %s", d.Part, d.Up, d.Down, d.Now)
			}
			if !d.Now.Known() {
				low, high := d.IfLowest, d.IfHighest
				if d.Swing.Cmp(high.Delta.Low.abs()) < 0 || d.Swing.Cmp(low.Delta.High.abs()) < 0 {
					t.Fatalf("%s: a swing of %s is less than from %s to %s", d.Part, d.Swing, low.Delta, high.Delta)
				}
				if d.Narrows > now.Score.Width()-low.Score.Width() || d.Narrows > now.Score.Width()-high.Score.Width() {
					t.Fatalf("%s promises %s more than it narrows", d.Part, d.Narrows)
				}
			}
			if known := d.IfLowest == nil; known != d.Now.Known() {
				t.Fatalf("%s %s: %+v", d.Part, d.Now, d.IfLowest)
			}
		}
	})
}

func TestDistance(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	tests := []struct {
		base, factors, want string
	}{
		// 6.4 + 3.6 × 0.15 = 6.94: Medium. 6.95 would round to 7.0.
		{"6.4", "1,0.5,0,0,0,0,0,0,0,0", "up High 0.1 0.01 down Low 3 2.99"},
		// 10 × 0.5: Medium again.
		{"0", "1,1,1,1,1,0,0,0,0,0", "up High 2 1.95 down Low 1.1 1.05"},
		{"10", "0,0,0,0,0,0,0,0,0,0", "down High 1.1 1.05"},
		{"0", "0,0,0,0,0,0,0,0,0,0", "up Low 0.1 0.05"},
		{"0.1", "0,0,0,0,0,0,0,0,0,0", "up Medium 3.9 3.85 down None 0.1 0.05"},
	}
	for _, test := range tests {
		in := stated(t, f, test.base, test.factors, "1", "1")
		r := f.Score(&in)
		if got := showDistance(r.Distance()); got != test.want {
			t.Errorf("%s: got %s, want %s", r.Raw, got, test.want)
		}
	}
	// An interval counts from its ends.
	in := stated(t, f, "6.4", "1,0.5,0,0,0,0,0,0,0,0", "1", "1")
	in.Base = Interval{5 * One, 64000}
	r := f.Score(&in)
	if got := showDistance(r.Distance()); got != "up High 0.1 0.01 down Low 1.9 1.8" {
		t.Errorf("%s: %s", r.Raw, got)
	}
}

func showDistance(d Distance) string {
	var out []string
	for _, side := range []struct {
		name string
		to   *ToBand
	}{{"up", d.Up}, {"down", d.Down}} {
		if side.to != nil {
			out = append(out, fmt.Sprintf("%s %s %s %s", side.name, side.to.Band, side.to.Score, side.to.Raw))
		}
	}
	return strings.Join(out, " ")
}

// TestDistanceIsExact holds that moving a raw score by the distance lands
// exactly where its rounding changes band.
func TestDistanceIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 0)
		r := f.Score(&in)
		d := r.Distance()
		unit := pow10[r.Raw.Low.Scale-1]
		if d.Up != nil {
			at := r.Raw.High.Coef + d.Up.Raw.Coef
			if BandOf(halfUp(at, unit)) != d.Up.Band || BandOf(halfUp(at-1, unit)) != r.BandHigh {
				t.Fatalf("%s: up %+v", r.Raw, d.Up)
			}
		}
		if d.Down != nil {
			at := r.Raw.Low.Coef - d.Down.Raw.Coef
			if BandOf(halfUp(at, unit)) != r.BandLow || BandOf(halfUp(at-1, unit)) != d.Down.Band {
				t.Fatalf("%s: down %+v", r.Raw, d.Down)
			}
		}
	})
}

func TestMitigations(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "9.4", "1,1,1,1,1,1,0.5,1,1,0.5", "0.97", "0.83")
	var got []string
	for _, m := range f.Mitigations(&in) {
		got = append(got, m.Level.ID+" "+m.Result.Score.String()+" "+m.Result.BandHigh.String())
	}
	if !slices.Equal(got, []string{"none 9.9 Critical", "partial 8.2 High", "strong 6.6 Medium"}) {
		t.Error(got)
	}
	if r := f.Inherent(&in); r.Score.String() != "9.9" {
		t.Error(r.Score)
	}
	if m := lookup(t, "aivss-0.5").Mitigations(&in); m != nil {
		t.Error("v0.5 has no mitigation")
	}
}
