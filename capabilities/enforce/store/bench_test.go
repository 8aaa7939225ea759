package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/storetest"
)

// BenchmarkGrown writes a row to a database in memory that holds none, and 50,000,
// about 60 MB: it must take as long.
func BenchmarkGrown(b *testing.B) {
	for _, before := range []int{0, 50_000} {
		b.Run(fmt.Sprint(before), func(b *testing.B) {
			db, err := store.Open(ctx, store.Memory, store.Options{Clock: storetest.NewClock().Now})
			if err != nil {
				b.Fatal(err)
			}
			defer func() {
				if err := db.Close(); err != nil {
					b.Error(err)
				}
			}()
			storetest.Write(b, db, func(tx *store.Tx) error {
				_, err := tx.Exec(`CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT NOT NULL)`)
				return err
			})
			random, body := rand.New(rand.NewPCG(1, 2)), strings.Repeat("x", 1000)
			row := func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO rows (id, body) VALUES (?, ?)`, fmt.Sprint(random.Uint64(), random.Uint64()), body)
				return err
			}
			for range before {
				storetest.Write(b, db, row)
			}
			for b.Loop() {
				storetest.Write(b, db, row)
			}
		})
	}
}
