package source

import "sort"

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
	for i, b := range text {
		if i%block == 0 {
			c.before = append(c.before, count)
		}
		if begins(b) {
			count++
		}
	}
	return c
}

func isASCII(text []byte) bool {
	for _, b := range text {
		if b >= 0x80 {
			return false
		}
	}
	return true
}

// begins reports whether a byte of UTF-8 begins a code point.
func begins(b byte) bool { return b&0xc0 != 0x80 }

// index returns how many code points begin before the byte at offset.
func (c columns) index(offset int) int {
	if c.before == nil {
		return offset
	}
	at := min(offset/block, len(c.before)-1)
	count := c.before[at]
	for _, b := range c.text[at*block : offset] {
		if begins(b) {
			count++
		}
	}
	return count
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
