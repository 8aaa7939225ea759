package inputs

import (
	"unicode"
	"unicode/utf8"
)

const (
	maxWord   = 64 // bytes of a word that are compared
	maxTerm   = 12 // words of a term
	sentence  = 3  // words that the end of a sentence counts as
	gluedFrom = 12 // letters from which a run may be several words
	smallest  = 3  // bytes of a word that is looked for in such a run
	farAway   = 1 << 12
)

// symbols are the words of the rules that one word of a text is. Few words are
// more than one; what would not fit is a fault of the rules, which loading finds.
type symbols struct {
	ids    [8]int32
	n      int
	hidden bool // by look-alike or styled letters, or letters set apart
	latin  bool // only look-alikes, so it may as well be a word of their own script
}

func (s *symbols) add(id int32) {
	if s.n < len(s.ids) {
		s.ids[s.n] = id
		s.n++
	}
}

func (s *symbols) has(id int32) bool {
	for _, have := range s.ids[:s.n] {
		if have == id {
			return true
		}
	}
	return false
}

// matcher follows all sequences of the rules at once, over one text after another.
type matcher struct {
	rules *rules
	at    int // position of the word last read; grows over texts
	ring  [maxTerm]symbols
	where [maxTerm]int // positions of what is in the ring
	head  int
	state [][]reached // by sequence and group
	fired []firing    // by sequence
	any   []int       // sequences that fired in this text
}

type reached struct {
	end    int // position of the last word of the term; 0: not reached
	hidden bool
}

type firing struct {
	count, last int
	hidden      bool
}

func newMatcher(r *rules) *matcher {
	m := &matcher{rules: r, at: farAway, state: make([][]reached, len(r.sequences)), fired: make([]firing, len(r.sequences))}
	for i, s := range r.sequences {
		m.state[i] = make([]reached, len(s.groups))
	}
	return m
}

// read goes through the words of a text, and returns the sequences it holds.
func (m *matcher) read(text string) []int {
	m.at += farAway
	for _, i := range m.any {
		m.fired[i] = firing{}
	}
	m.any = m.any[:0]
	w := &wordReader{m: m}
	w.read(text)
	found := m.any[:0:0]
	for _, i := range m.any {
		if m.fired[i].count > 0 {
			found = append(found, i)
		}
	}
	return found
}

// word takes one word in.
func (m *matcher) word(s symbols) {
	m.at++
	m.head = (m.head + 1) % maxTerm
	m.ring[m.head], m.where[m.head] = s, m.at
	for _, id := range s.ids[:s.n] {
		for _, t := range m.rules.termsBy[id] {
			if start, hidden, ok := m.ends(t); ok {
				m.advance(t, start, hidden)
			}
		}
	}
}

// back takes the last words back, as far as new ones are concerned.
func (m *matcher) back(words int) {
	m.at -= words
	m.head = ((m.head-words)%maxTerm + maxTerm) % maxTerm
}

// ends says whether a term ends with the word last read, and where it starts.
func (m *matcher) ends(t *term) (start int, hidden, ok bool) {
	for back := range len(t.symbols) {
		i := (m.head - back + maxTerm) % maxTerm
		if m.where[i] != m.at-back || !m.ring[i].has(t.symbols[len(t.symbols)-1-back]) {
			return 0, false, false
		}
		hidden = hidden || m.ring[i].hidden || m.ring[i].latin && !t.lookalike
	}
	return m.at - len(t.symbols) + 1, hidden, true
}

// advance moves every sequence that waits for the term.
func (m *matcher) advance(t *term, start int, hidden bool) {
	for _, slot := range t.slots { // later groups first, so that no word counts twice
		state, seq := m.state[slot.sequence], m.rules.sequences[slot.sequence]
		f := &m.fired[slot.sequence]
		switch {
		case slot.group == unless:
			clear(state)
			continue
		case slot.group == but:
			if f.count > 0 && f.last == start-1 {
				f.count--
			}
			continue
		case slot.group > 0:
			before := state[slot.group-1]
			if before.end == 0 || before.end >= start || start-before.end-1 > seq.within[min(slot.group-1, 1)] {
				continue
			}
			hidden = hidden || before.hidden
		}
		state[slot.group] = reached{m.at, hidden}
		if slot.group < len(state)-1 {
			continue
		}
		if *f == (firing{}) {
			m.any = append(m.any, slot.sequence)
		}
		f.count, f.last, f.hidden = f.count+1, m.at, f.hidden || hidden
		clear(state)
	}
}

