package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// applicationID marks an SQLite file as ours: "agrk" in ASCII.
const applicationID = 0x6167726b

// migrationLock is the key of the advisory lock that processes take in turn on
// Postgres: the same bytes.
const migrationLock = applicationID

type migration struct {
	version int64
	name    string
	sum     string
	text    string
}

// migrations lists the steps of the schema, from version 1, without a gap.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var list []migration
	for i, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		name = strings.TrimPrefix(name, "migrations/")
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(name, want) {
			return nil, fmt.Errorf("store: migration %s does not start with %s", name, want)
		}
		sum := sha256.Sum256(text)
		list = append(list, migration{int64(i + 1), name, hex.EncodeToString(sum[:]), string(text)})
	}
	return list, nil
}

// migrate brings the schema up to date in one transaction, or refuses. A database
// that is up to date is only read.
func (db *DB) migrate(ctx context.Context) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	current := false
	if err := db.Read(ctx, func(tx *Tx) error {
		current, err = db.isCurrent(tx, steps)
		return err
	}); err != nil || current {
		return err
	}
	// Not serializable: the first statement waits for other processes, and what
	// they did must be seen after it.
	options := &sql.TxOptions{}
	return db.once(ctx, db.writer, options, "write", func(tx *Tx) error {
		if db.postgres {
			if _, err := tx.Exec(`SELECT pg_advisory_xact_lock(?)`, int64(migrationLock)); err != nil {
				return err
			}
		}
		return db.apply(tx, steps)
	})
}

func (db *DB) isCurrent(tx *Tx, steps []migration) (bool, error) {
	exists, err := db.hasTable(tx, "migrations")
	if err != nil || !exists {
		return false, err
	}
	done, err := applied(tx)
	if err != nil {
		return false, err
	}
	return len(done) == len(steps), compare(done, steps)
}

func (db *DB) apply(tx *Tx, steps []migration) error {
	if err := db.claimFile(tx); err != nil {
		return err
	}
	if _, err := tx.Exec(`CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)`); err != nil {
		return err
	}
	done, err := applied(tx)
	if err != nil {
		return err
	}
	if err := compare(done, steps); err != nil {
		return err
	}
	for _, step := range steps[len(done):] {
		for _, statement := range statements(step.text) {
			if _, err := tx.Exec(statement); err != nil {
				return fmt.Errorf("%s: %w", step.name, err)
			}
		}
		if _, err := tx.Exec(`INSERT INTO migrations (version, name, sha256) VALUES (?, ?, ?)`, step.version, step.name, step.sum); err != nil {
			return err
		}
	}
	return nil
}

// statements cuts a migration at the semicolons that end a line; no text in a
// migration holds one.
func statements(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(part) != "" {
			list = append(list, part)
		}
	}
	return list
}

// applied lists what the database has been through, by version.
func applied(tx *Tx) ([]migration, error) {
	var done []migration
	err := tx.Each(`SELECT version, name, sha256 FROM migrations ORDER BY version`, nil, func(scan func(...any) error) error {
		var m migration
		if err := scan(&m.version, &m.name, &m.sum); err != nil {
			return err
		}
		done = append(done, m)
		return nil
	})
	return done, err
}

// compare refuses a database that went through other steps than ours.
func compare(done, steps []migration) error {
	for i, d := range done {
		if i >= len(steps) {
			return &Error{Kind: Newer, Op: "migrate", Hint: hints[Newer],
				Err: fmt.Errorf("it is at version %d, and this program knows %d", done[len(done)-1].version, len(steps))}
		}
		if s := steps[i]; d.version != s.version || d.sum != s.sum {
			return &Error{Kind: Damaged, Op: "migrate", Hint: hints[Damaged],
				Err: fmt.Errorf("its version %d is %s, not our %s", d.version, d.name, s.name)}
		}
	}
	return nil
}

// claimFile marks a new SQLite file as ours and refuses that of another program.
func (db *DB) claimFile(tx *Tx) error {
	if db.postgres {
		return nil
	}
	var id, tables int64
	if _, err := tx.Get(`PRAGMA application_id`, nil, &id); err != nil {
		return err
	}
	if _, err := tx.Get(`SELECT count(*) FROM sqlite_schema`, nil, &tables); err != nil {
		return err
	}
	if id == applicationID {
		return nil
	}
	if id != 0 || tables != 0 {
		return &Error{Kind: Damaged, Op: "migrate", Err: errors.New("the file holds the tables of another program"), Hint: "name another file"}
	}
	_, err := tx.Exec(fmt.Sprintf(`PRAGMA application_id = %d`, applicationID))
	return err
}

func (db *DB) hasTable(tx *Tx, name string) (bool, error) {
	query := `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?`
	if db.postgres {
		query = `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?`
	}
	var n int64
	_, err := tx.Get(query, []any{name}, &n)
	return n > 0, err
}
