package safefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// ErrShared: others than the owner can open a private file.
var ErrShared = errors.New("others can open the file: set its mode to 0600, and replace what it holds if it may have been read")

// ErrForm: a path leads to something that is not a small regular file.
var ErrForm = errors.New("not a regular file of the expected size")

// Private is the mode of a private file.
const Private fs.FileMode = 0o600

// Check says whether a path is a regular file that only its owner can open. On
// Windows the folder's access list decides, and the mode says nothing.
func Check(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, ErrForm)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s (mode %04o): %w", path, info.Mode().Perm(), ErrShared)
	}
	return info, nil
}

// Read reads a private file of at most limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	if _, err := Check(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: %w: more than %d bytes", path, ErrForm, limit)
	}
	return data, nil
}

// Write replaces a file: it is written beside, synced and renamed, and the folder
// is synced. Whoever reads meanwhile sees the old file or the new one.
func Write(path string, data []byte, mode fs.FileMode) error {
	return publish(path, data, mode, os.Rename)
}

// Create writes a new private file in the same way. Where the name is taken it gives
// fs.ErrExist and leaves the file as it is.
func Create(path string, data []byte) error {
	return publish(path, data, Private, os.Link)
}

// Ensure makes an empty private file where there is none, and says what is wrong with
// one that is there. It opens neither: a process that closes a file drops the locks
// that it holds on it anywhere, as an open database's.
func Ensure(path string) error {
	_, err := Check(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := Create(path, nil); !errors.Is(err, fs.ErrExist) {
		return err
	}
	_, err = Check(path) // somebody was faster
	return err
}

func publish(path string, data []byte, mode fs.FileMode, place func(from, to string) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		// A renamed file is not there any more under its first name.
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	_, err = f.Write(data)
	if err == nil && mode != Private {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// syncFolder makes a new name durable. Windows keeps names in its own journal and
// cannot sync a folder.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Lock takes the lock in a file, among goroutines and processes, or gives up when
// the context ends. A process that dies lets go of its locks.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	type result struct {
		unlock func()
		err    error
	}
	done := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		done <- result{unlock, err}
	}()
	select {
	case r := <-done:
		return r.unlock, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				r.unlock()
			}
		}()
		return nil, fmt.Errorf("waiting for %s: %w", path, ctx.Err())
	}
}
