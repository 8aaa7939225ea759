package maestro

import (
	"fmt"
	"slices"

	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// Assess reads an agent through the seven layers. The same agent gives the same
// report; a nil agent gives the report of one about whom nothing is known.
func Assess(a *listing.Agent) Report {
	if a == nil {
		a = &listing.Agent{}
	}
	m := builtin()
	o := m.observe(a)
	report := Report{
		Layers: make([]LayerResult, 0, len(m.layers)), Chains: m.assessChains(o),
		NotDetectable: m.notDetectable(), Traits: m.hits(o),
	}
	for _, l := range m.layers {
		report.Layers = append(report.Layers, m.assessLayer(l, a, o))
	}
	return report
}

// assessLayer decides one layer: by what the input states of it, else by what
// shows it, else by what rules it out.
func (m *model) assessLayer(l Layer, a *listing.Agent, o observation) LayerResult {
	v := view{m, o, l.ID}
	shown := v.shows()
	out := LayerResult{ID: l.ID, Name: l.Name, Status: listing.NotCertain, Basis: source.Unknown,
		Evidence: evidenceOf(shown), Threats: []ThreatFinding{}, Excluded: []Exclusion{}, Notes: []string{}}
	note := statedStatus(a, l.ID)
	switch {
	case note != nil:
		out.Status, out.Basis = note.Status, note.Basis
		if out.Basis == "" {
			out.Basis = source.Stated
		}
		out.Evidence = append(slices.Clone(note.Evidence), out.Evidence...)
		if note.Status != listing.Mapped && len(shown) > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf(
				"the listing calls this layer %s, but its own words or tools show something of it", plain(note.Status)))
		}
	case len(shown) > 0:
		out.Status, out.Basis = listing.Mapped, basisOf(shown)
	default:
		v.ruleOut(&out)
	}
	if out.Status != listing.NotApplicable && (out.Status == listing.Mapped || len(shown) > 0) {
		out.Threats = v.findings()
	}
	out.Excluded = v.excluded(a)
	return out
}

// plain writes a status as a reader would.
func plain(s listing.Status) string {
	if s == listing.NotCertain {
		return "not certain"
	}
	return "not applicable"
}

// statedStatus returns the note that gives a layer its status, nil for none. Of
// several notes on a layer, the first that tells counts.
func statedStatus(a *listing.Agent, layer string) *listing.LayerNote {
	for i := range a.Layers {
		if n := &a.Layers[i]; n.Layer == layer && n.Status != "" {
			return n
		}
	}
	return nil
}

// ruleOut takes a layer that nothing shows for not applicable where a ruling
// finds all its traits firmly denied.
func (v view) ruleOut(out *LayerResult) {
	for _, r := range v.rulings {
		if r.layer != v.layer {
			continue
		}
		var why []sighting
		for _, c := range r.denied {
			reasons := v.absent(c.trait)
			if !firmly(reasons) {
				why = nil
				break
			}
			why = append(why, reasons...)
		}
		if len(why) > 0 {
			out.Status, out.Basis, out.Evidence = listing.NotApplicable, basisOf(why), evidenceOf(why)
			out.Notes = append(out.Notes, r.reason)
			return
		}
	}
}

// excluded lists the threats of the layer that do not concern this agent. An
// agent of which nothing is told has none: it might be anything.
func (v view) excluded(a *listing.Agent) []Exclusion {
	out := []Exclusion{}
	if a.Description.Value == "" && len(a.Tools) == 0 {
		return out
	}
	for _, e := range v.exclusions {
		if len(v.present(e.unless)) > 0 {
			continue
		}
		for _, t := range e.threats {
			if t.Layer == v.layer {
				out = append(out, Exclusion{ID: t.ID, Name: t.Name, Rule: "rule." + e.id, Reason: e.reason, Basis: source.Assumed})
			}
		}
	}
	return out
}

func (m *model) notDetectable() []string {
	out := []string{}
	for _, t := range m.threats {
		if !t.Detectable {
			out = append(out, t.ID)
		}
	}
	return out
}

// hits lists the traits that are seen, first those that speak of the agent as a
// whole, then those that a note shows for its layer.
func (m *model) hits(o observation) []TraitHit {
	out := []TraitHit{}
	scopes := []string{""}
	for _, l := range m.layers {
		scopes = append(scopes, l.ID)
	}
	for i := range m.traits {
		for _, layer := range scopes {
			v := view{m, o, layer}
			out = append(out, hit(&m.traits[i], layer, Present, ofLayer(v.present(i), layer))...)
			out = append(out, hit(&m.traits[i], layer, Absent, ofLayer(v.absent(i), layer))...)
		}
	}
	return out
}

func ofLayer(all []sighting, layer string) []sighting {
	return slices.DeleteFunc(all, func(s sighting) bool { return s.layer != layer })
}

func hit(t *trait, layer string, presence Presence, why []sighting) []TraitHit {
	if len(why) == 0 {
		return nil
	}
	return []TraitHit{{ID: t.id, Meaning: t.means, Presence: presence, Layer: layer,
		Basis: basisOf(why), Evidence: evidenceOf(why)}}
}
