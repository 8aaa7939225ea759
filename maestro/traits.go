package maestro

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"agentrisk/scoring"
)

// trait is something a listing can show of an agent. The comment in
// data/traits.yaml explains its parts.
type trait struct {
	id, means string
	source    string
	control   bool
	layers    []string
	implies   []int
	inTools   bool
	verbs     map[string]bool
	shownBy   []bound
	deniedBy  []bound
}

// speaksOf reports whether the trait maps a layer.
func (t *trait) speaksOf(layer string) bool {
	return slices.Contains(t.layers, layer)
}

// bound is a condition on a factor: all that its value may be lies at the limit
// or above, or at the limit or below.
type bound struct {
	factor string
	limit  scoring.Decimal
	above  bool
}

func (b bound) holds(value scoring.Interval) bool {
	if b.above {
		return value.Low >= b.limit
	}
	return value.High <= b.limit
}

type traitsFile struct {
	Traits []struct {
		ID            string       `json:"id"`
		Means         string       `json:"means"`
		Kind          string       `json:"kind"`
		Layers        []string     `json:"layers"`
		Source        string       `json:"source"`
		Implies       []string     `json:"implies"`
		Tools         bool         `json:"tools"`
		Verbs         []string     `json:"verbs"`
		Words         []string     `json:"words"`
		Denied        []string     `json:"denied"`
		Without       []string     `json:"without"`
		Factors       []boundEntry `json:"factors"`
		DeniedFactors []boundEntry `json:"denied-factors"`
	} `json:"traits"`
}

type boundEntry struct {
	Key  string           `json:"key"`
	From *json.RawMessage `json:"from"`
	To   *json.RawMessage `json:"to"`
}

func (m *model) takeTraits(d *document) error {
	for i, e := range d.Traits.Traits {
		if err := m.entry(e.ID, e.Source); err != nil {
			return err
		}
		for _, layer := range e.Layers {
			if !m.hasLayer(layer) {
				return fmt.Errorf("%s: no layer %q", e.ID, layer)
			}
		}
		shownBy, err := bounds(e.Factors)
		if err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
		deniedBy, err := bounds(e.DeniedFactors)
		if err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
		m.traits = append(m.traits, trait{
			id: e.ID, means: e.Means, source: e.Source, control: e.Kind == "control", layers: e.Layers,
			inTools: e.Tools, verbs: set(e.Verbs),
			shownBy: shownBy, deniedBy: deniedBy,
		})
		if err := errors.Join(
			m.lexicon.addAll(e.Words, reading{showsTrait, int16(i)}),
			m.lexicon.addAll(e.Denied, reading{deniesTrait, int16(i)}),
			m.lexicon.addAll(e.Without, reading{missesTrait, int16(i)}),
		); err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
	}
	for i, e := range d.Traits.Traits {
		for _, id := range e.Implies {
			to := m.trait(id)
			if to < 0 {
				return fmt.Errorf("%s implies %q, which is no trait", e.ID, id)
			}
			m.traits[i].implies = append(m.traits[i].implies, to)
		}
	}
	return nil
}

func bounds(entries []boundEntry) ([]bound, error) {
	var out []bound
	for _, e := range entries {
		b, limit := bound{factor: e.Key, above: e.From != nil}, e.From
		if limit == nil {
			limit = e.To
		}
		if limit == nil {
			return nil, fmt.Errorf("factor %s has no bound", e.Key)
		}
		var err error
		if b.limit, err = scoring.ParseDecimal(string(*limit)); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func set(words []string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}

func (m *model) hasLayer(id string) bool {
	return slices.ContainsFunc(m.layers, func(l Layer) bool { return l.ID == id })
}

// trait returns the number of the trait with id, or -1.
func (m *model) trait(id string) int {
	return slices.IndexFunc(m.traits, func(t trait) bool { return t.id == id })
}
