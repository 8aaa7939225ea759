package safefile

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestWriteAndRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, text := range []string{"first", "second, longer", ""} {
		must(t, Write(path, []byte(text), Private))
		got, err := Read(path, 100)
		if err != nil || string(got) != text {
			t.Errorf("%q %v", got, err)
		}
	}
	must(t, Write(path, []byte("12345"), Private))
	if _, err := Read(path, 4); !errors.Is(err, ErrForm) {
		t.Errorf("too long: %v", err)
	}
	if _, err := Read(path, 5); err != nil {
		t.Error(err)
	}
	if _, err := Read(dir, 5); !errors.Is(err, ErrForm) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "none"), 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	if got := names(t, dir); got != "file" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestCreateKeepsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	must(t, Create(path, []byte("mine")))
	if err := Create(path, []byte("theirs")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if got, err := Read(path, 10); err != nil || string(got) != "mine" {
		t.Errorf("%q %v", got, err)
	}
	if got := names(t, filepath.Dir(path)); got != "file" {
		t.Errorf("the folder holds %s", got)
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	path := filepath.Join(t.TempDir(), "file")
	must(t, Write(path, nil, Private))
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o602, 0o610} {
		must(t, os.Chmod(path, mode))
		if _, err := Read(path, 10); !errors.Is(err, ErrShared) {
			t.Errorf("%04o: %v", mode, err)
		}
	}
	must(t, Write(path, nil, 0o644))
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode %04o", info.Mode().Perm())
	}
	link := path + "-link"
	must(t, os.Symlink(path, link))
	if _, err := Read(link, 10); !errors.Is(err, ErrForm) {
		t.Errorf("a link: %v", err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	must(t, Write(path, []byte("old"), Private))
	blocked := filepath.Join(dir, "blocked")
	must(t, os.MkdirAll(filepath.Join(blocked, "full"), 0o700))
	for _, to := range []string{blocked, filepath.Join(path, "below"), filepath.Join(dir, "none", "file")} {
		if err := Write(to, []byte("new"), Private); err == nil {
			t.Errorf("wrote %s", to)
		}
	}
	if got := names(t, dir); got != "blocked file" {
		t.Errorf("the folder holds %s", got)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, []byte("old")) {
		t.Errorf("%q %v", got, err)
	}
}

func TestLockGivesUpWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(t.Context(), path)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a lock that is held was taken: %v", err)
	}
	unlock()
	unlock, err = Lock(t.Context(), path) // also not held by the one that gave up
	must(t, err)
	unlock()
}

func TestEnsure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := Ensure(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Ensure(path); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "kept" {
		t.Errorf("%q %v", text, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
	if err := Ensure(filepath.Dir(path)); !errors.Is(err, ErrForm) {
		t.Errorf("a folder: %v", err)
	}
	if err := Ensure(filepath.Join(path, "below")); err == nil {
		t.Error("a file is no folder")
	}
}
