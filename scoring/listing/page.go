package listing

import (
	"bytes"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"agentrisk/internal/source"
)

// page is a saved page as lines of text that know where in the file each
// character stands.
type page struct {
	file  *source.File
	title *pageLine // the title in the head of an HTML page
	lines []pageLine

	// Where the last position was asked for. Positions are asked for from the
	// top down, so that counting on from there is linear even where a page is
	// one long line.
	offset int
	at     source.Position
}

// position returns the place of the byte at offset.
func (p *page) position(offset int) source.Position {
	if p.at.Line == 0 || offset < p.offset {
		p.offset, p.at = offset, p.file.Position(offset)
		return p.at
	}
	between := p.file.Text[p.offset:offset]
	if n := bytes.Count(between, lineBreak); n > 0 {
		p.at = source.Position{Line: p.at.Line + n, Column: 1}
		between = between[bytes.LastIndexByte(between, '\n')+1:]
	}
	p.at.Column += utf8.RuneCount(between)
	p.offset = offset
	return p.at
}

// pageLine is a line of a text, or a block or table row of an HTML page,
// without markup: spaces are plain and single, hyphens are plain.
type pageLine struct {
	text       string
	lower      string  // the text in lower case, to look for words
	start, end []int32 // range in the file of each byte of text
	heading    bool
	paragraph  bool // something sets it apart from the line before
}

// location returns the place of text[i:j].
func (p *page) location(l *pageLine, i, j int) source.Location {
	if i >= j || j > len(l.text) {
		return source.Location{File: p.file.Name}
	}
	return source.Location{File: p.file.Name, Range: source.Range{Start: p.position(int(l.start[i])), End: p.position(int(l.end[j-1]))}}
}

// evidence points at text[i:j].
func (p *page) evidence(l *pageLine, i, j int, rule string) []source.Evidence {
	return []source.Evidence{{At: p.location(l, i, j), Quote: source.Quote(l.text[i:j]), Rule: rule}}
}

// lineBuilder collects the characters of one line.
type lineBuilder struct {
	line  pageLine
	text  []byte
	space bool // a space waits for the next character
	from  int32
	to    int32
}

// add appends a character that stands at from up to to in the file.
func (b *lineBuilder) add(r rune, from, to int) {
	r = plain(r)
	if r < 0 {
		return
	}
	if r == ' ' {
		if !b.space {
			b.space, b.from, b.to = len(b.text) > 0, int32(from), int32(to)
		}
		return
	}
	if b.space {
		b.put(' ', b.from, b.to)
		b.space = false
	}
	b.put(r, int32(from), int32(to))
}

func (b *lineBuilder) put(r rune, from, to int32) {
	before := len(b.text)
	b.text = utf8.AppendRune(b.text, r)
	for range len(b.text) - before {
		b.line.start = append(b.line.start, from)
		b.line.end = append(b.line.end, to)
	}
}

// done returns the line, and whether it holds anything.
func (b *lineBuilder) done() (pageLine, bool) {
	line := b.line
	line.text = string(b.text)
	line.lower = strings.ToLower(line.text)
	*b = lineBuilder{}
	return line, line.text != ""
}

// plain gives the plain form of a space or hyphen, -1 for what is not seen, and
// any other character as it is.
func plain(r rune) rune {
	switch {
	case r == '\u2010' || r == '\u2011' || r == '\u2212': // hyphens, minus
		return '-'
	case r == '\u00ad' || r >= '\u200b' && r <= '\u200f' || r == '\u2060' || r == '\ufeff' || r == '\ufe0e' || r == '\ufe0f':
		return -1
	case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
		return ' '
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return -1
	}
	return r
}

// readTextPage cuts a text or Markdown page into lines.
func readTextPage(file *source.File) *page {
	p := &page{file: file}
	apart := true
	for at := 0; at < len(file.Text); {
		end := at + bytes.IndexByte(file.Text[at:], '\n')
		if end < at {
			end = len(file.Text)
		}
		if line, ok := markdownLine(file.Text, at, end); ok {
			line.paragraph = apart || line.heading
			p.lines = append(p.lines, line)
			apart = line.heading
		} else {
			apart = true
		}
		at = end + 1
	}
	return p
}

