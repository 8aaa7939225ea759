package inputs

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The rules that look at characters one by one. Their words stand in rules.yaml.
const (
	idEncoded   = "IN006"
	idHidden    = "IN009"
	idDirection = "IN010"
	idInvisible = "IN011"
	idTags      = "IN012"
	idSelectors = "IN013"
	idControls  = "IN014"
	idMixed     = "IN019"
	idSize      = "IN020"
)

// Sizes from which on a text is out of the ordinary.
const (
	longText  = 64 << 10 // bytes
	longWord  = 4 << 10  // bytes without a space
	padding   = 500      // spaces and empty lines before more text
	repeated  = 200      // times that one line or word follows itself
	manyMarks = 6        // accents on one letter
)

// survey goes through the characters of a text.
func (r *reader) survey(text string, found findings) {
	s := surveyor{rules: r.rules, text: text}
	for i, c := range text {
		size := utf8.RuneLen(c)
		if c == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
			s.broken += boolInt(size == 1)
		}
		s.next = utf8.RuneError
		if i+size < len(text) {
			s.next, _ = utf8.DecodeRuneInString(text[i+size:])
		}
		s.look(i, c)
		s.last = c
	}
	s.report(found)
}

// surveyor counts what is out of the ordinary.
type surveyor struct {
	rules      *rules
	text       string
	last, next rune // neighbours; the zero rune and RuneError where there is none

	overrides, embeddings, marks int
	rightToLeft                  bool
	invisible, row, longestRow   int
	tags                         int
	flag                         bool // in the tags of a flag
	selectors                    int
	controls, escapes, broken    int
	accents, mostAccents         int
	spaces, mostSpaces           int
	word, longestWord            int
	wordFrom                     int // byte at which the word began
	lastWord                     string
	times, mostTimes             int
	latin, lookalike, other      int // letters of the word
	mixed                        int
}

func (s *surveyor) look(i int, c rune) {
	s.shape(i, c)
	switch {
	case c < 0x20 && c != '\t' && c != '\n' && c != '\r', c == 0x7F, 0x80 <= c && c < 0xA0:
		s.controls++
		s.escapes += boolInt(c == 0x1B || c == 0x9B || c == 0 || c == 8)
	case c < utf8.RuneSelf:
	case c == 0x202D || c == 0x202E:
		s.overrides++
	case 0x202A <= c && c <= 0x202C, 0x2066 <= c && c <= 0x2069:
		s.embeddings++
	case c == 0x200E || c == 0x200F || c == 0x061C:
		s.marks++
	case 0xE0000 <= c && c <= 0xE007F:
		s.flag = s.flag || s.last == 0x1F3F4
		s.tags += boolInt(!s.flag)
		return
	case 0xFE00 <= c && c <= 0xFE0F, 0xE0100 <= c && c <= 0xE01EF:
		s.selectors += boolInt(!s.selects(c))
	case s.rules.invisible(c):
		s.unseen(c)
	case unicode.In(c, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko):
		s.rightToLeft = true
	}
	s.flag = false
}

// selects says whether a variation selector stands where one may: the short ones
// behind a sign or ideograph, the long ones behind an ideograph.
func (s *surveyor) selects(c rune) bool {
	if unicode.Is(unicode.Han, s.last) || unicode.Is(unicode.Mongolian, s.last) {
		return true
	}
	return c <= 0xFE0F && s.last != 0 && !unicode.IsLetter(s.last) && !unicode.IsSpace(s.last) && !unicode.IsMark(s.last) && !s.rules.invisible(s.last)
}

// unseen counts a character that does not show where no script needs it.
func (s *surveyor) unseen(c rune) {
	needed := false
	switch c {
	case 0xFEFF:
		needed = s.last == 0 // a byte order mark
	case 0xAD:
		needed = s.last != 0xAD // a place to part a word
	case 0x200B, 0x200C, 0x200D:
		needed = !(bare(s.last) && bare(s.next)) && !s.rules.invisible(s.last)
	}
	s.invisible += boolInt(!needed)
}

