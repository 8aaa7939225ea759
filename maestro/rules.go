package maestro

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// rule leads from traits to a threat.
type rule struct {
	id, layer, source, reason string
	threat                    Threat
	when                      [][]condition // every group needs one of its conditions
}

// condition asks for a trait, or for its stated absence.
type condition struct {
	trait  int
	absent bool
}

// ruling takes a layer for not applicable where all its traits are denied.
type ruling struct {
	id, layer, source, reason string
	denied                    []condition
}

// exclusion takes threats for irrelevant unless a trait is there.
type exclusion struct {
	id, source, reason string
	threats            []Threat
	unless             int
}

// view is what is seen of an agent from one layer: what speaks of all layers and
// what speaks of this one.
type view struct {
	*model
	observation
	layer string
}

// present returns the reasons to believe a trait, none where a control is also
// denied.
func (v view) present(trait int) []sighting {
	s := v.visible(v.observation[trait].present)
	if v.traits[trait].control && len(v.visible(v.observation[trait].absent)) > 0 {
		return nil
	}
	return s
}

// absent returns the reasons to take a trait for denied, none where an exposure
// is also shown.
func (v view) absent(trait int) []sighting {
	if !v.traits[trait].control && len(v.visible(v.observation[trait].present)) > 0 {
		return nil
	}
	return v.visible(v.observation[trait].absent)
}

func (v view) visible(all []sighting) []sighting {
	var out []sighting
	for _, s := range all {
		if s.layer == "" || s.layer == v.layer {
			out = append(out, s)
		}
	}
	return out
}

// meets returns the reasons for which one of the group's conditions holds.
func (v view) meets(group []condition) []sighting {
	var out []sighting
	for _, c := range group {
		if c.absent {
			out = append(out, v.absent(c.trait)...)
		} else {
			out = append(out, v.present(c.trait)...)
		}
	}
	return out
}

// shows returns what maps the view's layer: traits that speak of it, and the
// stated lack of controls that do.
func (v view) shows() []sighting {
	var out []sighting
	for i := range v.traits {
		if !v.traits[i].speaksOf(v.layer) {
			continue
		}
		reasons := v.present(i)
		if v.traits[i].control && len(reasons) == 0 {
			reasons = v.absent(i)
		}
		for _, s := range reasons {
			if s.maps {
				out = append(out, s)
			}
		}
	}
	return out
}

// findings applies the rules of the view's layer.
func (v view) findings() []ThreatFinding {
	out := []ThreatFinding{}
	for _, r := range v.rules {
		if r.layer != v.layer {
			continue
		}
		var why []sighting
		for _, group := range r.when {
			met := v.meets(group)
			if len(met) == 0 {
				why = nil
				break
			}
			why = append(why, met...)
		}
		if len(why) > 0 {
			out = append(out, ThreatFinding{
				ID: r.threat.ID, Name: r.threat.Name, Rule: "rule." + r.id, Reason: r.reason,
				Basis: basisOf(why), Evidence: evidenceOf(why), Advice: r.threat.Advice,
			})
		}
	}
	return out
}

// basisOf is stated where every reason is, derived where words had to be read.
func basisOf(why []sighting) source.Basis {
	for _, s := range why {
		if s.basis != source.Stated {
			return source.Derived
		}
	}
	return source.Stated
}

// evidenceOf returns the evidence of all reasons once, in order of place. Of two
// by the same rule where one holds the other's words, the longer stays.
func evidenceOf(why []sighting) []source.Evidence {
	out := make([]source.Evidence, 0, len(why))
	for i, s := range why {
		inside := func(other sighting) bool { return holds(other.Evidence, s.Evidence) }
		if !slices.ContainsFunc(why[:i], inside) && !slices.ContainsFunc(why[i+1:], func(other sighting) bool {
			return inside(other) && other.Evidence != s.Evidence
		}) {
			out = append(out, s.Evidence)
		}
	}
	slices.SortFunc(out, compareEvidence)
	return out
}

// holds reports whether b's words are among a's, at the same place.
func holds(a, b source.Evidence) bool {
	return a.Rule == b.Rule && a.At.File == b.At.File && strings.Contains(a.Quote, b.Quote) &&
		!b.At.Range.Start.Before(a.At.Range.Start) && !a.At.Range.End.Before(b.At.Range.End)
}

