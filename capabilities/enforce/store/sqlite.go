package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"

	"agentrisk/capabilities/enforce/safefile"
)

// pageSize of every database we make, in bytes.
const pageSize = 4096

// readers is how many transactions read an SQLite file at once. Writers go one
// by one: SQLite knows no other way.
const readers = 4

func (db *DB) connectSQLite(ctx context.Context, path string) error {
	if path != Memory {
		if err := prepareFile(path); err != nil {
			return err
		}
	}
	writer, err := db.sqlitePool(path, 1, url.Values{})
	if err != nil {
		return err
	}
	db.writer, db.reader = writer, writer
	// Two processes that turn a new file to WAL at once are told "locked" at once,
	// without the wait that holds elsewhere.
	if err := db.patiently(ctx, func() error { return writer.PingContext(ctx) }); err != nil {
		return err
	}
	if path == Memory {
		return nil
	}
	db.reader, err = db.sqlitePool(path, readers, url.Values{"_query_only": {"1"}})
	return err
}

func (db *DB) sqlitePool(path string, size int, params url.Values) (*sql.DB, error) {
	params.Set("_busy_timeout", strconv.FormatInt(db.options.Wait.Milliseconds(), 10))
	params.Set("_foreign_keys", "1")
	params.Set("_synchronous", "FULL")
	params.Set("_defensive", "1")
	params.Set("_dqs", "0")
	params.Set("_error_rc", "1")
	params.Add("_pragma", "trusted_schema(0)")
	if db.options.MaxBytes > 0 {
		params.Add("_pragma", fmt.Sprintf("max_page_count(%d)", max(1, db.options.MaxBytes/pageSize)))
	}
	if path == Memory {
		// Not :memory:, which looks at every page of the database each time a tree of its
		// pages is put in order: a run took the longer the more runs there had been.
		params.Set("vfs", "memdb")
	} else {
		params.Set("_journal_mode", "WAL")
	}
	connector, err := sqlite.NewConnector(sqliteName(path) + "?" + params.Encode())
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(compiled{connector})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size) // a connection to memory that is closed takes the data along
	pool.SetConnMaxLifetime(0)
	return pool, nil
}

// sqliteName is the file: URI of a path, so that no character in it is read as a
// parameter.
func sqliteName(path string) string {
	if path == Memory {
		return "file:memory" // of the connection alone, see sqlitePool
	}
	path = filepath.ToSlash(path)
	if runtime.GOOS == "windows" && filepath.VolumeName(path) != "" {
		path = "/" + path
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return "file:" + strings.Join(segments, "/")
}

// prepareFile makes the file, readable by its owner alone, before SQLite does. It
// appears complete: to close it once others in this process may have opened it would
// drop the locks that they hold on it.
func prepareFile(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err := safefile.Create(path, nil)
		switch {
		case errors.Is(err, fs.ErrExist): // somebody was faster
			return prepareFile(path)
		case errors.Is(err, fs.ErrNotExist):
			return &Error{Kind: Unreachable, Op: "open", Err: err, Hint: "make the folder " + filepath.Dir(path) + " first"}
		}
		return err
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return &Error{Kind: Refused, Op: "open", Err: fmt.Errorf("%s is not a file", path), Hint: "name a file"}
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return &Error{Kind: Refused, Op: "open", Err: fmt.Errorf("%s has mode %04o, so others can read it", path, info.Mode().Perm()),
			Hint: "chmod 600 " + path}
	}
	return nil
}

// patiently tries again while the database is locked, as long as a transaction
// waits.
func (db *DB) patiently(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, db.options.Wait)
	defer cancel()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := wrap("open", try())
		if !errors.Is(err, Locked) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
