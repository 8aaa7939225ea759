package secrets

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"agentrisk/capabilities/enforce/safefile"
)

// exists says whether a path is taken, by whatever.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// openKey reads the key, or makes key and file where neither exists. The key gets
// its name last, so that a key without its file is one whose file was lost, and not
// one whose making was broken off.
func (v *Vault) openKey(keyPath string) (err error) {
	draft := keyPath + ".new"
	switch {
	case exists(keyPath) && !exists(v.path):
		return fmt.Errorf("%w: the file %s of the key %s is missing", ErrTampered, v.path, keyPath)
	case exists(keyPath):
		v.identity, err = readKey(keyPath)
		return err
	case exists(v.path) && !exists(draft):
		return fmt.Errorf("%w: the key %s is missing", ErrTampered, keyPath)
	case exists(v.path): // broken off before the last step
		if v.identity, err = readKey(draft); err != nil {
			return err
		}
		return os.Rename(draft, keyPath)
	}
	if v.identity, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	if err := safefile.Write(draft, []byte(v.identity.String()+"\n"), safefile.Private); err != nil {
		return err
	}
	if err := v.write(&content{V: 1, Generation: 1}); err != nil {
		return err
	}
	return os.Rename(draft, keyPath)
}

func readKey(path string) (*age.X25519Identity, error) {
	raw, err := safefile.Read(path, 4<<10)
	if err != nil {
		return nil, err
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(raw)))
	if err != nil {
		// The library's error may quote the line; a key never goes into an error.
		return nil, fmt.Errorf("%s: expected one age identity, AGE-SECRET-KEY-1…", path)
	}
	return identity, nil
}

// read decrypts and authenticates the file.
func (v *Vault) read() (*content, error) {
	sealed, err := safefile.Read(v.path, maxFile)
	if err != nil {
		return nil, err
	}
	opened, err := age.Decrypt(bytes.NewReader(sealed), v.identity)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTampered, err)
	}
	plain, err := io.ReadAll(io.LimitReader(opened, maxFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTampered, err)
	}
	if len(plain) < sha256.Size {
		return nil, fmt.Errorf("%w: the content is too short", ErrTampered)
	}
	tag, body := plain[:sha256.Size], plain[sha256.Size:]
	want, err := v.mac(body)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(tag, want) {
		return nil, fmt.Errorf("%w: it was not written with the private key", ErrTampered)
	}
	var c content
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil || c.V != 1 {
		// The decoder's error may quote the content.
		return nil, fmt.Errorf("%w: expected version 1 of the content, got %d", ErrTampered, c.V)
	}
	if c.Generation < v.opts.AtLeast {
		return nil, fmt.Errorf("%w: generation %d, expected %d or later", ErrRolledBack, c.Generation, v.opts.AtLeast)
	}
	return &c, nil
}

// mac authenticates the content under a key that follows from the private key
// (HKDF, RFC 5869; HMAC-SHA-256, RFC 2104).
func (v *Vault) mac(body []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(v.identity.String()), nil, "agentrisk secrets file v1", sha256.Size)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil), nil
}

// change applies a change to the newest content, as one step.
func (v *Vault) change(ctx context.Context, apply func(*content, time.Time) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	unlock, err := v.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := v.read()
	if err != nil {
		return err
	}
	now := v.opts.Now().UTC()
	if err := apply(c, now); err != nil {
		return err
	}
	c.scrub(now)
	c.Generation++
	return v.write(c)
}

// write encrypts the content and replaces the file. age takes its randomness from
// the system alone.
func (v *Vault) write(c *content) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	tag, err := v.mac(body)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, v.identity.Recipient())
	if err != nil {
		return err
	}
	if _, err := w.Write(append(tag, body...)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if sealed.Len() > maxFile {
		return fmt.Errorf("%w: the file would have %d bytes, expected at most %d", ErrInvalid, sealed.Len(), maxFile)
	}
	return safefile.Write(v.path, sealed.Bytes(), safefile.Private)
}
