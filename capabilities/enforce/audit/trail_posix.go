//go:build !windows

package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"path/filepath"

	"github.com/transparency-dev/tessera/api/layout"

	"agentrisk/capabilities/enforce/safefile"
)

// Trail records the entries of one run, in order. Its methods may be called from
// several goroutines; the entries are written one after the other.
type Trail struct {
	log  *Log
	run  string
	turn chan struct{} // holds one token; who has it may write
	lock string        // file that keeps other processes out of this run meanwhile

	// Under log.mu, because entries of other processes arrive through the log.
	head   Receipt
	forked error
}

// Begin starts the trail of a new run. The id must be fresh, as from a source of
// randomness: the log is not searched for it, and a second trail of one id shows up
// as a broken chain when the log is verified.
func (l *Log) Begin(run string) (*Trail, error) {
	t, err := l.register(run)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Resume continues the trail of a run that was begun earlier or elsewhere. It looks
// for the run's last entry from the end of the log.
func (l *Log) Resume(ctx context.Context, run string) (*Trail, error) {
	t, err := l.register(run)
	if err != nil {
		return nil, err
	}
	if err := l.findHead(ctx, t); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (l *Log) register(run string) (*Trail, error) {
	if clean, err := l.redact.id("run", run); err != nil || clean != run || run == "" {
		return nil, bad("run", "a plain id of at most %d bytes", MaxID)
	}
	// Runs share 4096 lock files, so that their number does not grow with the log.
	h := fnv.New32a()
	h.Write([]byte(run))
	t := &Trail{
		log: l, run: run, turn: make(chan struct{}, 1),
		lock: filepath.Join(l.dir, lockFolder, fmt.Sprintf("%03x", h.Sum32()&0xfff)),
	}
	t.turn <- struct{}{}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	if l.trails[run] != nil {
		return nil, ErrRunOpen
	}
	l.trails[run] = t
	return t, nil
}

// findHead searches the entries that are in the tree; later ones come through
// catchUp, or land.
func (l *Log) findHead(ctx context.Context, t *Trail) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	for end := size; end > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		bundle := (end - 1) / layout.EntryBundleWidth
		entries, name, err := l.tree.bundle(bundle, size)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrTampered, err)
		}
		first := bundle * layout.EntryBundleWidth
		for i := int(end - first - 1); i >= 0; i-- {
			e, err := ParseEntry(entries[i])
			if err != nil {
				return fmt.Errorf("%w: %s: entry %d: %w", ErrTampered, name, first+uint64(i), err)
			}
			if e.Run == t.run {
				t.head = Receipt{Index: first + uint64(i), Seq: e.Seq, Leaf: hex.EncodeToString(leafHash(entries[i]))}
				return nil
			}
		}
		end = first
	}
	return nil
}

// Head is the run's last known entry. Its Seq is 0 before the first.
func (t *Trail) Head() Receipt {
	t.log.mu.Lock()
	defer t.log.mu.Unlock()
	return t.head
}

// Close lets the run be opened again. The log stays open.
func (t *Trail) Close() {
	t.log.mu.Lock()
	defer t.log.mu.Unlock()
	if t.log.trails[t.run] == t {
		delete(t.log.trails, t.run)
	}
}

// Append records an event and returns once the entry is on disk and in the tree.
// After any error the caller must not do what the event announces. After
// ErrUncertain the entry may yet appear; the next Append takes account of it.
func (t *Trail) Append(ctx context.Context, v Event) (Receipt, error) {
	receipts, err := t.AppendAll(ctx, v)
	if err != nil {
		return Receipt{}, err
	}
	return receipts[0], nil
}

// AppendAll records events, one after the other, in the time that one takes. After an
// error it is with the later ones as with that of [Trail.Append]; the receipts are
// those of the earlier ones.
func (t *Trail) AppendAll(ctx context.Context, events ...Event) ([]Receipt, error) {
	entries := make([]Entry, len(events))
	for i, v := range events {
		var err error
		if entries[i], err = v.entry(t.run, t.log.redact); err != nil {
			return nil, err
		}
	}
	if err := t.log.takeOff(); err != nil {
		return nil, err
	}
	select {
	case <-t.turn:
	case <-ctx.Done():
		t.log.flying.Done()
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, ctx.Err())
	}
	type result struct {
		receipts []Receipt
		err      error
	}
	done := make(chan result, 1)
	go func() {
		defer t.log.flying.Done()
		defer func() { t.turn <- struct{}{} }()
		r, err := t.write(ctx, entries)
		done <- result{r, err}
	}()
	select {
	case r := <-done:
		return r.receipts, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUncertain, ctx.Err())
	}
}

