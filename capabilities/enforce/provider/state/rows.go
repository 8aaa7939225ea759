package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
)

// ErrCursor is the answer to a page that begins at a row that is not there.
var ErrCursor = errors.New("state: the page begins at a row that is not there")

// Tx is the state inside one transaction. It must not be kept beyond it.
type Tx struct {
	tx    *store.Tx
	box   *seal.Box
	space Space
	at    time.Time
}

// Row is one thing a stand-in keeps.
type Row struct {
	ID   string
	At   time.Time // when it was made
	body []byte
}

// Decode reads the body; numbers in values of any type are json.Number.
func (r Row) Decode(into any) error { return decode(r.body, into) }

func (tx *Tx) bound(scratch, kind, id string) []string {
	return []string{"provider row", tx.space.Provider, tx.space.Tenant, scratch, kind, id}
}

// Get reads a row. False: there is none.
func (tx *Tx) Get(kind, id string, into any) (bool, error) {
	if !store.IsName(id, MaxName) {
		return false, nil // nothing of such a name was ever kept
	}
	var scratch, sealed string
	var gone int64
	found, err := tx.tx.Get(`SELECT scratch, gone, sealed FROM provider_rows
		WHERE tenant = ? AND provider = ? AND (scratch = ? OR scratch = '') AND kind = ? AND id = ?
		ORDER BY scratch DESC LIMIT 1`,
		[]any{tx.space.Tenant, tx.space.Provider, tx.space.Scratch, kind, id}, &scratch, &gone, &sealed)
	if err != nil || !found || gone != 0 {
		return false, err
	}
	body, err := tx.box.Open(sealed, tx.bound(scratch, kind, id)...)
	if err != nil {
		return false, err
	}
	return true, decode(body, into)
}

