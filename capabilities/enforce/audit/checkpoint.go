package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// maxCheckpoint bounds a checkpoint with its signatures and cosignatures.
const maxCheckpoint = 64 << 10

// checkpoint is a state of the log in the form of C2SP tlog-checkpoint: a signed
// note whose first three lines are the log's name, its size and its root hash.
type checkpoint struct {
	Origin string
	Size   uint64
	Root   []byte

	raw  []byte
	text string           // the signed lines
	sigs []note.Signature // every signature line, checked or not
}

// parseCheckpoint reads a checkpoint without trusting it. It refuses every spelling
// but the one the writer uses, so that no byte can change unnoticed.
func parseCheckpoint(file string, raw []byte) (*checkpoint, error) {
	fail := func(offset int, want string) (*checkpoint, error) {
		return nil, &DataError{File: file, Offset: offset, Want: want}
	}
	if len(raw) > maxCheckpoint {
		return fail(-1, "at most "+strconv.Itoa(maxCheckpoint)+" bytes")
	}
	split := bytes.Index(raw, []byte("\n\n"))
	if split < 0 {
		return fail(len(raw), "an empty line between the text and the signatures")
	}
	c := &checkpoint{raw: raw, text: string(raw[:split+1])}
	lines := strings.Split(strings.TrimSuffix(c.text, "\n"), "\n")
	if len(lines) != 3 || lines[0] == "" {
		return fail(0, "three lines: the log's name, its size, its root hash")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return fail(len(lines[0])+1, "the size of the log in decimal digits")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	// The decoder skips line breaks; a checkpoint has one spelling.
	if err != nil || len(root) != 32 || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return fail(len(lines[0])+len(lines[1])+2, "a root hash of 32 bytes in base64")
	}
	c.Origin, c.Size, c.Root = lines[0], size, root
	if !c.readSignatures(string(raw[split+2:])) {
		return fail(split+2, "signature lines of the form '— name base64'")
	}
	return c, nil
}

// readSignatures takes the signature lines apart and checks that putting them
// together again gives the same bytes.
func (c *checkpoint) readSignatures(block string) bool {
	const dash = "— "
	if !strings.HasSuffix(block, "\n") {
		return false
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(block, "\n"), "\n") {
		rest, ok := strings.CutPrefix(line, dash)
		name, b64, ok2 := strings.Cut(rest, " ")
		sig, err := base64.StdEncoding.Strict().DecodeString(b64)
		if !ok || !ok2 || name == "" || err != nil || len(sig) < 5 || base64.StdEncoding.EncodeToString(sig) != b64 {
			return false
		}
		c.sigs = append(c.sigs, note.Signature{Name: name, Hash: binary.BigEndian.Uint32(sig), Base64: b64})
	}
	return len(c.sigs) > 0 && len(c.sigs) <= 100
}

// signedBy says whether the key's owner signed the checkpoint.
func (c *checkpoint) signedBy(v note.Verifier) (note.Signature, bool) {
	opened, err := note.Open(c.raw, note.VerifierList(v))
	if err != nil {
		return note.Signature{}, false
	}
	for _, sig := range opened.Sigs {
		if sig.Name == v.Name() && sig.Hash == v.KeyHash() {
			return sig, true
		}
	}
	return note.Signature{}, false
}

// unknownSigners names who else signed, apart from the given keys.
func (c *checkpoint) unknownSigners(known ...note.Verifier) []string {
	var names []string
	for _, sig := range c.sigs {
		seen := false
		for _, v := range known {
			seen = seen || v != nil && sig.Name == v.Name() && sig.Hash == v.KeyHash()
		}
		if !seen {
			names = append(names, sig.Name)
		}
	}
	return names
}

// What a key that was given is called in errors.
const (
	logKeyName     = "log key"
	witnessKeyName = "witness key"
)

// logVerifier reads the public key of a log.
func logVerifier(key string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return nil, &DataError{File: logKeyName, Offset: -1, Want: "a note verifier key 'name+hash+base64', as in the file " + publicFile, Err: err}
	}
	return v, nil
}

// witnessVerifier reads the public key of a witness. It takes the key in either
// form in use: as an Ed25519 key, or as a key of cosignatures.
func witnessVerifier(key string) (note.Verifier, error) {
	v, err := fnote.NewVerifierForCosignatureV1(strings.TrimSpace(key))
	if err != nil {
		return nil, &DataError{File: witnessKeyName, Offset: -1, Want: "a note verifier key 'name+hash+base64', as in the file " + witnessPublic, Err: err}
	}
	return v, nil
}

// cosignedAt says when the witness cosigned, by the witness's clock.
func cosignedAt(sig note.Signature) time.Time {
	at, err := fnote.CoSigV1Timestamp(sig)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
