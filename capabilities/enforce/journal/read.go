package journal

import (
	"fmt"
	"strconv"
	"strings"

	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

// Snapshot is all that is known of a run.
type Snapshot struct {
	Run   Run
	Input canonical.JSON
	Steps []Step // in the order of their intents
	Notes []Note // in the order they were written
}

// Show reads a run of a tenant.
func (j *Journal) Show(tx *store.Tx, tenant, id string) (Snapshot, error) {
	run, err := find(tx, id)
	if err != nil {
		return Snapshot{}, err
	}
	if run.Tenant != tenant {
		return Snapshot{}, &Error{Kind: NotFound, Run: id}
	}
	s := Snapshot{Run: run}
	var sealed string
	if _, err := tx.Get(`SELECT sealed_input FROM runs WHERE id = ?`, []any{id}, &sealed); err != nil {
		return Snapshot{}, err
	}
	if s.Input, err = j.open(sealed, run.InputSHA256, id, "", "run", tenant, id, "input"); err != nil {
		return Snapshot{}, err
	}
	if s.Steps, err = j.steps(tx, tenant, id); err != nil {
		return Snapshot{}, err
	}
	s.Notes, err = j.notes(tx, tenant, id)
	return s, err
}

// open unseals a value and holds it to its hash, where one is kept.
func (j *Journal) open(sealed, hash, run, step string, row ...string) (canonical.JSON, error) {
	plain, err := j.box.Open(sealed, row...)
	if err != nil {
		return canonical.JSON{}, &Error{Kind: Tampered, Run: run, Step: step, Detail: err.Error()}
	}
	value, err := canonical.Parse(plain)
	if err != nil {
		return canonical.JSON{}, &Error{Kind: Tampered, Run: run, Step: step, Detail: err.Error()}
	}
	if hash != "" && value.Hash() != hash {
		return canonical.JSON{}, &Error{Kind: Tampered, Run: run, Step: step, Detail: "a value is not the one that was hashed"}
	}
	return value, nil
}

const stepColumns = `seq, step, attempt, operation, effect, idempotency_key, arguments_sha256, state, reason, sealed_result, result_sha256,
	undo, undo_operation, sealed_undo, undo_key, intent_at, COALESCE(outcome_at, 0), COALESCE(undone_at, 0)`

func (j *Journal) steps(tx *store.Tx, tenant, run string) ([]Step, error) {
	return j.scanSteps(tx, tenant, run, `SELECT `+stepColumns+` FROM steps WHERE run = ? ORDER BY seq`, run)
}

func (j *Journal) step(tx *store.Tx, l Lease, name string) (Step, bool, error) {
	steps, err := j.scanSteps(tx, l.Tenant, l.Run, `SELECT `+stepColumns+` FROM steps WHERE run = ? AND step = ?`, l.Run, name)
	if err != nil || len(steps) == 0 {
		return Step{}, false, err
	}
	return steps[0], true, nil
}

func (j *Journal) scanSteps(tx *store.Tx, tenant, run, query string, args ...any) ([]Step, error) {
	var steps []Step
	err := tx.Each(query, args, func(scan func(...any) error) error {
		step, err := j.scanStep(tenant, run, scan)
		steps = append(steps, step)
		return err
	})
	return steps, err
}

func (j *Journal) scanStep(tenant, run string, scan func(...any) error) (Step, error) {
	var s Step
	var result, resultHash, undo string
	var intent, outcome, undone int64
	err := scan(&s.Seq, &s.Name, &s.Attempt, &s.Operation, &s.Effect, &s.Key, &s.ArgumentsSHA256, &s.State, &s.Reason, &result, &resultHash,
		&s.Undo, &s.UndoOperation, &undo, &s.UndoKey, &intent, &outcome, &undone)
	if err != nil {
		return s, err
	}
	s.IntentAt = fromNanos(intent)
	if outcome != 0 {
		s.OutcomeAt = fromNanos(outcome)
	}
	if undone != 0 {
		s.UndoneAt = fromNanos(undone)
	}
	if result != "" {
		if s.Result, err = j.open(result, resultHash, run, s.Name, "step", tenant, run, s.Key, "result"); err != nil {
			return s, err
		}
	}
	if undo != "" {
		s.UndoArguments, err = j.open(undo, "", run, s.Name, "step", tenant, run, s.Key, "undo")
	}
	return s, err
}

// Filter selects runs of one tenant.
type Filter struct {
	Tenant string
	State  State  // empty: any
	After  string // the Next of the page before; empty: the first page
	Limit  int    // 1 to 500; 0 means 100
}

// Page is a part of a list, the newest run first.
type Page struct {
	Runs []Run
	Next string // empty: the last page
}

// List reads runs page by page. A page costs what it holds, however many runs
// there are.
func (j *Journal) List(tx *store.Tx, f Filter) (Page, error) {
	if err := named("tenant", f.Tenant); err != nil {
		return Page{}, err
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	if f.Limit < 1 || f.Limit > 500 {
		return Page{}, &Error{Kind: Invalid, Detail: "a page holds 1 to 500 runs"}
	}
	created, id, err := f.from()
	if err != nil {
		return Page{}, err
	}
	query, args := `SELECT `+runColumns+` FROM runs WHERE tenant = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`,
		[]any{f.Tenant, created, id, f.Limit + 1}
	if f.State != "" {
		query = `SELECT ` + runColumns + ` FROM runs WHERE tenant = ? AND state = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`
		args = []any{f.Tenant, string(f.State), created, id, f.Limit + 1}
	}
	var page Page
	err = tx.Each(query, args, func(scan func(...any) error) error {
		run, err := scanRun(scan)
		page.Runs = append(page.Runs, run)
		return err
	})
	if len(page.Runs) > f.Limit {
		page.Runs = page.Runs[:f.Limit]
		last := page.Runs[f.Limit-1]
		page.Next = fmt.Sprintf("%d.%s", last.Created.UnixNano(), last.ID)
	}
	return page, err
}

func (f Filter) from() (created int64, id string, err error) {
	if f.After == "" {
		return 1<<63 - 1, "", nil
	}
	at, id, found := strings.Cut(f.After, ".")
	created, err = strconv.ParseInt(at, 10, 64)
	if err != nil || !found {
		return 0, "", &Error{Kind: Invalid, Detail: "the page to go on from is not one we gave"}
	}
	return created, id, nil
}