// Put makes or replaces a row. A row that is replaced keeps its place in lists.
func (tx *Tx) Put(kind, id, parent string, body any) error {
	if !store.IsName(kind, MaxName) || !store.IsName(id, MaxName) || len(parent) > MaxName {
		return fmt.Errorf("%w: a row's kind, id and parent have at most %d bytes each", ErrTooLarge, MaxName)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if len(text) > MaxBody {
		return fmt.Errorf("%w: a row holds at most %d bytes", ErrTooLarge, MaxBody)
	}
	sealed, err := tx.box.Seal(text, tx.bound(tx.space.Scratch, kind, id)...)
	if err != nil {
		return err
	}
	return tx.put(kind, id, parent, sealed, 0)
}

// put keeps the time of a row that is replaced; in a copy, that of the state's own.
func (tx *Tx) put(kind, id, parent, sealed string, gone int) error {
	at := tx.at.UnixNano()
	if tx.space.Scratch != "" {
		if _, err := tx.tx.Get(`SELECT at FROM provider_rows WHERE tenant = ? AND provider = ? AND scratch = '' AND kind = ? AND id = ?`,
			[]any{tx.space.Tenant, tx.space.Provider, kind, id}, &at); err != nil {
			return err
		}
	}
	_, err := tx.tx.Exec(`INSERT INTO provider_rows (tenant, provider, scratch, kind, id, parent, at, gone, sealed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant, provider, scratch, kind, id)
		DO UPDATE SET parent = excluded.parent, gone = excluded.gone, sealed = excluded.sealed`,
		tx.space.Tenant, tx.space.Provider, tx.space.Scratch, kind, id, parent, at, gone, sealed)
	return err
}

// Delete removes a row. In a copy it leaves a mark that hides the state's own.
func (tx *Tx) Delete(kind, id string) error {
	if tx.space.Scratch != "" {
		return tx.put(kind, id, "", "", 1)
	}
	_, err := tx.tx.Exec(`DELETE FROM provider_rows WHERE tenant = ? AND provider = ? AND scratch = '' AND kind = ? AND id = ?`,
		tx.space.Tenant, tx.space.Provider, kind, id)
	return err
}

// Page says which part of a list is wanted. The newest comes first unless Oldest.
type Page struct {
	After, Before string // ids of rows; "" none
	Limit         int
	Oldest        bool
}

// List reads the rows of a kind under a parent that keep wants, and tells whether
// there are more of them in the direction it read.
func (tx *Tx) List(kind, parent string, page Page, keep func(Row) (bool, error)) (rows []Row, more bool, err error) {
	// Before reads away from its row, and turns what it found around.
	back := page.Before != "" && page.After == ""
	up := page.Oldest != back
	at, id, err := tx.cursor(kind, parent, page, up)
	if err != nil {
		return nil, false, err
	}
	size := min(max(page.Limit, 0)+1, chunkSize) // what a page takes where all are wanted
	for seen := 0; ; size = chunkSize {
		chunk, err := tx.chunk(kind, parent, up, at, id, size)
		if err != nil {
			return nil, false, err
		}
		for _, row := range chunk {
			wanted, err := keep(row)
			if err != nil {
				return nil, false, err
			}
			if wanted && len(rows) == page.Limit {
				return turned(rows, back), true, nil
			}
			if wanted {
				rows = append(rows, row)
			}
			at, id = row.At.UnixNano(), row.ID
		}
		if len(chunk) < size {
			return turned(rows, back), false, nil
		}
		if seen += len(chunk); seen >= MaxScan {
			return nil, false, fmt.Errorf("%w: a listing looks at %d rows at most; begin after one of them", ErrTooLarge, MaxScan)
		}
	}
}

func turned(rows []Row, back bool) []Row {
	if back {
		slices.Reverse(rows)
	}
	return rows
}

// cursor is where a list begins.
func (tx *Tx) cursor(kind, parent string, page Page, up bool) (int64, string, error) {
	id := page.After
	if id == "" {
		id = page.Before
	}
	if id == "" && up {
		return -1 << 63, "", nil
	} else if id == "" {
		return 1<<63 - 1, "", nil
	}
	if !store.IsName(id, MaxName) {
		return 0, "", ErrCursor
	}
	var at, gone int64
	found, err := tx.tx.Get(`SELECT at, gone FROM provider_rows
		WHERE tenant = ? AND provider = ? AND (scratch = ? OR scratch = '') AND kind = ? AND id = ? AND parent = ?
		ORDER BY scratch DESC LIMIT 1`,
		[]any{tx.space.Tenant, tx.space.Provider, tx.space.Scratch, kind, id, parent}, &at, &gone)
	if err == nil && (!found || gone != 0) {
		err = ErrCursor
	}
	return at, id, err
}

const chunkSize = 100

// The queries of a list, downwards and upwards. What a copy holds hides what the
// state itself holds of the same id. SQLite compiles a query again for each value of a
// bare parameter of LIMIT, of an expression it does not.
const (
	listed = `SELECT r.scratch, r.id, r.at, r.sealed FROM provider_rows r
		WHERE r.tenant = ? AND r.provider = ? AND r.kind = ? AND r.parent = ? AND r.gone = 0
		AND (r.scratch = ? OR (r.scratch = '' AND NOT EXISTS (SELECT 1 FROM provider_rows o
			WHERE o.tenant = r.tenant AND o.provider = r.provider AND o.scratch = ? AND o.kind = r.kind AND o.id = r.id)))`
	listedDown = listed + ` AND (r.at < ? OR (r.at = ? AND r.id < ?)) ORDER BY r.at DESC, r.id DESC LIMIT CAST(? AS BIGINT)`
	listedUp   = listed + ` AND (r.at > ? OR (r.at = ? AND r.id > ?)) ORDER BY r.at, r.id LIMIT CAST(? AS BIGINT)`
)

func (tx *Tx) chunk(kind, parent string, up bool, at int64, after string, size int) (rows []Row, err error) {
	query := listedDown
	if up {
		query = listedUp
	}
	args := []any{tx.space.Tenant, tx.space.Provider, kind, parent, tx.space.Scratch, tx.space.Scratch, at, at, after, size}
	err = tx.tx.Each(query, args, func(scan func(...any) error) error {
		var row Row
		var scratch, sealed string
		var nanos int64
		if err := scan(&scratch, &row.ID, &nanos, &sealed); err != nil {
			return err
		}
		row.At = time.Unix(0, nanos).UTC()
		row.body, err = tx.box.Open(sealed, tx.bound(scratch, kind, row.ID)...)
		rows = append(rows, row)
		return err
	})
	return rows, err
}
