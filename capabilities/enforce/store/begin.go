package store

import (
	"context"
	"database/sql"
)

// transaction is one that has begun.
type transaction interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	context() context.Context // that its statements run in
	Commit() error
	Rollback() error
}

// begin begins a transaction. The options are those for a server: SQLite knows no
// other way than one after the other.
func (db *DB) begin(ctx context.Context, conn *sql.Conn, options *sql.TxOptions, op string) (transaction, error) {
	if db.postgres {
		tx, err := conn.BeginTx(ctx, options)
		return remote{tx, ctx}, err
	}
	tx := local{conn, context.WithoutCancel(ctx)}
	text := "BEGIN IMMEDIATE"
	switch {
	case op == "read" && db.reader == db.writer:
		return alone{tx}, nil
	case op == "read":
		text = "BEGIN"
	}
	_, err := conn.ExecContext(ctx, text) // waits for other processes
	if err != nil && ctx.Err() != nil {
		_ = tx.Rollback() // it may have begun as the context ended
		return nil, ctx.Err()
	}
	return tx, err
}

// remote is a transaction of a server.
type remote struct {
	*sql.Tx
	ctx context.Context
}

func (t remote) context() context.Context { return t.ctx }

// local is a transaction of SQLite. database/sql and the driver each watch the context
// of a statement with a goroutine, which takes as long as most of our statements do.
// These wait for nobody and are short, so that it is enough to look at the context
// between them, as [Tx] does.
type local struct {
	*sql.Conn
	ctx context.Context
}

func (t local) context() context.Context { return t.ctx }

// Commit undoes the transaction where it cannot be committed: the connection goes
// back to those that wait for it.
func (t local) Commit() error {
	_, err := t.ExecContext(t.ctx, "COMMIT")
	if err != nil {
		_ = t.Rollback() // there is nothing to undo where SQLite has done so already
	}
	return err
}

// Rollback undoes the transaction.
func (t local) Rollback() error {
	_, err := t.ExecContext(t.ctx, "ROLLBACK")
	return err
}

// alone is a reading transaction on the only connection there is: nobody else can
// change what it sees.
type alone struct{ local }

func (alone) Commit() error   { return nil }
func (alone) Rollback() error { return nil }