// takeOff counts an append as under way unless the log is closed.
func (l *Log) takeOff() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.wrote = true
	l.flying.Add(1)
	return nil
}

// write links the entries to the run's last one and to each other, and waits until
// they are in the tree.
func (t *Trail) write(ctx context.Context, entries []Entry) ([]Receipt, error) {
	unlock, err := safefile.Lock(ctx, t.lock)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	defer unlock()
	last, err := t.log.catchUp(ctx, t)
	if err != nil {
		return nil, err
	}
	raws, receipts := make([][]byte, len(entries)), make([]Receipt, len(entries))
	for i, e := range entries {
		e.Seq, e.Prev = last.Seq+1, last.Leaf
		if raws[i], err = e.Canonical(); err != nil {
			return nil, err
		}
		last = Receipt{Seq: e.Seq, Leaf: hex.EncodeToString(leafHash(raws[i]))}
		receipts[i] = last
	}
	if err := ctx.Err(); err != nil { // nothing was written yet
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	indexes, err := t.log.commit(raws...)
	receipts = receipts[:len(indexes)]
	for i, index := range indexes {
		receipts[i].Index = index
		t.log.landed(t, receipts[i])
	}
	return receipts, err
}

// landed accounts for an entry of this process. The run may have another trail by
// now: one that was opened while the entry was under way.
func (l *Log) landed(t *Trail, r Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.head = r
	if now := l.trails[t.run]; now != nil && now.head.Seq < r.Seq {
		now.head = r
	}
}

// claim marks an entry as one of this process, before anybody may look for those of
// others: they need not be read.
func (l *Log) claim(index uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index < l.seen {
		return
	}
	l.own[index] = true
	for l.own[l.seen] {
		delete(l.own, l.seen)
		l.seen++
	}
}

// catchUp reads the entries that others wrote since the last look, and gives the
// run's last entry. The caller holds the run's lock, so that no process adds to the
// run meanwhile.
func (l *Log) catchUp(ctx context.Context, t *Trail) (Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size, err := l.othersUpTo(ctx)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if size < l.seen {
		return Receipt{}, fmt.Errorf("%w: the tree shrank from %d to %d entries", ErrTampered, l.seen, size)
	}
	for l.seen < size {
		first := l.seen - l.seen%layout.EntryBundleWidth
		entries, name, err := l.tree.bundle(l.seen/layout.EntryBundleWidth, size)
		if err != nil {
			return Receipt{}, fmt.Errorf("%w: %w", ErrTampered, err)
		}
		for _, raw := range entries[l.seen-first:] {
			if err := l.meet(raw); err != nil {
				return Receipt{}, fmt.Errorf("%w: %s: entry %d: %w", ErrTampered, name, l.seen, err)
			}
			delete(l.own, l.seen)
			l.seen++
		}
	}
	return t.head, t.forked
}

// othersUpTo is the size of the tree as far as entries of other processes may be in it.
func (l *Log) othersUpTo(ctx context.Context) (uint64, error) {
	if l.underWay {
		return max(l.settled, l.seen), nil
	}
	return l.reader.IntegratedSize(ctx)
}

// meet moves the head of a run to an entry that another process may have written.
func (l *Log) meet(raw []byte) error {
	if l.own[l.seen] {
		return nil
	}
	e, err := ParseEntry(raw)
	if err != nil {
		return err
	}
	t := l.trails[e.Run]
	if t == nil || t.head.Seq > 0 && l.seen <= t.head.Index { // found, or landed, before
		return nil
	}
	leaf := hex.EncodeToString(leafHash(raw))
	switch {
	case e.Seq == t.head.Seq+1 && e.Prev == t.head.Leaf:
		t.head = Receipt{Index: l.seen, Seq: e.Seq, Leaf: leaf}
	default:
		t.forked = fmt.Errorf("%w: run %s has a second chain at entry %d", ErrTampered, t.run, l.seen)
	}
	return nil
}
