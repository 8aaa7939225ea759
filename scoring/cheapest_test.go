package scoring

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func plan(t testing.TB, f *Formula, in *Input, s Search) Plan {
	t.Helper()
	p, err := f.Cheapest(in, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func showPlan(p Plan) string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, c.Part+" "+c.From.String()+"→"+c.To.String())
	}
	return strings.Join(out, ", ")
}

func TestCheapest(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	// 6.9 + 3.1 × 0.75 × 0.97 = 9.15525, Critical.
	in := stated(t, f, "6.9", "1,1,0.5,1,0.5,1,0.5,0,1,1", "0.97", "1")
	tests := []struct {
		name   string
		search Search
		want   string
		steps  int
		cost   int
	}{
		{"to High: two half steps on the first factor", Search{Goal: Goal{Band: BandHigh}, Fixed: []string{PartMitigation}}, "autonomy 1→0", 2, 2},
		{"mitigation takes one step", Search{Goal: Goal{Band: BandHigh}}, "mitigation 1→0.83", 1, 1},
		{"unless it is dear", Search{Goal: Goal{Band: BandHigh}, Costs: Costs{PartMitigation: 5}}, "autonomy 1→0", 2, 2},
		{"at equal cost the fewer steps", Search{Goal: Goal{Band: BandHigh}, Costs: Costs{PartMitigation: 2}}, "mitigation 1→0.83", 1, 2},
		{"or the factors are dearer", Search{Goal: Goal{Band: BandHigh}, Costs: Costs{PartMitigation: 3, "autonomy": 9, "tools": 2, "language": 2, "context": 2,
			"non_determinism": 2, "opacity": 2, "persistence": 2, "multi_agent": 2, "self_mod": 2}}, "mitigation 1→0.83", 1, 3},
		{"the cheap factor is taken", Search{Goal: Goal{Band: BandHigh}, Costs: Costs{"opacity": 0}}, "opacity 1→0", 2, 0},
		{"already there", Search{Goal: Goal{Band: BandCritical}}, "", 0, 0},
		{"up is possible too", Search{Goal: Goal{Band: BandCritical, AtLeast: true}}, "", 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := plan(t, f, &in, test.search)
			if !p.Reached || showPlan(p) != test.want || p.Steps != test.steps || p.Cost != test.cost || !test.search.Goal.Met(&p.Result) {
				t.Errorf("got %q, %d steps, cost %d, %s", showPlan(p), p.Steps, p.Cost, p.Result.Score)
			}
		})
	}
}

