package inputs

import (
	"strings"
	"unicode/utf8"
)

// finding is what one rule found in one text.
type finding struct {
	severity Severity
	detail   string // what was seen, in numbers or code points; "" where the rule says all
}

func (f finding) reason(r *rule) string {
	if f.detail == "" {
		return r.says
	}
	return r.says + ": " + f.detail
}

// findings are by rule id; of two for one rule the graver stays.
type findings map[string]finding

func (f findings) add(id string, severity Severity, detail string) {
	if have, ok := f[id]; !ok || have.severity == Note && severity == Warn {
		f[id] = finding{severity, detail}
	}
}

// reader looks at one text after another.
type reader struct {
	rules   *rules
	matcher *matcher
	decoded int // bytes that may still be decoded; below 0: not all was
}

func newReader(r *rules) *reader {
	return &reader{rules: r, matcher: newMatcher(r), decoded: maxDecoded}
}

// lend gives a reader that nobody uses, as new: what it is made of is large, and most
// values are small.
func (r *rules) lend() *reader {
	if used, ok := r.readers.Get().(*reader); ok {
		used.decoded = maxDecoded
		return used
	}
	return newReader(r)
}

// read looks at a text, at its characters, and at what is encoded in it.
func (r *reader) read(text string) findings {
	found := findings{}
	r.plain(text, found)
	r.survey(text, found)
	r.encoded(text, found, 1)
	r.turned(text, found)
	return found
}

// plain looks at the words of a text and at its patterns.
func (r *reader) plain(text string, found findings) {
	for _, i := range r.matcher.read(text) {
		seq := r.rules.sequences[i]
		found.add(seq.rule.id, seq.severity, "")
		if r.matcher.fired[i].hidden {
			found.add(idHidden, seq.severity, "")
		}
	}
	text = r.rules.clean(text)
	lower := strings.ToLower(text)
	for _, p := range r.rules.patterns {
		if !p.worthwhile(lower) {
			continue
		}
		at := p.re.FindStringIndex(text)
		if at == nil {
			continue
		}
		severity := p.severity
		if p.alone != "" && strings.TrimSpace(text) == text[at[0]:at[1]] {
			severity = p.alone
		}
		found.add(p.rule.id, severity, "")
	}
}

// clean is a text without what does not show, and with wide letters and signs as
// their usual ones.
func (r *rules) clean(text string) string {
	if ascii(text) {
		return text
	}
	return strings.Map(func(c rune) rune {
		switch {
		case r.invisible(c):
			return -1
		case 0xFF01 <= c && c <= 0xFF5E:
			return c - 0xFF01 + '!'
		}
		return c
	}, text)
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// turned looks at the text read from its end, and with its letters moved by half
// the alphabet.
func (r *reader) turned(text string, found findings) {
	const enough = 16
	if len(text) < enough {
		return
	}
	turns := []struct {
		how, text string
	}{{"read backwards", reversed(text)}, {"in ROT13", rot13(text)}}
	for _, t := range turns {
		for _, i := range r.matcher.read(t.text) {
			if seq := r.rules.sequences[i]; seq.severity == Warn && found[seq.rule.id].severity != Warn {
				found.add(idEncoded, Warn, t.how+" it "+seq.rule.says)
			}
		}
	}
}
