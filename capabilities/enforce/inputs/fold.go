package inputs

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is what one character counts as, whatever it is dressed up as.
type folded struct {
	letter rune // in lower case, without accents; 0: it counts as nothing
	kind   foldKind
	size   int // bytes of the character
}

type foldKind uint8

const (
	between   foldKind = iota // it parts words
	plain                     // a letter or digit that is what it looks like
	styled                    // another form of a letter, such as a wide or mathematical one
	lookalike                 // a letter of another script that looks like a Latin one
	other                     // a letter of another script
	ideograph                 // a word or syllable by itself
	mark                      // an accent
	unseen                    // it does not show
)

// fold looks at the first character of text.
func (r *rules) fold(text string) folded {
	if c := text[0]; c < utf8.RuneSelf {
		switch {
		case 'A' <= c && c <= 'Z':
			return folded{rune(c | 0x20), plain, 1}
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return folded{rune(c), plain, 1}
		case c == '@':
			return folded{'@', ideograph, 1} // a word by itself: what follows is an address
		}
		return folded{0, between, 1}
	}
	c, size := utf8.DecodeRuneInString(text)
	if r.invisible(c) {
		return folded{0, unseen, size}
	}
	kind := plain
	if d := norm.NFKD.PropertiesString(text).Decomposition(); d != nil {
		if norm.NFD.PropertiesString(text).Decomposition() == nil {
			kind = styled
		}
		c, _ = utf8.DecodeRune(d)
	} else if base := enclosed(c); base != 0 {
		c, kind = base, styled
	}
	if c = unicode.ToLower(c); c == 'ı' {
		return folded{'i', kind, size}
	}
	if latin, ok := r.lookalikes[c]; ok {
		c, kind = latin, lookalike
	}
	switch {
	case unicode.Is(unicode.Mn, c):
		return folded{0, mark, size}
	case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return folded{c, ideograph, size}
	case !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.Is(unicode.Mc, c):
		return folded{0, between, size}
	case c >= utf8.RuneSelf:
		return folded{c, other, size}
	}
	return folded{c, kind, size}
}

// enclosed is the letter in a white-on-black circle or square, or of a flag; these
// have no decomposition. 0 where c is none.
func enclosed(c rune) rune {
	for _, first := range []rune{0x1F150, 0x1F170, 0x1F1E6} {
		if first <= c && c < first+26 {
			return 'a' + c - first
		}
	}
	return 0
}

// rot13 turns Latin letters by half the alphabet.
func rot13(text string) string {
	out := []byte(text)
	for i, c := range out {
		switch lower := c | 0x20; {
		case 'a' <= lower && lower <= 'm':
			out[i] = c + 13
		case 'n' <= lower && lower <= 'z':
			out[i] = c - 13
		}
	}
	return string(out)
}

// reversed is a text from its end.
func reversed(text string) string {
	out := make([]byte, len(text))
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRuneInString(text[i:])
		copy(out[len(text)-i-size:], text[i:i+size])
		i += size
	}
	return string(out)
}
