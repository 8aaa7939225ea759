package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/transparency-dev/tessera/api/layout"
)

// Scope says for whom a log is read. The zero Scope reads nothing, so that a
// forgotten tenant is an error and not everybody's entries.
type Scope struct {
	tenant string
	all    bool
}

// ForTenant is the scope of one tenant.
func ForTenant(id string) Scope { return Scope{tenant: id} }

// AllTenants is the scope of who operates the runtime.
func AllTenants() Scope { return Scope{all: true} }

func (s Scope) covers(e Entry) bool { return s.all || s.tenant == e.Tenant }

func (s Scope) valid() error {
	if !s.all && s.tenant == "" {
		return ErrScope
	}
	return nil
}

// Filter picks entries of a log. An empty field picks every value.
type Filter struct {
	Scope Scope
	Run   string
	Step  string
	Kind  Kind
}

func (f Filter) picks(e Entry) bool {
	return f.Scope.covers(e) &&
		(f.Run == "" || f.Run == e.Run) &&
		(f.Step == "" || f.Step == e.Step) &&
		(f.Kind == "" || f.Kind == e.Kind)
}

// Record is an entry with its place in the log.
type Record struct {
	Index uint64 `json:"index"`
	Leaf  string `json:"leaf"` // RFC 6962 leaf hash in hex
	Entry Entry  `json:"entry"`

	raw []byte
}

// Records gives the entries that a filter picks, in the order of the log. It reads
// what is there and proves nothing: verify the log for that. It ends at the first
// entry that cannot be read, with an error.
func Records(dir string, f Filter) iter.Seq2[Record, error] {
	files := os.DirFS(filepath.Join(dir, treeFolder))
	return func(yield func(Record, error) bool) {
		if err := f.Scope.valid(); err != nil {
			yield(Record{}, err)
			return
		}
		t := tree{files}
		size, err := t.size()
		if err != nil {
			yield(Record{}, err)
			return
		}
		t.each(size, func(r Record, err error) bool {
			if err == nil && !f.picks(r.Entry) {
				return true
			}
			return yield(r, err)
		})
	}
}

// size is the number of entries on disk: what the driver integrated, or what the
// checkpoint signs where the driver's state is gone, as in a copy that was served.
func (t tree) size() (uint64, error) {
	size, _, err := t.state()
	if errors.Is(err, fs.ErrNotExist) {
		var cp *checkpoint
		if cp, err = t.checkpoint(); err == nil {
			size = cp.Size
		}
	}
	return size, err
}

// each reads the entries below size in order, until visit says no.
func (t tree) each(size uint64, visit func(Record, error) bool) {
	for info := range layout.Range(0, size, size) {
		entries, name, err := t.bundle(info.Index, size)
		if err != nil {
			visit(Record{}, err)
			return
		}
		for i, raw := range entries {
			index := info.Index*layout.EntryBundleWidth + uint64(i)
			e, err := ParseEntry(raw)
			if err != nil {
				visit(Record{}, fmt.Errorf("%s: entry %d: %w", name, index, err))
				return
			}
			if !visit(Record{Index: index, Leaf: hex.EncodeToString(leafHash(raw)), Entry: e, raw: raw}, nil) {
				return
			}
		}
	}
}
