package listing

import (
	"slices"
	"strings"

	"agentrisk/scoring"
)

// shape finds what the line's factor keys mean. Streams repeat their keys line
// after line, so the answer is kept; nil where the full reader has to answer.
func (r *fastJSON) shape() *shape {
	for i := range r.shapes {
		if s := &r.shapes[i]; s.formula != nil && r.matches(s) {
			return s
		}
	}
	s, ok := r.newShape()
	if !ok {
		return nil
	}
	at := r.next
	r.next = (r.next + 1) % len(r.shapes)
	r.shapes[at] = s
	return &r.shapes[at]
}

func (r *fastJSON) matches(s *shape) bool {
	if len(s.keys) != r.line.count || s.stated != string(r.line.formula) {
		return false
	}
	for i, key := range s.keys {
		if key != string(r.line.keys[i]) {
			return false
		}
	}
	return true
}

func (r *fastJSON) newShape() (shape, bool) {
	s := shape{stated: string(r.line.formula)}
	for _, key := range r.line.keys[:r.line.count] {
		s.keys = append(s.keys, string(key))
	}
	s.formula = choose(s.keys, r.option).formula
	if s.stated != "" {
		f, ok := scoring.Lookup(s.stated)
		if !ok {
			return s, false
		}
		s.formula = f
	}
	if s.formula.Kind != scoring.KindScore {
		return s, false
	}
	for i, key := range s.keys {
		at, ok := s.formula.Factor(key)
		if !ok || slices.Contains(s.keys[:i], key) {
			return s, false
		}
		s.index[i] = int8(at)
	}
	s.unknown = s.formula.Unknown()
	return s, true
}

// fill sets what the line states.
func (r *fastJSON) fill(s *shape, row *Row) bool {
	l := &r.line
	for i := range l.count {
		v := &l.factors[i]
		if v.word != nil {
			return false
		}
		if v.known {
			row.Input.Factors[s.index[i]] = scoring.Exactly(v.number)
		}
	}
	if l.base.known {
		if l.base.word == nil {
			row.Input.Base = scoring.Exactly(l.base.number)
		} else if !r.vector(row) {
			return false
		}
	}
	return fillMultiplier(s.formula.Threat, &l.threat, &row.Input.Threat, s.unknown.Threat) &&
		fillMultiplier(s.formula.Mitigation, &l.mitigation, &row.Input.Mitigation, s.unknown.Mitigation)
}

// fillMultiplier sets a multiplier: a number, the name of a level, or what is
// said to be unknown even where a vector would tell.
func fillMultiplier(m *scoring.Multiplier, v *fastValue, to *scoring.Interval, unknown scoring.Interval) bool {
	switch {
	case !v.given:
		return true
	case !v.known:
		*to = unknown
		return true
	case v.word == nil && m != nil:
		*to = scoring.Exactly(v.number)
		return true
	case m == nil:
		return false
	}
	for i := range m.Levels {
		if m.Levels[i].ID == string(v.word) {
			*to = scoring.Exactly(m.Levels[i].Value)
			return true
		}
	}
	return false
}

const maxVectors = 4096 // vectors whose meaning is kept

// vector sets base and threat from the line's CVSS vector.
func (r *fastJSON) vector(row *Row) bool {
	c := r.lookupVector(r.line.base.word)
	if c == nil {
		return false
	}
	row.CVSS = c
	row.Input.Base = scoring.Exactly(c.Base)
	if c.Maturity != scoring.MaturityNotDefined {
		row.Input.Threat = c.Maturity.Threat(row.Formula)
	}
	return true
}

// lookupVector returns what a vector says, nil for none.
func (r *fastJSON) lookupVector(text []byte) *scoring.CVSS {
	if c, ok := r.vectors[string(text)]; ok {
		return c
	}
	if len(text) > maxVector {
		return nil
	}
	c, _, err := scoring.ParseCVSS(strings.Clone(string(text)))
	if err != nil {
		return nil
	}
	if r.vectors == nil || len(r.vectors) >= maxVectors {
		r.vectors = make(map[string]*scoring.CVSS)
	}
	r.vectors[string(text)] = &c
	return &c
}
