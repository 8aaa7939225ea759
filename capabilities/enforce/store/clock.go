package store

import (
	"context"
	"fmt"
	"time"
)

// How far the clock may go back unnoticed: small corrections are made all the
// time, and within them time stands still. Farther, everything is refused.
const tolerance = 2 * time.Second

// markEvery is how far time goes on before it is noted again: often enough to
// find a clock set back, seldom enough that transactions do not meet there.
const markEvery = time.Second

// Now is the instant of the transaction, in UTC. It fails with [ClockBack] when
// the clock is behind what the database has already seen: what has expired must
// not come to life again.
func (tx *Tx) Now() (time.Time, error) {
	if !tx.now.IsZero() {
		return tx.now, nil
	}
	now := tx.db.options.Clock().UTC().Round(0)
	var nanos int64
	found, err := tx.Get(`SELECT mark FROM clock WHERE one = 1`, nil, &nanos)
	if err != nil {
		return time.Time{}, err
	}
	mark := time.Unix(0, nanos).UTC()
	if found && now.Before(mark.Add(-tolerance)) {
		return time.Time{}, tx.fail(&Error{Kind: ClockBack, Op: "clock",
			Err:  fmt.Errorf("it shows %s, and the database has seen %s", now.Format(time.RFC3339), mark.Format(time.RFC3339)),
			Hint: "set the clock right, or accept its time as a person in charge"})
	}
	if found && now.Before(mark) {
		now = mark
	}
	if tx.write && (!found || now.Sub(mark) >= markEvery) {
		if err := tx.setMark(now); err != nil {
			return time.Time{}, err
		}
	}
	tx.now = now
	return now, nil
}

func (tx *Tx) setMark(now time.Time) error {
	_, err := tx.Exec(`INSERT INTO clock (one, mark) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET mark = excluded.mark`, now.UnixNano())
	return err
}

// AcceptClock takes the clock's present time as right, even where it is behind
// what the database has seen. Only a person may decide this: approvals and leases
// that had expired may be valid again.
func (db *DB) AcceptClock(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error { return tx.setMark(db.options.Clock().UTC()) })
}
