package listing

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// csvColumns are the columns beside the factors. What a row says in provider
// and description has no part in its score.
var csvColumns = []string{"name", "provider", "description", "cvss", "threat", "mitigation"}

const ruleCSV = "csv-cell"

// csvHeader is what the first row of a CSV says of the others.
type csvHeader struct {
	file     string
	line     int
	choice   choice
	columns  []string // "" for a factor
	factors  []int    // by column; -1 for what is no factor
	unknown  scoring.Input
	warnings []Warning
}

// cell is the text of one cell and where it stands in its line, in bytes.
type cell struct {
	text []byte
	from int
	to   int
}

// header reads the first line that is not empty.
func (l *lines) header(option *scoring.Formula) (*csvHeader, error) {
	for {
		text, err := l.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, Errors{{At: moved(source.Location{}, l.name, l.line), ID: "too-long", Message: "the header is longer than 65536 bytes"}}
		}
		if err != nil && len(bytes.TrimSpace(text)) == 0 {
			l.err = err
			return nil, Errors{{At: source.Location{File: l.name}, ID: "empty", Message: "is empty", Expected: "a header such as name,cvss,threat,mitigation,…"}}
		}
		line := l.line
		l.line++
		if text = bytes.TrimRight(text, "\r\n"); len(bytes.TrimSpace(text)) > 0 {
			return readHeader(l.name, text, line, option)
		}
	}
}

func readHeader(name string, text []byte, line int, option *scoring.Formula) (*csvHeader, error) {
	h := &csvHeader{file: name, line: line}
	var c collector
	cells, fault := cutCells(nil, text)
	if fault != nil {
		c.add(h.at(fault, text, line, cell{}))
		return nil, c.err()
	}
	var keys []string
	for _, column := range cells {
		if key := string(column.text); !contains(csvColumns, key) {
			keys = append(keys, key)
		}
	}
	h.choice = choose(keys, option)
	f := h.choice.formula
	seen := map[string]bool{}
	for _, column := range cells {
		key := string(column.text)
		i, isFactor := f.Factor(key)
		switch known := contains(csvColumns, key); {
		case seen[key]:
			c.add(h.at(&source.Error{ID: "duplicate-column", Message: "column " + quote(key) + " stands here again", Hint: "keep one"}, text, line, column))
		case !known && !isFactor:
			c.add(h.at(unknownColumn(key, f), text, line, column))
		}
		seen[key] = true
		if !isFactor {
			i = -1
		}
		h.columns, h.factors = append(h.columns, key), append(h.factors, i)
	}
	if f.Kind != scoring.KindScore {
		c.add(h.at(&source.Error{ID: "no-score", Message: f.ID + " gives no score", Expected: "the factors of a formula that gives a score"}, text, line, cell{}))
	}
	if h.choice.ignored {
		h.warnings = append(h.warnings, Warning{WarnFormulaOption, fmt.Sprintf("the columns are factors of %s, so %s is not used", f.ID, option.ID), moved(source.Location{}, name, line)})
	}
	h.unknown = f.Unknown()
	return h, c.err()
}

func unknownColumn(key string, f *scoring.Formula) *source.Error {
	fault := unknownFactor(key, f)
	names := append(append([]string{}, csvColumns...), factorKeys(f)...)
	fault.ID, fault.Message, fault.Expected = "unknown-column", "there is no column "+quote(key), "one of "+strings.Join(names, ", ")
	if near := source.DidYouMean(key, names); near != "" {
		fault.Hint = near
	}
	return fault
}

// looksLikeHeader reports whether a line is the header of a CSV of assessments.
func looksLikeHeader(line []byte) bool {
	cells, fault := cutCells(nil, bytes.TrimRight(line, "\r"))
	if fault != nil || len(cells) < 2 {
		return false
	}
	known := 0
	for _, c := range cells {
		key := string(c.text)
		for _, f := range scoring.Formulas() {
			if _, ok := f.Factor(key); ok || contains(csvColumns, key) {
				known++
				break
			}
		}
	}
	return known >= 2
}

// cutCells cuts a line into cells, after RFC 4180 but for line breaks inside of
// quotes: a row is one line, so that a quote too many spoils one row and not
// the rest of the stream. Spaces around an unquoted cell do not count.
func cutCells(cells []cell, line []byte) ([]cell, *source.Error) {
	for at := 0; ; at++ {
		if at < len(line) && line[at] == '"' {
			c, end, fault := quotedCell(line, at)
			if fault != nil {
				return append(cells, c), fault
			}
			cells, at = append(cells, c), end
		} else {
			end := bytes.IndexByte(line[at:], ',')
			if end < 0 {
				end = len(line) - at
			}
			c := trimmed(line, at, at+end)
			if i := bytes.IndexByte(c.text, '"'); i >= 0 {
				c.from, c.to = c.from+i, c.from+i+1
				return append(cells, c), &source.Error{ID: "csv-quote", Message: "a quote stands inside an unquoted cell",
					Hint: `put the whole cell in quotes and write each quote in it twice`}
			}
			cells, at = append(cells, c), at+end
		}
		if at >= len(line) {
			return cells, nil
		}
	}
}

func trimmed(line []byte, from, to int) cell {
	for from < to && (line[from] == ' ' || line[from] == '\t') {
		from++
	}
	for from < to && (line[to-1] == ' ' || line[to-1] == '\t') {
		to--
	}
	return cell{line[from:to], from, to}
}

// quotedCell reads a cell in quotes and returns the offset of the comma or end
// behind it.
func quotedCell(line []byte, at int) (cell, int, *source.Error) {
	c := cell{from: at}
	var text []byte
	for i := at + 1; i < len(line); i++ {
		if line[i] != '"' {
			text = append(text, line[i])
			continue
		}
		if i+1 < len(line) && line[i+1] == '"' {
			text = append(text, '"')
			i++
			continue
		}
		end := i + 1
		for end < len(line) && (line[end] == ' ' || line[end] == '\t') {
			end++
		}
		if end < len(line) && line[end] != ',' {
			c.from, c.to = i, i+1
			return c, end, &source.Error{ID: "csv-quote", Message: "text follows the closing quote of a cell", Expected: "a comma", Hint: "write a quote inside of a cell twice"}
		}
		c.text, c.to = text, i+1
		return c, end, nil
	}
	c.to = len(line)
	return c, len(line), &source.Error{ID: "csv-quote", Message: "a cell's quote is not closed in its line", Hint: "a row is one line: line breaks inside of a cell are not read"}
}

// at gives a fault its place; the zero cell stands for the whole line.
func (h *csvHeader) at(fault *source.Error, text []byte, line int, c cell) *source.Error {
	if fault.At.File == "" {
		fault.At = h.location(text, line, c)
	}
	return fault
}

func (h *csvHeader) location(text []byte, line int, c cell) source.Location {
	if c.to == 0 {
		c.to = len(text)
	}
	column := func(i int) int { return utf8.RuneCount(text[:i]) + 1 }
	return source.Location{File: h.file, Range: source.Range{
		Start: source.Position{Line: line, Column: column(c.from)}, End: source.Position{Line: line, Column: column(c.to)}}}
}
