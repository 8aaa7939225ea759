package limits

import (
	"time"

	"agentrisk/capabilities/enforce/store"
)

func (b Budget) agent(u Use) string {
	if b.PerAgent {
		return u.Agent
	}
	return ""
}

// readWindow reads what a budget holds of late.
func readWindow(tx *store.Tx, b Budget, u Use, now time.Time) (window, error) {
	var text string
	found, err := tx.Get(`SELECT slots FROM limit_windows WHERE tenant = ? AND budget = ? AND agent = ?`, []any{u.Tenant, b.ID, b.agent(u)}, &text)
	if err != nil || !found {
		return window{size: sizeOf(b.Window)}, err
	}
	w, err := decodeWindow(text)
	return w.within(now, b.Window), err
}

// chargeWindow writes a window back that was read in the same transaction.
func chargeWindow(tx *store.Tx, c covered, u Use, now time.Time) error {
	b, w := c.budget, c.window
	text, err := w.add(number(now, w.size), b.amount(u)).encode()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO limit_windows (budget, tenant, agent, slots) VALUES (?, ?, ?, ?)
		ON CONFLICT (tenant, budget, agent) DO UPDATE SET slots = excluded.slots`, b.ID, u.Tenant, b.agent(u), text)
	return err
}

func breakerState(tx *store.Tx, tenant, agent string) (BreakerState, error) {
	var s BreakerState
	var opened, reset int64
	_, err := tx.Get(`SELECT denials, opened_at, reset_by, reset_at FROM limit_breakers WHERE tenant = ? AND agent = ?`,
		[]any{tenant, agent}, &s.Denials, &opened, &s.ResetBy, &reset)
	s.Opened, s.ResetAt = fromNanos(opened), fromNanos(reset)
	return s, err
}

func saveBreaker(tx *store.Tx, tenant, agent string, s BreakerState) error {
	_, err := tx.Exec(`INSERT INTO limit_breakers (tenant, agent, denials, opened_at, reset_by, reset_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant, agent) DO UPDATE SET denials = excluded.denials, opened_at = excluded.opened_at,
		reset_by = excluded.reset_by, reset_at = excluded.reset_at`,
		tenant, agent, s.Denials, toNanos(s.Opened), s.ResetBy, toNanos(s.ResetAt))
	return err
}

// readPast asks for everything at once: it is asked twice for every step.
func readPast(tx *store.Tx, u Use, now time.Time) (BreakerState, History, error) {
	var s BreakerState
	var h History
	var opened, reset, other int64
	hour := hourOf(now)
	_, err := tx.Get(`SELECT COALESCE(b.denials, 0), COALESCE(b.opened_at, 0), COALESCE(b.reset_by, ''), COALESCE(b.reset_at, 0),
		COALESCE((SELECT uses FROM limit_operations WHERE tenant = ? AND agent = ? AND operation = ?), 0),
		COALESCE((SELECT MAX(at) FROM limit_agents WHERE agent = ? AND tenant <> ?), 0),
		COALESCE((SELECT uses FROM limit_hours WHERE tenant = ? AND agent = ? AND hour = ?), 0),
		COALESCE((SELECT MAX(uses) FROM limit_hours WHERE tenant = ? AND agent = ? AND hour >= ? AND hour < ?), 0)
		FROM (SELECT 1 AS one) o LEFT JOIN limit_breakers b ON b.tenant = ? AND b.agent = ?`,
		[]any{u.Tenant, u.Agent, u.Operation, u.Agent, u.Tenant, u.Tenant, u.Agent, hour, u.Tenant, u.Agent, hour - busyDays*24, hour, u.Tenant, u.Agent},
		&s.Denials, &opened, &s.ResetBy, &reset, &h.Uses, &other, &h.ThisHour, &h.BusiestHour)
	s.Opened, s.ResetAt, h.OtherTenant = fromNanos(opened), fromNanos(reset), fromNanos(other)
	return s, h, err
}

// writeHistory counts a use. The first in an hour forgets hours too old to matter.
func writeHistory(tx *store.Tx, u Use, now time.Time, first bool) error {
	hour, nanos := hourOf(now), now.UnixNano()
	if _, err := tx.Exec(`INSERT INTO limit_operations (tenant, agent, operation, first_at, uses) VALUES (?, ?, ?, ?, 1)
		ON CONFLICT (tenant, agent, operation) DO UPDATE SET uses = limit_operations.uses + 1`, u.Tenant, u.Agent, u.Operation, nanos); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO limit_hours (tenant, agent, hour, uses) VALUES (?, ?, ?, 1)
		ON CONFLICT (tenant, agent, hour) DO UPDATE SET uses = limit_hours.uses + 1`, u.Tenant, u.Agent, hour); err != nil {
		return err
	}
	if first {
		if _, err := tx.Exec(`DELETE FROM limit_hours WHERE tenant = ? AND agent = ? AND hour < ?`, u.Tenant, u.Agent, hour-busyDays*24); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO limit_agents (agent, tenant, at) VALUES (?, ?, ?)
		ON CONFLICT (agent, tenant) DO UPDATE SET at = excluded.at`, u.Agent, u.Tenant, nanos)
	return err
}

func toNanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
