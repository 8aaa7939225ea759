package journal

import (
	"encoding/json"
	"fmt"
	"time"

	"agentrisk/capabilities/enforce/journal/canonical"
	"agentrisk/capabilities/enforce/store"
)

// Note is something said about a run on the way: the decisions of a step, a
// warning. What must not be altered unnoticed belongs in the audit log too.
type Note struct {
	Seq  int64
	Step string // empty: about the whole run
	Kind string
	Body []byte // JSON
	At   time.Time
}

// Note adds to what is known of a run: a JSON text, as it is. Nothing refers to it by
// its hash, so it need not have one spelling.
func (j *Journal) Note(tx *store.Tx, l Lease, step, kind string, body []byte) error {
	if len(body) > canonical.MaxBytes || !json.Valid(body) {
		return &Error{Kind: Invalid, Run: l.Run, Step: step, Detail: fmt.Sprintf("a note is JSON of at most %d bytes", canonical.MaxBytes)}
	}
	if err := named("kind of note", kind); err != nil {
		return err
	}
	if step != "" {
		if err := named("step", step); err != nil {
			return err
		}
	}
	run, err := held(tx, l)
	if err != nil {
		return err
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	seq := run.lastNote + 1
	if seq > MaxNotes {
		return &Error{Kind: Invalid, Run: l.Run, Detail: fmt.Sprintf("a run has at most %d notes", MaxNotes)}
	}
	sealed, err := j.box.Seal(body, noteRow(l.Tenant, l.Run, seq, step, kind)...)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO notes (run, seq, step, kind, sealed_body, at) VALUES (?, ?, ?, ?, ?, ?)`,
		l.Run, seq, step, kind, sealed, now.UnixNano())
	return err
}

func noteRow(tenant, run string, seq int64, step, kind string) []string {
	return []string{"note", tenant, run, fmt.Sprint(seq), step, kind}
}

func (j *Journal) notes(tx *store.Tx, tenant, run string) ([]Note, error) {
	var notes []Note
	err := tx.Each(`SELECT seq, step, kind, sealed_body, at FROM notes WHERE run = ? ORDER BY seq`, []any{run}, func(scan func(...any) error) error {
		var n Note
		var sealed string
		var at int64
		err := scan(&n.Seq, &n.Step, &n.Kind, &sealed, &at)
		if err != nil {
			return err
		}
		n.At = fromNanos(at)
		if n.Body, err = j.box.Open(sealed, noteRow(tenant, run, n.Seq, n.Step, n.Kind)...); err != nil {
			return &Error{Kind: Tampered, Run: run, Step: n.Step, Detail: err.Error()}
		}
		notes = append(notes, n)
		return nil
	})
	return notes, err
}
