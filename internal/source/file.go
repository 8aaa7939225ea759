package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"unicode/utf8"
)

// Limits bound what a reader accepts. A zero field means the default.
type Limits struct {
	Bytes     int64 // size of a file
	Depth     int   // nesting of a document
	Nodes     int   // nodes of a document, aliases expanded
	Documents int   // documents in one file
}

// defaultLimits suit files that people write.
var defaultLimits = Limits{Bytes: 16 << 20, Depth: 100, Nodes: 1 << 20, Documents: 100}

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = defaultLimits.Bytes
	}
	if l.Depth == 0 {
		l.Depth = defaultLimits.Depth
	}
	if l.Nodes == 0 {
		l.Nodes = defaultLimits.Nodes
	}
	if l.Documents == 0 {
		l.Documents = defaultLimits.Documents
	}
	return l
}

// File is a text and its name. Its bytes are valid UTF-8 without a byte order
// mark, and must not be changed.
type File struct {
	Name  string
	Text  []byte
	lines []int // offset of each line's first byte
	runes columns
}

// ReadFile reads name from fsys within limits.
func ReadFile(fsys fs.FS, name string, limits Limits) (*File, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, readError(name, err)
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		if info.IsDir() {
			return nil, &Error{At: Location{File: name}, ID: "unreadable", Message: "is a folder", Expected: "a file"}
		}
		size = info.Size()
	}
	return read(name, f, size, limits)
}

// Read reads all of r, which messages call name, within limits.
func Read(name string, r io.Reader, limits Limits) (*File, error) {
	return read(name, r, 0, limits)
}

// read reads what is said to be of a size; a file may grow meanwhile, and a device
// has none.
func read(name string, r io.Reader, size int64, limits Limits) (*File, error) {
	limits = limits.withDefaults()
	var text bytes.Buffer
	text.Grow(int(min(max(size, 0), limits.Bytes)) + bytes.MinRead)
	if _, err := text.ReadFrom(io.LimitReader(r, limits.Bytes+1)); err != nil {
		return nil, readError(name, err)
	}
	return NewFile(name, text.Bytes(), limits)
}

// NewFile checks text against limits and takes it over.
func NewFile(name string, text []byte, limits Limits) (*File, error) {
	limits = limits.withDefaults()
	if int64(len(text)) > limits.Bytes {
		return nil, &Error{At: Location{File: name}, ID: "too-large",
			Message: fmt.Sprintf("is larger than %d bytes", limits.Bytes), Hint: "split the file"}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	f := newFile(name, text)
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, &Error{At: f.At(i, i+1), ID: "binary", Message: "holds a zero byte", Expected: "text in UTF-8"}
	}
	if i := invalidUTF8(text); i >= 0 {
		return nil, &Error{At: f.At(i, i+1), ID: "encoding",
			Message: fmt.Sprintf("byte 0x%02x is not valid UTF-8", text[i]), Expected: "text in UTF-8",
			Hint: "save the file as UTF-8"}
	}
	return f, nil
}

func newFile(name string, text []byte) *File {
	return &File{Name: name, Text: text, lines: lineStarts(text), runes: newColumns(text)}
}

func readError(name string, err error) error {
	var path *fs.PathError
	cause := err
	if errors.As(err, &path) {
		cause = path.Err
	}
	return &Error{At: Location{File: name}, ID: "unreadable", Message: "cannot be read: " + cause.Error(), Err: err}
}

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// Lines returns the number of lines.
func (f *File) Lines() int { return len(f.lines) }

// Line returns line n, counted from 1, without its end; "" where there is none.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	end := len(f.Text)
	if n < len(f.lines) {
		end = f.lines[n]
	}
	return string(bytes.TrimRight(f.Text[f.lines[n-1]:end], "\r\n"))
}

// Position returns the place of the byte at offset.
func (f *File) Position(offset int) Position {
	offset = min(max(offset, 0), len(f.Text))
	return f.inLine(sort.SearchInts(f.lines, offset+1), offset)
}

// positionFrom returns the place of the byte at offset, which mostly lies in line n.
func (f *File) positionFrom(n, offset int) Position {
	if offset < f.lines[n-1] || n < len(f.lines) && offset >= f.lines[n] {
		return f.Position(offset)
	}
	return f.inLine(n, offset)
}

// inLine returns the place of the byte at offset, which lies in line n.
func (f *File) inLine(n, offset int) Position {
	return Position{Line: n, Column: f.runes.count(f.lines[n-1], offset) + 1}
}

// Offset returns the byte offset of p, at most the length of the text.
func (f *File) Offset(p Position) int {
	if p.Line < 1 {
		return 0
	}
	if p.Line > len(f.lines) {
		return len(f.Text)
	}
	return f.runes.after(f.lines[p.Line-1], max(p.Column-1, 0))
}

// At returns the location of the bytes from start up to end.
func (f *File) At(start, end int) Location {
	return Location{File: f.Name, Range: Range{Start: f.Position(start), End: f.Position(end)}}
}

// LineAt returns the location of line n without its indentation.
func (f *File) LineAt(n int) Location {
	text := f.Line(n)
	indent := len(text) - len(bytes.TrimLeft([]byte(text), " \t"))
	return Location{File: f.Name, Range: Range{
		Start: Position{Line: n, Column: indent + 1},
		End:   Position{Line: n, Column: utf8.RuneCountInString(text) + 1}}}
}

func lineStarts(text []byte) []int {
	starts := append(make([]int, 0, bytes.Count(text, []byte("\n"))+1), 0)
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return starts
		}
		at += i + 1
		starts = append(starts, at)
	}
}
