package effects

import "strings"

// fromDescription reads the first verb of the description, for names that say
// nothing. Prose is the weakest basis, and no control is read from it: a
// description that speaks of approval does not make a step one.
func (x *lexicon) fromDescription(op Operation) (guess, bool) {
	var buf [20]token
	tokens := x.sentence(buf[:0], op.Description)
	for i, t := range tokens {
		w := x.verbForm(t.text)
		if w == nil || w.level < lead && i > 0 {
			if i >= 6 {
				break
			}
			continue
		}
		r := reading{tokens: tokens, verb: w, verbAt: i}
		r.tokens[i] = token{text: w.text, part: 0, word: w}
		r.findAlso()
		r.findObject()
		x.judge(&r)
		d, nounRule := x.domainOf(op, *w, &r, &route{domain: noNoun})
		if d == "secret-value" && x.aboutIt(r.object) {
			d = "plain"
		}
		rule := x.effectOf(w.class, d)
		return guess{effect: rule.effect, control: None, basis: ByDescription, confidence: Possible, class: w.class,
			rule: rule.id, verbRule: w.verbRule, nounRule: nounRule}, true
	}
	return guess{}, false
}

// aboutIt reports whether a phrase speaks of information on a thing.
func (x *lexicon) aboutIt(tokens []token) bool {
	return said(tokens, "information") || said(tokens, "details") || said(tokens, "metadata")
}

// sentence returns the words of the first sentence, at most 20.
func (x *lexicon) sentence(into []token, text string) []token {
	for field := range strings.FieldsSeq(text) {
		bare := strings.Trim(field, "`'\"()[]*_,:;!?.")
		if bare != "" && !leadIn[strings.ToLower(bare)] {
			into = x.split(into, strings.ToLower(bare))
		}
		if len(into) >= 20 || strings.HasSuffix(field, ".") || strings.HasSuffix(field, ";") {
			break
		}
	}
	return into
}

// leadIn are the words that descriptions begin with before they say anything.
var leadIn = map[string]bool{"this": true, "tool": true, "use": true, "used": true, "to": true, "allows": true, "allow": true, "lets": true,
	"you": true, "the": true, "a": true, "an": true, "endpoint": true, "operation": true, "can": true, "be": true, "will": true, "is": true,
	"that": true, "api": true, "enables": true, "it": true, "for": true, "users": true, "and": true, "method": true, "function": true, "utility": true}

// verbForm finds the verb that a word is a form of: creates, creating.
func (x *lexicon) verbForm(text string) *word {
	try := func(base string) *word {
		if w := x.words[base]; w != nil && w.class != "" {
			return w
		}
		return nil
	}
	if w := try(text); w != nil {
		return w
	}
	if s, ok := strings.CutSuffix(text, "ies"); ok {
		return try(s + "y")
	}
	if s, ok := strings.CutSuffix(text, "es"); ok {
		if w := try(s + "e"); w != nil {
			return w
		}
		return try(s)
	}
	if s, ok := strings.CutSuffix(text, "s"); ok {
		return try(s)
	}
	if s, ok := strings.CutSuffix(text, "ing"); ok && len(s) > 2 {
		for _, base := range []string{s, s + "e", s[:len(s)-1]} {
			if w := try(base); w != nil {
				return w
			}
		}
	}
	return nil
}

// overrules reports whether the description's verb counts more than a lead or
// weak verb of the name, which may be a noun: stream-to-siem, "Confirm that …".
func (x *lexicon) overrules(d, g guess, verb word) bool {
	return verb.level == weak || verb.class == "generate" && graver(d.effect, g.effect) != g.effect || d.effect == Read && d.class == "check" || g.effect == Read && d.effect != Read
}