// markdownLine reads one line. What marks up in Markdown and means nothing in a
// plain text is dropped: the marks at its head, emphasis, code, link targets.
func markdownLine(text []byte, at, end int) (pageLine, bool) {
	var b lineBuilder
	at, b.line.heading = skipMarks(text, at, end)
	begin, links := at, links{text: text, end: end}
	for at < end {
		c := text[at]
		switch {
		case c == '`', c == '*' && at+1 < end && text[at+1] == '*':
			at++
			if c == '*' {
				at++
			}
		case (c == '*' || c == '_') && emphasis(text, begin, at, end):
			at++
		case c == '\\' && at+1 < end && strings.IndexByte("\\`*_{}[]()#+-.!|&~<>", text[at+1]) >= 0:
			b.add(rune(text[at+1]), at, at+2)
			at += 2
		case c == '&':
			at = addEntity(&b, text[:end], at)
		case c == '!' && at+1 < end && text[at+1] == '[':
			at = max(links.from(at+1), at+1)
		case c == ']' && at+1 < end && text[at+1] == '(':
			at = max(links.target(at+1), at+1)
		case c == '[' && links.from(at) > 0:
			at++
		default:
			r, size := utf8.DecodeRune(text[at:end])
			b.add(r, at, at+size)
			at += size
		}
	}
	return b.done()
}

// emphasis reports whether the mark at at opens or closes emphasis: it touches a
// word on one side only, unlike a times sign and the mark in cvss_base.
func emphasis(text []byte, begin, at, end int) bool {
	before := at > begin && strings.IndexByte(" \t|(", text[at-1]) < 0
	after := at+1 < end && strings.IndexByte(" \t|).,:;", text[at+1]) < 0
	return before != after
}

// skipMarks passes over indentation, quote marks, bullets, heading marks and the
// numbers of a list.
func skipMarks(text []byte, at, end int) (int, bool) {
	heading := false
	for at < end {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '>':
			at++
		case (c == '-' || c == '*' || c == '+') && at+1 < end && text[at+1] == ' ':
			at += 2
		case c == '#':
			heading = true
			at++
		case bytes.HasPrefix(text[at:end], []byte("• ")):
			at += len("• ")
		default:
			return at + listNumber(text[at:end]), heading
		}
	}
	return at, heading
}

// listNumber returns the length of a mark such as "3. " or "10) " before a word.
// Before a digit it may be a part of a number.
func listNumber(text []byte) int {
	digits := 0
	for digits < len(text) && digits < 2 && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits == 0 || len(text) < digits+3 || text[digits] != '.' && text[digits] != ')' || text[digits+1] != ' ' {
		return 0
	}
	if c, _ := utf8.DecodeRune(text[digits+2:]); !unicode.IsLetter(c) && c != '*' && c != '_' && c != '`' {
		return 0
	}
	return digits + 2
}

// links finds the ends of `[text](target)` in a line. It remembers what comes
// next, so that a line of brackets costs no more than its length.
type links struct {
	text    []byte
	end     int
	between int // next "](", -1 for none; behind the place asked for or unknown
	close   int // next ")" likewise
}

// next returns the first mark from at on, given the last answer.
func (l *links) next(last, at int, mark string) int {
	if last < 0 || last >= at && last > 0 {
		return last
	}
	if i := bytes.Index(l.text[at:l.end], []byte(mark)); i >= 0 {
		return at + i
	}
	return -1
}

// from returns the offset behind the link whose text begins at at, 0 for none.
func (l *links) from(at int) int {
	if l.between = l.next(l.between, at, "]("); l.between < 0 {
		return 0
	}
	return l.target(l.between + 1)
}

// target returns the offset behind the target that begins at at, 0 for none.
func (l *links) target(at int) int {
	if l.close = l.next(l.close, at, ")"); l.close < 0 {
		return 0
	}
	return l.close + 1
}

// addEntity adds the character that an HTML entity at at stands for, or the
// ampersand itself, and returns the offset behind it.
func addEntity(b *lineBuilder, text []byte, at int) int {
	const longest = 34
	window := text[at:min(at+longest, len(text))]
	if i := bytes.IndexByte(window, ';'); i > 0 {
		whole := string(window[:i+1])
		if decoded := html.UnescapeString(whole); !strings.HasPrefix(decoded, "&") || decoded == "&" {
			for _, r := range decoded {
				b.add(r, at, at+i+1)
			}
			return at + i + 1
		}
	}
	b.add('&', at, at+1)
	return at + 1
}
