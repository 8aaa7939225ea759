package maestro

import (
	"slices"
	"strings"
	"testing"

	"agentrisk/internal/source"
)

// observed is an observation made by hand: traits by id, those with a minus denied.
func observed(t *testing.T, ids ...string) observation {
	t.Helper()
	m := builtin()
	o := make(observation, len(m.traits))
	for _, id := range ids {
		id, absent := strings.CutPrefix(id, "-")
		i := m.trait(id)
		if i < 0 {
			t.Fatalf("no trait %s", id)
		}
		s := sighting{Evidence: source.Evidence{Rule: "trait." + id}, basis: source.Derived, maps: true, firm: true}
		if absent {
			o[i].absent = append(o[i].absent, s)
		} else {
			o[i].present = append(o[i].present, s)
		}
	}
	return o
}

func (m *model) idOf(c condition) string {
	if c.absent {
		return "-" + m.traits[c.trait].id
	}
	return m.traits[c.trait].id
}

// Every combination of one condition a group raises the rule and maps its layer,
// and with a group unmet the rule is silent.
func TestEachRule(t *testing.T) {
	m := builtin()
	for _, r := range m.rules {
		fires := func(ids []string) bool {
			v := view{m, observed(t, ids...), r.layer}
			return slices.ContainsFunc(v.findings(), func(f ThreatFinding) bool {
				return f.Rule == "rule."+r.id && f.ID == r.threat.ID && len(f.Evidence) > 0 && f.Advice == r.threat.Advice
			})
		}
		for g, group := range r.when {
			for _, c := range group {
				var ids, others []string
				for h, other := range r.when {
					if h == g {
						continue
					}
					others = append(others, m.idOf(other[0]))
				}
				ids = append(others, m.idOf(c))
				if contradictory(ids) {
					continue
				}
				if !fires(ids) {
					t.Errorf("%s is silent at %v", r.id, ids)
				}
				if len((view{m, observed(t, ids...), r.layer}).shows()) == 0 {
					t.Errorf("%s raises %s in %s, which %v do not map", r.id, r.threat.ID, r.layer, ids)
				}
			}
			var rest []string
			for h, other := range r.when {
				if h != g {
					rest = append(rest, m.idOf(other[0]))
				}
			}
			if met := slices.ContainsFunc(group, func(c condition) bool { return slices.Contains(rest, m.idOf(c)) }); !met && fires(rest) {
				t.Errorf("%s fires without group %d", r.id, g+1)
			}
		}
	}
}

func contradictory(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(ids, "-"+id) })
}

// A threat that a listing can show has a rule or a chain that finds it, one that
// none can show has neither.
func TestEveryThreatIsReached(t *testing.T) {
	m := builtin()
	ruled, chained := map[string]bool{}, map[string]bool{}
	for _, r := range m.rules {
		ruled[r.threat.ID] = true
	}
	for _, c := range m.chains {
		for _, id := range c.threats {
			chained[id] = true
		}
	}
	for _, threat := range m.threats {
		if threat.Detectable != ruled[threat.ID] {
			t.Errorf("%s: detectable %v, has a rule %v", threat.ID, threat.Detectable, ruled[threat.ID])
		}
		if !threat.Detectable && chained[threat.ID] {
			t.Errorf("%s is in a chain", threat.ID)
		}
	}
}

func TestRuleIDsAreUnique(t *testing.T) {
	m := builtin()
	seen := map[string]bool{}
	once := func(id string) {
		if seen[id] {
			t.Errorf("%s stands twice", id)
		}
		seen[id] = true
	}
	for _, r := range m.rules {
		once("rule." + r.id)
	}
	for _, r := range m.rulings {
		once("rule." + r.id)
	}
	for _, e := range m.exclusions {
		once("rule." + e.id)
	}
	for i := range m.traits {
		once("trait." + m.traits[i].id)
	}
	for _, c := range m.chains {
		once("chain." + c.id)
	}
}

