//go:build !windows

package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"k8s.io/klog/v2"

	"agentrisk/capabilities/enforce/safefile"
)

// Log is an audit log open for writing. Several goroutines and several processes
// may write to one log at a time.
type Log struct {
	dir    string
	tree   tree
	key    *signerKey
	redact *redactor

	gate     string // lock file of the one process that may use its driver
	queue    chan pending
	appender *tessera.Appender
	shutdown func(context.Context) error
	reader   tessera.LogReader
	live     context.Context // ends when no further entry will be confirmed
	stop     context.CancelFunc
	presence *presence

	flying sync.WaitGroup // appends under way
	swept  uint64         // bundle of the last sweep, for serve alone

	mu     sync.Mutex
	closed bool
	wrote  bool
	untidy error           // of a sweep
	seen   uint64          // entries below are accounted for in the trails
	own    map[uint64]bool // entries of this process at or above seen
	// While a batch is under way no other process adds entries: those from settled on
	// are of the batch.
	underWay bool
	settled  uint64
	trails   map[string]*Trail
}

// Open opens the log in a folder and creates it on first use. A log whose files
// contradict each other is not opened: what is added to it would be signed together
// with the contradiction.
func Open(ctx context.Context, dir string, opts Options) (*Log, error) {
	red, err := newRedactor(opts.Mask)
	if err != nil {
		return nil, err
	}
	for _, sub := range []string{"", lockFolder} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
		}
	}
	gate := filepath.Join(dir, lockFolder, "driver")
	unlock, err := safefile.Lock(ctx, gate)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	defer unlock()
	l := &Log{
		dir: dir, gate: gate, redact: red, tree: tree{os.DirFS(filepath.Join(dir, treeFolder))},
		own: map[uint64]bool{}, trails: map[string]*Trail{}, queue: make(chan pending, batchSize),
	}
	if l.presence, err = takePresence(filepath.Join(dir, lockFolder)); err != nil {
		return nil, err
	}
	if err = l.openKey(opts); err == nil {
		err = l.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.presence.leave())
	}
	return l, nil
}

// openKey loads the key and makes sure that it is the key of the tree beside it.
func (l *Log) openKey(opts Options) error {
	path := filepath.Join(l.dir, keyFile)
	_, keyErr := os.Lstat(path)
	_, treeErr := os.Lstat(filepath.Join(l.dir, treeFolder, layout.CheckpointPath))
	if errors.Is(keyErr, fs.ErrNotExist) && treeErr == nil {
		return fmt.Errorf("%w: the tree has a checkpoint and its key %s is gone", ErrTampered, keyFile)
	}
	key, err := loadSigner(path, "agentrisk-audit-", opts.Random)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	l.key = key
	if treeErr != nil {
		return nil
	}
	if err := l.checkTail(); err != nil {
		return fmt.Errorf("%w: %w", ErrTampered, err)
	}
	return nil
}

// checkTail holds what lies beyond the last checkpoint, after a process was killed
// before it could publish: the next checkpoint will sign it. It compares the
// checkpoint, the driver's state, the tiles and the entries at the end of the log.
func (l *Log) checkTail() error {
	cp, err := l.tree.checkpoint()
	if err != nil {
		return err
	}
	verifier, err := logVerifier(l.key.public)
	if err != nil {
		return err
	}
	if _, ok := cp.signedBy(verifier); !ok {
		return errors.New("the checkpoint is not signed by the key of this log")
	}
	size, root, err := l.tree.state()
	if err != nil {
		return err
	}
	if size < cp.Size {
		return fmt.Errorf("the tree has %d entries, its checkpoint %d", size, cp.Size)
	}
	if size == 0 {
		return nil
	}
	if err := l.checkTiles(cp, size, root); err != nil {
		return err
	}
	for i := cp.Size; i < size; {
		entries, name, err := l.tree.bundle(i/layout.EntryBundleWidth, size)
		if err != nil {
			return err
		}
		for _, raw := range entries[i%layout.EntryBundleWidth:] {
			hash, err := client.FetchLeafHashes(context.Background(), l.tree.tile, i, 1, size)
			if err != nil || !bytes.Equal(hash[0], leafHash(raw)) {
				return fmt.Errorf("%s: entry %d is not the one the tree was built from (%v)", name, i, err)
			}
			i++
		}
	}
	return nil
}

