package store

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// attempts is how often a transaction is tried that Postgres broke off because
// it could not be put in line with another.
const attempts = 20

// Tx is one transaction. It must not be kept beyond the function it was given to,
// nor used by two goroutines.
type Tx struct {
	ctx   context.Context
	db    *DB
	tx    transaction
	write bool
	now   time.Time
	rows  bool  // rows are being read: no other statement may run
	err   error // the first statement that failed: nothing is committed after it
}

// Context is the context the transaction runs in.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Write runs a function in a serializable transaction and commits it durably. Any
// error, of the function or of one of its statements, undoes everything.
func (db *DB) Write(ctx context.Context, do func(*Tx) error) error {
	return db.run(ctx, "write", do)
}

// Read runs a function on one unchanging view of the database.
func (db *DB) Read(ctx context.Context, do func(*Tx) error) error {
	return db.run(ctx, "read", do)
}

func (db *DB) run(ctx context.Context, op string, do func(*Tx) error) error {
	pool, options := db.writer, &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: op == "read"}
	if op == "read" {
		pool = db.reader
	}
	pause := time.Millisecond
	for try := 1; ; try++ {
		err := db.once(ctx, pool, options, op, do)
		if !db.postgres || try == attempts || !brokenOff(err) {
			return wrap(op, err)
		}
		select {
		case <-ctx.Done():
			return wrap(op, err)
		case <-time.After(pause):
		}
		pause = min(2*pause, 100*time.Millisecond)
	}
}

func (db *DB) once(ctx context.Context, pool *sql.DB, options *sql.TxOptions, op string, do func(*Tx) error) error {
	conn, err := db.turn(ctx, pool)
	if err != nil {
		return err
	}
	defer db.giveBack(conn)
	inner, err := db.begin(ctx, conn, options, op)
	if err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, db: db, tx: inner, write: op == "write"}
	defer func() {
		if inner != nil { // an error or a panic
			_ = inner.Rollback() // what matters is why
		}
	}()
	if err := do(tx); err != nil {
		return err
	}
	if tx.err != nil {
		return tx.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = inner.Commit()
	inner = nil
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // undone as the context ended
		return ctx.Err()
	}
	return err
}

// turn waits for a connection, behind the other transactions of this process, as
// long as it would wait for those of another.
func (db *DB) turn(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, db.options.Wait)
	defer cancel()
	conn, err := pool.Conn(waiting)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		kind := Locked
		if db.postgres {
			kind = Unreachable
		}
		return nil, &Error{Kind: kind, Op: "begin", Err: err, Hint: hints[kind]}
	}
	return conn, err
}

// giveBack ends the turn. Whoever comes next holds the connection from then on, while
// all others wait for them: so they get the processor, not we, who need it no more
// than any of those.
func (db *DB) giveBack(conn *sql.Conn) {
	_ = conn.Close() // a broken one was told before
	if !db.postgres {
		runtime.Gosched()
	}
}

// brokenOff tells the errors after which Postgres wants the whole transaction
// tried again.
func brokenOff(err error) bool {
	var coded interface{ SQLState() string }
	if !errors.As(err, &coded) {
		return false
	}
	return coded.SQLState() == "40001" || coded.SQLState() == "40P01"
}

// Exec runs a statement and tells how many rows it changed. Values stand as ? in
// the text, for both databases.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if err := tx.ready(); err != nil {
		return 0, err
	}
	if !tx.write {
		return 0, tx.fail(&Error{Kind: Refused, Op: "read", Err: errors.New("a statement that writes"), Hint: "use Write"})
	}
	result, err := tx.tx.ExecContext(tx.tx.context(), tx.db.rewrite(query), args...)
	if err != nil {
		return 0, tx.fail(err)
	}
	changed, err := result.RowsAffected()
	return changed, tx.fail(err)
}

// Get reads the first row of a query, and tells whether there was one.
func (tx *Tx) Get(query string, args []any, into ...any) (bool, error) {
	if err := tx.ready(); err != nil {
		return false, err
	}
	err := tx.tx.QueryRowContext(tx.tx.context(), tx.db.rewrite(query), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, tx.fail(err)
}

// Each reads every row of a query. The function must run no other statement.
func (tx *Tx) Each(query string, args []any, row func(scan func(into ...any) error) error) error {
	if err := tx.ready(); err != nil {
		return err
	}
	tx.rows = true
	defer func() { tx.rows = false }()
	rows, err := tx.tx.QueryContext(tx.tx.context(), tx.db.rewrite(query), args...)
	if err != nil {
		return tx.fail(err)
	}
	defer func() { _ = rows.Close() }() // Err below has told what there is to tell
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return tx.fail(err)
		}
	}
	return tx.fail(rows.Err())
}

// ready refuses a statement after one that failed, after the context has ended, or
// inside [Tx.Each], where the two databases would not behave alike.
func (tx *Tx) ready() error {
	if tx.rows {
		return tx.fail(errors.New("store: a statement inside Each; read the rows first"))
	}
	if tx.err == nil {
		return tx.fail(tx.ctx.Err())
	}
	return tx.err
}

func (tx *Tx) fail(err error) error {
	if err == nil {
		return nil
	}
	op := "read"
	if tx.write {
		op = "write"
	}
	tx.err = wrap(op, err)
	return tx.err
}

// rewrite numbers the question marks for Postgres. Our queries are constants, so
// what is kept stays small.
func (db *DB) rewrite(query string) string {
	if !db.postgres {
		return query
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if known, ok := db.queries[query]; ok {
		return known
	}
	var out strings.Builder
	n, quoted := 0, false
	for _, c := range query {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == '?' && !quoted:
			n++
			out.WriteString("$" + strconv.Itoa(n))
			continue
		}
		out.WriteRune(c)
	}
	db.queries[query] = out.String()
	return out.String()
}
