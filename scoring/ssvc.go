package scoring

import "fmt"

// SSVC is what AIVSS-SSVC decides from: the values of its scales, and ten
// factors from 1 to 5 in the order of the formula aivss-ssvc. Each is an
// interval; [UnknownSSVC] gives the widest.
type SSVC struct {
	Threat        Interval              `json:"threat"`        // 0.2, 0.5 or 0.9
	Vulnerability Interval              `json:"vulnerability"` // 0.3, 0.5 or 0.8
	Impact        Interval              `json:"impact"`        // 2, 5 or 10
	Factors       [FactorCount]Interval `json:"factors"`       // 1..5
}

// UnknownSSVC is the input of which nothing is known.
func UnknownSSVC() SSVC {
	s := SSVC{Threat: ssvcThreat.unknown(), Vulnerability: ssvcVulnerability.unknown(), Impact: ssvcImpact.unknown()}
	for i := range s.Factors {
		s.Factors[i] = Interval{factorsSSVC[i].Low, factorsSSVC[i].High}
	}
	return s
}

// Check reports the first value outside its published set as a *ValueError.
func (s *SSVC) Check() error {
	f := byTag("ssvc")
	for i := range f.Factors {
		if err := f.checkFactor(&f.Factors[i], s.Factors[i]); err != nil {
			return err
		}
	}
	for i, v := range [...]Interval{s.Threat, s.Vulnerability, s.Impact} {
		if err := f.checkMultiplier(f.Scales[i].Key, &f.Scales[i], v); err != nil {
			return err
		}
	}
	return nil
}

// Outcome is when to act. Outcomes compare with <: Defer is the least urgent.
type Outcome uint8

// The outcomes of AIVSS-SSVC.
const (
	Defer Outcome = iota
	Scheduled
	OutOfCycle
	Immediate
)

// String is the published name: "Out-of-Cycle".
func (o Outcome) String() string {
	return [...]string{"Defer", "Scheduled", "Out-of-Cycle", "Immediate"}[min(o, Immediate)]
}

// MarshalText prints the published name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// AgentClass is how far an agent acts by itself. Classes compare with <.
type AgentClass uint8

// The classes of agents.
const (
	Copilot AgentClass = iota
	Specialist
	PrimeMover
)

// String is "copilot", "specialist" or "prime mover".
func (c AgentClass) String() string {
	return [...]string{"copilot", "specialist", "prime mover"}[min(c, PrimeMover)]
}

// MarshalText prints what String gives.
func (c AgentClass) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Exposure is the weight of the class in the risk: 2, 4 or 8.
func (c AgentClass) Exposure() Decimal { return 2 * One << min(c, PrimeMover) }

// decisions is the published table: threat, then agent, then impact, each from
// its lowest level. It rises along every axis.
var decisions = [3][3][3]Outcome{
	{ // none
		Copilot:    {Defer, Scheduled, OutOfCycle},
		Specialist: {Scheduled, Scheduled, OutOfCycle},
		PrimeMover: {Scheduled, OutOfCycle, Immediate},
	},
	{ // poc
		Copilot:    {Scheduled, Scheduled, OutOfCycle},
		Specialist: {Scheduled, OutOfCycle, OutOfCycle},
		PrimeMover: {OutOfCycle, OutOfCycle, Immediate},
	},
	{ // active
		Copilot:    {OutOfCycle, OutOfCycle, Immediate},
		Specialist: {OutOfCycle, Immediate, Immediate},
		PrimeMover: {Immediate, Immediate, Immediate},
	},
}

// Group is one group of factors with its average.
type Group struct {
	ID    string   `json:"id"`   // "A", "B" or "C"
	Name  string   `json:"name"` // in our words
	Count int      `json:"count"`
	Sum   Interval `json:"sum"` // exact; the average is Sum / Count
	// Average is Sum / Count rounded half up to two decimals, to be shown.
	// Classes are decided on the exact sums.
	Average Interval `json:"average"`
}

// groups lists how many factors each group takes, in order.
var groups = [...]struct {
	id, name string
	count    int
}{
	{"A", "power to act", 4},
	{"B", "memory, identity and other agents", 3},
	{"C", "change and predictability", 3},
}

