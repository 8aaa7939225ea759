package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
)

// VerifyOptions is what a verifier brings along. What it takes from the log's own
// folder proves only that the folder agrees with itself.
type VerifyOptions struct {
	// LogKey is the log's public key, kept elsewhere. Empty takes the one beside
	// the log, and the report says so.
	LogKey string
	// Checkpoint is a checkpoint of the log, kept elsewhere.
	Checkpoint []byte
	// WitnessKey is the public key of a witness. The witness's cosignature is then
	// required, on Checkpoint or on the cosigned copy beside the log.
	WitnessKey string
}

// Verify recomputes a log from its entries. The error says that the verification
// could not be carried out; what is wrong with the log is in the report.
func Verify(dir string, opts VerifyOptions) (*Report, error) {
	if _, err := os.Stat(filepath.Join(dir, treeFolder)); err != nil {
		return nil, fmt.Errorf("no audit log in %s: %w", dir, err)
	}
	return verifyFS(os.DirFS(dir), opts)
}

// verifyFS is Verify over any file system that holds a log's folder.
func verifyFS(dir fs.FS, opts VerifyOptions) (*Report, error) {
	files, err := fs.Sub(dir, treeFolder)
	if err != nil {
		return nil, err
	}
	v := &verification{
		dir: tree{dir}, tree: tree{files}, opts: opts,
		report: &Report{Schema: ReportSchema, Faults: []Fault{}, Notices: []string{}, Unproven: []string{}},
	}
	for _, name := range []string{CheckSignature, CheckState, CheckEntries, CheckTiles, CheckRoot, CheckChain, CheckKept, CheckWitness} {
		v.report.set(name, NotChecked, "an earlier check failed")
	}
	if err := errors.Join(v.readKeys(), v.readKept()); err != nil {
		return nil, err
	}
	v.readCheckpoint()
	v.readAnchor()
	v.readState()
	v.walk()
	v.conclude()
	return v.report, nil
}

// verification is one pass over a log.
type verification struct {
	dir    tree // the log's folder, for what lies beside the tree
	tree   tree
	opts   VerifyOptions
	report *Report

	key     note.Verifier
	witness note.Verifier
	signed  *checkpoint // the log's own, nil where unreadable
	kept    *checkpoint // as given, nil without
	anchor  *checkpoint // kept elsewhere or cosigned, nil without
	size    uint64      // entries to walk
	root    []byte      // the driver's, nil where unreadable
}

// readKeys gets the keys. A wrong key is the caller's mistake and an error.
func (v *verification) readKeys() (err error) {
	key := v.opts.LogKey
	if key == "" {
		raw, readErr := v.dir.read(publicFile, maxKey)
		if readErr != nil {
			return fmt.Errorf("no key to verify with: give the log's public key: %w", readErr)
		}
		key = string(raw)
		v.report.unproven("whose log this is: the key was taken from the log's own folder, and whoever wrote the folder could have put it there; give the key from elsewhere")
	}
	if v.key, err = logVerifier(key); err != nil {
		return err
	}
	v.report.Origin = v.key.Name()
	if v.opts.WitnessKey != "" {
		v.witness, err = witnessVerifier(v.opts.WitnessKey)
	}
	return err
}

// readKept reads the checkpoint that was kept elsewhere. A file that is none is the
// caller's mistake, and says nothing about the log.
func (v *verification) readKept() (err error) {
	if v.opts.Checkpoint != nil {
		v.kept, err = parseCheckpoint(keptName, v.opts.Checkpoint)
	}
	return err
}

const keptName = "the kept checkpoint"

func (v *verification) readCheckpoint() {
	cp, err := v.tree.checkpoint()
	if err != nil {
		v.report.fault(Fault{Check: CheckSignature, File: layout.CheckpointPath, Detail: err.Error()})
		return
	}
	v.signed, v.report.Signed = cp, cp.Size
	if detail := v.ownership(cp); detail != "" {
		v.report.fault(Fault{Check: CheckSignature, File: layout.CheckpointPath, Detail: detail})
		v.signed = nil
		return
	}
	v.report.set(CheckSignature, Passed, "%s signed a tree of %d entries", v.key.Name(), cp.Size)
	if others := cp.unknownSigners(v.key, v.witness); len(others) > 0 {
		v.report.notice("the checkpoint also carries signatures of %s, whose keys were not given", strings.Join(others, ", "))
	}
}

// ownership says what keeps a checkpoint from being one of this log.
func (v *verification) ownership(cp *checkpoint) string {
	if cp.Origin != v.key.Name() {
		return fmt.Sprintf("the checkpoint is of the log %q, expected %q", cp.Origin, v.key.Name())
	}
	if _, ok := cp.signedBy(v.key); !ok {
		return "the checkpoint is not signed by the log's key"
	}
	return ""
}