func TestEachRuling(t *testing.T) {
	m := builtin()
	for _, r := range m.rulings {
		var ids []string
		for _, c := range r.denied {
			ids = append(ids, "-"+m.traits[c.trait].id)
		}
		out := LayerResult{}
		view{m, observed(t, ids...), r.layer}.ruleOut(&out)
		if out.Status != "not-applicable" || len(out.Evidence) != len(ids) {
			t.Errorf("%s: all denied gives %q", r.id, out.Status)
		}
		if len(ids) < 2 {
			continue
		}
		out = LayerResult{}
		view{m, observed(t, ids[1:]...), r.layer}.ruleOut(&out)
		if out.Status != "" {
			t.Errorf("%s: a part denied gives %q", r.id, out.Status)
		}
	}
}

// Each chain is shown with all links, possible with one unknown, and not there
// with one broken or with a key link unknown.
func TestEachChain(t *testing.T) {
	m := builtin()
	if len(m.chains) < 6 {
		t.Errorf("%d chains", len(m.chains))
	}
	for i := range m.chains {
		c := &m.chains[i]
		all := make([]string, len(c.links))
		for j, l := range c.links {
			if all[j] = "-" + traitID(m, l.lacks); len(l.any) > 0 {
				all[j] = m.idOf(l.any[0])
			}
		}
		full, ok := c.assess(m, observed(t, all...))
		if !ok || full.State != Shown || len(full.Open) > 0 || len(full.Links) != len(c.links) {
			t.Errorf("%s with all of %v: %v %s", c.id, all, ok, full.State)
		}
		for j, l := range c.links {
			rest := slices.Delete(slices.Clone(all), j, j+1)
			part, ok := c.assess(m, observed(t, rest...))
			wanted := !l.key && len(rest) >= c.least && !slices.Contains(rest, all[j])
			if ok != wanted && !slices.Contains(rest, all[j]) {
				t.Errorf("%s without %q is reported: %v", c.id, l.name, ok)
			}
			if ok && wanted && (part.State != Possible || !slices.Equal(part.Open, []string{l.name}) || part.Links[j].State != Possible) {
				t.Errorf("%s without %q: %s, open %v", c.id, l.name, part.State, part.Open)
			}
			if l.lacks >= 0 {
				if _, ok := c.assess(m, observed(t, append(rest, traitID(m, l.lacks))...)); ok {
					t.Errorf("%s is not broken by %s", c.id, traitID(m, l.lacks))
				}
			}
			if l.lacks < 0 && !slices.ContainsFunc(l.any, func(c condition) bool { return c.absent }) {
				for _, c := range l.any {
					rest = append(rest, "-"+m.idOf(c))
				}
				if _, ok := c.assess(m, observed(t, rest...)); ok && !slices.ContainsFunc(l.any, func(c condition) bool { return slices.Contains(rest, m.idOf(c)) }) {
					t.Errorf("%s is not broken where all of %q is ruled out", c.id, l.name)
				}
			}
		}
	}
}

func traitID(m *model, i int) string {
	if i < 0 {
		return ""
	}
	return m.traits[i].id
}

func TestExclusions(t *testing.T) {
	ordinary := Assess(describe("It books hotels.")).Layers[5]
	var ids []string
	for _, e := range ordinary.Excluded {
		ids = append(ids, e.ID)
	}
	if got := strings.Join(ids, " "); got != "L6-01 L6-02 L6-03 L6-05 L6-06 L6-07" {
		t.Errorf("an ordinary agent excludes %q", got)
	}
	if l := Assess(describe("It detects malware.")).Layers[5]; len(l.Excluded) > 0 || len(l.Threats) == 0 {
		t.Error("a security agent excludes the threats of security agents")
	}
	if l := Assess(describe("")).Layers[5]; len(l.Excluded) > 0 {
		t.Error("an agent without description excludes threats")
	}
}

// A way out is cut where the network is shut off.
func TestCutLinks(t *testing.T) {
	open := Assess(describe("It handles customer data and incoming emails."))
	shut := Assess(describe("It handles customer data and incoming emails in an isolated network."))
	if len(open.Chains) != 1 || open.Chains[0].ID != "trifecta" || open.Chains[0].State != Possible {
		t.Errorf("got %v", open.Chains)
	}
	if len(shut.Chains) != 0 {
		t.Errorf("a network that is shut off leaves the chain %s", shut.Chains[0].ID)
	}
}
