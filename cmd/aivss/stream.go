package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"agentrisk/internal/report"
	"agentrisk/internal/report/scorecard"
	"agentrisk/internal/source"
	"agentrisk/scoring/listing"
)

// stream is a run over many assessments that never holds them all.
type stream struct {
	*command
	name string
	opts listing.Options
	out  report.Output
}

// asStream decides whether a run can be streamed: one input that is a stream,
// one output that is CSV, and no baseline, which needs the whole report.
func (c *command) asStream(paths []string, opts listing.Options, outputs []report.Output, gate scorecard.Gate) (*stream, bool) {
	if len(paths) != 1 || len(outputs) != 1 || outputs[0].Format != "csv" || gate.Baseline != nil {
		return nil, false
	}
	s := &stream{c, paths[0], opts, outputs[0]}
	switch opts.Form {
	case listing.FormNDJSON, listing.FormCSV:
		return s, true
	case "":
		return s, c.looksLikeStream(paths[0])
	}
	return nil, false
}

// looksLikeStream looks at the beginning of an input. Of standard input nothing
// is lost: the program goes on reading from the same buffer.
func (c *command) looksLikeStream(name string) bool {
	if name == stdinName {
		buffered := bufio.NewReaderSize(c.stdin, listing.MaxLine)
		c.stdin = buffered
		head, _ := buffered.Peek(peeked)
		return listing.IsStream(name, head)
	}
	f, err := os.Open(name)
	if err != nil {
		return false // the ordinary way reports it
	}
	defer f.Close()
	head := make([]byte, peeked)
	n, _ := io.ReadFull(f, head)
	return listing.IsStream(name, head[:n])
}

// peeked is how much of an input tells its form.
const peeked = 64 << 10

func (s *stream) run(gate scorecard.Gate) error {
	in := s.stdin
	if s.name != stdinName {
		f, err := os.Open(s.name)
		if err != nil {
			return &exit{exitIncomplete, unreadable(s.name, err)}
		}
		defer f.Close()
		in = f
	}
	out, commit, err := s.destination()
	if err != nil {
		return err
	}
	sum, failing, err := s.copy(in, out, gate)
	if err = errors.Join(err, commit(err)); err != nil {
		return &exit{exitIncomplete, err}
	}
	return s.verdict(sum, failing)
}

// destination opens where the rows go; commit finishes it, or undoes it after an
// error.
func (s *stream) destination() (w io.Writer, commit func(error) error, err error) {
	if s.out.Path == "" {
		buffered := bufio.NewWriterSize(s.stdout, 256<<10)
		return buffered, func(error) error { return buffered.Flush() }, nil
	}
	f, err := report.Create(s.out.Path)
	if err != nil {
		return nil, nil, &exit{exitIncomplete, fmt.Errorf("the csv report cannot be written: %w", err)}
	}
	return f, func(err error) error {
		if err != nil {
			return f.Abort()
		}
		return f.Commit()
	}, nil
}

func (s *stream) copy(in io.Reader, out io.Writer, gate scorecard.Gate) (sum listing.Summary, failing int64, err error) {
	var count atomic.Int64
	render := func(dst []byte, row *listing.Row) []byte {
		if gate.FailOn > 0 {
			if r := row.Formula.Score(&row.Input); gate.Fails(r.Score) {
				count.Add(1)
			}
		}
		return listing.AppendCSV(dst, row)
	}
	progress := &progress{Writer: out, say: s.progress}
	if _, err := io.WriteString(out, listing.CSVHeader); err != nil {
		return sum, 0, err
	}
	sum, err = listing.Stream(in, filepath.ToSlash(s.name), listing.StreamOptions{Form: s.opts.Form, Formula: s.opts.Formula},
		progress, render, func(e *source.Error) { s.say("%v", e) })
	progress.end()
	return sum, count.Load(), err
}

func (s *stream) verdict(sum listing.Summary, failing int64) error {
	for _, w := range sum.Warnings {
		s.say("%s: %s", w.At, w.Message)
	}
	if sum.OldVectors > 0 {
		s.say("%d rows have a CVSS v3 vector; AIVSS is defined on v4.0, whose scores differ", sum.OldVectors)
	}
	switch {
	case sum.Bad > 0:
		return &exit{exitIncomplete, fmt.Errorf("%d of %d rows could not be scored: the report is incomplete", sum.Bad, sum.Bad+sum.Rows)}
	case sum.Rows == 0:
		return &exit{exitIncomplete, fmt.Errorf("nothing that describes an agent in %s", s.name)}
	case failing > 0:
		return &exit{exitFailed, fmt.Errorf("%d of %d scores reach the limit", failing, sum.Rows)}
	}
	return nil
}

// progress counts what is written and tells a person from time to time.
type progress struct {
	io.Writer
	say   func(string)
	bytes int64
	next  time.Time
}

func (p *progress) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	if p.bytes += int64(n); p.say == nil {
		return n, err
	}
	if now := time.Now(); now.After(p.next) {
		if !p.next.IsZero() {
			p.say(fmt.Sprintf("\r%d MB written", p.bytes>>20))
		}
		p.next = now.Add(500 * time.Millisecond)
	}
	return n, err
}

func (p *progress) end() {
	if p.say != nil && p.bytes > 0 {
		p.say("\r\x1b[K")
	}
}
