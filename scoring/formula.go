package scoring

import "slices"

// Kind says what a formula computes.
type Kind uint8

// The kinds of formula.
const (
	KindScore    Kind = iota // a score from 0 to 10 with a severity band
	KindDecision             // when to act, after SSVC
	KindProfile              // letters that describe, without a number
)

// String is "score", "decision" or "profile".
func (k Kind) String() string {
	return [...]string{"score", "decision", "profile"}[min(k, KindProfile)]
}

// MarshalText prints the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// FactorCount is how many factors every form but the profile has.
const FactorCount = 10

// Keys of the parts of an input that are not factors.
const (
	PartBase       = "base"
	PartThreat     = "threat"
	PartMitigation = "mitigation"
	PartAARS       = "aars"
)

// Level is one value of a factor with what it means.
type Level struct {
	Value   Decimal `json:"value"`
	Letter  string  `json:"letter,omitempty"` // of a profile's metric
	Meaning string  `json:"meaning"`
}

// Factor is one agentic risk factor of a formula.
type Factor struct {
	Key     string `json:"key"`    // as in the formula's own data
	Name    string `json:"name"`   // as its document prints it
	Letter  string `json:"letter"` // two letters, in the vector
	Concept string `json:"concept"`
	// Levels are the allowed values; for a continuous factor, points of
	// reference on the scale.
	Levels []Level `json:"levels"`
	Low    Decimal `json:"low"`
	High   Decimal `json:"high"`
	// Step is the change that counts as one level.
	Step Decimal `json:"step"`
}

// NamedLevel is one value of a multiplier with its names.
type NamedLevel struct {
	ID      string  `json:"id"`     // "proof-of-concept"
	Letter  string  `json:"letter"` // "P", in the vector
	Value   Decimal `json:"value"`
	Meaning string  `json:"meaning"`
}

// Multiplier is the threat multiplier or the mitigation factor of a formula.
type Multiplier struct {
	Key    string       `json:"key"`
	Name   string       `json:"name"`
	Levels []NamedLevel `json:"levels"` // in published order, highest value first
	Low    Decimal      `json:"low"`
	High   Decimal      `json:"high"`
	// Continuous means that any value from Low to High is allowed, not the
	// levels alone.
	Continuous bool `json:"continuous"`
	// SchemaRange means that the formula's text publishes the levels alone,
	// but its JSON schema the whole range: see [Formula.CheckSchema].
	SchemaRange bool `json:"schema_range,omitempty"`
}

// Level finds a level by its id, such as "partial".
func (m *Multiplier) Level(id string) (NamedLevel, bool) {
	return m.find(func(l NamedLevel) bool { return l.ID == id })
}

// LevelOf finds the level that has the value.
func (m *Multiplier) LevelOf(v Decimal) (NamedLevel, bool) {
	return m.find(func(l NamedLevel) bool { return l.Value == v })
}

// LevelByLetter finds a level by its letter in the vector.
func (m *Multiplier) LevelByLetter(letter string) (NamedLevel, bool) {
	return m.find(func(l NamedLevel) bool { return l.Letter == letter })
}

func (m *Multiplier) find(is func(NamedLevel) bool) (NamedLevel, bool) {
	i := slices.IndexFunc(m.Levels, is)
	if i < 0 {
		return NamedLevel{}, false
	}
	return m.Levels[i], true
}

// Formula is one published way to compute AIVSS. The values that [Formulas]
// and [Lookup] return are shared and must not be changed.
type Formula struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Source     string   `json:"source"`     // the document that publishes it
	Expression string   `json:"expression"` // the arithmetic in one line
	Kind       Kind     `json:"kind"`
	Factors    []Factor `json:"factors"`
	// Threat and Mitigation are nil where the formula has none.
	Threat     *Multiplier `json:"threat,omitempty"`
	Mitigation *Multiplier `json:"mitigation,omitempty"`
	// Scales are what a decision takes besides the factors.
	Scales []Multiplier `json:"scales,omitempty"`
	// Continuous means that factors take any value of their range.
	Continuous bool `json:"continuous"`
	// Tag names the formula in a vector: "0.8" in AIVSS:0.8/….
	Tag string `json:"tag"`

	rule rule
}

// rule is the arithmetic of a formula.
type rule uint8

const (
	ruleNone      rule = iota // no score
	ruleHeadroom              // (base + AARS) × MF, AARS within the headroom above base
	ruleFloor                 // base + AARS × MF
	ruleAverage               // (base + AARS) / 2 × ThM, AARS the sum of the factors
	ruleMitigated             // the same × MF
)

// AARSMayBeStated reports whether the formula accepts an AARS in place of its
// factors, as the averaging forms do.
func (f *Formula) AARSMayBeStated() bool { return f.rule == ruleAverage || f.rule == ruleMitigated }

// Factor finds a factor by its key.
func (f *Formula) Factor(key string) (index int, ok bool) {
	for i := range f.Factors {
		if f.Factors[i].Key == key {
			return i, true
		}
	}
	return 0, false
}

// Formulas returns all seven formulas in fixed order, the default first.
func Formulas() []*Formula { return slices.Clone(formulas[:]) }

// Lookup finds a formula by its id.
func Lookup(id string) (*Formula, bool) {
	for _, f := range formulas {
		if f.ID == id {
			return f, true
		}
	}
	return nil, false
}

// DefaultID is the formula to use where nothing says otherwise.
const DefaultID = "aivss-0.8"