// wordReader parts a text into words.
type wordReader struct {
	m      *matcher
	word   []byte
	counts [unseen + 1]int // characters of the word by kind
	single []byte          // letters that stand alone, one after another
	gap    int             // characters between the words
	pieces []symbols       // of a run that is split
}

func (w *wordReader) read(text string) {
	for i := 0; i < len(text); {
		f := w.m.rules.fold(text[i:])
		switch f.kind {
		case between:
			w.flush()
			w.gap++
			if w.gap > 1 {
				w.apart()
			}
			if endsSentence(text, i, f.size) {
				w.apart()
				w.m.at += sentence
			}
		case ideograph:
			w.flush()
			w.take(f)
			w.flush()
		default:
			w.take(f)
		}
		i += f.size
	}
	w.flush()
	w.apart()
}

func endsSentence(text string, i, size int) bool {
	switch c, _ := utf8.DecodeRuneInString(text[i:]); c {
	case ';', '；', '。', '！', '？', '।':
		return true
	case '.', '!', '?', '؟':
		next, _ := utf8.DecodeRuneInString(text[i+size:])
		return i+size == len(text) || unicode.IsSpace(next)
	}
	return false
}

func (w *wordReader) take(f folded) {
	if len(w.word) > 0 || f.kind != unseen {
		w.counts[f.kind]++
	}
	if f.letter != 0 && len(w.word) < maxWord {
		w.word = utf8.AppendRune(w.word, f.letter)
	}
}

// flush ends a word.
func (w *wordReader) flush() {
	if len(w.word) == 0 {
		w.counts = [unseen + 1]int{}
		return
	}
	if len(w.word) == 1 {
		w.single = append(w.single, w.word[0])
	} else {
		w.apart()
	}
	var s symbols
	s.hidden = w.counts[styled] > 0 || w.counts[unseen] > 0 || w.counts[lookalike] > 0 && w.counts[plain] > 0
	s.latin = w.counts[lookalike] > 0 && w.counts[other] == 0
	w.m.rules.lookup(w.word, &s)
	if digits, ok := unleet(w.word); ok && s.n == 0 {
		w.m.rules.lookup(digits, &s)
		s.hidden = s.n > 0
	}
	if len(w.word) < gluedFrom || !w.split(w.word, 2) {
		w.m.word(s)
	}
	w.word, w.counts, w.gap = w.word[:0], [unseen + 1]int{}, 0
}

// apart ends a run of letters that stand alone: "i g n o r e".
func (w *wordReader) apart() {
	if n := len(w.single); n >= 4 {
		w.m.back(n)
		if !w.split(w.single, 1) {
			w.m.word(symbols{})
		}
	}
	w.single = w.single[:0]
}

// split finds whole words of the rules in a run of letters without spaces, the
// longest first, and takes them in if there are enough.
func (w *wordReader) split(run []byte, enough int) bool {
	w.pieces = w.pieces[:0]
	for i := 0; i < len(run); {
		step, size := 1, 0
		if w.m.rules.begins(run[i:]) {
			size = min(w.m.rules.longest, len(run)-i)
		}
		for ; size >= smallest; size-- {
			s := symbols{hidden: true}
			if w.m.rules.exactly(run[i:i+size], &s); s.n > 0 {
				w.pieces = append(w.pieces, s)
				step = size
				break
			}
		}
		i += step
	}
	if len(w.pieces) < enough {
		return false
	}
	for _, s := range w.pieces {
		w.m.word(s)
	}
	return true
}

// unleet puts letters for the digits that look like them.
func unleet(word []byte) ([]byte, bool) {
	digit, letter := false, false
	for _, c := range word {
		digit, letter = digit || meant(c) != c, letter || 'a' <= c && c <= 'z'
	}
	if !digit || !letter {
		return nil, false
	}
	out := make([]byte, len(word))
	for i, c := range word {
		out[i] = meant(c)
	}
	return out, true
}

// meant is the letter that a digit looks like.
func meant(c byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1':
		return 'i'
	case '3':
		return 'e'
	case '4':
		return 'a'
	case '5':
		return 's'
	case '7':
		return 't'
	}
	return c
}
