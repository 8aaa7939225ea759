package inputs

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"agentrisk/internal/source"
)

//go:embed rules.yaml
var data embed.FS

// rule is what a signal means. rules.yaml says more of each.
type rule struct {
	id   string
	says string // begins with a verb whose subject is the text
}

// rules are the data of this package, read-only once they are read, and the readers
// that are not in use.
type rules struct {
	readers sync.Pool

	list       []*rule // by id
	sequences  []*sequence
	patterns   []*pattern
	lookalikes map[rune]rune // to the Latin letter
	unseen     *unicode.RangeTable

	words    map[string]int32 // symbols by word
	starts   [1 << 9]uint64   // how words and prefixes begin, by hash
	prefixes map[string]int32 // symbols by the beginning of a word
	shortest int              // bytes of the shortest prefix
	longest  int              // bytes of the longest word or prefix
	termsBy  [][]*term        // by their last symbol
	terms    map[string]*term // by their words
}

// sequence is groups of terms that follow one another.
type sequence struct {
	rule     *rule
	severity Severity
	within   [2]int // words that may stand between the first two groups, and between others
	groups   []string
}

// term is one word or several in a row.
type term struct {
	symbols   []int32
	slots     []slot
	lookalike bool // spelt with letters that look like Latin ones
}

// slot is where a term counts.
type slot struct{ sequence, group int }

const (
	unless = -1 // the term ends what was begun
	but    = -2 // right behind a sequence, the term takes it back
)

// pattern is a regular expression; RE2 takes time linear in the text.
type pattern struct {
	rule     *rule
	severity Severity
	alone    Severity // where it is the whole text; "": the same
	needs    []string // in lower case; one of them must be there
	re       *regexp.Regexp
}

func (p *pattern) worthwhile(lower string) bool {
	return slices.ContainsFunc(p.needs, func(need string) bool { return strings.Contains(lower, need) })
}

// invisible says whether a character does not show.
func (r *rules) invisible(c rune) bool { return c >= 0xAD && unicode.Is(r.unseen, c) }

// loadRules reads the embedded data, once a process: it is constant.
var loadRules = sync.OnceValues(readRules)

func embeddedRules() (*source.Document, error) {
	file, err := source.ReadFile(data, "rules.yaml", source.Limits{})
	if err != nil {
		return nil, err
	}
	return source.ParseOne(file, source.Limits{})
}

func readRules() (*rules, error) {
	doc, err := embeddedRules()
	if err != nil {
		return nil, err
	}
	r := &rules{lookalikes: map[rune]rune{}, words: map[string]int32{}, prefixes: map[string]int32{}, terms: map[string]*term{}}
	if err := r.readCharacters(doc.Root); err != nil {
		return nil, err
	}
	for _, entry := range doc.Root.Get("rules").Items() {
		if err := r.readRule(entry); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Location(), err)
		}
	}
	for _, t := range r.terms {
		slices.SortFunc(t.slots, func(a, b slot) int {
			if a.sequence != b.sequence {
				return a.sequence - b.sequence
			}
			return b.group - a.group
		})
	}
	return r, r.index()
}

func (r *rules) readCharacters(root source.Node) error {
	for latin, like := range root.Get("lookalikes").Pairs() {
		for _, c := range like.Text() {
			if c != ' ' {
				r.lookalikes[c] = rune(latin.Text()[0])
			}
		}
	}
	r.unseen = &unicode.RangeTable{}
	for span := range strings.FieldsSeq(root.Get("invisible").Text()) {
		from, to, several := strings.Cut(span, "-")
		if !several {
			to = from
		}
		lo, err := strconv.ParseUint(from, 16, 32)
		hi, err2 := strconv.ParseUint(to, 16, 32)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
		r.unseen.R32 = append(r.unseen.R32, unicode.Range32{Lo: uint32(lo), Hi: uint32(hi), Stride: 1})
	}
	return nil
}

func (r *rules) readRule(entry source.Node) error {
	one := &rule{id: entry.Get("id").Text(), says: entry.Get("says").Text()}
	if one.id == "" || one.says == "" {
		return errors.New("a rule needs an id and what it says")
	}
	if n := len(r.list); n > 0 && r.list[n-1].id >= one.id {
		return fmt.Errorf("%s does not follow %s", one.id, r.list[n-1].id)
	}
	r.list = append(r.list, one)
	for _, n := range entry.Get("sequences").Items() {
		if err := r.readSequence(one, n); err != nil {
			return err
		}
	}
	for _, n := range entry.Get("patterns").Items() {
		re, err := regexp.Compile(n.Get("re").Text())
		if err != nil {
			return err
		}
		p := &pattern{rule: one, re: re, alone: Severity(n.Get("alone").Text()), needs: texts(n.Get("needs"))}
		if p.severity, err = severity(n); err != nil {
			return err
		}
		if len(p.needs) == 0 {
			return errors.New("a pattern needs something that is quickly looked for")
		}
		r.patterns = append(r.patterns, p)
	}
	return nil
}

func severity(n source.Node) (Severity, error) {
	switch s := Severity(n.Get("severity").Text()); s {
	case "":
		return Warn, nil
	case Note, Warn:
		return s, nil
	default:
		return "", fmt.Errorf("severity %q: expected note or warn", s)
	}
}

