package effects

import "strings"

// reading is a name or path understood: its verb and the thing it acts on.
type reading struct {
	tokens []token
	verb   *word // nil where there is none
	verbAt int
	bare   bool  // the method was taken off its beginning
	solo   bool  // the verb stands alone behind a separator, or at the very end
	also   *word // the second of two verbs: create or update

	object []token // the words of the thing, its head last
	tail   []token // what follows the first preposition
	domain domain
	known  bool   // the head of the object is a word the lexicon gives a domain
	rule   string // the noun rule that gave domain
	plural bool   // the head stands in the plural
}

// The domains that are not in the lexicon.
const (
	noNoun      domain = "none"    // there is no object
	unknownNoun domain = "unknown" // the lexicon knows none of its words
)

// readName understands the name of an operation.
func (x *lexicon) readName(name, method string) reading {
	var buf [24]token
	r := reading{tokens: x.split(buf[:0], name), verbAt: -1}
	r.dropMethod(method)
	r.findVerb()
	r.findAlso()
	r.findObject()
	x.judge(&r)
	return r
}

// dropMethod takes the method off names that begin with it, such as
// post_role_users, so that the rest can be read.
func (r *reading) dropMethod(method string) {
	if len(r.tokens) < 2 || method == "" {
		return
	}
	first := r.tokens[0].text
	if (first == "post" || first == "put" || first == "patch") && strings.EqualFold(first, method) {
		r.tokens, r.bare = r.tokens[1:], true
	}
	if n := len(r.tokens); n > 1 && r.tokens[n-1].part > 0 && strings.EqualFold(r.tokens[n-1].text, method) && method != "DELETE" {
		r.tokens = r.tokens[:n-1] // graphql.post
	}
}

// findVerb chooses the verb: a word alone behind a separator first, then by
// level and place.
func (r *reading) findVerb() {
	n := len(r.tokens)
	if n == 0 {
		return
	}
	if last := r.tokens[n-1].part; last > 0 {
		at := r.firstOf(last)
		if r.isVerb(at, weak) && (at == n-1 || r.isVerb(at, lead) || r.tokens[at].word.class != "read") {
			r.choose(at)
			if r.verb.level < lead { // alone behind a separator any verb is one
				w := *r.verb
				w.level = lead
				r.verb = &w
			}
			return
		}
	}
	first := r.firstOf(r.tokens[0].part)
	if r.bare && !(r.isVerb(first, lead) && (r.tokens[first].word.level == sure || r.tokens[first].word.domain == "")) {
		return // post_status creates a status
	}
	switch {
	case r.isVerb(first, strong):
		r.choose(first)
	case r.chooseQuestion():
	case r.isVerb(n-1, sure):
		r.choose(n - 1)
	case r.isVerb(first, lead) && !(r.isVerb(n-1, strong) && thing(r.tokens[first].word)):
		r.choose(first)
	default:
		r.findInside(first)
	}
}

// chooseQuestion finds the verb of a question: user can edit, caller has role.
func (r *reading) chooseQuestion() bool {
	for i := 1; i < len(r.tokens); i++ {
		switch r.tokens[i].text {
		case "can", "may", "has":
			r.choose(i)
			return r.verb != nil
		}
	}
	return false
}

// thing reports whether a word is a thing first and a verb second: the order of
// order_refund.
func thing(w *word) bool { return w.domain != "" && w.domain != "plain" }

// findInside looks for a verb in the middle or at the end of a name.
func (r *reading) findInside(first int) {
	last := len(r.tokens) - 1
	if r.chooseInner(sure) {
		return
	}
	if r.isVerb(last, strong) {
		r.choose(last)
		return
	}
	if r.chooseInner(strong) {
		return
	}
	// Nouns that name what is looked at: server status, account details.
	if r.isVerb(first, weak) && (last == 0 || r.tokens[first].word.class != "read") {
		r.choose(first)
	} else if r.isVerb(last, weak) && r.tokens[last].word.class == "read" {
		r.choose(last)
	}
}

func (r *reading) chooseInner(least level) bool {
	for i := range r.tokens {
		if r.isVerb(i, least) && !r.behindPreposition(i) {
			r.choose(i)
			return true
		}
	}
	return false
}

// firstOf returns the place of the first word of a part that means something.
func (r *reading) firstOf(part int) int {
	start := -1
	for i, t := range r.tokens {
		if t.part != part {
			continue
		}
		if start < 0 {
			start = i
		}
		if t.word == nil || !t.word.glue {
			return i
		}
	}
	return start
}

