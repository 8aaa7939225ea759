//go:build !windows

package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// presence keeps one process from opening a log twice. The driver's locks are POSIX
// locks, which exclude other processes and not a second driver in the same one; two
// of them would overwrite each other's entries.
type presence struct{ file *os.File }

const presencePrefix = "writer-"

// takePresence locks a file that belongs to this process. The name carries the
// number of the process and of its namespace: two containers that share a folder
// may both be process 1. The caller holds the lock on opening.
func takePresence(dir string) (*presence, error) {
	if err := sweepPresences(dir); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	space, err := os.Readlink("/proc/self/ns/pid") // Linux only
	if err != nil {
		space = ""
	}
	space = strings.Trim(space, "pid:[]")
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%s%d-%s", presencePrefix, os.Getpid(), space)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(ErrOpenHere, err, f.Close())
	}
	return &presence{file: f}, nil
}

func (p *presence) leave() error {
	return errors.Join(os.Remove(p.file.Name()), p.file.Close())
}

// sweepPresences removes the files of processes that ended without closing.
func sweepPresences(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, presencePrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			err = os.Remove(path)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
