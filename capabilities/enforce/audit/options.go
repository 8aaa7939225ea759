package audit

import (
	"io"
	"time"
)

// Options of an open log.
type Options struct {
	// Random makes the log's key on first use.
	Random io.Reader
	// Mask replaces the secrets that the runtime knows in a text. It is applied to
	// every text before the built-in redactions. Nil masks nothing of its own.
	Mask func(string) string
}

// Receipt says where a recorded entry stands.
type Receipt struct {
	Index uint64 // in the log, from 0
	Seq   uint64 // in the run, from 1
	Leaf  string // RFC 6962 leaf hash in hex
}

// The driver's settings. Entries reach the driver together already, so it closes a
// batch almost at once. A tenth of a second is the shortest interval between two
// checkpoints that the driver allows.
const (
	batchSize          = 256
	batchAge           = 50 * time.Microsecond
	checkpointInterval = 100 * time.Millisecond
	pollInterval       = 5 * time.Millisecond
	waitPerRun         = 300 * time.Microsecond // for the entries of other runs
	longestWait        = 5 * time.Millisecond
)
