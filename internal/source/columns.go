package source

import (
	"encoding/binary"
	"sort"
)

// columns converts between bytes and code points. A whole file on one line is
// ordinary for JSON, so neither way may cost what lies before: where a text is not
// plain ASCII, the code points before each block are counted once.
type columns struct {
	text   []byte
	before []int // code points before each block; nil where each byte is one
}

const block = 1 << 10 // bytes

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
	const high = 0x8080808080808080
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

func countBegins(text []byte) int {
	count := 0
	for _, b := range text {
		if begins(b) {
			count++
		}
	}
	return count
}

// begins reports whether a byte of UTF-8 begins a code point.
func begins(b byte) bool { return b&0xc0 != 0x80 }

// index returns how many code points begin before the byte at offset.
func (c columns) index(offset int) int {
	if c.before == nil {
		return offset
	}
	at := min(offset/block, len(c.before)-1)
	return c.before[at] + countBegins(c.text[at*block:offset])
}

// offset returns the byte at which code point number index begins, or the length
// of the text where there are not so many.
func (c columns) offset(index int) int {
	if c.before == nil {
		return min(index, len(c.text))
	}
	at := max(sort.SearchInts(c.before, index+1)-1, 0)
	left := index - c.before[at]
	for i := at * block; i < len(c.text); i++ {
		if !begins(c.text[i]) {
			continue
		}
		if left == 0 {
			return i
		}
		left--
	}
	return len(c.text)
}
