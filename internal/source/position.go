package source

import "fmt"

// Position is a place in a text. Line and Column count from 1; Column counts
// Unicode code points. The zero Position means "the file as a whole".
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Before reports whether p lies before q.
func (p Position) Before(q Position) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Column < q.Column
}

// Range is a stretch of text; End is the first place behind it.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Location is a range in a named file.
type Location struct {
	File  string `json:"file"`
	Range Range  `json:"range"`
}

// String prints the location as file:line:column, or the file alone where no
// line is known.
func (l Location) String() string {
	if l.Range.Start.Line == 0 {
		return l.File
	}
	return fmt.Sprintf("%s:%d:%d", l.File, l.Range.Start.Line, l.Range.Start.Column)
}
