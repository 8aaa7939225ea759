package scoring

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Goal is a band to reach: at most that band, for every value of what is not
// known, or at least that band.
type Goal struct {
	Band    Band `json:"band"`
	AtLeast bool `json:"at_least"` // false: at most
}

// Met reports whether the whole result satisfies the goal.
func (g Goal) Met(r *Result) bool {
	if g.AtLeast {
		return r.BandLow >= g.Band
	}
	return r.BandHigh <= g.Band
}

// String is "at most Medium" or "at least High".
func (g Goal) String() string {
	if g.AtLeast {
		return "at least " + g.Band.String()
	}
	return "at most " + g.Band.String()
}

// GoalTowards reads a wanted band as a person means it: a result that lies below
// the band for certain is to rise to it, any other is to come down to it.
func GoalTowards(b Band, r *Result) Goal { return Goal{Band: b, AtLeast: r.BandHigh < b} }

// Costs says what one step of each part costs, by key. A part that is not
// listed costs 1, so an empty Costs counts steps.
type Costs map[string]int

// maxCost keeps sums of costs far from overflow.
const maxCost = 1_000_000

// Search says what [Formula.Cheapest] looks for.
type Search struct {
	Goal  Goal
	Costs Costs
	// Fixed lists the keys of parts that must stay as they are.
	Fixed []string
	// MoveThreat lets the threat multiplier change too. It is fixed unless
	// asked for: attackers decide about it.
	MoveThreat bool
}

// Change is one part of a plan. Steps may be several levels.
type Change struct {
	Part  string   `json:"part"`
	Name  string   `json:"name"`
	From  Interval `json:"from"`
	To    Interval `json:"to"`
	Steps int      `json:"steps"`
	Cost  int      `json:"cost"`
}

// Plan is the cheapest set of changes that reaches a goal. Where Reached is
// false no set does, Changes is empty, and Result is the furthest one can go.
type Plan struct {
	Goal    Goal     `json:"goal"`
	Reached bool     `json:"reached"`
	Changes []Change `json:"changes"`
	Steps   int      `json:"steps"`
	Cost    int      `json:"cost"`
	Result  Result   `json:"result"`
}

// Cheapest finds the changes by whole levels that reach the goal at the lowest
// cost; among those the ones with the fewest steps; among those it prefers, in
// order, no change to the multipliers and changes to earlier factors.
//
// A step on a part that is not known narrows it from the side that matters:
// on the way down it establishes that the part is at most one level lower.
//
// The plan is optimal. The score depends on the factors through their sum
// alone and rises with it. So for each of the few settings of the multipliers
// there is a least change of the sum that reaches the goal, found by bisection,
// and the cheapest way to change the sum by at least so much is a covering
// knapsack, solved exactly. The knapsack counts in the greatest common divisor
// of all steps: 20 units at most for halves, at most 100,000 in the worst case
// of four-decimal values, times ten factors of at most ten steps.
func (f *Formula) Cheapest(in *Input, s Search) (Plan, error) {
	if err := f.CheckSchema(in); err != nil {
		return Plan{}, err
	}
	if err := f.checkSearch(in, &s); err != nil {
		return Plan{}, err
	}
	ladders := f.ladders(in, &s)
	threats, mitigations := ladders[partThreat], ladders[partMitigation]
	delete(ladders, partThreat)
	delete(ladders, partMitigation)
	cover := newCover(ladders)

	best := choice{cost: -1}
	var furthest *Input
	for m := range mitigations.rungs {
		for t := range threats.rungs {
			moved := mitigations.apply(threats.apply(in, t, s.Goal.AtLeast), m, s.Goal.AtLeast)
			furthest = cover.apply(moved, cover.units(), s.Goal.AtLeast)
			if r := f.Score(furthest); !s.Goal.Met(&r) {
				continue
			}
			need := cover.least(func(units int) bool {
				r := f.Score(cover.shifted(moved, units, s.Goal.AtLeast))
				return s.Goal.Met(&r)
			})
			c := choice{threat: t, mitigation: m, units: need}
			c.cost = cover.at(0, need).cost + t*threats.cost + m*mitigations.cost
			c.steps = cover.at(0, need).steps + t + m
			if best.cost < 0 || c.cost < best.cost || c.cost == best.cost && c.steps < best.steps {
				best = c
			}
		}
	}
	if best.cost < 0 {
		// The last setting tried has every part as far as it goes.
		return Plan{Goal: s.Goal, Changes: []Change{}, Result: f.Score(furthest)}, nil
	}
	return f.plan(in, &s, best, cover, threats, mitigations), nil
}

// choice is one setting of the multipliers with what the factors must do.
type choice struct{ threat, mitigation, units, cost, steps int }

func (f *Formula) plan(in *Input, s *Search, c choice, cover *cover, threats, mitigations ladder) Plan {
	plan := Plan{Goal: s.Goal, Reached: true, Changes: []Change{}, Steps: c.steps, Cost: c.cost}
	moved := cover.apply(in, c.units, s.Goal.AtLeast)
	moved = threats.apply(moved, c.threat, s.Goal.AtLeast)
	moved = mitigations.apply(moved, c.mitigation, s.Goal.AtLeast)
	note := func(l ladder, steps int) {
		if steps > 0 {
			plan.Changes = append(plan.Changes, Change{
				Part: f.partKey(l.part), Name: f.partName(l.part),
				From: *in.at(l.part), To: *moved.at(l.part), Steps: steps, Cost: steps * l.cost,
			})
		}
	}
	for i, steps := range cover.steps(c.units) {
		note(cover.ladders[i], steps)
	}
	note(threats, c.threat)
	note(mitigations, c.mitigation)
	plan.Result = f.Score(moved)
	return plan
}

func (f *Formula) checkSearch(in *Input, s *Search) error {
	keys := make([]string, 0, FactorCount+3)
	for _, p := range f.parts(in) {
		if p != partBase {
			keys = append(keys, f.partKey(p))
		}
	}
	known := func(key string) error {
		if slices.Contains(keys, key) {
			return nil
		}
		return &NameError{What: "part", Name: clip(key), Allowed: strings.Join(keys, ", ")}
	}
	for _, key := range s.Fixed {
		if err := known(key); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Costs)) {
		if err := known(key); err != nil {
			return err
		}
		if c := s.Costs[key]; c < 0 || c > maxCost {
			return &CostError{Part: key, Cost: c}
		}
	}
	return nil
}

// CostError reports a cost outside 0..1,000,000.
type CostError struct {
	Part string
	Cost int
}

func (e *CostError) Error() string {
	return fmt.Sprintf("the cost of %s is %d: expected a whole number from 0 to %d", e.Part, e.Cost, maxCost)
}
