package maestro

import (
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// sighting is one reason to believe, or deny, a trait.
type sighting struct {
	source.Evidence
	basis source.Basis
	layer string // the only layer it speaks of, "" for all
	// maps says whether it can map a layer: a factor's value cannot.
	maps bool
	// firm says, of a denial, that it rules the whole trait out. "Never sends
	// email" leaves other messages.
	firm bool
}

// seen is all that the input says of one trait.
type seen struct{ present, absent []sighting }

// findings of traits, by the trait's number.
type observation []seen

// maxSightings bounds what is kept for one trait and layer. More of the same
// adds nothing to a review.
const maxSightings = 6

// observer reads an agent into an observation.
type observer struct {
	*model
	agent *listing.Agent
	seen  observation
}

func (m *model) observe(a *listing.Agent) observation {
	o := &observer{m, a, make(observation, len(m.traits))}
	o.text(a.Description.Value, a.Description.Evidence, passage{})
	for i := range a.Tools {
		o.tool(&a.Tools[i])
	}
	for i := range a.Factors {
		o.factor(&a.Factors[i])
	}
	for i := range a.Layers {
		o.note(&a.Layers[i])
	}
	o.imply()
	return o.seen
}

// passage says what kind of text is read.
type passage struct {
	layer string // the layer that a note is on
	tool  bool   // words on a tool: only traits that say so are read there
	camel bool   // a name of a function
}

// text reads the words of one passage.
func (o *observer) text(text string, at []source.Evidence, p passage) {
	if text == "" {
		return
	}
	tokens := tokenize(text, p.camel)
	matches := o.lexicon.find(tokens)
	scopes := o.grammar.scopesOf(tokens, matches, p.layer != "")
	idioms := inIdiom(tokens, matches)
	place := newPlacer(text, at, o.agent.Form)
	for _, m := range matches {
		if m.use > missesTrait || m.takenBy(idioms) {
			continue
		}
		t := &o.traits[m.trait]
		if p.tool && !t.inTools || p.layer != "" && !t.speaksOf(p.layer) {
			continue
		}
		o.read(t, m, tokens, scopes, place, p)
	}
}

// inIdiom marks the tokens that idioms take.
func inIdiom(tokens []token, matches []match) []bool {
	taken := make([]bool, len(tokens))
	for _, m := range matches {
		for i := m.first; m.use == idiom && i <= m.last; i++ {
			taken[i] = true
		}
	}
	return taken
}

// takenBy reports whether a word that m names is taken.
func (m match) takenBy(idioms []bool) bool {
	for i := m.first; i <= m.last; i++ {
		if idioms[i] && m.names(i) {
			return true
		}
	}
	return false
}

// read takes one match of a trait, turned over where it is denied.
func (o *observer) read(t *trait, m match, tokens []token, scopes scopes, place *placer, p passage) {
	verdict, by := scopes.judge(m)
	if verdict == hedged || verdict == denied && m.use == deniesTrait || verdict != denied && m.use == missesTrait {
		return
	}
	first := m.first
	if verdict == denied {
		first = min(first, by.first)
	}
	absent := m.use == deniesTrait || verdict == denied
	if !absent && t.control && p.layer != "" {
		return // notes speak of the controls they miss as of those they see
	}
	at := place.at(tokens[first].start, tokens[max(m.last, first)].end)
	at.Rule = "trait." + t.id
	o.add(int(m.trait), absent, sighting{
		Evidence: at, basis: source.Derived, layer: p.layer, maps: true,
		firm: m.use != showsTrait || t.control,
	})
}

// add keeps a sighting, up to the bound and without repeats.
func (o *observer) add(trait int, absent bool, s sighting) {
	list := &o.seen[trait].present
	if absent {
		list = &o.seen[trait].absent
	}
	count := 0
	for i, have := range *list {
		if have.Evidence == s.Evidence && have.layer == s.layer {
			(*list)[i].firm = have.firm || s.firm
			return
		}
		if have.layer == s.layer {
			count++
		}
	}
	if count < maxSightings {
		*list = append(*list, s)
	}
}

// tool reads a tool: that there is one is structure, what it does are words.
func (o *observer) tool(t *listing.Tool) {
	at := first(t.Evidence)
	at.Quote = source.Quote(t.Name)
	structure := at
	structure.Rule = "trait.tools"
	o.add(o.trait("tools"), false, sighting{Evidence: structure, basis: source.Stated, maps: true})
	o.verb(t.Name, at)
	o.text(t.Name, t.Evidence, passage{tool: true, camel: true})
	o.text(t.Description, t.Evidence, passage{tool: true})
}

// verb reads the first word of a tool's name that says what the tool does. A verb
// of looking ends the search: get_open_orders opens nothing.
func (o *observer) verb(name string, at source.Evidence) {
	for _, word := range tokenize(name, true) {
		if o.grammar.looking[word.word] {
			return
		}
		found := false
		for i := range o.traits {
			if o.traits[i].verbs[word.word] {
				at.Rule = "trait." + o.traits[i].id
				o.add(i, false, sighting{Evidence: at, basis: source.Derived, maps: true})
				found = true
			}
		}
		if found {
			return
		}
	}
}

// factor reads a factor's value, and the words on why it has that value.
func (o *observer) factor(f *listing.Factor) {
	o.text(f.Why, f.Evidence, passage{})
	if f.Basis != source.Stated && f.Basis != source.Derived {
		return
	}
	at := first(f.Evidence)
	for i := range o.traits {
		at.Rule = "trait." + o.traits[i].id
		s := sighting{Evidence: at, basis: source.Stated, firm: true}
		for _, b := range o.traits[i].shownBy {
			if b.factor == f.Key && b.holds(f.Interval) {
				o.add(i, false, s)
			}
		}
		for _, b := range o.traits[i].deniedBy {
			if b.factor == f.Key && b.holds(f.Interval) {
				o.add(i, true, s)
			}
		}
	}
}

// note reads what the listing says of one layer. A note that is not certain is
// general talk, and one that rules the layer out describes nothing.
func (o *observer) note(n *listing.LayerNote) {
	if n.Status == listing.NotCertain || n.Status == listing.NotApplicable || opensUncertain(n.Text) {
		return
	}
	o.text(n.Text, n.Evidence, passage{layer: n.Layer})
}

func opensUncertain(text string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "not certain")
}

// imply carries what is seen to what it implies, and firm denials the other way.
// Implications are at most two steps long.
func (o *observer) imply() {
	for range 2 {
		for i := range o.traits {
			for _, to := range o.traits[i].implies {
				for _, s := range o.seen[i].present {
					o.add(to, false, s)
				}
				if len(o.seen[to].present) > 0 {
					continue
				}
				for _, s := range o.seen[to].absent {
					if s.firm {
						o.add(i, true, s)
					}
				}
			}
		}
	}
}

func first(evidence []source.Evidence) source.Evidence {
	if len(evidence) == 0 {
		return source.Evidence{}
	}
	return evidence[0]
}
