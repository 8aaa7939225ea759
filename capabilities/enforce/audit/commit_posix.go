//go:build !windows

package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/sys/unix"

	"agentrisk/capabilities/enforce/safefile"
)

// pending are entries of one run on their way to the driver.
type pending struct {
	raws [][]byte
	done chan<- committed
}

// committed are the places of the entries up to the first that failed.
type committed struct {
	indexes []uint64
	err     error
}

// commit hands entries over and waits until they are in the tree and on disk, or the
// log is stopped. With an error come the places of those before it.
func (l *Log) commit(raws ...[]byte) ([]uint64, error) {
	done := make(chan committed, 1)
	select {
	case l.queue <- pending{raws, done}:
	case <-l.live.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, ErrClosed)
	}
	select {
	case c := <-done:
		return c.indexes, c.err
	case <-l.live.Done():
		return nil, fmt.Errorf("%w: %w", ErrUncertain, ErrClosed)
	}
}

// serve hands entries to the driver, together those that came while the ones before
// were being written. The driver writes and syncs three files a batch whatever its
// size, so waiting writers share them.
func (l *Log) serve() {
	for {
		select {
		case <-l.live.Done():
			return
		case first := <-l.queue:
			l.deliver(l.gather(first))
		}
	}
}

// gather waits a moment for the other runs, the longer the more there are: what they
// add costs nothing more, and a run on its own waits for nobody.
func (l *Log) gather(first pending) []pending {
	batch := l.queued([]pending{first})
	l.mu.Lock()
	runs := min(len(l.trails), batchSize)
	l.mu.Unlock()
	if len(batch) >= runs {
		return batch
	}
	patience := time.NewTimer(min(time.Duration(runs-1)*waitPerRun, longestWait))
	defer patience.Stop()
	for len(batch) < runs {
		select {
		case p := <-l.queue:
			batch = append(batch, p)
		case <-patience.C:
			return batch
		}
	}
	return batch
}

// queued adds what waits already.
func (l *Log) queued(batch []pending) []pending {
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

// deliver gives a batch to the driver, with no other process using its own driver
// meanwhile. The driver takes POSIX locks, one for the tree and one for the
// checkpoint, in two goroutines; the kernel counts both to the process and calls two
// processes that wait for one another's other lock a deadlock, on which the driver
// panics. The gate is a lock of another kind and keeps the tree's from being waited
// for.
func (l *Log) deliver(batch []pending) {
	unlock, err := safefile.Lock(l.live, l.gate)
	if err == nil {
		defer unlock()
		err = errors.Join(l.writable(), l.depart())
		defer l.arrive()
	}
	if err != nil {
		for _, p := range batch {
			p.done <- committed{nil, fmt.Errorf("%w: %w", ErrUnwritable, err)}
		}
		return
	}
	futures := make([][]tessera.IndexFuture, len(batch))
	for i, p := range batch {
		for _, raw := range p.raws {
			futures[i] = append(futures[i], l.appender.Add(context.Background(), tessera.NewEntry(raw)))
		}
	}
	awake(batchAge + batchAge/2)
	for i, p := range batch {
		c := l.arrived(futures[i])
		p.done <- c
		if n := len(c.indexes); n > 0 {
			l.tidy(c.indexes[n-1])
		}
	}
}

// arrived waits for the entries of one run.
func (l *Log) arrived(futures []tessera.IndexFuture) committed {
	var c committed
	for _, future := range futures {
		index, err := future()
		switch {
		case c.err != nil: // it may be in the tree, behind one that is not
		case err != nil:
			c.err = fmt.Errorf("%w: %w", ErrUnwritable, err)
		default:
			l.claim(index.Index)
			c.indexes = append(c.indexes, index.Index)
		}
	}
	return c
}

// depart notes what is in the tree before a batch.
func (l *Log) depart() error {
	size, err := l.reader.IntegratedSize(l.live)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.underWay, l.settled = true, size
	return nil
}

// arrive: from here on, what is new in the tree may be of another process.
func (l *Log) arrive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.underWay = false
}

// awake keeps a processor from sleeping: the driver begins a batch when a timer says
// so, and Go's timers are late by up to a millisecond when there is nothing else to do.
func awake(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		runtime.Gosched()
	}
}

// tidy sweeps whenever the log has grown into another bundle. A failure does not
// touch what was recorded; Close reports it.
func (l *Log) tidy(index uint64) {
	bundle := index / layout.EntryBundleWidth
	if bundle <= l.swept {
		return
	}
	l.swept = bundle
	if err := l.sweep(); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.untidy = err
	}
}

// writable tries what the driver is about to do. The driver panics where it cannot
// take its lock, and a panic in its goroutine cannot be caught here. The lock file
// is looked at and not opened: closing any descriptor of it would drop the lock that
// the driver may hold at this moment, as POSIX locks belong to process and file.
func (l *Log) writable() error {
	state := filepath.Join(l.dir, treeFolder, ".state")
	for _, path := range []string{state, filepath.Join(state, "treeState.lock")} {
		if err := unix.Access(path, unix.R_OK|unix.W_OK); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
