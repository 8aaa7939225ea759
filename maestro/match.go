package maestro

import "slices"

// match is a pattern found in the tokens from first to last.
type match struct {
	first, last int
	literal     uint32 // which of its tokens the pattern names; bit 0 is the first
	reading
}

// names reports whether token i is one that the pattern itself names.
func (m match) names(i int) bool {
	return i >= m.first && i <= m.last && m.literal&(1<<(i-m.first)) != 0
}

// matcher walks the trie from one token at a time. The work for a token is
// bounded by the size of the lexicon, so that the whole is linear in the text.
type matcher struct {
	lex    *lexicon
	tokens []token
	known  [][]int32 // classes of each token
	found  []match
}

// find returns every pattern in tokens, in order of where it starts, and of
// several ends the nearest.
func (l *lexicon) find(tokens []token) []match {
	m := matcher{lex: l, tokens: tokens, known: make([][]int32, len(tokens))}
	for i, t := range tokens {
		m.known[i] = l.words[t.word]
	}
	for i := range tokens {
		if len(m.known[i]) > 0 {
			m.step(0, i, i, 0, joined)
		}
	}
	return m.found
}

// step matches token i against what may follow node at. between is the longest
// pause that a pattern may step over here.
func (m *matcher) step(at int32, first, i int, literal uint32, over pause) {
	if i >= len(m.tokens) || i-first >= 32 || i > first && m.tokens[i].gap > over {
		return
	}
	if at == 0 {
		for _, class := range m.known[i] {
			if to, begins := m.lex.begin[class]; begins {
				m.enter(to, first, i, 1)
			}
		}
		return
	}
	for _, e := range m.lex.nodes[at].next {
		if slices.Contains(m.known[i], e.class) {
			m.enter(e.node, first, i, literal|1<<(i-first))
		}
	}
}

// enter takes the pattern on behind token last: its end, the word after, words
// to skip, and a gap.
func (m *matcher) enter(at int32, first, last int, literal uint32) {
	n := &m.lex.nodes[at]
	for _, what := range n.yields {
		m.keep(match{first, last, literal, what})
	}
	if len(n.next) > 0 {
		m.step(at, first, last+1, literal, joined)
		for i := last + 1; i < min(last+1+maxSkip, len(m.tokens)); i++ {
			if m.tokens[i].gap != joined || !m.lex.skips[m.tokens[i].word] {
				break
			}
			m.step(at, first, i+1, literal, joined)
		}
	}
	if n.gap == 0 {
		return
	}
	passed := 0
	end := min(last+2+2*maxGap, len(m.tokens)) // skipped words do not count as passed, but they end somewhere
	for i := last + 1; i < end && passed <= maxGap && m.tokens[i].gap < sentence; i++ {
		m.step(n.gap, first, i, literal, clause)
		if !m.lex.skips[m.tokens[i].word] {
			passed++
		}
	}
}

// keep adds a match, the nearest of those with the same start and meaning.
func (m *matcher) keep(found match) {
	for i := len(m.found) - 1; i >= 0 && m.found[i].first == found.first; i-- {
		if m.found[i].reading == found.reading {
			if found.last < m.found[i].last {
				m.found[i] = found
			}
			return
		}
	}
	m.found = append(m.found, found)
}
