package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	"agentrisk/capabilities/enforce/safefile"
)

const (
	witnessKeyFile = "witness.key"
	witnessPublic  = "witness.pub"
	witnessedFile  = "witnessed" // cosigned copy beside the log
)

// ErrInconsistent: the log is not a continuation of what the witness has seen.
var ErrInconsistent = errors.New("the log does not continue the one this witness has seen: keep both as evidence")

// Witness remembers the last checkpoint of each log it is shown, and cosigns a new
// one only if the log grew out of it (C2SP tlog-witness, tlog-cosignature). It is
// worth something only where the log's owner cannot write to its folder.
type Witness struct {
	dir string
	key *signerKey
	now func() time.Time
}

// OpenWitness opens the witness in a folder and makes its key on first use.
func OpenWitness(dir string, random io.Reader, now func() time.Time) (*Witness, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	key, err := loadSigner(filepath.Join(dir, witnessKeyFile), "agentrisk-witness-", random)
	if err != nil {
		return nil, err
	}
	return &Witness{dir: dir, key: key, now: now}, nil
}

// PublicKey is the witness's key for verifiers.
func (w *Witness) PublicKey() string { return w.key.public }

// Last is the last cosigned checkpoint of a log, or fs.ErrNotExist.
func (w *Witness) Last(origin string) ([]byte, error) {
	return tree{os.DirFS(w.dir)}.read(filepath.Base(w.path(origin)), maxCheckpoint)
}

func (w *Witness) path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(w.dir, hex.EncodeToString(sum[:])+".checkpoint")
}

// Cosign looks at the log in a folder, checks that it continues what was seen
// before, remembers it, and gives the checkpoint with the cosignature. A log that
// is seen for the first time is taken as it is. A copy is left beside the log.
func (w *Witness) Cosign(ctx context.Context, logDir, logKey string) ([]byte, error) {
	verifier, err := logVerifier(logKey)
	if err != nil {
		return nil, err
	}
	// Two looks at once could each see the same past and remember different futures.
	unlock, err := safefile.Lock(ctx, filepath.Join(w.dir, "witness.lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	t := tree{os.DirFS(filepath.Join(logDir, treeFolder))}
	next, err := t.checkpoint()
	if err != nil {
		return nil, err
	}
	if _, ok := next.signedBy(verifier); !ok || next.Origin != verifier.Name() {
		return nil, fmt.Errorf("%w: the checkpoint is not signed by the log's key", ErrTampered)
	}
	if err := w.continues(ctx, t, next); err != nil {
		return nil, err
	}
	cosigned, err := w.cosign(next)
	if err != nil {
		return nil, err
	}
	if err := safefile.Write(w.path(next.Origin), cosigned, safefile.Private); err != nil {
		return nil, err
	}
	return cosigned, safefile.Write(filepath.Join(logDir, witnessedFile), cosigned, 0o644)
}

// continues checks the new checkpoint against the last one seen.
func (w *Witness) continues(ctx context.Context, t tree, next *checkpoint) error {
	raw, err := w.Last(next.Origin)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	last, err := parseCheckpoint(w.path(next.Origin), raw)
	if err != nil {
		return err
	}
	own, err := witnessVerifier(w.key.public)
	if err != nil {
		return err
	}
	if _, ok := last.signedBy(own); !ok {
		return fmt.Errorf("%w: the witness's own memory is not signed by it", ErrTampered)
	}
	if next.Size < last.Size {
		return fmt.Errorf("%w: it had %d entries and has %d", ErrInconsistent, last.Size, next.Size)
	}
	var path [][]byte
	if last.Size > 0 && last.Size < next.Size {
		builder, err := client.NewProofBuilder(ctx, next.Size, t.tile)
		if err != nil {
			return err
		}
		if path, err = builder.ConsistencyProof(ctx, last.Size, next.Size); err != nil {
			return fmt.Errorf("%w: %w", ErrInconsistent, err)
		}
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, last.Size, next.Size, path, last.Root, next.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	return nil
}

// cosign adds a signature of the form cosignature/v1 of C2SP tlog-cosignature: over
// a header, the time and the text, with the time in front of the signature.
func (w *Witness) cosign(c *checkpoint) ([]byte, error) {
	at := w.now().Unix()
	if at < 0 {
		return nil, errors.New("the witness's clock is before 1970")
	}
	signature := ed25519.Sign(w.key.private, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, c.text))
	verifier, err := witnessVerifier(w.key.public)
	if err != nil {
		return nil, err
	}
	sig := binary.BigEndian.AppendUint32(nil, verifier.KeyHash())
	sig = binary.BigEndian.AppendUint64(sig, uint64(at))
	sig = append(sig, signature...)
	var out strings.Builder
	out.WriteString(c.text + "\n")
	for _, s := range append(c.sigs, note.Signature{Name: verifier.Name(), Base64: base64.StdEncoding.EncodeToString(sig)}) {
		fmt.Fprintf(&out, "— %s %s\n", s.Name, s.Base64)
	}
	return []byte(out.String()), nil
}
