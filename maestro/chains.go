package maestro

import (
	"errors"
	"fmt"
	"slices"

	"agentrisk/internal/source"
)

// chain is a way through several layers.
type chain struct {
	id, name, harm, advice, source string
	threats                        []string
	least                          int // links that must be shown
	links                          []link
}

// link is one step. It is shown by any of its traits or by the stated lack of a
// control, and broken by that control or by what cuts it.
type link struct {
	name, layer string
	any, cut    []condition
	lacks       int  // a control's trait, -1 for none
	key         bool // without it the chain is not worth naming
}

// linkState says how a link stands for an agent.
type linkState uint8

const (
	linkOpen   linkState = iota
	linkHinted           // by a rating or by a note, which is commentary
	linkShown
	linkBroken
)

// judge weighs a link against what is seen from its layer.
func (l *link) judge(v view) (linkState, []sighting) {
	if l.lacks >= 0 && len(v.present(l.lacks)) > 0 {
		return linkBroken, nil
	}
	why := v.meets(l.any)
	if l.lacks >= 0 {
		why = append(why, v.absent(l.lacks)...)
	}
	switch {
	case slices.ContainsFunc(why, plainly):
		return linkShown, why
	case len(why) > 0:
		return linkHinted, why
	case len(v.meets(l.cut)) > 0:
		return linkBroken, nil
	case l.lacks < 0 && v.ruledOut(l.any):
		return linkBroken, nil
	}
	return linkOpen, nil
}

// ruledOut reports whether the input firmly denies every trait of a group.
func (v view) ruledOut(group []condition) bool {
	for _, c := range group {
		against := v.absent(c.trait)
		if c.absent {
			against = v.present(c.trait)
		}
		if len(against) == 0 || !c.absent && !firmly(against) {
			return false
		}
	}
	return len(group) > 0
}

// plainly reports whether s is a statement on the agent: its own words, or its
// structure.
func plainly(s sighting) bool { return s.maps && s.layer == "" }

func firmly(all []sighting) bool {
	return slices.ContainsFunc(all, func(s sighting) bool { return s.firm })
}

// assessChains returns the chains that the input shows or leaves possible.
func (m *model) assessChains(o observation) []Chain {
	out := []Chain{}
	for i := range m.chains {
		if c, ok := m.chains[i].assess(m, o); ok {
			out = append(out, c)
		}
	}
	return out
}

func (c *chain) assess(m *model, o observation) (Chain, bool) {
	out := Chain{ID: c.id, Name: c.name, State: Shown, Harm: c.harm, Threats: slices.Clone(c.threats),
		Advice: c.advice, Links: make([]Link, 0, len(c.links)), Open: []string{}}
	seen := 0
	for i := range c.links {
		l := &c.links[i]
		state, why := l.judge(view{m, o, l.layer})
		if state == linkBroken || state == linkOpen && l.key {
			return Chain{}, false
		}
		link := Link{Layer: l.layer, Name: l.name, State: Possible, Basis: source.Unknown, Evidence: evidenceOf(why)}
		if len(why) > 0 {
			link.Basis = basisOf(why)
		}
		if state == linkShown {
			seen++
			link.State = Shown
		} else {
			out.State = Possible
			out.Open = append(out.Open, l.name)
		}
		out.Links = append(out.Links, link)
	}
	return out, seen >= c.least
}

type chainsFile struct {
	Chains []struct {
		ID      string      `json:"id"`
		Name    string      `json:"name"`
		Harm    string      `json:"harm"`
		Threats []string    `json:"threats"`
		Advice  string      `json:"advice"`
		Source  string      `json:"source"`
		Least   int         `json:"least"`
		Links   []linkEntry `json:"links"`
	} `json:"chains"`
}

type linkEntry struct {
	Name  string   `json:"name"`
	Layer string   `json:"layer"`
	Key   bool     `json:"key"`
	Any   []string `json:"any"`
	Lacks string   `json:"lacks"`
	Cut   []string `json:"cut"`
}

func (m *model) takeChains(d *document) error {
	for _, e := range d.Chains.Chains {
		if err := m.entry(e.ID, e.Source); err != nil {
			return err
		}
		c := chain{id: e.ID, name: e.Name, harm: e.Harm, advice: e.Advice, source: e.Source, threats: e.Threats, least: e.Least}
		for _, id := range e.Threats {
			if m.threat(id).ID == "" {
				return fmt.Errorf("%s: no threat %q", e.ID, id)
			}
		}
		for _, l := range e.Links {
			one, err := m.link(l)
			if err != nil {
				return fmt.Errorf("%s: link %q: %w", e.ID, l.Name, err)
			}
			c.links = append(c.links, one)
		}
		if c.least < 1 || c.least > len(c.links) {
			return fmt.Errorf("%s: least is %d of %d links", e.ID, c.least, len(c.links))
		}
		m.chains = append(m.chains, c)
	}
	return nil
}

func (m *model) link(e linkEntry) (link, error) {
	one := link{name: e.Name, layer: e.Layer, key: e.Key, lacks: -1}
	var err error
	if one.any, err = m.conditions(e.Any); err != nil {
		return one, err
	}
	if one.cut, err = m.conditions(e.Cut); err != nil {
		return one, err
	}
	if e.Lacks != "" {
		if one.lacks = m.trait(e.Lacks); one.lacks < 0 || !m.traits[one.lacks].control {
			return one, fmt.Errorf("lacks %q, which is no control", e.Lacks)
		}
	}
	if !m.hasLayer(one.layer) || len(one.any) == 0 && one.lacks < 0 {
		return one, errors.New("has no layer or no traits")
	}
	return one, nil
}
