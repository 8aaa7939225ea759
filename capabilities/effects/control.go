package effects

// recognised is a control rule that fits.
type recognised struct {
	id      string
	control Control
	effect  Effect
}

// control recognises an operation that is itself a control, by its verb and the
// words of its name and path.
func (x *lexicon) control(op Operation, method class, name *reading, rt *route, verb *word) recognised {
	verbBits := verb.concepts
	if verb.verbRule == "method" {
		if w := x.words[verb.text]; w != nil {
			verbBits = w.concepts
		}
	}
	inName, inPath := x.concepts(name, rt, verb)
	words, around := inName|inPath, x.conceptsAround(op)
	// Where the name tells the thing, the path does not speak against it.
	against := words
	if name.known {
		against = inName
	}
	for i := range x.controls {
		r := &x.controls[i]
		if !r.verbFits(verb, verbBits) || against&r.without != 0 || len(r.unless) > 0 && fits(r.unless, method) || r.product != 0 && r.product&around == 0 {
			continue
		}
		have := words
		if len(r.path) > 0 {
			if !endsWithOneOf(r.path, name, rt, method) {
				continue
			}
			have |= around
		}
		if all(r.with, have) {
			return recognised{r.id, r.control, r.effect}
		}
	}
	return recognised{control: None}
}

func (r *controlRule) verbFits(verb *word, bits uint64) bool {
	if len(r.classes) == 0 && r.verb == 0 && !r.noVerb {
		return true
	}
	for _, c := range r.classes {
		if verb.class == c {
			return true
		}
	}
	return bits&r.verb != 0 || r.noVerb && verb.class == ""
}

func all(sets []uint64, have uint64) bool {
	for _, set := range sets {
		if have&set == 0 {
			return false
		}
	}
	return true
}

// concepts collects what the words say, the verb left out.
func (x *lexicon) concepts(name *reading, rt *route, verb *word) (inName, inPath uint64) {
	for i := range name.tokens {
		if i != name.verbAt || name.verb.text != verb.text {
			inName |= x.conceptsAt(name.tokens, i)
		} else {
			inName |= x.conceptPhraseAt(name.tokens, i)
		}
	}
	for i := range rt.tokens {
		if t := rt.tokens[i]; t.word == nil || t.word.text != verb.text {
			inPath |= x.conceptsAt(rt.tokens, i)
		}
	}
	return inName, inPath
}

func (x *lexicon) conceptsAt(tokens []token, i int) uint64 {
	var bits uint64
	if w := tokens[i].word; w != nil {
		bits = w.concepts
	}
	return bits | x.conceptPhraseAt(tokens, i)
}

func (x *lexicon) conceptPhraseAt(tokens []token, i int) uint64 {
	var bits uint64
	for _, p := range x.bigrams[tokens[i].singular()] {
		if endsIn(tokens[:i+1], p.words) {
			bits |= p.concepts
		}
	}
	return bits
}

func (x *lexicon) conceptsAround(op Operation) uint64 {
	var bits uint64
	for _, text := range [...]string{op.Provider, op.Context} {
		var buf [12]token
		for _, t := range x.split(buf[:0], text) {
			if t.word != nil {
				bits |= t.word.concepts
			}
		}
	}
	return bits
}

func endsWithOneOf(words []string, name *reading, rt *route, method class) bool {
	for _, w := range words {
		if n := len(name.tokens); n > 0 && (name.tokens[n-1].text == w || name.solo && name.verb.text == w) {
			return true
		}
		if n := len(rt.last); n > 0 && rt.final && rt.last[n-1].text == w && (method == "create" || method == "read") {
			return true
		}
	}
	return false
}