func TestCheapestOutOfReach(t *testing.T) {
	f := lookup(t, "aivss-0.8-floor")
	in := stated(t, f, "7.5", "1,1,1,1,1,1,1,1,1,1", "1", "1")
	p := plan(t, f, &in, Search{Goal: Goal{Band: BandMedium}})
	if p.Reached || len(p.Changes) != 0 || p.Result.Score.String() != "7.5" {
		t.Errorf("the floor forbids it: %+v", p)
	}
	text, err := json.Marshal(p)
	if err != nil || !strings.Contains(string(text), `"reached":false,"changes":[]`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestCheapestNarrowsWhatIsUnknown(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := stated(t, f, "5", "0,0,0,0,0,0,0,0,0,0", "1", "1")
	in.Factors[2], in.Factors[7], in.Factors[8] = Interval{0, One}, Interval{half, One}, Interval{0, One}
	in.Factors[0], in.Factors[1] = Exactly(One), Exactly(One)
	// At most 5 + 5 × 0.5 = 7.5; at most Medium needs FS ≤ 3.5 (6.75).
	p := plan(t, f, &in, Search{Goal: Goal{Band: BandMedium}, Fixed: []string{"autonomy", "tools", PartMitigation}})
	if got := showPlan(p); !p.Reached || got != "language 0–1→0, identity 0.5–1→0.5" || p.Steps != 3 {
		t.Errorf("got %q in %d steps: %s", got, p.Steps, p.Result.Score)
	}
}

func TestCheapestContinuous(t *testing.T) {
	f := lookup(t, "aivss-0.8-continuous")
	in := stated(t, f, "7.5", "0.25,0.3,0.1,0.4,0.2,0.5,0.3,0.2,0.4,0.3", "1", "0.85")
	// 6.99125 is High; Medium needs a raw score below 6.95, so 0.195 less of
	// factors: three steps, of which the last is a short one.
	p := plan(t, f, &in, Search{Goal: GoalTowards(BandMedium, ptr(f.Score(&in))), Fixed: []string{PartMitigation}})
	if got := showPlan(p); got != "autonomy_of_action 0.25→0" || p.Steps != 3 || p.Result.BandHigh != BandMedium {
		t.Errorf("got %q, %s", got, p.Result.Raw)
	}
}

func ptr[T any](v T) *T { return &v }

func TestGoalTowards(t *testing.T) {
	r := Result{BandLow: BandLow, BandHigh: BandHigh}
	for band, want := range map[Band]string{BandNone: "at most None", BandMedium: "at most Medium", BandHigh: "at most High", BandCritical: "at least Critical"} {
		if got := GoalTowards(band, &r).String(); got != want {
			t.Errorf("%s: got %s, want %s", band, got, want)
		}
	}
}

func TestCheapestErrors(t *testing.T) {
	f := lookup(t, "aivss-0.8")
	in := f.Unknown()
	var ne *NameError
	for _, s := range []Search{{Fixed: []string{"autonomie"}}, {Costs: Costs{PartBase: 1}}, {Costs: Costs{"planning": 1}}} {
		if _, err := f.Cheapest(&in, s); !errors.As(err, &ne) || !strings.Contains(err.Error(), "autonomy, tools") {
			t.Errorf("%+v: %v", s, err)
		}
	}
	var ce *CostError
	for _, cost := range []int{-1, maxCost + 1} {
		if _, err := f.Cheapest(&in, Search{Costs: Costs{"tools": cost}}); !errors.As(err, &ce) {
			t.Errorf("%d: %v", cost, err)
		}
	}
	in.Base = Exactly(-1)
	var ve *ValueError
	if _, err := f.Cheapest(&in, Search{}); !errors.As(err, &ve) {
		t.Error(err)
	}
}

// bruteForce tries every combination of steps of the parts that may move.
func bruteForce(f *Formula, in *Input, s Search) (cost, steps int, reached bool) {
	ladders := f.ladders(in, &s)
	var moving []ladder
	for p := part(0); p <= partMitigation; p++ {
		if l, ok := ladders[p]; ok && len(l.rungs) > 1 {
			moving = append(moving, l)
		}
	}
	var try func(i int, at *Input, c, n int)
	try = func(i int, at *Input, c, n int) {
		if i == len(moving) {
			r := f.Score(at)
			if s.Goal.Met(&r) && (!reached || c < cost || c == cost && n < steps) {
				cost, steps, reached = c, n, true
			}
			return
		}
		for k := range moving[i].rungs {
			try(i+1, moving[i].apply(at, k, s.Goal.AtLeast), c+k*moving[i].cost, n+k)
		}
	}
	try(0, in, 0, 0)
	return cost, steps, reached
}

func TestCheapestIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFormula(t)
		in := drawInput(t, f, 3)
		s := Search{
			Goal:       Goal{Band: Band(rapid.IntRange(0, 4).Draw(t, "band")), AtLeast: rapid.Bool().Draw(t, "at least")},
			Costs:      Costs{},
			MoveThreat: rapid.Bool().Draw(t, "move threat"),
		}
		free := 4 // factors left to move: enough for the brute force to see
		if f.Continuous {
			free = 2
		}
		for i, p := range rapid.Permutation(f.parts(&in)).Draw(t, "parts") {
			if p == partBase {
				continue
			}
			if p < FactorCount && i >= free {
				s.Fixed = append(s.Fixed, f.partKey(p))
			}
			if rapid.Bool().Draw(t, "costs") {
				s.Costs[f.partKey(p)] = rapid.IntRange(0, 4).Draw(t, "cost")
			}
		}
		p, err := f.Cheapest(&in, s)
		if err != nil {
			t.Fatal(err)
		}
		cost, steps, reached := bruteForce(f, &in, s)
		if p.Reached != reached || p.Cost != cost || p.Steps != steps {
			t.Fatalf("%s %s: got %v cost %d steps %d, brute force %v cost %d steps %d", f.ID, s.Goal, p.Reached, p.Cost, p.Steps, reached, cost, steps)
		}
		checkPlan(t, f, &in, s, p)
	})
}

// checkPlan applies the changes one by one and compares with the plan's own
// account of them.
func checkPlan(t *rapid.T, f *Formula, in *Input, s Search, p Plan) {
	if !p.Reached {
		return
	}
	moved, cost, steps := *in, 0, 0
	for _, c := range p.Changes {
		for _, part := range f.parts(in) {
			if f.partKey(part) == c.Part {
				if *moved.at(part) != c.From {
					t.Fatalf("%s starts at %s, not %s", c.Part, *moved.at(part), c.From)
				}
				*moved.at(part) = c.To
			}
		}
		cost, steps = cost+c.Cost, steps+c.Steps
	}
	if err := f.Check(&moved); err != nil && !f.Continuous {
		t.Fatal(err)
	}
	r := f.Score(&moved)
	if r != p.Result || !s.Goal.Met(&r) || cost != p.Cost || steps != p.Steps {
		t.Fatalf("the changes give %+v at cost %d in %d steps, the plan says %+v", r, cost, steps, p)
	}
}

func BenchmarkCheapest(b *testing.B) {
	for _, test := range []struct{ name, factors string }{
		{"tenths", "0.9,0.8,0.7,0.6,0.9,0.8,0.7,0.6,0.9,0.8"},
		{"ten-thousandths", "0.9001,0.8003,0.7007,0.6009,0.9011,0.8013,0.7017,0.6019,0.9021,0.8023"},
	} {
		b.Run(test.name, func(b *testing.B) {
			f := lookup(b, "aivss-0.8-continuous")
			in := stated(b, f, "5", test.factors, "1", "1")
			for b.Loop() {
				plan(b, f, &in, Search{Goal: Goal{Band: BandMedium}})
			}
		})
	}
}
