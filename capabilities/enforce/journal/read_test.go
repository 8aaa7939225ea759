package journal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/journal"
	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
	"agentrisk/capabilities/enforce/store/seal"
	"agentrisk/capabilities/enforce/store/storetest"
)

func TestListPageByPage(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		var want []string
		for i := range 7 {
			l := b.begin("acme")
			if i%2 == 0 {
				b.write(func(tx *store.Tx) error { return b.End(tx, l, journal.Denied, "") })
			}
			if i%3 == 0 { // some share an instant
				b.clock.Add(time.Second)
			}
			want = append(want, l.Run)
			b.begin("beta")
		}
		for _, limit := range []int{1, 2, 3, 7, 100} {
			got, pages := b.pages(journal.Filter{Tenant: "acme", Limit: limit})
			if len(got) != len(want) || pages != (len(want)+limit-1)/limit {
				t.Errorf("limit %d: %d runs on %d pages", limit, len(got), pages)
			}
			for i, run := range got {
				if i > 0 && run.Created.After(got[i-1].Created) {
					t.Errorf("limit %d: an older run comes first", limit)
				}
			}
		}
		denied, _ := b.pages(journal.Filter{Tenant: "acme", State: journal.Denied, Limit: 3})
		if len(denied) != 4 {
			t.Errorf("%d denied", len(denied))
		}
		for _, bad := range []journal.Filter{{}, {Tenant: "acme", Limit: -1}, {Tenant: "acme", Limit: 501}, {Tenant: "acme", After: "x"}, {Tenant: "acme", After: "1"}} {
			b.refused(journal.Invalid, func(tx *store.Tx) error { _, err := b.List(tx, bad); return err })
		}
	})
}

func (b bench) pages(f journal.Filter) (runs []journal.Run, pages int) {
	b.t.Helper()
	seen := map[string]bool{}
	for {
		var page journal.Page
		b.write(func(tx *store.Tx) (err error) { page, err = b.List(tx, f); return err })
		pages++
		for _, run := range page.Runs {
			if seen[run.ID] || run.Tenant != f.Tenant || f.State != "" && run.State != f.State {
				b.t.Errorf("does not belong here: %+v", run)
			}
			seen[run.ID] = true
		}
		runs = append(runs, page.Runs...)
		if f.After = page.Next; f.After == "" {
			return runs, pages
		}
	}
}

// What is in the rows is sealed, and a row whose sealed text was changed, moved
// or exchanged does not open.
func TestTamperingWithRows(t *testing.T) {
	for name, change := range map[string]string{
		"input of another run":     `UPDATE runs SET sealed_input = (SELECT sealed_input FROM runs r WHERE r.id <> runs.id LIMIT 1) WHERE id = 'RUN'`,
		"input and hash":           `UPDATE runs SET input_sha256 = 'x'`,
		"tenant":                   `UPDATE runs SET tenant = 'beta'`,
		"result of another step":   `UPDATE steps SET sealed_result = (SELECT sealed_result FROM steps s WHERE s.run = steps.run AND s.seq <> steps.seq LIMIT 1)`,
		"result and undo":          `UPDATE steps SET sealed_undo = sealed_result`,
		"hash of a result":         `UPDATE steps SET result_sha256 = 'x'`,
		"idempotency key":          `UPDATE steps SET idempotency_key = idempotency_key || 'x'`,
		"step of a note":           `UPDATE notes SET step = 'b'`,
		"kind of a note":           `UPDATE notes SET kind = 'other'`,
		"order of notes":           `UPDATE notes SET seq = seq + 10`,
		"a result that is no JSON": `UPDATE steps SET sealed_result = 'x'`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
			b.begin("acme")
			l := b.begin("acme")
			b.did(l, "a", journal.UndoPossible)
			b.did(l, "b", journal.UndoPossible)
			b.write(func(tx *store.Tx) error { return b.Note(tx, l, "a", "decisions", []byte(`"allow"`)) })
			b.write(func(tx *store.Tx) error { _, err := tx.Exec(strings.ReplaceAll(change, "RUN", l.Run)); return err })
			tenant := l.Tenant
			if name == "tenant" {
				tenant = "beta"
			}
			b.refused(journal.Tampered, func(tx *store.Tx) error { _, err := b.Show(tx, tenant, l.Run); return err })
		})
	}
}

