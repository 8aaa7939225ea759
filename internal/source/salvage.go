package source

import (
	"bytes"
	"errors"
)

// Salvage parses as much as it can of the document that fault, an error of
// Parse, stands in: the lines before the fault. nil where nothing can be saved,
// or where the fault is not one of syntax.
func Salvage(f *File, limits Limits, fault error) *Document {
	var at *Error
	if !errors.As(fault, &at) || at.ID != "syntax" || isJSONName(f.Name) {
		return nil
	}
	end := at.At.Range.Start.Line
	if end < 1 {
		end = f.Lines() + 1
	}
	start := f.documentStart(end)
	// The line named is where the parser gave up, which may lie far behind the
	// fault: each try gives up more.
	const tries = 12
	for try, drop := 0, 1; try < tries && end > start; try++ {
		docs, err := Parse(f.Only(start, end), limits)
		if err == nil && len(docs) == 1 {
			return docs[0]
		}
		end -= drop
		drop *= 2
	}
	return nil
}

// documentStart returns the first line of the document that line lies in.
func (f *File) documentStart(line int) int {
	for n := min(line-1, f.Lines()); n >= 1; n-- {
		if text := f.Line(n); len(text) >= 3 && text[:3] == "---" {
			return n
		}
	}
	return 1
}

// Only returns f with every line empty but those from start up to end: positions
// in what is left are those of f.
func (f *File) Only(start, end int) *File {
	start, end = max(start, 1), min(end, f.Lines()+1)
	if start >= end {
		start, end = 1, 1
	}
	from, to := f.lineOffset(start), f.lineOffset(end)
	text := make([]byte, 0, start+to-from)
	text = append(text, bytes.Repeat([]byte{'\n'}, start-1)...)
	text = append(text, f.Text[from:to]...)
	return newFile(f.Name, text)
}

func (f *File) lineOffset(n int) int {
	if n > len(f.lines) {
		return len(f.Text)
	}
	return f.lines[n-1]
}
