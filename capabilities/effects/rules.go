package effects

import (
	"fmt"
	"strings"

	"agentrisk/internal/source"
)

// effectRule makes an effect of a class of verbs and a domain of nouns. An empty
// list fits all.
type effectRule struct {
	id     string
	verbs  []class
	nouns  []domain
	effect Effect
}

// controlRule recognises a control by verb and words. Sets of concepts are bits.
type controlRule struct {
	id      string
	control Control
	effect  Effect // "" where the effect stays as it is
	classes []class
	noVerb  bool     // fits names without a verb
	verb    uint64   // concepts of the verb, one of which it must have
	path    []string // words the path or name must end in, one of them
	unless  []class  // what the method must not be by itself
	product uint64   // what the words for the provider must say
	with    []uint64 // of each set, one concept must be there
	without uint64   // none of which may be there
}

// conceptPhrase gives concepts to words that stand together.
type conceptPhrase struct {
	words    []string
	concepts uint64
}

func (x *lexicon) readRules(root source.Node) error {
	for _, entry := range root.Get("effects").Items() {
		r := effectRule{id: entry.Get("id").Text(), effect: Effect(entry.Get("effect").Text())}
		for _, c := range entry.Get("verbs").Items() {
			r.verbs = append(r.verbs, class(c.Text()))
		}
		for _, d := range entry.Get("nouns").Items() {
			r.nouns = append(r.nouns, domain(d.Text()))
		}
		if !r.effect.Valid() {
			return entry.Wrong("effect of "+r.id, "an effect")
		}
		x.effects = append(x.effects, r)
	}
	bits := map[string]uint64{}
	for name, words := range root.Get("concepts").Pairs() {
		if len(bits) == 64 {
			return name.Wrong("concept "+name.Text(), "at most 64 concepts")
		}
		bit := uint64(1) << len(bits)
		bits[name.Text()] = bit
		for text := range phrases(words) {
			x.addConcept(strings.Fields(text), bit)
		}
	}
	for _, entry := range root.Get("controls").Items() {
		r, err := readControl(entry, bits)
		if err != nil {
			return err
		}
		x.controls = append(x.controls, r)
	}
	return nil
}

func (x *lexicon) addConcept(words []string, bit uint64) {
	if len(words) == 1 {
		x.at(words[0]).concepts |= bit
		return
	}
	last := words[len(words)-1]
	for _, w := range words {
		x.at(w)
	}
	for i, p := range x.bigrams[last] {
		if strings.Join(p.words, " ") == strings.Join(words, " ") {
			x.bigrams[last][i].concepts |= bit
			return
		}
	}
	x.bigrams[last] = append(x.bigrams[last], conceptPhrase{words, bit})
}

func readControl(entry source.Node, bits map[string]uint64) (controlRule, error) {
	r := controlRule{id: entry.Get("id").Text(), control: Control(entry.Get("control").Text()), effect: Effect(entry.Get("effect").Text())}
	for _, n := range entry.Get("unless").Items() {
		r.unless = append(r.unless, class(n.Text()))
	}
	for _, n := range entry.Get("path").Items() {
		r.path = append(r.path, n.Text())
	}
	for _, n := range entry.Get("with").Items() {
		bit, err := conceptBits(n, bits)
		if err != nil {
			return r, err
		}
		r.with = append(r.with, bit)
	}
	for key, to := range map[string]*uint64{"without": &r.without, "provider": &r.product} {
		for _, n := range entry.Get(key).Items() {
			bit, err := conceptBits(n, bits)
			if err != nil {
				return r, err
			}
			*to |= bit
		}
	}
	if !r.control.Valid() || r.effect != "" && !r.effect.Valid() {
		return r, fmt.Errorf("rules.yaml: %s names an unknown control or effect", r.id)
	}
	return r, r.readVerbs(entry, bits)
}

// readVerbs reads which verbs a rule fits: class:read, a concept, or none.
func (r *controlRule) readVerbs(entry source.Node, bits map[string]uint64) error {
	for _, n := range entry.Get("verb").Items() {
		if c, ok := strings.CutPrefix(n.Text(), "class:"); ok {
			r.classes = append(r.classes, class(c))
			continue
		}
		if n.Text() == "none" {
			r.noVerb = true
			continue
		}
		bit, err := conceptBits(n, bits)
		if err != nil {
			return err
		}
		r.verb |= bit
	}
	return nil
}

// conceptBits returns the bits of concepts joined by |.
func conceptBits(n source.Node, bits map[string]uint64) (uint64, error) {
	var all uint64
	for name := range strings.SplitSeq(n.Text(), "|") {
		bit, ok := bits[name]
		if !ok {
			return 0, n.Wrong("concept "+name, "one of the concepts")
		}
		all |= bit
	}
	return all, nil
}
