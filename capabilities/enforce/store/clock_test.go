package store_test

import (
	"errors"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

func instant(db *store.DB) (now time.Time, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		now, err = tx.Now()
		return err
	})
	return now, err
}

func TestOneInstantPerTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		clock := storetest.NewClock()
		db := b.Open(t, clock)
		storetest.Write(t, db, func(tx *store.Tx) error {
			first, err := tx.Now()
			if err != nil {
				return err
			}
			clock.Add(time.Hour)
			second, err := tx.Now()
			if !first.Equal(second) {
				t.Errorf("%v, then %v", first, second)
			}
			return err
		})
	})
}

func TestClockGoesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, b storetest.Backend) {
		clock := storetest.NewClock()
		db := b.Open(t, clock)
		before, err := instant(db)
		if err != nil {
			t.Fatal(err)
		}
		clock.Add(-time.Second)
		if now, err := instant(db); err != nil || !now.Equal(before) {
			t.Errorf("a small correction: %v, %v; time should stand still at %v", now, err, before)
		}
		clock.Add(-time.Hour)
		if _, err := instant(db); !errors.Is(err, store.ClockBack) {
			t.Errorf("an hour back: %v, want %v", err, store.ClockBack)
		}
		if err := db.Read(ctx, func(tx *store.Tx) error { _, err := tx.Now(); return err }); !errors.Is(err, store.ClockBack) {
			t.Errorf("an hour back, reading: %v", err)
		}
		if b.Shared() { // a restart does not help
			if _, err := instant(b.Open(t, clock)); !errors.Is(err, store.ClockBack) {
				t.Errorf("an hour back, opened again: %v", err)
			}
		}
		if err := db.AcceptClock(ctx); err != nil {
			t.Fatal(err)
		}
		if now, err := instant(db); err != nil || !now.Equal(clock.Now()) {
			t.Errorf("accepted: %v, %v", now, err)
		}
		clock.Add(1000 * time.Hour)
		if now, err := instant(db); err != nil || !now.Equal(clock.Now()) {
			t.Errorf("forward: %v, %v", now, err)
		}
	})
}