func texts(list source.Node) []string {
	var out []string
	for _, n := range list.Items() {
		out = append(out, n.Text())
	}
	return out
}

func (r *rules) readSequence(one *rule, n source.Node) error {
	s := &sequence{rule: one, within: [2]int{3, 3}, groups: texts(n.Get("words"))}
	for i, text := range strings.Fields(n.Get("within").Text()) {
		gap, err := strconv.Atoi(text)
		if err != nil || i > 1 || gap < 0 || gap > 40 {
			return errors.New("within is one or two numbers up to 40")
		}
		s.within[1] = gap
		if i == 0 {
			s.within[0] = gap
		}
	}
	var err error
	if s.severity, err = severity(n); err != nil {
		return err
	}
	if len(s.groups) == 0 {
		return errors.New("a sequence needs words")
	}
	at := len(r.sequences)
	r.sequences = append(r.sequences, s)
	for i, group := range s.groups {
		if err := r.addTerms(group, slot{at, i}); err != nil {
			return err
		}
	}
	if err := r.addTerms(n.Get("unless").Text(), slot{at, unless}); err != nil {
		return err
	}
	return r.addTerms(n.Get("but").Text(), slot{at, but})
}

// addTerms reads terms that bars part; a word that ends in * is a beginning.
func (r *rules) addTerms(text string, at slot) error {
	for text := range strings.SplitSeq(text, "|") {
		var key strings.Builder
		var ids []int32
		for word := range strings.FieldsSeq(text) {
			start, prefix := strings.CutSuffix(word, "*")
			for _, part := range r.parts(start) {
				id := r.symbol(part, prefix)
				ids = append(ids, id)
				key.WriteString(strconv.Itoa(int(id)) + " ")
			}
		}
		switch {
		case len(ids) == 0:
			continue
		case len(ids) > maxTerm:
			return fmt.Errorf("%q has more than %d words", text, maxTerm)
		}
		t := r.terms[key.String()]
		if t == nil {
			t = &term{symbols: ids}
			r.terms[key.String()] = t
		}
		t.lookalike = t.lookalike || strings.ContainsFunc(text, func(c rune) bool { return r.lookalikes[unicode.ToLower(c)] != 0 })
		if !slices.Contains(t.slots, at) {
			t.slots = append(t.slots, at)
		}
	}
	return nil
}

// parts are the words of a text as the reader of texts parts and folds them.
func (r *rules) parts(text string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
		}
		word = word[:0]
	}
	for i := 0; i < len(text); {
		f := r.fold(text[i:])
		if f.kind == between || f.kind == ideograph {
			flush()
		}
		if f.letter != 0 {
			word = append(word, f.letter)
		}
		if f.kind == ideograph {
			flush()
		}
		i += f.size
	}
	flush()
	return out
}

func (r *rules) symbol(word string, prefix bool) int32 {
	in := r.words
	if prefix {
		in = r.prefixes
	}
	id, ok := in[word]
	if !ok {
		id = int32(len(r.words) + len(r.prefixes))
		in[word] = id
	}
	return id
}

func (r *rules) index() error {
	r.shortest = maxWord
	for word := range r.words {
		r.longest = max(r.longest, len(word))
		r.begin(word)
	}
	for word := range r.prefixes {
		r.longest, r.shortest = max(r.longest, len(word)), min(r.shortest, len(word))
		r.begin(word)
	}
	if r.shortest < smallest {
		return fmt.Errorf("the beginning of a word has less than %d bytes", smallest)
	}
	if r.longest > maxWord {
		return fmt.Errorf("a word has more than %d bytes", maxWord)
	}
	r.termsBy = make([][]*term, len(r.words)+len(r.prefixes))
	for _, t := range r.terms {
		last := t.symbols[len(t.symbols)-1]
		r.termsBy[last] = append(r.termsBy[last], t)
	}
	for _, list := range r.termsBy {
		slices.SortFunc(list, func(a, b *term) int {
			if len(a.symbols) != len(b.symbols) {
				return len(a.symbols) - len(b.symbols) // so that "do not forget" can end what "forget" begins
			}
			return slices.Compare(a.symbols, b.symbols)
		})
	}
	return nil
}

func (r *rules) begin(word string) {
	if len(word) >= smallest {
		at := start(word)
		r.starts[at/64] |= 1 << (at % 64)
	}
}

// begins says whether letters may begin like a word. Most do not, and it would take
// one look for each length of a word to find that out.
func (r *rules) begins(letters []byte) bool {
	if len(letters) < smallest {
		return false
	}
	at := start(letters)
	return r.starts[at/64]>>(at%64)&1 == 1
}

// start is a hash of the first bytes of a word.
func start[T string | []byte](word T) uint {
	return (uint(word[0])*31*31 + uint(word[1])*31 + uint(word[2])) % (1 << 15)
}

// exactly finds the symbol of a whole word.
func (r *rules) exactly(word []byte, s *symbols) {
	if id, ok := r.words[string(word)]; ok {
		s.add(id)
	}
}

// lookup finds all symbols of a word.
func (r *rules) lookup(word []byte, s *symbols) {
	if len(word) >= smallest && !r.begins(word) {
		return
	}
	r.exactly(word, s)
	for n := min(len(word), r.longest); n >= r.shortest; n-- {
		if id, ok := r.prefixes[string(word[:n])]; ok {
			s.add(id)
		}
	}
}
