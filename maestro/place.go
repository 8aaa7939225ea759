package maestro

import (
	"sort"
	"unicode/utf8"

	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// placer finds where words of a text stand in its file. A text comes with one
// range a line; where the ranges are as wide as the text, each word has a place
// of its own, and otherwise (escapes, entities) the place of the whole text stands
// for it.
type placer struct {
	text   string
	lines  []source.Location
	starts []int // code point of the text that each line begins with
	exact  bool
	lead   int // code points before the first word, 1 for a quotation mark

	// The last place asked for: places are asked for nearly in order, and
	// counting from here keeps the whole linear.
	offset, runes int
}

// newPlacer places text by its evidence. What follows the evidence of its lines,
// such as that of a tag, is left aside.
func newPlacer(text string, at []source.Evidence, form listing.Form) *placer {
	p := &placer{text: text}
	length, width := utf8.RuneCountInString(text), 0
	for i, e := range at {
		r := e.At.Range
		p.lines = append(p.lines, e.At)
		p.starts = append(p.starts, width)
		if r.Start.Line != r.End.Line {
			continue
		}
		width += r.End.Column - r.Start.Column
		if width == length {
			p.exact = true
			return p
		}
		if i == 0 && form == listing.FormAssessment && width == length+2 {
			p.exact, p.lead = true, 1
			return p
		}
		width++ // what joins the lines
	}
	return p
}

// at returns the evidence for the bytes from start to end: place and words. The
// rule is the caller's to add.
func (p *placer) at(start, end int) source.Evidence {
	e := source.Evidence{Quote: source.Quote(p.text[start:end])}
	if len(p.lines) == 0 {
		return e
	}
	if !p.exact {
		e.At = p.lines[0]
		e.At.Range.End = p.lines[len(p.lines)-1].Range.End
		return e
	}
	e.At.File = p.lines[0].File
	e.At.Range = source.Range{Start: p.position(start), End: p.position(end)}
	return e
}

// position returns the place of the byte at offset.
func (p *placer) position(offset int) source.Position {
	n := p.count(offset) + p.lead
	line := max(sort.SearchInts(p.starts, n+1)-1, 0)
	at := p.lines[line].Range.Start
	at.Column += n - p.starts[line]
	return at
}

// count returns the number of code points before offset.
func (p *placer) count(offset int) int {
	if offset >= p.offset {
		p.runes += utf8.RuneCountInString(p.text[p.offset:offset])
	} else {
		p.runes -= utf8.RuneCountInString(p.text[offset:p.offset])
	}
	p.offset = offset
	return p.runes
}
