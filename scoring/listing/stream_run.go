package listing

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"agentrisk/internal/source"
)

// chunk is some lines of a stream and what became of them.
type chunk struct {
	text    []byte
	line    int // of the first line
	tooLong bool

	out        []byte
	errs       []*source.Error
	rows, bad  int
	oldVectors int
	panicked   any
	done       chan struct{} // holds a token once the chunk has been read
}

func newChunk() *chunk {
	return &chunk{text: make([]byte, 0, 2*chunkSize), done: make(chan struct{}, 1)}
}

// reset makes room for new lines. What one very long line has grown is given
// back.
func (c *chunk) reset(line int) {
	if cap(c.text) > 4*chunkSize {
		c.text = make([]byte, 0, 2*chunkSize)
	}
	c.text, c.out, c.line = c.text[:0], c.out[:0], line
	c.errs, c.rows, c.bad, c.oldVectors, c.tooLong, c.panicked = nil, 0, 0, 0, false, nil
}

// run hands chunks of lines to workers and their results to emit, in order. The
// number of chunks is fixed: they bound what is in memory.
func run(in *lines, newReader func() rowReader, count int, render func([]byte, *Row) []byte, emit func(*chunk) error) error {
	n := workers(count)
	free := make(chan *chunk, 2*n+2)
	for range cap(free) {
		free <- newChunk()
	}
	work := make(chan *chunk, cap(free))
	order := make(chan *chunk, cap(free))
	quit := make(chan struct{})
	defer close(quit)
	var gate gate
	defer gate.shut()
	for range n {
		go func() {
			rows := newReader()
			for c := range work {
				gate.pass(func() { c.read(rows, in.name, render) })
				c.done <- struct{}{}
			}
		}()
	}
	go feed(in, free, work, order, quit)
	if err := collect(order, free, emit); err != nil {
		return err
	}
	return in.failure()
}

// gate lets workers through until it is shut: then nothing calls render any
// more. The goroutine that reads the input may still wait for bytes that never
// come; it is left to end by itself, and with it the workers.
type gate struct {
	sync.RWMutex
	closed bool
}

func (g *gate) pass(work func()) {
	g.RLock()
	defer g.RUnlock()
	if !g.closed {
		work()
	}
}

func (g *gate) shut() {
	g.Lock()
	g.closed = true
	g.Unlock()
}

// feed cuts the stream into chunks until it ends or nobody wants more.
func feed(in *lines, free, work, order chan *chunk, quit chan struct{}) {
	defer close(order)
	defer close(work)
	for {
		select {
		case <-quit:
			return
		case c := <-free:
			if !in.next(c) {
				return
			}
			work <- c
			order <- c
		}
	}
}

// collect emits the chunks in order. A panic of a worker goes on here.
func collect(order, free chan *chunk, emit func(*chunk) error) error {
	for c := range order {
		<-c.done
		if c.panicked != nil {
			panic(c.panicked)
		}
		if err := emit(c); err != nil {
			return err
		}
		free <- c
	}
	return nil
}

// read reads every line of the chunk.
func (c *chunk) read(rows rowReader, name string, render func([]byte, *Row) []byte) {
	defer func() {
		if r := recover(); r != nil {
			c.panicked = r
		}
	}()
	if c.tooLong {
		c.fail(tooLongLine(), name, c.line)
		return
	}
	line := c.line
	var row Row
	for text := c.text; len(text) > 0; line++ {
		var one []byte
		one, text, _ = bytes.Cut(text, lineBreak)
		if one = bytes.TrimRight(one, "\r"); len(bytes.TrimSpace(one)) == 0 {
			continue
		}
		err := error(nil)
		if len(one) > MaxLine {
			err = tooLongLine()
		} else {
			err = rows.read(one, line, &row)
		}
		if err != nil {
			c.fail(err, name, line)
			continue
		}
		c.rows++
		if row.CVSS != nil && row.CVSS.Version != "4.0" {
			c.oldVectors++
		}
		c.out = render(c.out, &row)
	}
}

func tooLongLine() *source.Error {
	return &source.Error{ID: "too-long", Message: fmt.Sprintf("the line is longer than %d bytes", MaxLine), Expected: "one assessment a line"}
}

// fail counts a bad row and keeps its faults.
func (c *chunk) fail(err error, name string, line int) {
	c.bad++
	var many Errors
	if errors.As(err, &many) {
		c.errs = append(c.errs, many...)
		return
	}
	var one *source.Error
	if !errors.As(err, &one) {
		one = &source.Error{ID: "unreadable", Message: err.Error(), Err: err}
	}
	if one.At.File == "" {
		one.At = moved(one.At, name, line)
	}
	c.errs = append(c.errs, one)
}
