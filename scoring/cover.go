package scoring

// ladder is a part with the values it can be moved to, one rung a step. The
// first rung is where it stands.
type ladder struct {
	part  part
	rungs []Decimal
	cost  int // of one step
}

// apply moves the part by some steps: downwards its high end, upwards its low
// end, and the other end along where they would cross.
func (l ladder) apply(in *Input, steps int, up bool) *Input {
	if steps == 0 {
		return in
	}
	v, to := *in.at(l.part), l.rungs[steps]
	if up {
		v.Low, v.High = to, max(v.High, to)
	} else {
		v.Low, v.High = min(v.Low, to), to
	}
	return in.with(l.part, v)
}

// ladders builds the ladder of every part; one that must stay has one rung.
func (f *Formula) ladders(in *Input, s *Search) map[part]ladder {
	fixed := make(map[string]bool, len(s.Fixed))
	for _, key := range s.Fixed {
		fixed[key] = true
	}
	out := map[part]ladder{
		partThreat:     {part: partThreat, rungs: []Decimal{0}},
		partMitigation: {part: partMitigation, rungs: []Decimal{0}},
	}
	for _, p := range f.parts(in) {
		if p == partBase {
			continue
		}
		key := f.partKey(p)
		l := ladder{part: p, cost: 1}
		if c, ok := s.Costs[key]; ok {
			l.cost = c
		}
		at, next := in.at(p).High, f.stepDown
		if s.Goal.AtLeast {
			at, next = in.at(p).Low, f.stepUp
		}
		l.rungs = []Decimal{at}
		for ok := !fixed[key] && (p != partThreat || s.MoveThreat); ok; {
			if at, ok = next(p, at); ok {
				l.rungs = append(l.rungs, at)
			}
		}
		out[p] = l
	}
	return out
}

// cover answers what it costs to change the factor sum by at least some units.
type cover struct {
	ladders []ladder
	unit    Decimal
	total   int      // units when every ladder is climbed to its end
	best    [][]cell // best[i][n]: by at least n units with ladders i and up
}

// cell is the cheapest way, and how many steps of the first ladder it takes.
type cell struct{ cost, steps, take int }

// newCover solves the covering knapsack for all amounts at once, from the last
// ladder to the first, so that the solution can be read off forwards.
func newCover(ladders map[part]ladder) *cover {
	c := &cover{}
	var sum Decimal
	for p := part(0); p <= partAARS; p++ {
		l, ok := ladders[p]
		if !ok || len(l.rungs) == 1 {
			continue
		}
		c.ladders = append(c.ladders, l)
		for n := range l.rungs {
			c.unit = gcd(c.unit, l.moved(n))
		}
		sum += l.moved(len(l.rungs) - 1)
	}
	if c.unit > 0 {
		c.total = int(sum / c.unit)
	}
	c.best = make([][]cell, len(c.ladders)+1)
	c.best[len(c.ladders)] = make([]cell, 1) // with no ladder left, no units
	reach := 0
	for i := len(c.ladders) - 1; i >= 0; i-- {
		reach += c.unitsOf(c.ladders[i], len(c.ladders[i].rungs)-1)
		c.best[i] = c.extend(i, reach)
	}
	return c
}

// extend computes the row of ladder i from the row below it, up to reach.
func (c *cover) extend(i, reach int) []cell {
	l, below := c.ladders[i], c.best[i+1]
	row := make([]cell, reach+1)
	for n := range row {
		found := false
		for take := range l.rungs {
			rest := max(n-c.unitsOf(l, take), 0)
			if rest >= len(below) {
				continue
			}
			got := cell{below[rest].cost + take*l.cost, below[rest].steps + take, take}
			// Equal ways prefer more steps here, on the earlier factor.
			if !found || got.cost < row[n].cost || got.cost == row[n].cost && got.steps <= row[n].steps {
				row[n], found = got, true
			}
		}
	}
	return row
}

// moved is how far the part is from where it stood after some steps.
func (l ladder) moved(steps int) Decimal {
	d := l.rungs[steps] - l.rungs[0]
	return max(d, -d)
}

func (c *cover) unitsOf(l ladder, steps int) int { return int(l.moved(steps) / c.unit) }

func (c *cover) units() int { return c.total }

func (c *cover) at(i, units int) cell { return c.best[i][units] }

// least finds the fewest units for which ok holds, given that it holds for all
// units and, once it holds, keeps holding.
func (c *cover) least(ok func(units int) bool) int {
	low, high := 0, c.total
	for low < high {
		if mid := (low + high) / 2; ok(mid) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// shifted is the input with its factor sum moved by exactly some units. Scores
// depend on the sum alone, so one part carries the whole move; the result is
// for scoring only and no input that Check would accept.
func (c *cover) shifted(in *Input, units int, up bool) *Input {
	if len(c.ladders) == 0 {
		return in
	}
	p := c.ladders[0].part
	v, by := *in.at(p), Decimal(units)*c.unit
	if up {
		v.Low += by
		v.High = max(v.High, v.Low)
	} else {
		v.High -= by
		v.Low = min(v.Low, v.High)
	}
	return in.with(p, v)
}

// steps reads off how many steps each ladder takes to change the sum by at
// least some units.
func (c *cover) steps(units int) []int {
	out := make([]int, len(c.ladders))
	for i, l := range c.ladders {
		out[i] = c.best[i][units].take
		units = max(units-c.unitsOf(l, out[i]), 0)
	}
	return out
}

func (c *cover) apply(in *Input, units int, up bool) *Input {
	for i, steps := range c.steps(units) {
		in = c.ladders[i].apply(in, steps, up)
	}
	return in
}

func gcd(a, b Decimal) Decimal {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
