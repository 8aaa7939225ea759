package tree

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// build writes files, by slash-separated name, into a new folder.
func build(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, cwd, root string, paths ...string) *Tree {
	t.Helper()
	tr, err := Open(cwd, root, paths)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// names are the files that paths mean, a * behind those named themselves, and a !
// before the names of problems.
func names(t *testing.T, tr *Tree, q Query) []string {
	t.Helper()
	found, err := tr.Find(q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found.Files {
		if f.Named {
			f.Name += "*"
		}
		out = append(out, f.Name)
	}
	for _, p := range found.Problems {
		out = append(out, "!"+p.At.File)
	}
	return out
}

func TestRoot(t *testing.T) {
	dir := build(t, map[string]string{"git/.git/HEAD": "", "git/sub/a.yaml": "", "conf/.capcheck.yaml": "", "conf/x/b.yaml": "", "plain/c/d.yaml": "", "plain/e.yaml": ""})
	tests := []struct {
		name, cwd, root string
		paths           []string
		want            string
	}{
		{"the repository", "git/sub", "", []string{"a.yaml"}, "git"},
		{"the configuration", "conf/x", "", []string{"."}, "conf"},
		{"from elsewhere", "plain", "", []string{"../git/sub"}, "git"},
		{"the folder it is started in", "plain", "", []string{"c/d.yaml"}, "plain"},
		{"above the paths", "git", "", []string{"../plain/c", "../plain/e.yaml"}, "plain"},
		{"asked for", "plain/c", "..", []string{"d.yaml"}, "plain"},
		{"a pattern", "git", "", []string{"../plain/c/*.yaml"}, "plain/c"},
		{"standard input", "plain/c", "", []string{Stdin}, "plain/c"},
	}
	for _, tt := range tests {
		tr := open(t, filepath.Join(dir, tt.cwd), tt.root, tt.paths...)
		if want := filepath.Join(dir, filepath.FromSlash(tt.want)); tr.Dir != want {
			t.Errorf("%s: the root is %s, not %s", tt.name, tr.Dir, want)
		}
	}
	if _, err := Open(filepath.Join(dir, "plain"), "c", []string{"e.yaml"}); err == nil {
		t.Error("a path outside of the root is taken")
	}
}

func TestWholeDisk(t *testing.T) {
	a, b := t.TempDir(), string(filepath.Separator)+"etc"
	if _, err := os.Stat(b); err != nil {
		t.Skip("there is no /etc")
	}
	if tr, err := Open(a, "", []string{a, b}); err == nil {
		t.Errorf("paths far apart open %s", tr.Dir)
	}
	if tr := open(t, a, "", string(filepath.Separator)); tr.Dir != string(filepath.Separator) {
		t.Errorf("the whole disk opens %s", tr.Dir)
	}
}

func TestNames(t *testing.T) {
	dir := build(t, map[string]string{".git/HEAD": "", "a/b/x.yaml": ""})
	tr := open(t, filepath.Join(dir, "a"), "", "b/x.yaml")
	if name, err := tr.Name("b/x.yaml"); err != nil || name != "a/b/x.yaml" {
		t.Errorf("the name is %q, %v", name, err)
	}
	if got := tr.Show("a/b/x.yaml"); got != "b/x.yaml" {
		t.Errorf("shown as %q", got)
	}
	if got := tr.Show("top.yaml"); got != "../top.yaml" {
		t.Errorf("shown as %q", got)
	}
	if _, err := tr.Name("../../elsewhere.yaml"); err == nil {
		t.Error("a name outside of the tree is taken")
	}
	far := open(t, t.TempDir(), "", filepath.Join(dir, "a/b/x.yaml"))
	if got := far.Show("a/b/x.yaml"); got != filepath.ToSlash(filepath.Join(dir, "a/b/x.yaml")) {
		t.Errorf("an absolute path is shown as %q", got)
	}
}

func TestFind(t *testing.T) {
	dir := build(t, map[string]string{
		".git/HEAD": "", ".git/info/exclude": "secret.yaml\n", ".git/x.yaml": "",
		".gitignore": "/out/\n*.tmp.yaml\n!keep.tmp.yaml\n", "deep/.gitignore": "b.yaml\n!/c/b.yaml\n",
		"a.yaml": "", "a.go": "", "secret.yaml": "", "out/a.yaml": "", "x.tmp.yaml": "", "keep.tmp.yaml": "",
		"deep/a.json": "", "deep/b.yaml": "", "deep/c/b.yaml": "", "deep/c/d.MD": "", ".agents/skill.yaml": "", ".capcheck/rules/x.yaml": "", ".capcheck.yaml": "",
	})
	tr := open(t, dir, "", ".")
	tests := []struct {
		name  string
		query Query
		want  string
	}{
		{"everything", Query{Paths: []string{"."}}, ".agents/skill.yaml a.yaml deep/a.json deep/c/b.yaml deep/c/d.MD keep.tmp.yaml"},
		{"named though ignored", Query{Paths: []string{"x.tmp.yaml", "a.go"}}, "a.go* x.tmp.yaml*"},
		{"twice", Query{Paths: []string{"a.yaml", ".", "./a.yaml"}, Include: []string{"a.yaml"}}, "a.yaml*"},
		{"an ignored folder that is named", Query{Paths: []string{"out"}}, "out/a.yaml"},
		{"a pattern", Query{Paths: []string{"deep/**/*.yaml"}}, "deep/c/b.yaml"},
		{"a pattern for nothing", Query{Paths: []string{"deep/*.toml"}}, "!deep/*.toml"},
		{"missing", Query{Paths: []string{"no.yaml"}}, "!no.yaml"},
		{"include", Query{Paths: []string{"."}, Include: []string{"deep/**"}}, "deep/a.json deep/c/b.yaml deep/c/d.MD"},
		{"exclude", Query{Paths: []string{"."}, Exclude: []string{"deep/c/", ".agents", "**/*.json"}}, "a.yaml keep.tmp.yaml"},
		{"patterns begin at the base", Query{Paths: []string{"deep"}, Base: "deep", Exclude: []string{"c/**"}}, "deep/a.json"},
		{"standard input is no file", Query{Paths: []string{Stdin}}, ""},
	}
	for _, tt := range tests {
		if got := strings.Join(names(t, tr, tt.query), " "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if _, err := tr.Find(Query{Paths: []string{"."}, Exclude: []string{"a[b"}}); err == nil {
		t.Error("a pattern that cannot be read is taken")
	}
}

func TestSymbolicLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links are tested on other systems")
	}
	outside := build(t, map[string]string{"far.yaml": ""})
	dir := build(t, map[string]string{".git/HEAD": "", "a.yaml": "", "sub/b.yaml": ""})
	for link, to := range map[string]string{"in.yaml": "a.yaml", "out.yaml": filepath.Join(outside, "far.yaml"), "round": ".", "away": outside, "gone.yaml": "no.yaml"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tr := open(t, dir, "", ".")
	got := names(t, tr, Query{Paths: []string{"."}})
	want := []string{"a.yaml", "in.yaml", "sub/b.yaml", "!gone.yaml", "!out.yaml"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
