package approval

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

const columns = `id, tenant, run, step, operation, effect, resource, purpose, arguments_sha256, policy_version, requesters,
	sealed_arguments, state, decided_by, reason, created_at, expires_at, decided_at, used_at, proof`

// read reads approvals and holds each to its proof.
func (d *Desk) read(tx *store.Tx, query string, args ...any) ([]Approval, error) {
	var list []Approval
	err := tx.Each(query, args, func(scan func(...any) error) error {
		a, err := d.scan(scan)
		list = append(list, a)
		return err
	})
	return list, err
}

func (d *Desk) scan(scan func(...any) error) (Approval, error) {
	var a Approval
	var chain, proof string
	var created, expires, decided, used int64
	if err := scan(&a.ID, &a.Tenant, &a.Run, &a.Step, &a.Operation, &a.Effect, &a.Resource, &a.Purpose, &a.ArgumentsSHA256, &a.PolicyVersion,
		&chain, &a.sealedArguments, &a.State, &a.DecidedBy, &a.Reason, &created, &expires, &decided, &used, &proof); err != nil {
		return a, err
	}
	a.Created, a.Expires, a.Decided, a.UsedAt = fromNanos(created), fromNanos(expires), fromNanos(decided), fromNanos(used)
	if err := json.Unmarshal([]byte(chain), &a.Requesters); err != nil {
		return a, &Error{Kind: Tampered, ID: a.ID, Detail: err.Error()}
	}
	row, err := a.row()
	if err != nil {
		return a, err
	}
	if _, err := d.box.Open(proof, row...); err != nil {
		return a, &Error{Kind: Tampered, ID: a.ID, Detail: err.Error()}
	}
	plain, err := d.box.Open(a.sealedArguments, "approval arguments", a.Tenant, a.ID)
	if err != nil {
		return a, &Error{Kind: Tampered, ID: a.ID, Detail: err.Error()}
	}
	if a.Arguments, err = canonical.Parse(plain); err != nil || a.Arguments.Hash() != a.ArgumentsSHA256 {
		return a, &Error{Kind: Tampered, ID: a.ID, Detail: "the arguments are not those that were hashed"}
	}
	return a, nil
}

// find reads an approval of a tenant, as it stands in its row.
func (d *Desk) find(tx *store.Tx, tenant, id string) (Approval, bool, error) {
	list, err := d.read(tx, `SELECT `+columns+` FROM approvals WHERE tenant = ? AND id = ?`, tenant, id)
	if err != nil || len(list) == 0 {
		return Approval{}, false, err
	}
	return list[0], true, nil
}

// Show reads an approval of a tenant. One whose time is up shows as expired.
func (d *Desk) Show(tx *store.Tx, tenant, id string) (Approval, error) {
	a, found, err := d.find(tx, tenant, id)
	if err != nil {
		return Approval{}, err
	}
	if !found {
		return Approval{}, &Error{Kind: NotFound, ID: id}
	}
	now, err := tx.Now()
	if err == nil && a.due(now) {
		a.State = Expired
	}
	return a, err
}

// Filter selects approvals of one tenant.
type Filter struct {
	Tenant string
	Open   bool   // only those that wait for a decision now
	After  string // the Next of the page before; empty: the first page
	Limit  int    // 1 to 500; 0 means 100
}

// Page is a part of a list, the newest first.
type Page struct {
	Approvals []Approval
	Next      string // empty: the last page
}

// List reads approvals page by page.
func (d *Desk) List(tx *store.Tx, f Filter) (Page, error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	if f.Tenant == "" || f.Limit < 1 || f.Limit > 500 {
		return Page{}, &Error{Kind: Invalid, Detail: "expected a tenant, and 1 to 500 approvals a page"}
	}
	created, id, err := f.from()
	if err != nil {
		return Page{}, err
	}
	now, err := tx.Now()
	if err != nil {
		return Page{}, err
	}
	query, args := `SELECT `+columns+` FROM approvals WHERE tenant = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?`,
		[]any{f.Tenant, created, id, f.Limit + 1}
	if f.Open {
		query = `SELECT ` + columns + ` FROM approvals WHERE tenant = ? AND state = 'open' AND expires_at > ? AND (created_at, id) < (?, ?)
			ORDER BY created_at DESC, id DESC LIMIT ?`
		args = []any{f.Tenant, now.UnixNano(), created, id, f.Limit + 1}
	}
	list, err := d.read(tx, query, args...)
	if err != nil {
		return Page{}, err
	}
	for i := range list {
		if list[i].due(now) {
			list[i].State = Expired
		}
	}
	page := Page{Approvals: list}
	if len(list) > f.Limit {
		page.Approvals = list[:f.Limit]
		last := list[f.Limit-1]
		page.Next = fmt.Sprintf("%d.%s", last.Created.UnixNano(), last.ID)
	}
	return page, nil
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
