package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
)

// ProofSchema names the form of a proof.
const ProofSchema = "agentrisk.audit-proof/v1"

// Bounds of a proof that is read.
const (
	maxProof        = 16 << 20 // bytes
	maxProofEntries = 10_000
	maxProofPath    = 64 // hashes: enough for a tree of 2^63 entries
)

// Proof shows that entries are in a log, to somebody who has neither the log nor a
// connection: the entries, the way from each to the root, and the signed root.
type Proof struct {
	Schema     string        `json:"schema"`
	Checkpoint string        `json:"checkpoint"`
	Entries    []ProvenEntry `json:"entries"`
}

// ProvenEntry is one entry of a proof.
type ProvenEntry struct {
	Index uint64          `json:"index"`
	Entry json.RawMessage `json:"entry"`
	Path  [][]byte        `json:"path"` // RFC 6962 inclusion proof, from the leaf up
}

// Proven is what a proof has shown.
type Proven struct {
	Origin     string     `json:"origin"`
	Size       uint64     `json:"size"` // of the log at the checkpoint
	Records    []Record   `json:"records"`
	CosignedAt *time.Time `json:"cosigned_at,omitempty"` // by the witness's clock, where its key was given
}

// Prove builds the proof for all entries of a step, or of a run where step is
// empty, as far as the scope reaches. A cosigned checkpoint beside the log is used
// where it covers them, as it shows more.
func Prove(ctx context.Context, dir string, scope Scope, run, step string) ([]byte, error) {
	if run == "" {
		return nil, bad("run", "the id of a run")
	}
	records, err := pick(dir, Filter{Scope: scope, Run: run, Step: step})
	if err != nil {
		return nil, err
	}
	t := tree{os.DirFS(filepath.Join(dir, treeFolder))}
	last := records[len(records)-1].Index
	cp, err := t.checkpoint()
	if err != nil {
		return nil, err
	}
	if raw, err := (tree{os.DirFS(dir)}).read(witnessedFile, maxCheckpoint); err == nil {
		if seen, err := parseCheckpoint(witnessedFile, raw); err == nil && seen.Origin == cp.Origin && seen.Size > last && seen.Size <= cp.Size {
			cp = seen
		}
	}
	if cp.Size <= last {
		return nil, fmt.Errorf("%w: entry %d of %d under the checkpoint", ErrNotCovered, last, cp.Size)
	}
	builder, err := client.NewProofBuilder(ctx, cp.Size, t.tile)
	if err != nil {
		return nil, err
	}
	p := Proof{Schema: ProofSchema, Checkpoint: string(cp.raw)}
	for _, r := range records {
		path, err := builder.InclusionProof(ctx, r.Index)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTampered, err)
		}
		if !include(cp, r.Index, r.raw, path) {
			return nil, fmt.Errorf("%w: entry %d does not lead to the signed root", ErrTampered, r.Index)
		}
		p.Entries = append(p.Entries, ProvenEntry{Index: r.Index, Entry: r.raw, Path: path})
	}
	return marshalProof(p)
}

func pick(dir string, f Filter) ([]Record, error) {
	var records []Record
	for r, err := range Records(dir, f) {
		if err != nil {
			return nil, err
		}
		if len(records) == maxProofEntries {
			return nil, fmt.Errorf("more than %d entries match: name a step", maxProofEntries)
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, ErrNotFound
	}
	return records, nil
}

func marshalProof(p Proof) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(p)
	return buf.Bytes(), err
}

// include checks the way from an entry to the checkpoint's root.
func include(cp *checkpoint, index uint64, raw []byte, path [][]byte) bool {
	return proof.VerifyInclusion(rfc6962.DefaultHasher, index, cp.Size, leafHash(raw), path, cp.Root) == nil
}