// readAnchor finds the checkpoint that does not depend on who holds the log.
func (v *verification) readAnchor() {
	cp, from := v.kept, keptName
	if cp == nil && v.witness == nil {
		v.report.set(CheckKept, NotChecked, "no checkpoint was given")
		v.report.set(CheckWitness, NotChecked, "no witness key was given")
		return
	}
	if cp == nil {
		from = "the cosigned checkpoint beside the log"
		if cp = v.witnessed(from); cp == nil {
			return
		}
	}
	if detail := v.ownership(cp); detail != "" {
		v.report.fault(Fault{Check: CheckKept, Detail: from + ": " + detail})
		return
	}
	if !v.cosigned(cp, from) {
		return
	}
	v.anchor = cp
}

// witnessed reads the checkpoint that a witness left beside the log.
func (v *verification) witnessed(from string) *checkpoint {
	raw, err := v.dir.read(witnessedFile, maxCheckpoint)
	if err != nil {
		v.report.fault(Fault{Check: CheckWitness, File: witnessedFile, Detail: "there is no cosigned checkpoint: give the witness's copy: " + err.Error()})
		v.report.set(CheckKept, NotChecked, "no checkpoint was given")
		return nil
	}
	cp, err := parseCheckpoint(from, raw)
	if err != nil {
		v.report.fault(Fault{Check: CheckKept, Detail: err.Error()})
	}
	return cp
}

// cosigned checks the witness's signature where a witness's key was given.
func (v *verification) cosigned(cp *checkpoint, from string) bool {
	if v.witness == nil {
		v.report.set(CheckWitness, NotChecked, "no witness key was given")
		return true
	}
	sig, ok := cp.signedBy(v.witness)
	if !ok {
		v.report.fault(Fault{Check: CheckWitness, Detail: fmt.Sprintf("%s is not cosigned by the witness %s", from, v.witness.Name())})
		return false
	}
	at := cosignedAt(sig)
	v.report.CosignedAt = &at
	v.report.set(CheckWitness, Passed, "%s cosigned a tree of %d entries", v.witness.Name(), cp.Size)
	return true
}

// readState reads the driver's state and decides how many entries to walk.
func (v *verification) readState() {
	size, root, err := v.tree.state()
	switch {
	case err != nil:
		v.report.fault(Fault{Check: CheckState, File: statePath, Detail: err.Error()})
	case v.signed != nil && size < v.signed.Size:
		v.report.fault(Fault{Check: CheckState, File: statePath, Detail: fmt.Sprintf("the driver knows %d entries, the checkpoint %d: the log was cut", size, v.signed.Size)})
	default:
		v.size, v.root = size, root
	}
	if v.signed != nil && v.signed.Size > v.size {
		v.size, v.root = v.signed.Size, nil
	}
	v.report.Size = v.size
}

// conclude says what the pass could not show.
func (v *verification) conclude() {
	r := v.report
	if r.Size > r.Signed {
		r.unproven("the last %d entries: no checkpoint covers them yet, and nobody signed them; opening and closing the log publishes one", r.Size-r.Signed)
	}
	switch {
	case v.anchor == nil:
		r.unproven("that the log was not rewritten and signed again by who holds its key: that takes a checkpoint kept elsewhere or a witness")
	case r.Anchored < r.Size:
		r.unproven("that the entries from %d on were not rewritten and signed again by who holds the log's key: the checkpoint kept elsewhere covers the %d before", r.Anchored, r.Anchored)
	}
	r.unproven("that everything that happened was recorded: a log holds what was written to it")
}

// compare notes a root of the walk against what was promised for that size.
func (v *verification) compare(size uint64, root []byte) {
	if v.signed != nil && size == v.signed.Size {
		if bytes.Equal(root, v.signed.Root) {
			v.report.set(CheckRoot, Passed, "%d entries lead to the signed root", size)
		} else {
			v.report.fault(Fault{Check: CheckRoot, File: layout.CheckpointPath, Detail: fmt.Sprintf("the %d entries do not lead to the signed root", size)})
		}
	}
	if v.root != nil && size == v.size {
		if bytes.Equal(root, v.root) {
			v.report.set(CheckState, Passed, "the driver's state agrees with %d entries", size)
		} else {
			v.report.fault(Fault{Check: CheckState, File: statePath, Detail: "the entries do not lead to the driver's root"})
		}
	}
	if v.anchor != nil && size == v.anchor.Size {
		if bytes.Equal(root, v.anchor.Root) {
			v.report.Anchored = size
			v.report.set(CheckKept, Passed, "the log grew out of the checkpoint of %d entries", size)
		} else {
			v.report.fault(Fault{Check: CheckKept, Detail: fmt.Sprintf("the first %d entries are not the ones of the checkpoint kept elsewhere: the log was rewritten", size)})
		}
	}
}

// missing turns a reading error into a fault that names the file.
func missing(check, file string, err error) Fault {
	detail := err.Error()
	if errors.Is(err, fs.ErrNotExist) {
		detail = "the file is missing: the log was cut or its end was never written"
	}
	return Fault{Check: check, File: file, Detail: detail}
}
