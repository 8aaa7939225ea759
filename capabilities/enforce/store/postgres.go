package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connections is how many transactions one process runs on Postgres at once.
const connections = 16

func (db *DB) connectPostgres(ctx context.Context, location string) error {
	config, err := pgx.ParseConfig(location)
	if err != nil {
		// The parser's message may repeat the URL, and with it the password.
		return &Error{Kind: Refused, Op: "open", Err: errors.New("the URL cannot be read"),
			Hint: "expected postgres://user:password@host:port/database?sslmode=verify-full"}
	}
	if err := refusePlainText(config, location); err != nil {
		return err
	}
	milliseconds := strconv.FormatInt(db.options.Wait.Milliseconds(), 10)
	for name, value := range map[string]string{
		"application_name":                    "agentrisk",
		"synchronous_commit":                  "on",
		"lock_timeout":                        milliseconds,
		"statement_timeout":                   milliseconds,
		"idle_in_transaction_session_timeout": "60000",
		"timezone":                            "UTC",
	} {
		config.RuntimeParams[name] = value
	}
	config.ConnectTimeout = db.options.Wait
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	db.postgres, db.writer, db.reader = true, pool, pool
	for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit", "standard_conforming_strings"} {
		var value string
		if err := pool.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return err
		}
		if value != "on" {
			return &Error{Kind: Refused, Op: "open", Err: fmt.Errorf("the server runs with %s = %s", name, value),
				Hint: "a crash could lose what was written; set it to on"}
		}
	}
	return nil
}

// refusePlainText stops a connection to another machine that may go without
// encryption: the library's default falls back to plain text.
func refusePlainText(config *pgx.ConnConfig, location string) error {
	if strings.Contains(location, "sslmode=") {
		return nil // somebody chose
	}
	hosts := []string{config.Host}
	for _, other := range config.Fallbacks {
		hosts = append(hosts, other.Host)
	}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		if strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && ip.IsLoopback() {
			continue
		}
		return &Error{Kind: Refused, Op: "open", Err: fmt.Errorf("the URL does not say how the connection to %s is encrypted", host),
			Hint: "add sslmode=verify-full"}
	}
	return nil
}