func TestWrongKey(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
	l := b.begin("acme")
	box, err := seal.New(rand.Reader, bytes.Repeat([]byte{7}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	other, err := journal.New(box, rand.Reader, leaseTime)
	if err != nil {
		t.Fatal(err)
	}
	b.refused(journal.Tampered, func(tx *store.Tx) error { _, err := other.Show(tx, l.Tenant, l.Run); return err })
}

// TestSecretsStayOut looks for canaries in the bytes of the database: a secret
// does not get in at all, and what is sealed is not legible.
func TestSecretsStayOut(t *testing.T) {
	backend := storetest.SQLite(t)
	b := newBench(t, backend)
	const secret, private = "canary-secret-1f7a", "canary-private-93b2"
	if _, err := canonical.Marshal(map[string]any{"key": canonical.Hide(secret)}); err == nil {
		t.Fatal("a secret can be made an argument")
	}
	private1 := value(t, map[string]any{"note": private})
	var l journal.Lease
	b.write(func(tx *store.Tx) error {
		run, err := b.Create(tx, journal.NewRun{Tenant: "acme", Capability: "c", Input: private1})
		if err != nil {
			return err
		}
		l, err = b.Claim(tx, "acme", run.ID, "w")
		return err
	})
	b.intend(l, "a", map[string]any{"note": private})
	b.write(func(tx *store.Tx) error {
		return b.Finish(tx, l, "a", journal.Outcome{Result: private1, Undo: journal.UndoPossible, UndoOperation: "u", UndoArguments: private1})
	})
	b.write(func(tx *store.Tx) error { return b.Note(tx, l, "a", "decisions", private1.Bytes()) })
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(backend.Location + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{secret, private} {
			if bytes.Contains(data, []byte(canary)) {
				t.Errorf("%s is legible in the database%s", canary, suffix)
			}
		}
		if suffix == "-wal" && !bytes.Contains(data, []byte(l.Run)) {
			t.Error("the search looks in the wrong place")
		}
	}
}

// Claiming and listing must use their indexes, whatever the number of waiting
// runs: the plan of the queries says so.
func TestQueriesUseIndexes(t *testing.T) {
	b := newBench(t, storetest.Backend{Name: "memory", Location: store.Memory})
	for query, index := range map[string]string{
		`SELECT id FROM runs WHERE ready_at IS NOT NULL AND ready_at <= 5 ORDER BY ready_at, id LIMIT 1`:                                        "runs_ready",
		`SELECT id FROM runs WHERE tenant = 'a' AND (created_at, id) < (5, '') ORDER BY created_at DESC, id DESC LIMIT 9`:                       "runs_listed",
		`SELECT id FROM runs WHERE tenant = 'a' AND state = 'waiting' AND (created_at, id) < (5, '') ORDER BY created_at DESC, id DESC LIMIT 9`: "runs_by_state",
		`SELECT id FROM runs WHERE waiting_on = 'apr_1' AND waiting_on <> '' AND state = 'waiting'`:                                             "runs_waiting",
	} {
		var plan []string
		b.write(func(tx *store.Tx) error {
			return tx.Each(`EXPLAIN QUERY PLAN `+query, nil, func(scan func(...any) error) error {
				var id, parent, unused int64
				var detail string
				err := scan(&id, &parent, &unused, &detail)
				plan = append(plan, detail)
				return err
			})
		})
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, "INDEX "+index) || strings.Contains(text, "TEMP B-TREE") || strings.Contains(text, "SCAN") {
			t.Errorf("%s\n%s", query, text)
		}
	}
}

func manyWaiting(t testing.TB, b bench, n int) {
	t.Helper()
	b.write(func(tx *store.Tx) error {
		for i := range n {
			run, err := b.Create(tx, journal.NewRun{Tenant: fmt.Sprintf("t%d", i%7), Capability: "c"})
			if err != nil {
				return err
			}
			l, err := b.Claim(tx, run.Tenant, run.ID, "w")
			if err != nil {
				return err
			}
			if err := b.Wait(tx, l, "apr_"+run.ID, b.clock.Now().Add(time.Hour), ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTenThousandWaitingRuns(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	manyWaiting(t, b, 10_000)
	if _, found := b.claimNext(); found {
		t.Error("a waiting run was claimed")
	}
	runs, pages := b.pages(journal.Filter{Tenant: "t3", State: journal.Waiting, Limit: 500})
	if len(runs) != 1429 || pages != 3 {
		t.Errorf("%d runs on %d pages", len(runs), pages)
	}
	b.write(func(tx *store.Tx) error {
		if n, err := b.Wake(tx, "apr_"+runs[5].ID); n != 1 || err != nil {
			t.Errorf("woke %d, %v", n, err)
		}
		return nil
	})
	if l, found := b.claimNext(); !found || l.Run != runs[5].ID {
		t.Errorf("%+v, %v", l, found)
	}
}

func TestDatabaseErrorsPass(t *testing.T) {
	clock := storetest.NewClock()
	db, err := store.Open(ctx, storetest.SQLite(t).Location, store.Options{Clock: clock.Now, MaxBytes: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	j, err := journal.New(storetest.Box(t), rand.Reader, leaseTime)
	if err != nil {
		t.Fatal(err)
	}
	b := bench{t, db, clock, j}
	l := b.begin("acme")
	big := value(t, strings.Repeat("x", 20_000))
	steps := 0
	for err == nil && steps < 100 {
		step := fmt.Sprintf("s%d", steps)
		err = db.Write(ctx, func(tx *store.Tx) error {
			if _, _, err := b.Intend(tx, l, intent(t, step, 1)); err != nil {
				return err
			}
			return b.Finish(tx, l, step, journal.Outcome{Result: big, Undo: journal.UndoNone})
		})
		if err == nil {
			steps++
		}
	}
	if !errors.Is(err, store.Full) {
		t.Fatalf("got %v, want %v", err, store.Full)
	}
	if s := b.show(l); len(s.Steps) != steps {
		t.Errorf("%d of %d steps kept", len(s.Steps), steps)
	}
}