func compareEvidence(a, b source.Evidence) int {
	if c := strings.Compare(a.At.File, b.At.File); c != 0 {
		return c
	}
	if a.At.Range.Start != b.At.Range.Start {
		if a.At.Range.Start.Before(b.At.Range.Start) {
			return -1
		}
		return 1
	}
	if c := strings.Compare(a.Rule, b.Rule); c != 0 {
		return c
	}
	return strings.Compare(a.Quote, b.Quote)
}

type rulesFile struct {
	Threats []struct {
		ID     string     `json:"id"`
		Layer  string     `json:"layer"`
		Threat string     `json:"threat"`
		When   [][]string `json:"when"`
		Reason string     `json:"reason"`
		Source string     `json:"source"`
	} `json:"threats"`
	Layers []struct {
		ID     string   `json:"id"`
		Layer  string   `json:"layer"`
		Denied []string `json:"denied"`
		Reason string   `json:"reason"`
		Source string   `json:"source"`
	} `json:"layers"`
	Exclusions []struct {
		ID      string   `json:"id"`
		Threats []string `json:"threats"`
		Unless  string   `json:"unless"`
		Reason  string   `json:"reason"`
		Source  string   `json:"source"`
	} `json:"exclusions"`
}

func (m *model) takeRules(d *document) error {
	for _, e := range d.Rules.Threats {
		if err := m.entry(e.ID, e.Source); err != nil {
			return err
		}
		one := rule{id: e.ID, layer: e.Layer, source: e.Source, reason: e.Reason, threat: m.threat(e.Threat)}
		if !one.threat.Detectable {
			return fmt.Errorf("%s: threat %q cannot be found", e.ID, e.Threat)
		}
		for _, group := range e.When {
			conditions, err := m.conditions(group)
			if err != nil {
				return fmt.Errorf("%s: %w", e.ID, err)
			}
			one.when = append(one.when, conditions)
		}
		if !slices.ContainsFunc(one.when, func(g []condition) bool { return m.allSpeakOf(g, one.layer) }) {
			return fmt.Errorf("%s: no group of the rule maps %s", e.ID, one.layer)
		}
		m.rules = append(m.rules, one)
	}
	return errors.Join(m.takeRulings(d), m.takeExclusions(d))
}

func (m *model) takeRulings(d *document) error {
	for _, e := range d.Rules.Layers {
		if err := m.entry(e.ID, e.Source); err != nil {
			return err
		}
		denied, err := m.conditions(e.Denied)
		if err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
		m.rulings = append(m.rulings, ruling{id: e.ID, layer: e.Layer, source: e.Source, reason: e.Reason, denied: denied})
	}
	return nil
}

func (m *model) takeExclusions(d *document) error {
	for _, e := range d.Rules.Exclusions {
		if err := m.entry(e.ID, e.Source); err != nil {
			return err
		}
		one := exclusion{id: e.ID, source: e.Source, reason: e.Reason, unless: m.trait(e.Unless)}
		if one.unless < 0 {
			return fmt.Errorf("%s: no trait %q", e.ID, e.Unless)
		}
		for _, id := range e.Threats {
			if m.threat(id).ID == "" {
				return fmt.Errorf("%s: no threat %q", e.ID, id)
			}
			one.threats = append(one.threats, m.threat(id))
		}
		m.exclusions = append(m.exclusions, one)
	}
	return nil
}

// conditions reads a list of traits, those with a minus denied.
func (m *model) conditions(ids []string) ([]condition, error) {
	var out []condition
	for _, id := range ids {
		id, absent := strings.CutPrefix(id, "-")
		trait := m.trait(id)
		if trait < 0 {
			return nil, fmt.Errorf("no trait %q", id)
		}
		out = append(out, condition{trait, absent})
	}
	return out, nil
}

// allSpeakOf reports whether every trait of a group maps layer. Only the stated
// lack of a control does.
func (m *model) allSpeakOf(group []condition, layer string) bool {
	for _, c := range group {
		if !m.traits[c.trait].speaksOf(layer) || c.absent && !m.traits[c.trait].control {
			return false
		}
	}
	return len(group) > 0
}
