package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Kind says what is wrong with the database, as far as a caller can act on it.
// It is itself an error: errors.Is(err, store.Locked).
type Kind string

// The kinds.
const (
	Locked      Kind = "the database is locked by another process"
	Full        Kind = "the database is full"
	Newer       Kind = "the database was written by a newer version"
	Unreachable Kind = "the database cannot be reached"
	Damaged     Kind = "the database is damaged, or not one of ours"
	Refused     Kind = "the database cannot be used safely"
	Duplicate   Kind = "the row exists already"
	ClockBack   Kind = "the clock went back"
	Interrupted Kind = "the transaction was interrupted"
	Failed      Kind = "the database failed"
)

func (k Kind) Error() string { return string(k) }

// Error is every error of this package.
type Error struct {
	Kind Kind
	Op   string // what was tried: open, migrate, write, read
	Hint string // what to do
	Err  error  // what the database said
}

func (e *Error) Error() string {
	text := fmt.Sprintf("store: %s: %s", e.Op, e.Kind)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap makes both the kind and the cause visible to errors.Is.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Err} }

var hints = map[Kind]string{
	Locked:      "try again when the other process is done",
	Full:        "free space on the disk, or raise the limit",
	Newer:       "use the newer version of the program",
	Unreachable: "check that the server runs and that the address is right",
	Damaged:     "restore the file from a copy, or name another one",
}

// wrap gives an error of a driver its kind. Errors that did not come from the
// database pass unchanged.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if ours := (*Error)(nil); errors.As(err, &ours) {
		return err
	}
	kind, known := kindOf(err)
	if !known {
		return err
	}
	return &Error{Kind: kind, Op: op, Hint: hints[kind], Err: err}
}

func kindOf(err error) (Kind, bool) {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return sqliteKind(e.Code()), true
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return postgresKind(e.Code), true
	}
	if e := (*pgconn.ConnectError)(nil); errors.As(err, &e) {
		return Unreachable, true
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Interrupted, true
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Full, true
	case errors.Is(err, fs.ErrPermission):
		return Refused, true
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Unreachable, true
	}
	if e := (*net.OpError)(nil); errors.As(err, &e) {
		return Unreachable, true
	}
	return "", false
}

// sqliteKind reads https://www.sqlite.org/rescode.html.
func sqliteKind(code int) Kind {
	switch code {
	case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return Duplicate
	case sqlitelib.SQLITE_IOERR_SHMSIZE: // the index of the write-ahead log cannot grow
		return Full
	}
	switch code & 0xff {
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return Locked
	case sqlitelib.SQLITE_FULL:
		return Full
	case sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB:
		return Damaged
	case sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM:
		return Refused
	case sqlitelib.SQLITE_CANTOPEN:
		return Unreachable
	case sqlitelib.SQLITE_INTERRUPT:
		return Interrupted
	}
	return Failed
}

// postgresKind reads the table of error codes in PostgreSQL's manual, appendix A.
func postgresKind(code string) Kind {
	switch code {
	case "23505":
		return Duplicate
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock timeout
		return Locked
	case "53100": // disk full
		return Full
	case "53300", "57P01", "57P02", "57P03", "3D000": // too many connections, shutting down, starting up, no such database
		return Unreachable
	case "57014": // cancelled, or its time was up
		return Interrupted
	case "25006", "42501": // read only, no privilege
		return Refused
	case "XX001", "XX002":
		return Damaged
	}
	switch code[:min(2, len(code))] {
	case "08":
		return Unreachable
	case "28": // not let in
		return Refused
	}
	return Failed
}