func (r *reading) isVerb(at int, least level) bool {
	if at < 0 || at >= len(r.tokens) {
		return false
	}
	w := r.tokens[at].word
	// In the plural a word is no verb: list-deleted-users, chat completions.
	return w != nil && w.class != "" && w.level >= least && (w.text == r.tokens[at].text || at == 0 && w.level >= strong)
}

func (r *reading) behindPreposition(at int) bool {
	return at > 0 && r.tokens[at-1].word != nil && r.tokens[at-1].word.prep
}

func (r *reading) choose(at int) { r.verb, r.verbAt = r.tokens[at].word, at }

// findAlso sees a second verb behind "or" or "and".
func (r *reading) findAlso() {
	if r.verb == nil || r.verbAt+2 >= len(r.tokens) {
		return
	}
	next := r.tokens[r.verbAt+1].word
	if next != nil && next.conj && r.isVerb(r.verbAt+2, lead) {
		r.also = r.tokens[r.verbAt+2].word
	}
}

// findObject takes the words behind the verb up to the first preposition, or,
// where nothing is behind it, those before it.
func (r *reading) findObject() {
	from := r.verbAt + 1
	if r.also != nil {
		from += 2
	}
	rest := r.tokens[min(from, len(r.tokens)):]
	r.solo = r.verb != nil && len(rest) == 0
	if r.solo || len(rest) > 0 && rest[0].word != nil && rest[0].word.prep && r.verbAt > 0 {
		before := r.tokens[:r.verbAt]
		if !r.solo {
			r.tail = rest[1:]
		}
		r.object = meaningful(lastPhrase(before))
		return
	}
	for i, t := range rest {
		if t.word != nil && t.word.prep {
			r.object, r.tail = meaningful(rest[:i]), rest[i+1:]
			return
		}
	}
	r.object = meaningful(rest)
}

// lastPhrase cuts what stands before a verb at its first preposition.
func lastPhrase(tokens []token) []token {
	for i, t := range tokens {
		if i > 0 && t.word != nil && t.word.prep {
			return tokens[:i]
		}
	}
	return tokens
}

// meaningful drops the words without meaning of their own at both ends.
func meaningful(tokens []token) []token {
	for len(tokens) > 0 && tokens[0].word != nil && tokens[0].word.glue {
		tokens = tokens[1:]
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].word != nil && tokens[len(tokens)-1].word.glue {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

// judge gives the object its domain.
func (x *lexicon) judge(r *reading) {
	if len(r.object) == 0 {
		r.domain = noNoun
		return
	}
	r.domain, r.rule, r.known = x.head(r.object)
	r.plural = isPlural(r.object[len(r.object)-1].text)
}

// head returns the domain of a noun phrase: that of the longest known phrase at
// its end; a word that hands on leaves it to the word before.
func (x *lexicon) head(tokens []token) (d domain, rule string, known bool) {
	inherited := false
	for end := len(tokens); end > 0; end-- {
		last := tokens[end-1]
		if p := x.phraseAt(tokens[:end]); p != nil {
			return p.domain, p.rule, true
		}
		w := last.word
		switch {
		case w == nil:
			if inherited {
				return unknownNoun, "", false
			}
			return unknownNoun, "", false
		case w.inherit:
			inherited = true
		case w.domain != "":
			return w.domain, w.nounRule, true
		case w.glue || w.conj:
		default:
			return unknownNoun, "", false
		}
	}
	return unknownNoun, "", inherited
}

// phraseAt finds a noun of several words that tokens end in.
func (x *lexicon) phraseAt(tokens []token) *phrase {
	n := len(tokens)
	if n < 2 {
		return nil
	}
	last := tokens[n-1].singular()
	for i := range x.phrases[last] {
		if p := &x.phrases[last][i]; endsIn(tokens, p.words) {
			return p
		}
	}
	return nil
}

func endsIn(tokens []token, words []string) bool {
	if len(words) > len(tokens) {
		return false
	}
	tokens = tokens[len(tokens)-len(words):]
	for i, w := range words {
		if tokens[i].text != w && tokens[i].singular() != w {
			return false
		}
	}
	return true
}

// singular returns the token as the lexicon writes it.
func (t token) singular() string {
	switch {
	case t.word == nil:
		return singular(t.text)
	case t.word.base != "":
		return t.word.base
	}
	return t.word.text
}
