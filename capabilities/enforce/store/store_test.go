package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

var ctx = context.Background()

func makeTable(t testing.TB, db *store.DB) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(`CREATE TABLE numbers (name TEXT PRIMARY KEY, n BIGINT NOT NULL)`)
		return err
	})
}

func number(t testing.TB, db *store.DB, name string) (n int64, found bool) {
	t.Helper()
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.Get(`SELECT n FROM numbers WHERE name = ?`, []any{name}, &n)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n, found
}

func TestWriteCommitsOrUndoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		storetest.Write(t, db, func(tx *store.Tx) error {
			changed, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('it''s ?', ?)`, 1)
			if changed != 1 {
				t.Errorf("changed %d rows", changed)
			}
			return err
		})
		if n, found := number(t, db, "it's ?"); !found || n != 1 {
			t.Errorf("got %d, %v", n, found)
		}
		stop := errors.New("stop")
		err := db.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(`UPDATE numbers SET n = 2`); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("got %v", err)
		}
		if n, _ := number(t, db, "it's ?"); n != 1 {
			t.Errorf("a failed transaction left %d", n)
		}
	})
}

// A statement that failed cannot be overlooked: nothing is committed after it.
func TestFailedStatementSpoilsTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, _ = tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
			_, _ = tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 2)`)
			if _, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('b', 3)`); err == nil {
				t.Error("went on after a failure")
			}
			return nil
		})
		if !errors.Is(err, store.Duplicate) {
			t.Errorf("got %v, want %v", err, store.Duplicate)
		}
		if _, found := number(t, db, "a"); found {
			t.Error("half of the transaction was kept")
		}
	})
}

func TestPanicUndoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		func() {
			defer func() { _ = recover() }()
			_ = db.Write(ctx, func(tx *store.Tx) error {
				_, _ = tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
				panic("mid-way")
			})
		}()
		if _, found := number(t, db, "a"); found {
			t.Error("a panic committed")
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		err := db.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
			return err
		})
		if !errors.Is(err, store.Refused) {
			t.Errorf("got %v, want %v", err, store.Refused)
		}
		if _, found := number(t, db, "a"); found {
			t.Error("it wrote")
		}
	})
}

// Databases in memory have nothing in common, and their bound holds.
func TestMemory(t *testing.T) {
	clock := storetest.NewClock()
	var dbs []*store.DB
	for range 2 {
		db, err := store.Open(ctx, store.Memory, store.Options{Clock: clock.Now, MaxBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		makeTable(t, db) // which fails where it is there already
		dbs = append(dbs, db)
	}
	storetest.Write(t, dbs[0], insert("a", 1))
	if _, found := number(t, dbs[1], "a"); found {
		t.Error("what was written to one is in the other")
	}
	long := strings.Repeat("a", 2<<20)
	if err := dbs[0].Write(ctx, insert(long, 2)); !errors.Is(err, store.Full) {
		t.Errorf("got %v, want %v", err, store.Full)
	}
	if _, found := number(t, dbs[0], long); found {
		t.Error("more than the bound was kept")
	}
}

func insert(name string, n int) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES (?, ?)`, name, n)
		return err
	}
}

// Read, add one, write back, from many at once: no addition may be lost.
func TestWritesAreSerializable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		clock := storetest.NewClock()
		handles := []*store.DB{b.Open(t, clock)}
		if b.Shared() {
			handles = append(handles, b.Open(t, clock))
		}
		makeTable(t, handles[0])
		storetest.Write(t, handles[0], func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 0)`)
			return err
		})
		const workers, rounds = 8, 10
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() {
				for range rounds {
					if err := addOne(handles[w%len(handles)]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n, _ := number(t, handles[0], "a"); n != workers*rounds {
			t.Errorf("%d of %d additions", n, workers*rounds)
		}
	})
}

func addOne(db *store.DB) error {
	for {
		err := db.Write(ctx, func(tx *store.Tx) error {
			var n int64
			if _, err := tx.Get(`SELECT n FROM numbers WHERE name = 'a'`, nil, &n); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE numbers SET n = ? WHERE name = 'a'`, n+1)
			return err
		})
		if !errors.Is(err, store.Locked) { // under this load the tries may run out: it says so, and nothing was written
			return err
		}
	}
}

func TestEachRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		storetest.Write(t, db, func(tx *store.Tx) error {
			for i := range 5 {
				if _, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES (?, ?)`, fmt.Sprint(i), i); err != nil {
					return err
				}
			}
			return nil
		})
		var names []string
		if err := db.Read(ctx, func(tx *store.Tx) error {
			return tx.Each(`SELECT name FROM numbers WHERE n > ? ORDER BY n LIMIT ?`, []any{1, 2}, func(scan func(...any) error) error {
				var name string
				names = append(names, "")
				err := scan(&name)
				names[len(names)-1] = name
				return err
			})
		}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(names, ","); got != "2,3" {
			t.Errorf("got %s", got)
		}
	})
}

func TestFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes of files mean nothing on Windows")
	}
	b := storetest.SQLite(t)
	db := b.Open(t, storetest.NewClock())
	makeTable(t, db)
	names, err := filepath.Glob(b.Location + "*")
	if err != nil || len(names) < 3 { // with -wal and -shm
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
	open := filepath.Join(t.TempDir(), "open.db")
	if err := os.WriteFile(open, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, open, store.Refused, "chmod 600")
}

func expectRefusal(t *testing.T, location string, kind store.Kind, text string) {
	t.Helper()
	db, err := store.Open(ctx, location, store.Options{Clock: storetest.NewClock().Now, Wait: time.Second})
	if err == nil {
		_ = db.Close()
	}
	var typed *store.Error
	if !errors.Is(err, kind) || !errors.As(err, &typed) || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got %v, want %v with %q", location, err, kind, text)
	}
}

func TestRefusedLocations(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	expectRefusal(t, "", store.Refused, "name a file")
	expectRefusal(t, "mysql://localhost/x", store.Refused, `unknown kind of database "mysql"`)
	expectRefusal(t, folder, store.Refused, "is not a file")
	expectRefusal(t, filepath.Join(folder, "no", "such.db"), store.Unreachable, "make the folder")
	expectRefusal(t, text, store.Damaged, "restore the file")
	expectRefusal(t, "postgres://u@127.0.0.1:1/x?sslmode=disable", store.Unreachable, "check that the server runs")
	expectRefusal(t, "postgres://u@db.example.org/x", store.Refused, "sslmode=verify-full")
	expectRefusal(t, "postgres://u:hunter2@[::1", store.Refused, "the URL cannot be read")
	if _, err := store.Open(ctx, store.Memory, store.Options{}); err == nil {
		t.Error("opened without a clock")
	}
}

func TestPasswordStaysOutOfErrors(t *testing.T) {
	for _, location := range []string{
		"postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable",
		"postgres://u:hunter2@127.0.0.1:port/x",
		"postgres://u:hunter2@127.0.0.1:1/x?sslmode=never",
	} {
		_, err := store.Open(ctx, location, store.Options{Clock: storetest.NewClock().Now, Wait: time.Second})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
}

func TestOddFileNames(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=memory.db", "a#b.db", "a%20b.db", "ä.db", "a&_pragma=x"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := store.Open(ctx, path, store.Options{Clock: storetest.NewClock().Now})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: the file was not used: %v, %v", name, info, err)
		}
	}
}

func TestLocked(t *testing.T) {
	b := storetest.SQLite(t)
	clock := storetest.NewClock()
	first := b.Open(t, clock)
	makeTable(t, first)
	second, err := store.Open(ctx, b.Location, store.Options{Clock: clock.Now, Wait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	storetest.Write(t, first, func(*store.Tx) error {
		err := second.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
			return err
		})
		if !errors.Is(err, store.Locked) {
			t.Errorf("another handle: got %v, want %v", err, store.Locked)
		}
		return second.Read(ctx, func(tx *store.Tx) error { // readers go on
			_, err := tx.Get(`SELECT n FROM numbers`, nil, new(int64))
			return err
		})
	})
	storetest.Write(t, second, func(*store.Tx) error {
		err := second.Write(ctx, func(*store.Tx) error { return nil })
		if !errors.Is(err, store.Locked) {
			t.Errorf("the same handle: got %v, want %v", err, store.Locked)
		}
		return nil
	})
	if err := second.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
		return err
	}); err != nil {
		t.Errorf("once the lock is gone: %v", err)
	}
}

func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.db")
	db, err := store.Open(ctx, path, store.Options{Clock: storetest.NewClock().Now, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	makeTable(t, db)
	rows := 0
	for err == nil && rows < 1000 {
		err = db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES (?, ?)`, fmt.Sprintf("%d %s", rows, strings.Repeat("x", 10_000)), rows)
			return err
		})
		if err == nil {
			rows++
		}
	}
	if !errors.Is(err, store.Full) {
		t.Fatalf("after %d rows: %v, want %v", rows, err, store.Full)
	}
	var kept int64
	if err := db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Get(`SELECT count(*) FROM numbers`, nil, &kept)
		return err
	}); err != nil || kept != int64(rows) {
		t.Errorf("%d of %d rows kept, %v", kept, rows, err)
	}
}

