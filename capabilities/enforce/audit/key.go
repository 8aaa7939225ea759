package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"agentrisk/capabilities/enforce/safefile"
)

// Names inside the folder of a log. The key stays out of the tree's folder, which
// may be served as it is to whoever wants to follow the log.
const (
	treeFolder = "log"
	lockFolder = "locks"
	keyFile    = "log.key"
	publicFile = "log.pub"
)

// maxKey bounds the files that hold keys.
const maxKey = 4 << 10

// signerKey is a private key with the public key that belongs to it.
type signerKey struct {
	note.Signer
	private ed25519.PrivateKey
	public  string // as a note verifier key
}

// loadSigner reads a key, or creates it on first use. Only the owner may read the
// file: a key that others can read signs for them too.
func loadSigner(path, prefix string, random io.Reader) (*signerKey, error) {
	raw, err := safefile.Read(path, maxKey)
	if errors.Is(err, fs.ErrNotExist) {
		return createSigner(path, prefix, random)
	}
	if err != nil {
		return nil, err
	}
	return parseSigner(path, strings.TrimSpace(string(raw)))
}

func parseSigner(path, text string) (*signerKey, error) {
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, &DataError{File: path, Offset: -1, Want: "a note signer key", Err: err}
	}
	// NewSigner has checked the form: PRIVATE+KEY+name+hash+base64(algorithm, seed).
	parts := strings.SplitN(text, "+", 5)
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, &DataError{File: path, Offset: -1, Want: "an Ed25519 note signer key", Err: err}
	}
	private := ed25519.NewKeyFromSeed(seed[1:])
	public, err := note.NewEd25519VerifierKey(signer.Name(), private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, &DataError{File: path, Offset: -1, Want: "an Ed25519 note signer key", Err: err}
	}
	return &signerKey{Signer: signer, private: private, public: public}, nil
}

func createSigner(path, prefix string, random io.Reader) (*signerKey, error) {
	if random == nil {
		return nil, errors.New("a new key needs a source of randomness")
	}
	var id [8]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return nil, fmt.Errorf("new key: %w", err)
	}
	private, public, err := note.GenerateKey(random, prefix+hex.EncodeToString(id[:]))
	if err != nil {
		return nil, fmt.Errorf("new key: %w", err)
	}
	// The public half first: a private key on disk means that both are there.
	if err := safefile.Write(publicOf(path), []byte(public+"\n"), 0o644); err != nil {
		return nil, err
	}
	if err := safefile.Write(path, []byte(private+"\n"), safefile.Private); err != nil {
		return nil, err
	}
	return parseSigner(path, private)
}

func publicOf(path string) string { return strings.TrimSuffix(path, ".key") + ".pub" }
