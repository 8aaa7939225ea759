package effects

import "strings"

// token is one word of a name or path, in lower case.
type token struct {
	text string
	part int // the piece between separators that it stands in, from 0
	word *word
}

// separators part a name into pieces, of which the last may be the verb:
// orders.capture, PaymentsController_create, documents:batchGet.
const separators = ".:/#"

// maxName bounds what is read of a name: nothing sensible is longer.
const maxName = 240

// split appends the words of a name. Camel case, snake case, kebab case, dots
// and digits part words; a run of capitals is one word (SMSSend is sms send).
func (x *lexicon) split(into []token, name string) []token {
	if len(name) > maxName {
		name = name[:maxName]
	}
	part, start := 0, -1
	flush := func(end int) {
		if start >= 0 {
			into = x.add(into, strings.ToLower(name[start:end]), part)
		}
		start = -1
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case !letter(c) && !digit(c):
			flush(i)
			if strings.IndexByte(separators, c) >= 0 || c == '_' && endsClass(name[:i]) {
				part++
			}
			continue
		case start >= 0 && breaks(name, i):
			flush(i)
		}
		if start < 0 {
			start = i
		}
	}
	flush(len(name))
	return x.joined(into)
}

// joined makes one word of "sign in" and "log out", which are verbs as a pair.
func (x *lexicon) joined(tokens []token) []token {
	for i := 0; i+1 < len(tokens); i++ {
		a, b := tokens[i].text, tokens[i+1].text
		if (a == "sign" || a == "log") && (b == "in" || b == "out" || b == "on") {
			text := a + b
			if w := x.words[text]; w != nil || text == "login" {
				tokens[i] = token{text, tokens[i].part, w}
				tokens = append(tokens[:i+1], tokens[i+2:]...)
			}
		}
	}
	return tokens
}

// breaks reports whether a new word begins at i. Digits belong to the word they
// stand at: oauth2, s3, 2fa.
func breaks(name string, i int) bool {
	c, before := name[i], name[i-1]
	if !upper(c) {
		return false
	}
	return !upper(before) || i+1 < len(name) && lower(name[i+1])
}

// endsClass reports whether a name so far ends in that of a class, as code
// generators put it before the method: PaymentsController_create.
func endsClass(name string) bool {
	return strings.HasSuffix(name, "Controller") || strings.HasSuffix(name, "Service")
}

// add appends one word, or the words a squashed one is made of.
func (x *lexicon) add(into []token, text string, part int) []token {
	if text[0] >= '0' && text[0] <= '9' && len(text) < 3 || isVersion(text) {
		return into
	}
	if w := x.lookup(text); w != nil {
		return append(into, token{text, part, w})
	}
	if len(text) > 5 {
		if n := x.segment(into, text, part); n != nil {
			return n
		}
	}
	return append(into, token{text, part, nil})
}

func isVersion(text string) bool {
	return len(text) <= 3 && len(text) > 1 && text[0] == 'v' && digit(text[1])
}

// lookup finds a word as it stands or in the singular.
func (x *lexicon) lookup(text string) *word {
	if w := x.words[text]; w != nil {
		return w
	}
	if s := singular(text); s != text {
		return x.words[s]
	}
	if bare := strings.TrimRight(text, "0123456789"); bare != text && len(bare) > 2 {
		return x.lookup(bare)
	}
	return nil
}

// singular returns the singular of an English plural, and other words as they are.
func singular(text string) string {
	n := len(text)
	switch {
	case n < 4 || text[n-1] != 's':
		return text
	case strings.HasSuffix(text, "ies") && n > 4:
		return text[:n-3] + "y"
	case strings.HasSuffix(text, "ss") || strings.HasSuffix(text, "us") || strings.HasSuffix(text, "is"):
		return text
	case strings.HasSuffix(text, "sses"), strings.HasSuffix(text, "xes"), strings.HasSuffix(text, "ches"), strings.HasSuffix(text, "shes"):
		return text[:n-2]
	}
	return text[:n-1]
}

// isPlural reports whether a word stands in the plural.
func isPlural(text string) bool { return singular(text) != text }

// segment parts a squashed word, such as updateemailtemplatewithid, into known
// ones: the reading with the fewest unknown letters, then with the fewest words.
// It returns nil where less than three quarters of the letters are known.
func (x *lexicon) segment(into []token, text string, part int) []token {
	const most = 96
	if len(text) > most {
		text = text[:most]
	}
	// cost[i] is that of the text from i on; an unknown letter costs ten words.
	var cost [most + 1]int
	var step [most + 1]int8
	for i := len(text) - 1; i >= 0; i-- {
		cost[i], step[i] = cost[i+1]+unknownLetter, -1
		x.trie.prefixes(text[i:], func(n int, penalty int) {
			if c := cost[i+n] + 10 + penalty; c <= cost[i] {
				cost[i], step[i] = c, int8(n)
			}
		})
	}
	unknown, known := 0, into
	for i := 0; i < len(text); {
		if step[i] > 0 {
			w := text[i : i+int(step[i])]
			known = append(known, token{w, part, x.lookup(w)})
			i += int(step[i])
			continue
		}
		from := i
		for i < len(text) && step[i] < 0 {
			i++
		}
		unknown += i - from
		known = append(known, token{text[from:i], part, nil})
	}
	if unknown*4 > len(text) || len(text) < 8 && (unknown > 0 || known[len(into)].word == nil || known[len(into)].word.level < strong) {
		return nil // short words are parted only behind a verb: getcard
	}
	return known
}

const unknownLetter = 25

func letter(c byte) bool { return lower(c) || upper(c) }
func lower(c byte) bool  { return c >= 'a' && c <= 'z' }
func upper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
