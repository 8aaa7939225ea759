package maestro

import "slices"

// grammar holds single words with a part in how sentences and names are read.
type grammar struct {
	looking      map[string]bool // begin the names of tools that change nothing
	breakers     map[string]bool // end a denial or a hedge
	undoneBy     map[string]bool // undo any denial before them
	actsUndoneBy map[string]bool // undo the denial of an act
	verbs        map[string]bool // begin a new statement after "and"
}

// maxReach is the number of words that a denial or a hedge reaches at most.
const maxReach = 14

// cue is a denial or a hedge with the tokens that it covers.
type cue struct {
	match
	from, to int // covered tokens, to excluded
}

func (c cue) covers(m match) bool { return c.from <= m.last && m.first < c.to }

// scopes are the denials and hedges of a text, in order of where they start.
type scopes struct{ denials, hedges []cue }

// scopesOf finds what the cues among matches cover. Notes are commentary, where
// more words are hedges.
func (g *grammar) scopesOf(tokens []token, matches []match, note bool) scopes {
	var s scopes
	undone := map[int]bool{} // tokens that undo a denial and are no cue themselves
	pseudo := ofUse(matches, pseudoDenial)
	for _, m := range matches {
		switch m.use {
		case denialOfActs, denialOfThings:
			if undone[m.first] || within(m, pseudo) {
				continue
			}
			c := cue{m, m.last + 1, g.reach(tokens, m.last+1)}
			if at := g.undoing(tokens, c); at >= 0 {
				undone[at] = true
				continue
			}
			s.denials = append(s.denials, c)
		case denialBackward:
			s.denials = append(s.denials, cue{m, clauseStart(tokens, m.first), m.first})
		case hedgeAlways, hedgeInNotes:
			if undone[m.first] || m.use == hedgeInNotes && !note {
				continue
			}
			end := g.reach(tokens, m.last+1)
			if note { // "could trick it into creating users, deleting data and …"
				end = sentenceEnd(tokens, m.last+1)
			}
			s.hedges = append(s.hedges, cue{m, m.first, end})
		}
	}
	return s
}

// ofUse returns the matches of one use, in their order.
func ofUse(matches []match, what use) []match {
	var out []match
	for _, m := range matches {
		if m.use == what {
			out = append(out, m)
		}
	}
	return out
}

// within reports whether m lies in one of spans, which are in order of start.
func within(m match, spans []match) bool {
	from, _ := slices.BinarySearchFunc(spans, m.first-maxReach, func(s match, at int) int { return s.first - at })
	for _, s := range spans[from:] {
		if s.first > m.first {
			return false
		}
		if s.last >= m.last {
			return true
		}
	}
	return false
}

// reach returns the end of what a forward cue covers, from token i on: up to the
// end of the clause, a breaker, or the next statement.
func (g *grammar) reach(tokens []token, i int) int {
	for end := i; ; end++ {
		switch {
		case end >= len(tokens) || end-i >= maxReach || tokens[end].gap == sentence:
			return end
		case tokens[end].gap == clause && !g.listGoesOn(tokens, end):
			return end
		case g.breakers[tokens[end].word]:
			return end
		case tokens[end].word == "and" && end+1 < len(tokens) && g.verbs[tokens[end+1].word]:
			return end
		}
	}
}

// listGoesOn reports whether the clause at token i continues a list that ends
// with "or": "no memory, tools or network".
func (g *grammar) listGoesOn(tokens []token, i int) bool {
	const near = 3 // words an item may have
	if g.verbs[tokens[i].word] {
		return false
	}
	end := min(i+maxReach, len(tokens))
	for n := 0; i < end && n <= near; i, n = i+1, n+1 {
		if tokens[i].word == "or" || tokens[i].word == "nor" {
			return true
		}
		if n == 0 {
			continue
		}
		if tokens[i].gap == sentence {
			return false
		}
		if tokens[i].gap == clause {
			n = 0
		}
	}
	return false
}

// undoing returns the token that undoes a denial, or -1: what "never pays without
// approval" denies is neither the paying nor the approval.
func (g *grammar) undoing(tokens []token, c cue) int {
	for i := c.from; i < c.to; i++ {
		word := tokens[i].word
		if g.undoneBy[word] || c.use == denialOfActs && g.actsUndoneBy[word] {
			return i
		}
	}
	return -1
}

// sentenceEnd returns the end of the sentence of token i, or of the part of it
// that a hedge can reach.
func sentenceEnd(tokens []token, i int) int {
	end := i
	for end < len(tokens) && end-i < maxReach && tokens[end].gap != sentence {
		end++
	}
	return end
}

func clauseStart(tokens []token, i int) int {
	start := i
	for start > 0 && i-start < maxReach && tokens[start].gap == joined {
		start--
	}
	return start
}

// verdict says how a match is to be read.
type verdict uint8

const (
	asIs verdict = iota
	denied
	hedged
)

// judge reads m under the denials and hedges around it. Cues that the pattern
// itself names are part of its meaning.
func (s scopes) judge(m match) (verdict, cue) {
	for _, h := range near(s.hedges, m) {
		if h.covers(m) && !m.names(h.first) {
			return hedged, h
		}
	}
	for _, d := range near(s.denials, m) {
		if d.covers(m) && !m.names(d.first) {
			return denied, d
		}
	}
	return asIs, cue{}
}

// near returns the cues that can reach m: those that start close to it.
func near(cues []cue, m match) []cue {
	byStart := func(c cue, at int) int { return c.first - at }
	from, _ := slices.BinarySearchFunc(cues, m.first-2*maxReach, byStart)
	to, _ := slices.BinarySearchFunc(cues, m.last+2*maxReach, byStart)
	return cues[from:to]
}
