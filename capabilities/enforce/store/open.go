package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Memory is the location of a database that lives as long as it is open. It holds at
// most 1 GiB.
const Memory = ":memory:"

// Options of a database.
type Options struct {
	// Clock is the one clock. It is required.
	Clock func() time.Time
	// Wait is how long a transaction waits for others; 0 means 5 s.
	Wait time.Duration
	// MaxBytes bounds the size of an SQLite database; 0 means no bound.
	MaxBytes int64
}

// DB is an open database of the runtime. It may be used by many goroutines.
type DB struct {
	writer, reader *sql.DB // of Postgres and of memory: the same
	postgres       bool
	options        Options

	mu      sync.Mutex
	queries map[string]string // as written to as the database wants them
}

// Open opens the database at a location and brings its schema up to date. The
// location is [Memory], a URL that starts with postgres:// or postgresql://, or
// else the path of an SQLite file, which is made with mode 0600 where it does not
// exist.
func Open(ctx context.Context, location string, options Options) (*DB, error) {
	if options.Clock == nil {
		return nil, errors.New("store: open: no clock; set Options.Clock")
	}
	if options.Wait <= 0 {
		options.Wait = 5 * time.Second
	}
	db := &DB{options: options, queries: map[string]string{}}
	if err := db.connect(ctx, location); err != nil {
		return nil, errors.Join(wrap("open", err), db.Close())
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(wrap("migrate", err), db.Close())
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context, location string) error {
	scheme, _, isURL := strings.Cut(location, "://")
	switch {
	case location == "":
		return &Error{Kind: Refused, Op: "open", Hint: "name a file, a postgres:// URL or " + Memory}
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return db.connectPostgres(ctx, location)
	case isURL:
		return &Error{Kind: Refused, Op: "open", Err: fmt.Errorf("unknown kind of database %q", scheme),
			Hint: "expected a file, a postgres:// URL or " + Memory}
	}
	return db.connectSQLite(ctx, location)
}

// Close ends the use of the database.
func (db *DB) Close() error {
	var errs []error
	if db.reader != nil && db.reader != db.writer {
		errs = append(errs, db.reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
	}
	return wrap("close", errors.Join(errs...))
}

// Postgres says whether a server holds the database.
func (db *DB) Postgres() bool { return db.postgres }
