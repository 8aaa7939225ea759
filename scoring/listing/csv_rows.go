package listing

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// csvRows reads the rows of a CSV.
type csvRows struct {
	header  *csvHeader
	cells   []cell
	vectors fastJSON // for the vectors it has met
}

// read reads a row into what a score needs.
func (r *csvRows) read(text []byte, line int, row *Row) error {
	cells, err := r.cut(text, line)
	if err != nil {
		return err
	}
	h := r.header
	f := h.choice.formula
	*row = Row{Line: line, Formula: f, Input: h.unknown}
	var c collector
	var threat, mitigation csvValue
	for i, cell := range cells {
		v, fault := h.value(i, cell, r.vectors.lookupVector)
		if fault != nil {
			c.add(h.at(fault, text, line, cell))
			continue
		}
		switch {
		case h.factors[i] >= 0 && v.known:
			row.Input.Factors[h.factors[i]] = scoring.Exactly(v.number)
		case h.columns[i] == "name":
			row.Name = cell.text
		case h.columns[i] == "cvss" && v.known:
			row.Input.Base, row.CVSS = scoring.Exactly(v.number), v.vector
		case h.columns[i] == "threat":
			threat = v
		case h.columns[i] == "mitigation":
			mitigation = v
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	switch {
	case threat.known:
		row.Input.Threat = scoring.Exactly(threat.number)
	case row.CVSS != nil && !threat.word && row.CVSS.Maturity != scoring.MaturityNotDefined:
		row.Input.Threat = row.CVSS.Maturity.Threat(f)
	}
	if mitigation.known && f.Mitigation != nil {
		row.Input.Mitigation = scoring.Exactly(mitigation.number)
	}
	if err := f.Check(&row.Input); err != nil {
		return h.at(&source.Error{ID: "value-not-allowed", Message: err.Error(), Err: err}, text, line, cell{})
	}
	return nil
}

// cut cuts a row into as many cells as the header has.
func (r *csvRows) cut(text []byte, line int) ([]cell, error) {
	h := r.header
	if !utf8.Valid(text) {
		at := 0
		for rest := text; ; {
			c, size := utf8.DecodeRune(rest)
			if c == utf8.RuneError && size == 1 {
				break
			}
			at, rest = at+size, rest[size:]
		}
		return nil, h.at(&source.Error{ID: "encoding", Message: fmt.Sprintf("byte 0x%02x is not valid UTF-8", text[at]), Expected: "text in UTF-8", Hint: "save the file as UTF-8"}, text, line, cell{from: at, to: at + 1})
	}
	cells, fault := cutCells(r.cells[:0], text)
	r.cells = cells[:0]
	if fault != nil {
		return nil, h.at(fault, text, line, cells[len(cells)-1])
	}
	if len(cells) != len(h.columns) {
		return nil, h.at(&source.Error{ID: "cell-count", Message: fmt.Sprintf("the row has %d cells", len(cells)),
			Expected: fmt.Sprintf("%d, as the header has", len(h.columns)), Hint: "leave a cell empty for what is unknown"}, text, line, cell{})
	}
	return cells, nil
}

// csvValue is what a cell says. An empty cell says nothing; the word "unknown"
// says that nobody knows, even where a vector would tell.
type csvValue struct {
	number scoring.Decimal
	vector *scoring.CVSS
	known  bool
	word   bool
}

// value reads the cell of column i.
func (h *csvHeader) value(i int, c cell, lookup func([]byte) *scoring.CVSS) (csvValue, *source.Error) {
	f, column := h.choice.formula, h.columns[i]
	switch column {
	case "name", "provider":
		if len(c.text) > maxName {
			return csvValue{}, tooLong(column, maxName)
		}
		return csvValue{}, checkName(column, c.text)
	case "description":
		if len(c.text) > maxText {
			return csvValue{}, tooLong(column, maxText)
		}
		return csvValue{}, nil
	}
	if len(c.text) == 0 {
		return csvValue{}, nil
	}
	if string(c.text) == unknownWord {
		return csvValue{word: true}, nil
	}
	v := csvValue{known: true}
	var fault *source.Error
	switch {
	case h.factors[i] >= 0:
		if d, n := plainDecimal(c.text); n == len(c.text) && f.Factors[h.factors[i]].Low <= d && d <= f.Factors[h.factors[i]].High && f.Continuous {
			v.number = d
			return v, nil
		}
		v.number, fault = factorNumber(f, h.factors[i], string(c.text))
	case column == "cvss":
		if bytes.HasPrefix(c.text, []byte("CVSS:")) {
			if v.vector = lookup(c.text); v.vector != nil {
				v.number = v.vector.Base
				return v, nil
			}
			_, fault = baseVector(string(c.text))
			break
		}
		v.number, fault = baseNumber(f, string(c.text))
	case isDigit(c.text[0]) || c.text[0] == '-' || c.text[0] == '.':
		v.number, fault = multiplierNumber(f, column, string(c.text))
	default:
		v.number, fault = multiplierName(f, column, string(c.text))
	}
	return v, fault
}

// agent reads a row in full, with evidence.
func (r *csvRows) agent(text []byte, line int) (*Agent, error) {
	var row Row
	if err := r.read(text, line, &row); err != nil {
		return nil, err
	}
	h := r.header
	cells, err := r.cut(text, line)
	if err != nil {
		return nil, err
	}
	a := blank(FormCSV, h.file, h.choice)
	a.Formula.Evidence[0].At = moved(source.Location{}, h.file, h.line)
	for i, c := range cells {
		seen := []source.Evidence{{At: h.location(text, line, c), Quote: source.Quote(string(c.text)), Rule: ruleCSV}}
		v, _ := h.value(i, c, r.vectors.lookupVector) // read has found no fault
		switch column := h.columns[i]; {
		case h.factors[i] >= 0:
			v.into(&a.Factors[h.factors[i]].Value, seen)
		case len(c.text) == 0:
		case column == "name":
			a.Name = Text{string(c.text), source.Stated, seen}
		case column == "provider":
			a.Provider = Text{string(c.text), source.Stated, seen}
		case column == "description":
			a.Description = Text{string(c.text), source.Stated, seen}
		case column == "cvss" && v.vector != nil:
			threat := a.Threat
			a.takeVector(h.choice.formula, string(c.text), *v.vector, Value{Interval: scoring.Exactly(v.number), Evidence: seen})
			if threat.known() || len(threat.Evidence) > 0 {
				a.Threat = threat // a column of its own came before
			}
		case column == "cvss":
			v.into(&a.Base, seen)
		case column == "threat":
			a.Threat = unknownMultiplier(h.choice.formula, scoring.PartThreat)
			v.into(&a.Threat, seen)
		case column == "mitigation" && h.choice.formula.Mitigation != nil:
			v.into(&a.Mitigation, seen)
		}
	}
	return a, nil
}

// into sets a value that the cell knows, and keeps where one is said to be
// unknown.
func (v csvValue) into(to *Value, seen []source.Evidence) {
	switch {
	case v.known:
		*to = Value{Interval: scoring.Exactly(v.number), Basis: source.Stated, Evidence: seen}
	case v.word:
		to.Evidence = seen
	}
}

// loadCSV reads the rows of a file in full.
func loadCSV(file *source.File, opts Options) ([]*Agent, error) {
	var c collector
	var agents []*Agent
	var rows *csvRows
	for n := 1; n <= file.Lines(); n++ {
		text := []byte(file.Line(n))
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if rows == nil {
			h, err := readHeader(file.Name, text, n, opts.Formula)
			if err != nil {
				return nil, err
			}
			rows = &csvRows{header: h}
			continue
		}
		a, err := rows.agent(text, n)
		if err != nil {
			c.addError(file.Name, err)
			continue
		}
		agents = append(agents, a)
	}
	if rows == nil {
		c.add(&source.Error{At: source.Location{File: file.Name}, ID: "empty", Message: "is empty", Expected: "a header such as name,cvss,threat,mitigation,…"})
	}
	if len(agents) > 0 {
		agents[0].Warnings = append(agents[0].Warnings, rows.header.warnings...)
	}
	return agents, c.err()
}

// loadNDJSON reads the lines of a file in full.
func loadNDJSON(file *source.File, opts Options) ([]*Agent, error) {
	var c collector
	var agents []*Agent
	seen := false
	for n := 1; n <= file.Lines(); n++ {
		text := []byte(file.Line(n))
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		seen = true
		a, err := readJSONRow(file.Name, text, n, opts)
		if err != nil {
			c.addError(file.Name, err)
			continue
		}
		agents = append(agents, a)
	}
	if !seen {
		c.add(&source.Error{At: source.Location{File: file.Name}, ID: "empty", Message: "is empty", Expected: "one assessment a line"})
	}
	return agents, c.err()
}
