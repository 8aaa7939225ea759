package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// maxStatements bounds what one connection keeps compiled. The runtime has fewer
// queries than that; others are compiled each time.
const maxStatements = 256

// compiled hands out SQLite connections that compile each query once. Compiling
// takes longer than most of our queries do, and the driver does it every time.
type compiled struct{ driver.Connector }

func (c compiled) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := inner.(fullConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: the driver's connection %T lacks a method", inner), inner.Close())
	}
	return &compiledConn{fullConn: conn, statements: map[string]fullStmt{}}, nil
}

type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// compiledConn is used by one goroutine at a time, as database/sql promises.
type compiledConn struct {
	fullConn
	statements map[string]fullStmt
}

func (c *compiledConn) statement(ctx context.Context, query string) (fullStmt, error) {
	if known, ok := c.statements[query]; ok || len(c.statements) >= maxStatements {
		return known, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	statement, ok := prepared.(fullStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: the driver's statement %T lacks a method", prepared), prepared.Close())
	}
	c.statements[query] = statement
	return statement, nil
}

func (c *compiledConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	statement, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if statement == nil {
		return c.fullConn.ExecContext(ctx, query, args)
	}
	return statement.ExecContext(ctx, args)
}

func (c *compiledConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	statement, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if statement == nil {
		return c.fullConn.QueryContext(ctx, query, args)
	}
	return statement.QueryContext(ctx, args)
}

// Close forgets the statements and ends the connection.
func (c *compiledConn) Close() error {
	var errs []error
	for _, statement := range c.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, c.fullConn.Close())...)
}