// VerifyProof checks a proof with nothing but the log's public key. With the key of
// a witness, the witness's cosignature is required as well; without one, the proof
// shows what the log's owner signed and not that the owner signed only that.
func VerifyProof(raw []byte, logKey, witnessKey string) (*Proven, error) {
	p, err := parseProof(raw)
	if err != nil {
		return nil, err
	}
	key, err := logVerifier(logKey)
	if err != nil {
		return nil, err
	}
	cp, err := parseCheckpoint("checkpoint of the proof", []byte(p.Checkpoint))
	if err != nil {
		return nil, err
	}
	if _, ok := cp.signedBy(key); !ok || cp.Origin != key.Name() {
		return nil, fmt.Errorf("%w: its checkpoint is not signed by %s", ErrDisproved, key.Name())
	}
	proven := &Proven{Origin: cp.Origin, Size: cp.Size}
	if witnessKey != "" {
		witness, err := witnessVerifier(witnessKey)
		if err != nil {
			return nil, err
		}
		sig, ok := cp.signedBy(witness)
		if !ok {
			return nil, fmt.Errorf("%w: its checkpoint is not cosigned by %s", ErrDisproved, witness.Name())
		}
		at := cosignedAt(sig)
		proven.CosignedAt = &at
	}
	for i, pe := range p.Entries {
		r, err := pe.check(cp)
		if err != nil {
			return nil, fmt.Errorf("%w: its entry %d: %w", ErrDisproved, i+1, err)
		}
		proven.Records = append(proven.Records, r)
	}
	return proven, nil
}

func (pe ProvenEntry) check(cp *checkpoint) (Record, error) {
	// A proof may have been indented for reading; nothing else may differ from the
	// canonical form, or a reader of the file could see something else than we do.
	var compact bytes.Buffer
	if err := json.Compact(&compact, pe.Entry); err != nil {
		return Record{}, &EntryError{Field: "entry", Want: "a JSON object", Err: err}
	}
	e, err := ParseEntry(compact.Bytes())
	if err != nil {
		return Record{}, err
	}
	if pe.Index >= cp.Size {
		return Record{}, fmt.Errorf("index %d in a log of %d entries", pe.Index, cp.Size)
	}
	if !include(cp, pe.Index, compact.Bytes(), pe.Path) {
		return Record{}, fmt.Errorf("what it says does not lead to the signed root of %d entries", cp.Size)
	}
	return Record{Index: pe.Index, Leaf: hex.EncodeToString(leafHash(compact.Bytes())), Entry: e, raw: compact.Bytes()}, nil
}

// parseProof reads a proof and refuses what a reader could take for something else:
// unknown, repeated or differently spelled fields.
func parseProof(raw []byte) (*Proof, error) {
	fail := func(want string, err error) (*Proof, error) {
		return nil, &DataError{File: "proof", Offset: -1, Want: want, Err: err}
	}
	if len(raw) > maxProof {
		return fail(fmt.Sprintf("at most %d bytes", maxProof), nil)
	}
	var p Proof
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return fail("a JSON object of "+ProofSchema, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fail("nothing after the object", nil)
	}
	if p.Schema != ProofSchema {
		return fail("the schema "+ProofSchema, nil)
	}
	if len(p.Entries) == 0 || len(p.Entries) > maxProofEntries {
		return fail(fmt.Sprintf("1 to %d entries", maxProofEntries), nil)
	}
	for _, pe := range p.Entries {
		if len(pe.Path) > maxProofPath {
			return fail(fmt.Sprintf("at most %d hashes on the way to the root", maxProofPath), nil)
		}
	}
	again, err := marshalProof(p)
	if err != nil {
		return fail("text that JSON can hold", err)
	}
	var a, b bytes.Buffer
	if json.Compact(&a, raw) != nil || json.Compact(&b, again) != nil || !bytes.Equal(bytes.TrimSpace(a.Bytes()), bytes.TrimSpace(b.Bytes())) {
		return fail("the fields schema, checkpoint and entries once each, in this order", nil)
	}
	return &p, nil
}
