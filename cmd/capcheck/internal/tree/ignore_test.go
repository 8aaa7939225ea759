package tree

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestIgnoresAsGit: for any rules and names, we ignore what git ignores.
func TestIgnoresAsGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skipf("git is not installed: %v", err)
	}
	dir := t.TempDir()
	if out, err := exec.Command(git, "-C", dir, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.MkdirAll(filepath.Join(dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	part := rapid.SampledFrom([]string{"a", "b", "ab", "*", "?", "a*", "*b", "**", "[ab]", "[!a]", "[^b]", "a?c", "x.y", "*.y", `\*`, `\a`, "a**b", "[[:alpha:]]", "[a-c]*"})
	line := rapid.Custom(func(t *rapid.T) string {
		text := rapid.SampledFrom([]string{"", "", "", "!", "/", "!/", `\!`, "#", `\#`}).Draw(t, "front")
		text += strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "parts"), "/")
		return text + rapid.SampledFrom([]string{"", "", "", "/", " ", `\ `, "/**", "\r"}).Draw(t, "end")
	})
	name := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "ab", "abc", "x.y", "*", "!a", "#a", "a "}), 1, 4).Draw(t, "name"), "/")
	})
	rapid.Check(t, func(t *rapid.T) {
		top := strings.Join(rapid.SliceOfN(line, 0, 5).Draw(t, "rules"), "\n")
		deep := strings.Join(rapid.SliceOfN(line, 0, 3).Draw(t, "deeper rules"), "\n")
		all := rapid.SliceOfN(name, 1, 20).Draw(t, "names")
		write(t, filepath.Join(dir, ".gitignore"), top)
		write(t, filepath.Join(dir, "a", ".gitignore"), deep)
		want := gitIgnores(t, git, dir, all)
		tr := &finder{tree: &Tree{FS: os.DirFS(dir)}}
		for _, name := range all {
			if got := tr.ignoredWithFolders(name); got != want[name] {
				t.Fatalf("%q with %q, below a with %q: ignored %v, git says %v", name, top, deep, got, want[name])
			}
		}
	})
}

// ignoredWithFolders reports whether walking would leave a file out: the file, or
// a folder it lies in, is ignored.
func (f *finder) ignoredWithFolders(name string) bool {
	rules := f.rulesAbove(".").in(f.tree.FS, ".")
	parts := strings.Split(name, "/")
	for i := range parts {
		at := path.Join(parts[:i+1]...)
		if rules.ignores(at, i < len(parts)-1 || at == "a") { // the folder a is there
			return true
		}
		rules = rules.in(f.tree.FS, at)
	}
	return false
}

func write(t *rapid.T, name, text string) {
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// gitIgnores asks git which of names it ignores.
func gitIgnores(t *rapid.T, git, dir string, names []string) map[string]bool {
	cmd := exec.Command(git, "-C", dir, "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Stdin = strings.NewReader(strings.Join(names, "\x00") + "\x00")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	ignored := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		ignored[name] = true
	}
	return ignored
}

// FuzzParseIgnore: no line of a .gitignore file panics or takes long.
func FuzzParseIgnore(f *testing.F) {
	for _, line := range []string{"a", "!/a/**/b/", `\ `, "[", "[]", "[!]a]", "**", "/", "!", `a\`, strings.Repeat("*a", 50)} {
		f.Add(line, "a/b")
	}
	f.Fuzz(func(t *testing.T, line, name string) {
		if r, ok := parseIgnore(line); ok && name != "" {
			r.means(name, false)
		}
	})
}