// bare says whether a letter belongs to a script that is written without joiners
// and without invisible places to part a line.
func bare(c rune) bool {
	return c < utf8.RuneSelf && c > ' ' || unicode.In(c, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}

// shape follows words, spaces and accents.
func (s *surveyor) shape(i int, c rune) {
	if s.rules.invisible(c) && !(0xFE00 <= c && c <= 0xFE0F) {
		s.row++
		s.longestRow = max(s.longestRow, s.row)
	} else {
		s.row = 0
	}
	if unicode.Is(unicode.Mn, c) && !s.rules.invisible(c) {
		s.accents++
		s.mostAccents = max(s.mostAccents, s.accents)
	} else {
		s.accents = 0
	}
	if unicode.IsSpace(c) {
		s.spaces++
		s.endWord(i)
		return
	}
	if s.word == 0 {
		s.mostSpaces, s.wordFrom = max(s.mostSpaces, s.spaces), i
	}
	s.spaces = 0
	s.word = i + 1 - s.wordFrom
	s.letter(c)
}

// letter tells apart the scripts of a word.
func (s *surveyor) letter(c rune) {
	switch {
	case 'a' <= c|0x20 && c|0x20 <= 'z':
		s.latin++
	case c < utf8.RuneSelf:
		s.endLetters()
	case s.rules.lookalikes[unicode.ToLower(c)] != 0 && unicode.In(c, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
		s.lookalike++
	case unicode.IsLetter(c):
		s.other++
	}
}

func (s *surveyor) endLetters() {
	s.mixed += boolInt(s.latin > 0 && s.lookalike > 0 && s.latin+s.lookalike > 3 && s.other == 0)
	s.latin, s.lookalike, s.other = 0, 0, 0
}

func (s *surveyor) endWord(i int) {
	if s.word == 0 {
		return
	}
	s.endLetters()
	s.longestWord = max(s.longestWord, s.word)
	word := s.text[s.wordFrom:i]
	if word == s.lastWord {
		s.times++
	} else {
		s.lastWord, s.times = word, 1
	}
	s.mostTimes = max(s.mostTimes, s.times)
	s.word = 0
}

// report says what the counts mean.
func (s *surveyor) report(found findings) {
	s.endWord(len(s.text))
	switch {
	case s.overrides > 0 || s.embeddings > 0 && !s.rightToLeft:
		found.add(idDirection, Warn, fmt.Sprintf("%d that override or embed a direction", s.overrides+s.embeddings))
	case s.embeddings > 0 || s.marks > 0 && !s.rightToLeft:
		found.add(idDirection, Note, fmt.Sprintf("%d", s.embeddings+s.marks))
	}
	if s.invisible > 0 {
		found.add(idInvisible, graver(s.invisible > 2 || s.longestRow > 3), fmt.Sprintf("%d", s.invisible))
	}
	if s.tags > 0 {
		found.add(idTags, Warn, fmt.Sprintf("%d", s.tags))
	}
	if s.selectors > 0 {
		found.add(idSelectors, graver(s.selectors > 1), fmt.Sprintf("%d", s.selectors))
	}
	if n := s.controls + s.broken; n > 0 {
		found.add(idControls, graver(s.escapes > 0), fmt.Sprintf("%d, %d of them escapes, backspaces or NUL", n, s.escapes))
	}
	if s.mixed > 0 {
		found.add(idMixed, Note, fmt.Sprintf("%d", s.mixed))
	}
	s.reportSize(found)
}

func (s *surveyor) reportSize(found findings) {
	var why []string
	say := func(is bool, format string, n int) {
		if is {
			why = append(why, fmt.Sprintf(format, n))
		}
	}
	say(len(s.text) > longText, "%d bytes", len(s.text))
	say(s.longestWord > longWord, "%d bytes without a space", s.longestWord)
	say(s.mostTimes > repeated, "one word %d times in a row", s.mostTimes)
	say(s.mostAccents > manyMarks, "%d accents on one letter", s.mostAccents)
	say(s.mostSpaces > padding, "%d spaces before more text", s.mostSpaces)
	if len(why) > 0 {
		found.add(idSize, graver(s.mostSpaces > padding), strings.Join(why, ", "))
	}
}

func graver(is bool) Severity {
	if is {
		return Warn
	}
	return Note
}

func boolInt(is bool) int {
	if is {
		return 1
	}
	return 0
}
