package audit

import (
	"context"
	"log/slog"
)

// Log cannot be opened on Windows: the log's driver needs POSIX file locks.
// Reading, verifying and proving work.
type Log struct{}

// Trail records the entries of one run.
type Trail struct{}

// Open gives ErrUnsupported.
func Open(context.Context, string, Options) (*Log, error) { return nil, ErrUnsupported }

// PublicKey gives nothing on this system.
func (*Log) PublicKey() string { return "" }

// Begin gives ErrUnsupported.
func (*Log) Begin(string) (*Trail, error) { return nil, ErrUnsupported }

// Resume gives ErrUnsupported.
func (*Log) Resume(context.Context, string) (*Trail, error) { return nil, ErrUnsupported }

// Checkpoint gives ErrUnsupported.
func (*Log) Checkpoint(context.Context) ([]byte, error) { return nil, ErrUnsupported }

// Close gives ErrUnsupported.
func (*Log) Close(context.Context) error { return ErrUnsupported }

// Append gives ErrUnsupported.
func (*Trail) Append(context.Context, Event) (Receipt, error) { return Receipt{}, ErrUnsupported }

// AppendAll gives ErrUnsupported.
func (*Trail) AppendAll(context.Context, ...Event) ([]Receipt, error) { return nil, ErrUnsupported }

// Head gives nothing on this system.
func (*Trail) Head() Receipt { return Receipt{} }

// Close does nothing on this system.
func (*Trail) Close() {}

// SetDriverLog does nothing: there is no driver on this system.
func SetDriverLog(*slog.Logger) {}
