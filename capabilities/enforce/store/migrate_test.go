package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

func TestMigrationIsRepeatable(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, b storetest.Backend) {
		clock := storetest.NewClock()
		makeTable(t, b.Open(t, clock))
		if _, found := number(t, b.Open(t, clock), "a"); found {
			t.Error("a row from nowhere")
		}
	})
}

func TestNewerAndOtherSchemasAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change string
		want   store.Kind
	}{
		"newer":   {`INSERT INTO migrations (version, name, sha256) VALUES (999, '0999_later.sql', 'x')`, store.Newer},
		"altered": {`UPDATE migrations SET sha256 = 'x' WHERE version = 1`, store.Damaged},
		"gap":     {`UPDATE migrations SET version = -1 WHERE version = 1`, store.Damaged},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachShared(t, func(t *testing.T, b storetest.Backend) {
				db := b.Open(t, storetest.NewClock())
				storetest.Write(t, db, func(tx *store.Tx) error { _, err := tx.Exec(tt.change); return err })
				_, err := store.Open(ctx, b.Location, store.Options{Clock: storetest.NewClock().Now})
				if !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			})
		})
	}
}

func TestFileOfAnotherProgramIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theirs.db")
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(`CREATE TABLE theirs (x)`); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, path, store.Damaged, "another program")
	again, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	var tables int
	if err := again.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil || tables != 1 {
		t.Errorf("%d tables, %v", tables, err)
	}
}

// TestManyOpenANewDatabaseAtOnce from goroutines and from other processes.
func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	storetest.EachShared(t, func(t *testing.T, b storetest.Backend) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				db, err := store.Open(ctx, b.Location, store.Options{Clock: storetest.NewClock().Now})
				if err != nil {
					t.Error(err)
					return
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				child := exec.Command(os.Args[0], "-test.run=^TestChildOpens$")
				child.Env = append(os.Environ(), childLocation+"="+b.Location)
				if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
					t.Errorf("child: %v\n%s", err, out)
				}
			})
		}
		all.Wait()
	})
}

const childLocation = "AGENTRISK_TEST_CHILD_OPENS"

// TestChildOpens is what the other processes run; alone it has nothing to do.
func TestChildOpens(t *testing.T) {
	location := os.Getenv(childLocation)
	if location == "" {
		return
	}
	db, err := store.Open(context.Background(), location, store.Options{Clock: storetest.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