func TestCancelled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		gone, cancel := context.WithCancel(ctx)
		err := db.Write(gone, func(tx *store.Tx) error {
			if _, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, found := number(t, db, "a"); found {
			t.Error("a cancelled transaction was committed")
		}
	})
}

// The context is looked at between statements, and while another process is waited
// for; the connection serves the next transaction.
func TestCancelledBetweenStatements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		insert := func(tx *store.Tx, name string) error {
			_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES (?, 1)`, name)
			return err
		}
		gone, cancel := context.WithCancel(ctx)
		err := db.Write(gone, func(tx *store.Tx) error {
			if err := insert(tx, "a"); err != nil {
				return err
			}
			cancel()
			if err := insert(tx, "b"); !errors.Is(err, context.Canceled) {
				t.Errorf("a statement after the end: %v", err)
			}
			return nil // which does not make up for it
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		storetest.Write(t, db, func(tx *store.Tx) error { return insert(tx, "c") })
		for name, want := range map[string]bool{"a": false, "b": false, "c": true} {
			if _, found := number(t, db, name); found != want {
				t.Errorf("%s is there: %v", name, found)
			}
		}
	})
}

func TestCancelledWhileWaiting(t *testing.T) {
	b := storetest.SQLite(t)
	clock := storetest.NewClock()
	first := b.Open(t, clock)
	makeTable(t, first)
	second := b.Open(t, clock)
	storetest.Write(t, first, func(*store.Tx) error {
		gone, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if err := second.Write(gone, func(*store.Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		return nil
	})
	storetest.Write(t, second, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
		return err
	})
}

func TestNewID(t *testing.T) {
	id, err := store.NewID(strings.NewReader("0123456789abcdef"), "run")
	if err != nil || id != "run_gaytemzugu3doobzmfrggzdfmy" {
		t.Errorf("%s, %v", id, err)
	}
	if _, err := store.NewID(strings.NewReader("short"), "run"); err == nil {
		t.Error("an id from too little randomness")
	}
}

// A statement among the rows of another would work on one database and fail on
// the other.
func TestNoStatementInsideEach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		db := b.Open(t, storetest.NewClock())
		makeTable(t, db)
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO numbers (name, n) VALUES ('a', 1)`)
			return err
		})
		err := db.Read(ctx, func(tx *store.Tx) error {
			return tx.Each(`SELECT n FROM numbers`, nil, func(func(...any) error) error {
				_, err := tx.Get(`SELECT n FROM numbers`, nil, new(int64))
				return err
			})
		})
		if err == nil || !strings.Contains(err.Error(), "inside Each") {
			t.Errorf("got %v", err)
		}
	})
}

// More queries than are kept compiled, and the same ones over and over.
func TestManyQueries(t *testing.T) {
	db := storetest.SQLite(t).Open(t, storetest.NewClock())
	makeTable(t, db)
	for range 2 {
		storetest.Write(t, db, func(tx *store.Tx) error {
			for i := range 400 {
				var n int64
				found, err := tx.Get(fmt.Sprintf(`SELECT %d + count(*) FROM numbers`, i), nil, &n)
				if err != nil || !found || n != int64(i) {
					return fmt.Errorf("query %d: %d, %v, %w", i, n, found, err)
				}
			}
			return nil
		})
	}
}
