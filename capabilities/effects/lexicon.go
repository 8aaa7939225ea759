package effects

import (
	"embed"
	"fmt"
	"iter"
	"strings"
	"sync"

	"agentrisk/internal/source"
)

//go:embed lexicon.yaml rules.yaml
var data embed.FS

// class is a kind of verb, domain a kind of noun. Their names are those of
// lexicon.yaml.
type (
	class  string
	domain string
)

// level says where in a name a word counts as its verb.
type level uint8

const (
	weak   level = iota + 1 // at the beginning, where there is no other verb
	lead                    // at the beginning
	strong                  // at the beginning or the end
	sure                    // anywhere
)

// word is what the lexicon knows of one word.
type word struct {
	text     string
	base     string // the singular, where this is the plural of a noun
	class    class  // "" where it is no verb
	level    level
	verbRule string
	domain   domain // "" where it is no noun
	nounRule string
	context  domain // what it colours below it, "" where nothing
	concepts uint64
	inherit  bool
	glue     bool
	prep     bool
	conj     bool
}

// phrase is a noun of several words.
type phrase struct {
	words  []string
	domain domain
	rule   string
}

// lexicon is the data of this package, read-only after loading.
type lexicon struct {
	words    map[string]*word
	phrases  map[string][]phrase // by their last word, longer ones first
	bigrams  map[string][]conceptPhrase
	trie     trie
	effects  []effectRule
	controls []controlRule
}

// loadLexicon reads the embedded data, once a process: it is constant.
var loadLexicon = sync.OnceValues(readLexicon)

func readLexicon() (*lexicon, error) {
	x := &lexicon{words: make(map[string]*word, 2048), phrases: map[string][]phrase{}, bigrams: map[string][]conceptPhrase{}}
	words, err := embedded("lexicon.yaml")
	if err != nil {
		return nil, err
	}
	rules, err := embedded("rules.yaml")
	if err != nil {
		return nil, err
	}
	x.readWords(words)
	if err := x.readRules(rules); err != nil {
		return nil, err
	}
	x.inheritSingulars()
	for text := range x.words {
		x.trie.insert(text)
	}
	for text := range strings.FieldsSeq(words.Get("vocabulary").Text()) {
		x.trie.insert(text)
	}
	return x, nil
}

func embedded(name string) (source.Node, error) {
	file, err := source.ReadFile(data, name, source.Limits{})
	if err != nil {
		return source.Node{}, err
	}
	doc, err := source.ParseOne(file, source.Limits{})
	if err != nil {
		return source.Node{}, fmt.Errorf("embedded data: %w", err)
	}
	return doc.Root, nil
}

// inheritSingulars gives plurals that have an entry of their own, for a concept or
// a context, the noun of their singular.
func (x *lexicon) inheritSingulars() {
	for text, w := range x.words {
		one := x.words[singular(text)]
		if one == nil || one == w || w.class != "" || w.domain != "" {
			continue
		}
		w.base, w.domain, w.nounRule, w.inherit = one.text, one.domain, one.nounRule, one.inherit
		w.concepts |= one.concepts
		if w.context == "" {
			w.context = one.context
		}
	}
}

// at returns the entry of a word, a new one where there is none yet.
func (x *lexicon) at(text string) *word {
	w := x.words[text]
	if w == nil {
		w = &word{text: text}
		x.words[text] = w
	}
	return w
}

func (x *lexicon) readWords(root source.Node) {
	levels := []struct {
		key   string
		level level
	}{{"sure", sure}, {"strong", strong}, {"lead", lead}, {"weak", weak}}
	for _, entry := range root.Get("verbs").Items() {
		for _, l := range levels {
			for text := range strings.FieldsSeq(entry.Get(l.key).Text()) {
				w := x.at(text)
				w.class, w.level, w.verbRule = class(entry.Get("class").Text()), l.level, entry.Get("id").Text()
			}
		}
	}
	for _, entry := range root.Get("nouns").Items() {
		d, rule := domain(entry.Get("domain").Text()), entry.Get("id").Text()
		for text := range strings.FieldsSeq(entry.Get("words").Text()) {
			w := x.at(text)
			w.domain, w.nounRule = d, rule
		}
		for text := range phrases(entry.Get("phrases")) {
			x.addPhrase(text, d, rule)
		}
	}
	for _, entry := range root.Get("contexts").Items() {
		for text := range strings.FieldsSeq(entry.Get("words").Text()) {
			x.at(text).context = domain(entry.Get("domain").Text())
		}
	}
	flags := map[string]func(*word){
		"inherit": func(w *word) { w.inherit = true }, "glue": func(w *word) { w.glue = true },
		"prepositions": func(w *word) { w.prep = true }, "conjunctions": func(w *word) { w.conj = true },
	}
	for key, set := range flags {
		for text := range strings.FieldsSeq(root.Get(key).Text()) {
			set(x.at(text))
		}
	}
}

// phrases yields what stands between the commas of a list.
func phrases(n source.Node) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text := range strings.SplitSeq(n.Text(), ",") {
			if text = strings.TrimSpace(text); text != "" && !yield(text) {
				return
			}
		}
	}
}

func (x *lexicon) addPhrase(text string, d domain, rule string) {
	words := strings.Fields(text)
	last := words[len(words)-1]
	list := append(x.phrases[last], phrase{words, d, rule})
	for i := len(list) - 1; i > 0 && len(list[i].words) > len(list[i-1].words); i-- {
		list[i], list[i-1] = list[i-1], list[i]
	}
	x.phrases[last] = list
	for _, w := range words {
		x.at(w) // so that squashed names are parted at it
	}
}
