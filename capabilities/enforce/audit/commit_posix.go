//go:build !windows

package audit

import (
	"context"
	"fmt"

	"github.com/transparency-dev/tessera"
)

// pending is an entry on its way to the driver.
type pending struct {
	raw  []byte
	done chan<- committed
}

type committed struct {
	index uint64
	err   error
}

// commit hands an entry over and waits until it is in the tree and on disk, or the
// log is stopped.
func (l *Log) commit(raw []byte) (uint64, error) {
	done := make(chan committed, 1)
	select {
	case l.queue <- pending{raw, done}:
	case <-l.stopped:
		return 0, fmt.Errorf("%w: %w", ErrUnwritable, ErrClosed)
	}
	select {
	case c := <-done:
		return c.index, c.err
	case <-l.stopped:
		return 0, fmt.Errorf("%w: %w", ErrUncertain, ErrClosed)
	}
}

// serve hands entries to the driver, together those that came while the ones before
// were being written. The driver writes and syncs three files a batch whatever its
// size, so waiting writers share them.
func (l *Log) serve() {
	for {
		select {
		case <-l.stopped:
			return
		case first := <-l.queue:
			l.deliver(l.gather(first))
		}
	}
}

func (l *Log) gather(first pending) []pending {
	batch := []pending{first}
	for len(batch) < batchSize {
		select {
		case p := <-l.queue:
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

func (l *Log) deliver(batch []pending) {
	futures := make([]tessera.IndexFuture, len(batch))
	for i, p := range batch {
		futures[i] = l.appender.Add(context.Background(), tessera.NewEntry(p.raw))
	}
	for i, p := range batch {
		index, err := futures[i]()
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrUnwritable, err)
		}
		p.done <- committed{index.Index, err}
	}
}