// Decision is what AIVSS-SSVC gives. With unknowns it is a range; its ends are
// the decisions for all unknowns at their lowest and at their highest, which
// bound the rest because table and classes rise in every input.
type Decision struct {
	Low  Outcome `json:"low"`
	High Outcome `json:"high"`
	// Possible lists every outcome that some value of the unknowns gives,
	// the least urgent first.
	Possible []Outcome  `json:"possible"`
	AgentLow AgentClass `json:"agent_low"`
	// AgentHigh equals AgentLow where the class is certain.
	AgentHigh AgentClass `json:"agent_high"`
	Groups    [3]Group   `json:"groups"`
	// WhyLow and WhyHigh say which rule gives the lowest and highest class.
	WhyLow     string   `json:"why_low"`
	WhyHigh    string   `json:"why_high"`
	Likelihood Interval `json:"likelihood"` // P(threat) × P(vulnerability)
	Exposure   Interval `json:"exposure"`
	Risk       Interval `json:"risk"` // likelihood × exposure × impact, 0.24..57.6
}

// Decide gives the decision for an input that [SSVC.Check] accepts. All
// numbers are exact: no product has more than two decimals.
func (s *SSVC) Decide() Decision {
	var d Decision
	d.Groups = s.groups()
	d.AgentLow, d.WhyLow = classify(d.Groups, func(v Interval) Decimal { return v.Low })
	d.AgentHigh, d.WhyHigh = classify(d.Groups, func(v Interval) Decimal { return v.High })
	d.Exposure = Interval{d.AgentLow.Exposure(), d.AgentHigh.Exposure()}
	d.Likelihood = times(s.Threat, s.Vulnerability)
	d.Risk = times(times(d.Likelihood, d.Exposure), s.Impact)
	d.Possible = s.possible(&d)
	d.Low, d.High = d.Possible[0], d.Possible[len(d.Possible)-1]
	return d
}

// possible collects the outcomes of all combinations. Every class from the
// lowest to the highest does occur: raising one factor by one raises an average
// by a third at most, which cannot jump from below 3 to 4 or above, so no path
// from lowest to highest skips a class.
func (s *SSVC) possible(d *Decision) []Outcome {
	var found [Immediate + 1]bool
	for t := ssvcThreat.rank(s.Threat.Low); t <= ssvcThreat.rank(s.Threat.High); t++ {
		for a := d.AgentLow; a <= d.AgentHigh; a++ {
			for i := ssvcImpact.rank(s.Impact.Low); i <= ssvcImpact.rank(s.Impact.High); i++ {
				found[decisions[t][a][i]] = true
			}
		}
	}
	var out []Outcome
	for o, is := range found {
		if is {
			out = append(out, Outcome(o))
		}
	}
	return out
}

// rank is the place of a value among the levels of a rising scale.
func (m *Multiplier) rank(v Decimal) int {
	for i := range m.Levels {
		if m.Levels[i].Value >= v {
			return i
		}
	}
	return len(m.Levels) - 1
}

func (s *SSVC) groups() [3]Group {
	var out [3]Group
	next := 0
	for i, g := range groups {
		out[i] = Group{ID: g.id, Name: g.name, Count: g.count}
		for range g.count {
			out[i].Sum.Low += s.Factors[next].Low
			out[i].Sum.High += s.Factors[next].High
			next++
		}
		out[i].Average = Interval{average(out[i].Sum.Low, g.count), average(out[i].Sum.High, g.count)}
	}
	return out
}

// average rounds half up to two decimals.
func average(sum Decimal, count int) Decimal {
	const hundredth = One / 100
	return (2*sum + hundredth*Decimal(count)) / (2 * hundredth * Decimal(count)) * hundredth
}

// classify applies the published rules in their order to one end of the sums.
func classify(groups [3]Group, end func(Interval) Decimal) (AgentClass, string) {
	atLeast3, below25 := 0, 0
	strongest := groups[0]
	for _, g := range groups {
		sum, count := end(g.Sum), Decimal(g.Count)
		if sum >= 4*One*count {
			return PrimeMover, fmt.Sprintf("the average of group %s is %s, at least 4", g.ID, end(g.Average))
		}
		if sum >= 3*One*count {
			atLeast3++
		}
		if 2*sum < 5*One*count {
			below25++
		}
		if end(g.Sum)*Decimal(strongest.Count) > end(strongest.Sum)*count {
			strongest = g
		}
	}
	top := fmt.Sprintf("the strongest group %s averages %s", strongest.ID, end(strongest.Average))
	switch {
	case atLeast3 >= 2:
		return Specialist, fmt.Sprintf("%d group averages are at least 3", atLeast3)
	case below25 == len(groups):
		return Copilot, "all group averages are below 2.5"
	case atLeast3 == 1:
		return Specialist, top + ", at least 3"
	}
	return Copilot, top + ", below 3"
}

// times multiplies two intervals of positive numbers.
func times(a, b Interval) Interval {
	return Interval{a.Low * b.Low / One, a.High * b.High / One}
}
