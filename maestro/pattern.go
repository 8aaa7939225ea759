package maestro

import (
	"fmt"
	"strings"
)

// A lexicon is a trie of patterns over classes of words. It is built once and
// then only read.
type lexicon struct {
	words   map[string][]int32 // word → the classes it belongs to
	skips   map[string]bool    // words that may stand anywhere in a pattern
	nodes   []node             // the first is the root, whose edges are in begin
	begin   map[int32]int32    // class of a pattern's first word → node
	classes map[string]int32   // "a|b" or a class name → its number
	named   map[string][]string
}

// node is a place in the trie: what may follow, and what is read when a pattern
// ends here.
type node struct {
	next   []edge
	gap    int32 // node behind a gap of up to maxGap words, 0 for none
	yields []reading
}

type edge struct{ class, node int32 }

// reading is what a pattern means: a use, and for traits which one.
type reading struct {
	use   use
	trait int16
}

// use is what a pattern is for.
type use uint8

const (
	showsTrait  use = iota // the words show the trait
	deniesTrait            // the words deny the trait
	missesTrait            // the words deny the trait where they are denied, and else say nothing
	idiom                  // the words mean something else
	pseudoDenial
	denialOfActs
	denialOfThings
	denialBackward
	hedgeAlways
	hedgeInNotes
)

const (
	maxGap  = 3 // words that a gap may span
	maxSkip = 3 // skipped words in a row
)

func newLexicon() *lexicon {
	const roomy = 2048 // words, classes and nodes are about as many
	return &lexicon{words: make(map[string][]int32, roomy), nodes: make([]node, 1, roomy),
		begin: make(map[int32]int32, roomy), classes: make(map[string]int32, roomy)}
}

// class returns the number of the class of words that one part of a pattern
// stands for.
func (l *lexicon) class(part string) (int32, error) {
	if id, known := l.classes[part]; known {
		return id, nil
	}
	words, err := l.expand(part)
	if err != nil {
		return 0, err
	}
	id := int32(len(l.classes))
	l.classes[part] = id
	for _, w := range words {
		l.words[w] = append(l.words[w], id)
	}
	return id, nil
}

// add takes pattern into the trie. The grammar of patterns stands at the top of
// data/lexicon.yaml.
func (l *lexicon) add(pattern string, what reading) error {
	at := int32(0)
	parts := strings.Fields(pattern)
	for i, part := range parts {
		if part == ".." {
			if i == 0 || i == len(parts)-1 {
				return fmt.Errorf("pattern %q begins or ends with a gap", pattern)
			}
			if l.nodes[at].gap == 0 {
				l.nodes = append(l.nodes, node{})
				l.nodes[at].gap = int32(len(l.nodes) - 1)
			}
			at = l.nodes[at].gap
			continue
		}
		class, err := l.class(part)
		if err != nil {
			return fmt.Errorf("pattern %q: %w", pattern, err)
		}
		at = l.follow(at, class)
	}
	if at == 0 {
		return fmt.Errorf("an empty pattern")
	}
	l.nodes[at].yields = append(l.nodes[at].yields, what)
	return nil
}

// expand returns the words that one part of a pattern stands for.
func (l *lexicon) expand(part string) ([]string, error) {
	if strings.HasPrefix(part, "<") && strings.HasSuffix(part, ">") {
		words, known := l.named[part[1:len(part)-1]]
		if !known {
			return nil, fmt.Errorf("no class %s", part)
		}
		return words, nil
	}
	words := strings.Split(part, "|")
	for _, w := range words {
		if w == "" || fold(w) != w || wordEnd(w, 0, false) != len(w) {
			return nil, fmt.Errorf("%q is not one folded word", w)
		}
	}
	return words, nil
}

// follow returns the node behind class, made where there is none.
func (l *lexicon) follow(at, class int32) int32 {
	if at == 0 {
		if to, known := l.begin[class]; known {
			return to
		}
		l.nodes = append(l.nodes, node{})
		l.begin[class] = int32(len(l.nodes) - 1)
		return l.begin[class]
	}
	for _, e := range l.nodes[at].next {
		if e.class == class {
			return e.node
		}
	}
	l.nodes = append(l.nodes, node{})
	to := int32(len(l.nodes) - 1)
	l.nodes[at].next = append(l.nodes[at].next, edge{class, to})
	return to
}

func (l *lexicon) addAll(patterns []string, what reading) error {
	for _, p := range patterns {
		if err := l.add(p, what); err != nil {
			return err
		}
	}
	return nil
}

type lexiconFile struct {
	Version int                 `json:"version"`
	Skip    []string            `json:"skip"`
	Classes map[string][]string `json:"classes"`
	Denial  struct {
		Acts         []string `json:"acts"`
		Things       []string `json:"things"`
		Backward     []string `json:"backward"`
		Pseudo       []string `json:"pseudo"`
		Breakers     []string `json:"breakers"`
		UndoneBy     []string `json:"undone-by"`
		ActsUndoneBy []string `json:"acts-undone-by"`
		Verbs        []string `json:"verbs"`
	} `json:"denial"`
	Hedges struct {
		Always []string `json:"always"`
		Notes  []string `json:"notes"`
	} `json:"hedges"`
	Idioms  []string `json:"idioms"`
	Looking []string `json:"looking"`
}

func (m *model) takeLexicon(d *document) error {
	f := &d.Lexicon
	m.lexicon.named, m.lexicon.skips = f.Classes, set(f.Skip)
	m.grammar = grammar{
		looking: set(f.Looking), breakers: set(f.Denial.Breakers), undoneBy: set(f.Denial.UndoneBy),
		actsUndoneBy: set(f.Denial.ActsUndoneBy), verbs: set(f.Denial.Verbs),
	}
	for _, part := range []struct {
		patterns []string
		use      use
	}{
		{f.Denial.Acts, denialOfActs}, {f.Denial.Things, denialOfThings},
		{f.Denial.Backward, denialBackward}, {f.Denial.Pseudo, pseudoDenial},
		{f.Hedges.Always, hedgeAlways}, {f.Hedges.Notes, hedgeInNotes}, {f.Idioms, idiom},
	} {
		if err := m.lexicon.addAll(part.patterns, reading{use: part.use}); err != nil {
			return err
		}
	}
	return nil
}
