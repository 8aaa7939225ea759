package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx

	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
)

// PostgresEnv names the environment variable with the URL of a server for tests.
const PostgresEnv = "AGENTRISK_TEST_POSTGRES"

// Backend is an empty database of one kind.
type Backend struct {
	Name     string // memory, sqlite, postgres
	Location string // for store.Open
}

// Shared says whether several processes can open it.
func (b Backend) Shared() bool { return b.Location != store.Memory }

// Each runs a test on memory, on an SQLite file and on Postgres.
func Each(t *testing.T, test func(t *testing.T, b Backend)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, Backend{"memory", store.Memory}) })
	EachShared(t, test)
}

// EachShared runs a test on the databases that several processes can open.
func EachShared(t *testing.T, test func(t *testing.T, b Backend)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is a file that does not exist yet.
func SQLite(t testing.TB) Backend {
	return Backend{"sqlite", filepath.Join(t.TempDir(), "runtime.db")}
}

// Postgres is an empty schema on the server for tests. Without a server the test
// is skipped, and fails where CI=true.
func Postgres(t testing.TB) Backend {
	t.Helper()
	server := os.Getenv(PostgresEnv)
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set; source .ci/postgres first", PostgresEnv)
		}
		t.Skipf("needs a PostgreSQL server: set %s, for example with . .ci/postgres", PostgresEnv)
	}
	location, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", PostgresEnv)
	}
	schema := "test_" + random(t)
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	query := location.Query()
	query.Set("search_path", schema)
	location.RawQuery = query.Encode()
	return Backend{"postgres", location.String()}
}

func random(t testing.TB) string {
	t.Helper()
	bits := make([]byte, 8)
	if _, err := rand.Read(bits); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(bits)
}

// Open opens the database with a clock, and closes it when the test ends.
func (b Backend) Open(t testing.TB, clock *Clock) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), b.Location, store.Options{Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Write runs a transaction that must not fail.
func Write(t testing.TB, db *store.DB, do func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

// Box seals with a key that all tests share, so that two processes of one test
// understand each other.
func Box(t testing.TB) *seal.Box {
	t.Helper()
	box, err := seal.New(rand.Reader, make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// Clock is a clock that goes only when told.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at noon of a Wednesday, UTC.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add lets time go on, or back.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
