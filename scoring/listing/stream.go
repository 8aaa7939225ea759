package listing

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// MaxLine is the longest line of a stream, in bytes.
const MaxLine = 1 << 20

// StreamOptions say how to read a stream. The zero value is fine.
type StreamOptions struct {
	Form    Form             // FormNDJSON or FormCSV; empty: see by the first line
	Formula *scoring.Formula // decides where a row leaves the formula open; nil for none
	Workers int              // rows are read by so many goroutines; 0: one a processor
}

// Summary says what came of a stream.
type Summary struct {
	Rows       int // scored
	Bad        int // reported and left out
	OldVectors int // scored on a CVSS vector before v4.0
	Warnings   []Warning
}

// IsStream reports whether an input that begins with head holds many
// assessments, one a line: NDJSON or CSV.
func IsStream(name string, head []byte) bool {
	form := detectText(&source.File{Name: name, Text: bytes.TrimPrefix(head, byteOrderMark)})
	return form == FormNDJSON || form == FormCSV
}

// Stream reads assessments from r, one a line, and writes what render makes of
// each to w, in the order of the input. name is what messages call the input.
// It holds a fixed number of lines in memory, whatever the length of the input.
//
// A row with faults is left out, counted and passed to report; the rest goes
// on. An input that cannot be read on, a header with faults and a failing w end
// the stream with an error, and the summary counts what was done until then.
//
// render is called by several goroutines at once, report by the caller's alone.
// A panic in render goes on in the caller.
func Stream(r io.Reader, name string, opts StreamOptions, w io.Writer, render func(dst []byte, row *Row) []byte, report func(*source.Error)) (Summary, error) {
	in := &lines{r: bufio.NewReaderSize(r, 64<<10), name: name, line: 1}
	form, err := in.form(opts.Form)
	if err != nil {
		return Summary{}, err
	}
	newReader := func() rowReader {
		return &jsonRows{name: name, opts: Options{Formula: opts.Formula}, fast: fastJSON{option: opts.Formula}}
	}
	var sum Summary
	if form == FormCSV {
		header, err := in.header(opts.Formula)
		if err != nil {
			return Summary{}, err
		}
		sum.Warnings = header.warnings
		newReader = func() rowReader { return &csvRows{header: header} }
	}
	err = run(in, newReader, opts.Workers, render, func(c *chunk) error {
		sum.Rows += c.rows
		sum.Bad += c.bad
		sum.OldVectors += c.oldVectors
		for _, e := range c.errs {
			report(e)
		}
		if _, err := w.Write(c.out); err != nil {
			return fmt.Errorf("the result cannot be written: %w", err)
		}
		return nil
	})
	return sum, err
}

// rowReader reads the rows of one worker. An error is a *source.Error or Errors.
type rowReader interface {
	read(text []byte, line int, row *Row) error
}

// jsonRows reads NDJSON: the ordinary line fast, any other in full.
type jsonRows struct {
	name string
	opts Options
	fast fastJSON
}

func (j *jsonRows) read(text []byte, line int, row *Row) error {
	if j.fast.read(text, row) {
		row.Line = line
		return nil
	}
	a, err := readJSONRow(j.name, text, line, j.opts)
	if err != nil {
		return err
	}
	var fault *source.Error
	if *row, fault = a.row(line); fault != nil {
		fault.At = moved(source.Location{}, j.name, line)
		return fault
	}
	return nil
}

// lines cuts a stream into chunks of whole lines.
type lines struct {
	r    *bufio.Reader
	name string
	line int    // of the next byte that is read
	rest []byte // begun line that the last chunk left over
	err  error  // why no more comes; io.EOF at the end
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// form passes over a byte order mark and finds out whether the stream is JSON.
func (l *lines) form(form Form) (Form, error) {
	head, _ := l.r.Peek(len(byteOrderMark))
	if bytes.Equal(head, byteOrderMark) {
		_, _ = l.r.Discard(len(byteOrderMark)) // they have just been seen
	}
	switch {
	case form == FormNDJSON || form == FormCSV:
		return form, nil
	case form != "":
		return "", Errors{{At: source.Location{File: l.name}, ID: "unknown-form", Message: "a stream cannot be of the form " + string(form), Expected: "ndjson or csv"}}
	}
	switch strings.ToLower(path.Ext(l.name)) {
	case ".csv":
		return FormCSV, nil
	case ".ndjson", ".jsonl":
		return FormNDJSON, nil
	}
	head, _ = l.r.Peek(1 << 10)
	if head = bytes.TrimLeft(head, " \t\r\n"); len(head) > 0 && head[0] != '{' {
		return FormCSV, nil
	}
	return FormNDJSON, nil
}

// chunkSize is how much a worker reads at once: large against what handing it
// over costs, small against memory.
const chunkSize = 128 << 10

// next fills c with whole lines and reports whether there were any. A line that
// is too long comes alone, cut and marked.
func (l *lines) next(c *chunk) bool {
	c.reset(l.line)
	c.text = append(c.text, l.rest...)
	l.rest = l.rest[:0]
	for l.err == nil {
		if room := cap(c.text) - len(c.text); room < chunkSize/2 {
			c.text = append(make([]byte, 0, 2*cap(c.text)), c.text...)
		}
		n, err := l.r.Read(c.text[len(c.text):min(cap(c.text), len(c.text)+chunkSize)])
		c.text, l.err = c.text[:len(c.text)+n], err
		if len(c.text) < chunkSize/2 && err == nil {
			continue
		}
		if i := bytes.LastIndexByte(c.text, '\n'); i >= 0 {
			l.rest = append(l.rest, c.text[i+1:]...)
			c.text = c.text[:i+1]
			break
		}
		if len(c.text) > MaxLine {
			l.skipLine()
			c.tooLong = true
			l.line++
			return true
		}
	}
	l.line += bytes.Count(c.text, lineBreak)
	return len(c.text) > 0
}

// skipLine passes over the rest of a line that is too long.
func (l *lines) skipLine() {
	for l.err == nil {
		if _, l.err = l.r.ReadSlice('\n'); l.err == nil {
			return
		}
		if errors.Is(l.err, bufio.ErrBufferFull) {
			l.err = nil
		}
	}
}

// failure returns why the stream ended, nil for its end.
func (l *lines) failure() error {
	if l.err == nil || errors.Is(l.err, io.EOF) {
		return nil
	}
	return Errors{{At: source.Location{File: l.name, Range: source.Range{Start: source.Position{Line: l.line, Column: 1}, End: source.Position{Line: l.line, Column: 1}}},
		ID: "unreadable", Message: "cannot be read on: " + l.err.Error(), Err: l.err}}
}

func workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