// checkTiles recomputes both roots from the tiles.
func (l *Log) checkTiles(cp *checkpoint, size uint64, root []byte) error {
	ctx := context.Background()
	builder, err := client.NewProofBuilder(ctx, size, l.tree.tile)
	if err != nil {
		return err
	}
	last, err := client.FetchLeafHashes(ctx, l.tree.tile, size-1, 1, size)
	if err != nil {
		return err
	}
	path, err := builder.InclusionProof(ctx, size-1)
	if err != nil {
		return err
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, size-1, size, last[0], path, root); err != nil {
		return fmt.Errorf("the tiles do not lead to the driver's root: %w", err)
	}
	if cp.Size == 0 {
		return nil
	}
	grown, err := builder.ConsistencyProof(ctx, cp.Size, size)
	if err != nil {
		return err
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, cp.Size, size, grown, cp.Root, root); err != nil {
		return fmt.Errorf("the tree did not grow out of its checkpoint: %w", err)
	}
	return nil
}

// start starts the log's driver.
func (l *Log) start(ctx context.Context) error {
	driver, err := posix.New(ctx, posix.Config{Path: filepath.Join(l.dir, treeFolder)})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	// The driver lives until Close, not until the caller's context ends: an append
	// that was begun is finished.
	l.live, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.appender, l.shutdown, l.reader, err = tessera.NewAppender(l.live, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(l.key).
		WithCheckpointInterval(checkpointInterval).
		WithCheckpointRepublishInterval(0).
		WithGarbageCollectionInterval(0).
		WithBatching(batchSize, batchAge))
	if err == nil {
		l.seen, err = l.reader.IntegratedSize(ctx)
	}
	if err != nil {
		l.stop()
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	go l.serve()
	return nil
}

// PublicKey is the log's key for verifiers. Whoever is to check the log later
// keeps a copy elsewhere.
func (l *Log) PublicKey() string { return l.key.public }

// Checkpoint waits until a signed checkpoint covers every entry that is recorded
// by now, and gives it. It is what to keep elsewhere.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		cp, err := l.tree.checkpoint()
		if err != nil {
			return nil, err
		}
		if cp.Size >= size {
			return cp.raw, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: the checkpoint covers %d of %d entries: %w", ErrNotCovered, cp.Size, size, ctx.Err())
		case <-l.live.Done():
			return nil, ErrClosed
		case <-tick.C:
		}
	}
}

// Close waits for the appends under way and for a checkpoint over all entries, as
// long as the context allows, and stops the log. Entries that no checkpoint covers
// are on disk; the next Open checks them and has them signed.
func (l *Log) Close(ctx context.Context) (err error) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.closed = true
	wrote, untidy := l.wrote, l.untidy
	l.mu.Unlock()
	defer func() {
		l.stop()
		err = errors.Join(err, l.presence.leave())
	}()
	landed := make(chan struct{})
	go func() { l.flying.Wait(); close(landed) }()
	select {
	case <-landed:
	case <-ctx.Done():
		return fmt.Errorf("%w: appends are still under way: %w", ErrUncertain, ctx.Err())
	}
	if !wrote {
		return nil
	}
	if _, err := l.Checkpoint(ctx); err != nil {
		return err
	}
	if err := l.shutdown(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNotCovered, err)
	}
	return errors.Join(untidy, l.sweep())
}

// sweep removes the partial bundles and tiles that full ones under a checkpoint
// have replaced. The driver's own collector is switched off: it runs once in a
// while, which is too late for a short program, and takes one more POSIX lock.
func (l *Log) sweep() error {
	cp, err := l.tree.checkpoint()
	if err != nil {
		return err
	}
	for i := cp.Size / layout.EntryBundleWidth; i > 0; i-- {
		found := false
		for _, path := range []string{layout.EntriesPath(i-1, 0), layout.TilePath(0, i-1, 0)} {
			partials := filepath.Join(l.dir, treeFolder, filepath.FromSlash(path)+".p")
			if _, err := os.Lstat(partials); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			found = true
			if err := os.RemoveAll(partials); err != nil {
				return fmt.Errorf("%w: %w", ErrUnwritable, err)
			}
		}
		if !found {
			return nil
		}
	}
	return nil
}

// SetDriverLog sends what the log's driver has to say to a logger. The driver
// speaks through two loggers that the whole process shares, and otherwise writes to
// standard error, so a program calls this once, at its start.
func SetDriverLog(logger *slog.Logger) {
	klog.SetSlogLogger(logger)
	slog.SetDefault(logger)
}
