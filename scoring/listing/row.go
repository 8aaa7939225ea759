package listing

import (
	"bytes"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Row is one assessment of a stream, no more of it than a score needs. Name is
// valid until the function that got the row returns.
type Row struct {
	Line    int // in the input, from 1
	Name    []byte
	Formula *scoring.Formula
	Input   scoring.Input // checked: Formula.Score may be called
	CVSS    *scoring.CVSS // what the vector says; nil for a bare base
}

// CSVHeader is the header of the rows that [AppendCSV] writes, with its line
// break.
const CSVHeader = "name,formula,factor_sum_low,factor_sum_high,aars_low,aars_high,score_low,score_high,band_low,band_high\n"

// AppendCSV scores the row and appends one line of CSV, after RFC 4180 but for
// the line break, which is a line feed.
func AppendCSV(dst []byte, row *Row) []byte {
	r := row.Formula.Score(&row.Input)
	dst = appendCSVText(dst, row.Name)
	dst = append(append(dst, ','), row.Formula.ID...)
	dst = r.FactorSum.Low.Append(append(dst, ','))
	dst = r.FactorSum.High.Append(append(dst, ','))
	dst = r.AARS.Low.Append(append(dst, ','))
	dst = r.AARS.High.Append(append(dst, ','))
	dst = r.Score.Low.Append(append(dst, ','))
	dst = r.Score.High.Append(append(dst, ','))
	dst = append(append(dst, ','), r.BandLow.String()...)
	dst = append(append(dst, ','), r.BandHigh.String()...)
	return append(dst, '\n')
}

// appendCSVText quotes a cell where it must be.
func appendCSVText(dst, text []byte) []byte {
	if bytes.IndexByte(text, ',') < 0 && bytes.IndexByte(text, '"') < 0 && bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// row turns an agent that was read from one line into a row.
func (a *Agent) row(line int) (Row, *source.Error) {
	f, in, err := a.Input()
	if err != nil {
		return Row{}, &source.Error{ID: "no-score", Message: f.ID + " gives no score for this row", Expected: "a formula that gives a score", Err: err}
	}
	row := Row{Line: line, Name: []byte(a.Name.Value), Formula: f, Input: in}
	if a.Vector.Value != "" {
		c, fault := baseVector(a.Vector.Value)
		if fault != nil {
			return Row{}, fault
		}
		row.CVSS = &c
	}
	return row, nil
}

// readJSONRow reads one line of NDJSON in full. Faults and evidence point into
// the stream.
func readJSONRow(name string, text []byte, line int, opts Options) (*Agent, error) {
	// The name tells package source that the line is JSON and nothing else.
	file, err := source.NewFile("row.json", text, opts.Limits)
	if err != nil {
		return nil, relocateError(err, name, line)
	}
	doc, err := parseDocument(file, opts)
	if err != nil {
		return nil, relocateError(err, name, line)
	}
	a, err := readAssessmentNode(doc.Root, opts, true)
	if err != nil {
		return nil, relocateError(err, name, line)
	}
	a.relocate(name, line)
	a.Form, a.File = FormNDJSON, name
	return a, nil
}

// moved is the place in a stream of a place in one line of it.
func moved(at source.Location, name string, line int) source.Location {
	at.File = name
	if at.Range.Start.Line == 0 {
		at.Range = source.Range{Start: source.Position{Line: 1, Column: 1}, End: source.Position{Line: 1, Column: 1}}
	}
	at.Range.Start.Line += line - 1
	at.Range.End.Line += line - 1
	return at
}

func relocateError(err error, name string, line int) error {
	var c collector
	c.addError(name, err)
	for _, e := range c.errs {
		e.At = moved(e.At, name, line)
		if e.ID == "duplicate-key" {
			// The message counts lines from the beginning of the row.
			e.Message, _, _ = strings.Cut(e.Message, ", first in line")
		}
	}
	return c.err()
}

// relocate moves every place that the agent names.
func (a *Agent) relocate(name string, line int) {
	move := func(evidence []source.Evidence) {
		for i := range evidence {
			evidence[i].At = moved(evidence[i].At, name, line)
		}
	}
	for _, t := range []*Text{&a.Name, &a.Provider, &a.Description, &a.Formula, &a.Vector} {
		move(t.Evidence)
	}
	for _, v := range []*Value{&a.Base, &a.Threat, &a.Mitigation, &a.Vulnerability, &a.Impact, &a.AARS} {
		move(v.Evidence)
	}
	for i := range a.Factors {
		move(a.Factors[i].Evidence)
	}
	for i := range a.Layers {
		move(a.Layers[i].Evidence)
	}
	for i := range a.Tools {
		move(a.Tools[i].Evidence)
	}
	for i := range a.Warnings {
		a.Warnings[i].At = moved(a.Warnings[i].At, name, line)
	}
}
