package report

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"sync"
)

// InOrder renders the elements of a list on every core, some at a time, and writes
// what comes of them in their order: a large report costs more to write than many a
// file to judge. render appends elements to b, the first of which is number at of the
// list, and is called from several goroutines. No more is held than there are cores to
// work on. After a fault nothing more is written.
func InOrder[T any](w io.Writer, list []T, render func(b *bytes.Buffer, at int, elements []T) error) error {
	const size = 32
	waiting := make(chan chan rendered, runtime.GOMAXPROCS(0))
	go func() {
		defer close(waiting)
		at := 0
		for elements := range slices.Chunk(list, size) {
			done, first := make(chan rendered, 1), at
			waiting <- done
			go func() {
				b := buffers.Get().(*bytes.Buffer)
				b.Reset()
				done <- rendered{b, render(b, first, elements)}
			}()
			at += len(elements)
		}
	}()
	var err error
	for done := range waiting {
		r := <-done
		if err == nil {
			err = r.err
		}
		if err == nil {
			_, err = w.Write(r.text.Bytes())
		}
		buffers.Put(r.text)
	}
	return err
}

// rendered is a stretch of a list.
type rendered struct {
	text *bytes.Buffer
	err  error
}

// buffers that have grown are used again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
