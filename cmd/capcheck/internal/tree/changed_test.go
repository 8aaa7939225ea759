package tree

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// git runs git in a repository that knows who commits.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestChanged(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("git is not installed: %v", err)
	}
	dir := build(t, map[string]string{"same.yaml": "", "sub/edited.yaml": "a", "gone.yaml": "", "ü moved.yaml": "x", ".gitignore": "ignored.yaml\n"})
	git(t, dir, "init", "-q", "-b", "main")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "first")
	git(t, dir, "branch", "work")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "main goes on")
	git(t, dir, "checkout", "-q", "work")
	for name, text := range map[string]string{"sub/edited.yaml": "b", "new.yaml": "", "ignored.yaml": "", "staged.yaml": ""} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", "staged.yaml")
	git(t, dir, "rm", "-q", "gone.yaml")
	git(t, dir, "mv", "ü moved.yaml", "sub/moved.yaml")

	got := changedNames(t, open(t, dir, "", "."), "main")
	want := "gone.yaml new.yaml staged.yaml sub/edited.yaml sub/moved.yaml ü moved.yaml"
	if got != want {
		t.Errorf("changed:\n got %s\nwant %s", got, want)
	}
	below := open(t, dir, filepath.Join(dir, "sub"), filepath.Join(dir, "sub"))
	if got := changedNames(t, below, "main"); got != "edited.yaml moved.yaml" {
		t.Errorf("changed below a folder: %s", got)
	}
	for _, rev := range []string{"nothing", "--output=/tmp/x", "-h", ""} {
		if _, err := open(t, dir, "", ".").Changed(context.Background(), rev); err == nil || !strings.Contains(err.Error(), "no revision") {
			t.Errorf("revision %q: %v", rev, err)
		}
	}
}

func changedNames(t *testing.T, tr *Tree, rev string) string {
	t.Helper()
	changed, err := tr.Changed(context.Background(), rev)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(slices.Sorted(maps.Keys(changed)), " ")
}
