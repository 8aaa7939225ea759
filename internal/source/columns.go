package source

import (
	"encoding/binary"
	"math/bits"
	"sort"
)

// columns converts between bytes and code points. A whole file on one line is
// ordinary for JSON, so neither way may cost what lies before: where a text is not
// plain ASCII, the code points before each block are counted once. What is no longer
// than a block, as most lines are, is counted where it stands.
type columns struct {
	text   []byte
	before []int // code points before each block; nil where each byte is one
}

const (
	block = 1 << 10 // bytes
	high  = 0x8080808080808080
)

func newColumns(text []byte) columns {
	c := columns{text: text}
	if isASCII(text) {
		return c
	}
	c.before = make([]int, 0, len(text)/block+1)
	count := 0
	for i := 0; i < len(text); i += block {
		c.before = append(c.before, count)
		count += countBegins(text[i:min(i+block, len(text))])
	}
	return c
}

// isASCII looks at eight bytes at a time: every file passes through here.
func isASCII(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&high != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= 0x80 {
			return false
		}
	}
	return true
}

// countBegins counts the code points that begin in text, eight bytes at a time: those
// that begin none have the upper bits 10.
func countBegins(text []byte) int {
	count := len(text)
	for ; len(text) >= 8; text = text[8:] {
		word := binary.LittleEndian.Uint64(text)
		count -= bits.OnesCount64(word & high &^ (word << 1))
	}
	for _, b := range text {
		if !begins(b) {
			count--
		}
	}
	return count
}

// begins reports whether a byte of UTF-8 begins a code point.
func begins(b byte) bool { return b&0xc0 != 0x80 }

// count returns how many code points begin from the byte at from up to the one at to.
func (c columns) count(from, to int) int {
	switch {
	case c.before == nil:
		return to - from
	case to-from <= block:
		return countBegins(c.text[from:to])
	}
	return c.index(to) - c.index(from)
}

// after returns the byte at which the n-th code point behind the one at from begins,
// or the length of the text where there are not so many.
func (c columns) after(from, n int) int {
	switch {
	case c.before == nil:
		return from + min(n, len(c.text)-from)
	case n <= block:
		return c.walk(from, n)
	}
	index := c.index(from) + min(n, len(c.text)) // no text has more
	at := max(sort.SearchInts(c.before, index+1)-1, 0)
	return c.walk(at*block, index-c.before[at])
}

// index returns how many code points begin before the byte at offset.
func (c columns) index(offset int) int {
	at := min(offset/block, len(c.before)-1)
	return c.before[at] + countBegins(c.text[at*block:offset])
}

// walk passes over n code points.
func (c columns) walk(from, n int) int {
	for i := from; i < len(c.text); i++ {
		if !begins(c.text[i]) {
			continue
		}
		if n == 0 {
			return i
		}
		n--
	}
	return len(c.text)
}
