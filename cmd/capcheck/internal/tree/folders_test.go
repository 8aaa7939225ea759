package tree

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// What is opened through an open folder is what the root gives, whatever links there
// are and however many folders are looked into at once.
func TestFoldersGiveWhatTheRootGives(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	var names []string
	for i := range 2 * maxFolders {
		folder := fmt.Sprintf("team%d/flows", i)
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"a.yaml", "b.yaml"} {
			name := folder + "/" + file
			if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	if err := os.WriteFile(filepath.Join(outside, "secret.yaml"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{
		"team0/flows/up.yaml":   "../../team1/flows/a.yaml", // out of its folder, inside of the tree
		"team0/flows/out.yaml":  filepath.Join(outside, "secret.yaml"),
		"team0/flows/away.yaml": "../../../" + filepath.Base(outside) + "/secret.yaml",
		"linked":                "team1/flows",
		"gone":                  outside,
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	names = append(names, "linked/a.yaml", "gone/secret.yaml", "team0/flows", "team0/none.yaml", "none/a.yaml", "../x", "team0/../team1", "")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	f, plain := newFolders(root), root.FS()
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 3 {
				for _, name := range names {
					got, err := fs.ReadFile(struct{ fs.FS }{f}, name)
					want, wantErr := fs.ReadFile(plain, name)
					if string(got) != string(want) || (err == nil) != (wantErr == nil) {
						t.Errorf("%s: %q, %v; the root gives %q, %v", name, got, err, want, wantErr)
					}
				}
			}
		})
	}
	done.Wait()
	if n := len(f.open); n > maxFolders {
		t.Errorf("%d folders are open", n)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open("team0/flows/a.yaml"); err == nil {
		t.Error("a file is opened after the end")
	}
}
