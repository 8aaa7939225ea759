package facts

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"agentrisk/internal/source"
)

//go:embed words.yaml
var wordsYAML []byte

// words are the lists of words.yaml, by group.
type words struct {
	groups map[string]*group
}

type group struct {
	id      string
	source  string
	has     map[string]bool     // a word anywhere in the name
	ends    map[string][]string // by last word: the words that the name ends in, joined by spaces
	not     []string            // as ends or phrases, taken back
	phrases []string
}

// lexicon reads words.yaml once. It is part of the program: a fault in it is one
// of the build, which the tests find.
var lexicon = sync.OnceValue(func() *words {
	f, err := source.NewFile("words.yaml", wordsYAML, source.Limits{})
	if err != nil {
		panic(err)
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		panic(err)
	}
	w := &words{groups: map[string]*group{}}
	for name, body := range doc.Root.Pairs() {
		w.groups[name.Text()] = readGroup(body)
	}
	return w
})

func readGroup(body source.Node) *group {
	g := &group{id: body.Get("id").Text(), source: body.Get("source").Text(), has: map[string]bool{}, ends: map[string][]string{}}
	for _, item := range body.Get("has").Items() {
		g.has[item.Text()] = true
	}
	for _, item := range body.Get("ends").Items() {
		text := item.Text()
		last := text[strings.LastIndexByte(text, ' ')+1:]
		g.ends[last] = append(g.ends[last], text)
	}
	for _, item := range body.Get("not").Items() {
		g.not = append(g.not, item.Text())
	}
	for _, item := range body.Get("phrases").Items() {
		g.phrases = append(g.phrases, item.Text())
	}
	return g
}

// is reports whether a name belongs to a group.
func (w *words) is(group, name string) bool {
	if name == "" {
		return false
	}
	g := w.groups[group]
	text := split(name)
	if g.hasOne(text) {
		return true
	}
	last := text[strings.LastIndexByte(text, ' ')+1:]
	for _, ending := range g.ends[last] {
		if endsIn(text, ending) {
			return !g.takenBack(text)
		}
	}
	return false
}

func (g *group) hasOne(text string) bool {
	if len(g.has) == 0 {
		return false
	}
	for word := range strings.SplitSeq(text, " ") {
		if g.has[word] || g.has[strings.TrimSuffix(word, "s")] {
			return true
		}
	}
	return false
}

func (g *group) takenBack(text string) bool {
	for _, not := range g.not {
		if endsIn(text, not) {
			return true
		}
	}
	return false
}

func endsIn(text, ending string) bool {
	return text == ending || strings.HasSuffix(text, ending) && text[len(text)-len(ending)-1] == ' '
}

// says returns the phrase of a group that stands in a sentence, "" for none.
func (w *words) says(group, sentence string) string {
	if sentence == "" {
		return ""
	}
	g := w.groups[group]
	text := strings.ToLower(sentence)
	for _, not := range g.not {
		text = strings.ReplaceAll(text, not, "")
	}
	for _, phrase := range g.phrases {
		if strings.Contains(text, phrase) {
			return phrase
		}
	}
	return ""
}

// split takes a name apart into lower-case words joined by spaces.
func split(name string) string {
	var b strings.Builder
	b.Grow(len(name) + 4)
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			space(&b)
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) ||
			unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			space(&b)
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.TrimSuffix(b.String(), " ")
}

func space(b *strings.Builder) {
	if text := b.String(); text != "" && text[len(text)-1] != ' ' {
		b.WriteByte(' ')
	}
}
