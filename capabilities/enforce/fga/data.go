package fga

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/openfga/openfga/assets"
	"github.com/openfga/openfga/pkg/storage"
	"github.com/openfga/openfga/pkg/storage/memory"
	"github.com/openfga/openfga/pkg/storage/postgres"
	"github.com/openfga/openfga/pkg/storage/sqlcommon"
	"github.com/openfga/openfga/pkg/storage/sqlite"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"agentrisk/capabilities/enforce/safefile"
)

const expected = "expected a file, a postgres:// URL, the https:// URL of an OpenFGA server or " + Memory

func openData(ctx context.Context, location string) (storage.OpenFGADatastore, error) {
	scheme, _, isURL := strings.Cut(location, "://")
	switch {
	case location == "":
		return nil, &Error{Kind: Refused, Op: "open", Err: errors.New("no location"), Hint: expected}
	case location == Memory:
		return memory.New(), nil
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return openPostgres(ctx, location)
	case isURL:
		return nil, &Error{Kind: Refused, Op: "open", Err: fmt.Errorf("unknown kind of database %q", scheme), Hint: expected}
	}
	return openSQLite(ctx, location)
}

// opening lets one store open at a time: on the way OpenFGA sets a variable of its
// migration library that the whole process shares.
var opening sync.Mutex

func opened[T any](open func() (T, error)) (T, error) {
	opening.Lock()
	defer opening.Unlock()
	return open()
}

func openSQLite(ctx context.Context, path string) (storage.OpenFGADatastore, error) {
	if err := safefile.Ensure(path); err != nil {
		return nil, &Error{Kind: Unreachable, Op: "open", What: path, Err: err}
	}
	// Grants outlive a power cut (FULL), and a second process waits its turn.
	name, err := sqlite.PrepareDSN(fileURI(path) + "?" + url.Values{"_pragma": {"busy_timeout(5000)", "synchronous(FULL)"}}.Encode())
	if err != nil {
		return nil, &Error{Kind: Invalid, Op: "open", What: path, Err: err}
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, &Error{Kind: Unreachable, Op: "open", What: path, Err: err}
	}
	if err := migrate(ctx, db, goose.DialectSQLite3, assets.SqliteMigrationDir); err != nil {
		return nil, errors.Join(&Error{Kind: Unreachable, Op: "open", What: path, Err: err}, db.Close())
	}
	data, err := opened(func() (*sqlite.Datastore, error) { return sqlite.NewWithDB(db, sqlcommon.NewConfig()) })
	if err != nil {
		return nil, errors.Join(&Error{Kind: Unreachable, Op: "open", What: path, Err: err}, db.Close())
	}
	return data, nil
}

// fileURI is the file: URI of a path, so that no character in it is read as a
// parameter.
func fileURI(path string) string {
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

// openTries is how often a server that does not answer yet is asked.
const openTries = 5 * time.Second

func openPostgres(ctx context.Context, location string) (storage.OpenFGADatastore, error) {
	config, err := pgx.ParseConfig(location)
	if err != nil {
		// The parser's message may repeat the URL, and with it the password.
		return nil, &Error{Kind: Invalid, Op: "open", Err: errors.New("the URL cannot be read"), Hint: "expected postgres://user:password@host:port/database?sslmode=verify-full"}
	}
	if elsewhere(config.Host) && !strings.Contains(location, "sslmode=") {
		return nil, &Error{Kind: Refused, Op: "open", Err: errors.New("the URL does not say how the connection is encrypted"), Hint: "add sslmode=verify-full"}
	}
	db := stdlib.OpenDB(*config)
	err = migrate(ctx, db, goose.DialectPostgres, assets.PostgresMigrationDir)
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, &Error{Kind: Unreachable, Op: "open", Err: err, Hint: "check that the server runs and that the address is right"}
	}
	data, err := opened(func() (*postgres.Datastore, error) {
		return postgres.New(location, sqlcommon.NewConfig(func(c *sqlcommon.Config) { c.PingRetryMaxElapsedTime = openTries }))
	})
	if err != nil {
		return nil, &Error{Kind: Unreachable, Op: "open", Err: err}
	}
	return data, nil
}

// elsewhere reports whether a host is another machine.
func elsewhere(host string) bool {
	if host == "" || host == "localhost" || strings.HasPrefix(host, "/") {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

// migrate brings the schema up to date with OpenFGA's own migrations. On Postgres
// a lock keeps two processes apart; on SQLite the later one finds the work done
// when it looks again.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, dir string) error {
	files, err := fs.Sub(assets.EmbedMigrations, dir)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	if dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	for try := 1; ; try++ {
		provider, err := goose.NewProvider(dialect, db, files, options...)
		if err != nil {
			return err
		}
		if _, err = provider.Up(ctx); err == nil || ctx.Err() != nil || try == migrateTries {
			return err
		}
	}
}

// migrateTries is how often the migrations are begun anew.
const migrateTries = 10
