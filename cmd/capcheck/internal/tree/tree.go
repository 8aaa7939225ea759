package tree

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"agentrisk/internal/source"
)

// Stdin is what stands for standard input among paths.
const Stdin = "-"

// Tree is the folder that a run stays inside of: the project that the paths lie
// in. Names in it are slash-separated and relative to it, so that they are the
// same wherever the program is started.
type Tree struct {
	FS  fs.FS  // refuses symbolic links that lead out
	Dir string // absolute

	folders  *folders
	cwd      string   // absolute
	absolute bool     // the user spoke of files by absolute paths
	shown    sync.Map // what Show said of a name: a report asks for each some hundred times
}

// marks are what the root of a project holds.
var marks = []string{".git", ".capcheck.yaml"}

// Open opens the tree of paths, which are relative to the folder cwd or
// absolute. It is the folder dir where that is not empty, else the nearest
// folder above all paths that holds .git or .capcheck.yaml, else cwd where they
// all lie in it, else the nearest folder above them.
func Open(cwd, dir string, paths []string) (*Tree, error) {
	t := &Tree{cwd: cwd}
	top, meant := "", dir != "" // meant: somebody asks for the whole disk
	for _, p := range paths {
		if p == Stdin {
			p = "."
		}
		t.absolute = t.absolute || filepath.IsAbs(p)
		folder := folderOf(t.abs(p))
		top = common(top, folder)
		meant = meant || folder == filepath.Dir(folder)
	}
	switch {
	case dir != "":
		t.Dir = t.abs(dir)
		if !within(t.Dir, top) {
			return nil, fmt.Errorf("the paths do not all lie in the root %s", dir)
		}
	default:
		if t.Dir = marked(top); t.Dir == "" {
			t.Dir = top
			if within(cwd, top) {
				t.Dir = cwd
			}
		}
	}
	if t.Dir == filepath.Dir(t.Dir) && !meant {
		return nil, fmt.Errorf("the paths have no folder in common but %s (look at them in several runs, or name one with --root)", t.Dir)
	}
	root, err := os.OpenRoot(t.Dir)
	if err != nil {
		return nil, err
	}
	t.folders = newFolders(root)
	t.FS = t.folders
	return t, nil
}

// Close releases the folder.
func (t *Tree) Close() error { return t.folders.Close() }

func (t *Tree) abs(p string) string {
	if !filepath.IsAbs(p) {
		p = filepath.Join(t.cwd, p)
	}
	return filepath.Clean(p)
}

// folderOf is the folder that a path names or lies in; of a pattern, the one that
// its fixed part names.
func folderOf(abs string) string {
	for {
		if info, err := os.Stat(abs); err == nil && info.IsDir() {
			return abs
		}
		up := filepath.Dir(abs)
		if up == abs {
			return abs
		}
		abs = up
	}
}

// common is the nearest folder above a and b; "" is above nothing.
func common(a, b string) string {
	if a == "" {
		return b
	}
	for !within(a, b) {
		a = filepath.Dir(a)
	}
	return a
}

// within reports whether p is dir or lies in it.
func within(dir, p string) bool {
	rel, err := filepath.Rel(dir, p)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// marked is the nearest folder above dir, or dir itself, that looks like the root
// of a project; "" where there is none.
func marked(dir string) string {
	for {
		for _, mark := range marks {
			if _, err := os.Lstat(filepath.Join(dir, mark)); err == nil {
				return dir
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// Name is the name in the tree of what a user calls p.
func (t *Tree) Name(p string) (string, error) {
	rel, err := filepath.Rel(t.Dir, t.abs(p))
	if err != nil || !fs.ValidPath(filepath.ToSlash(rel)) {
		return "", &source.Error{At: source.Location{File: p}, ID: "unreadable", Message: "lies outside of " + t.Dir}
	}
	return filepath.ToSlash(rel), nil
}

// Show is what a user calls the file of a name in the tree.
func (t *Tree) Show(name string) string {
	if name == Stdin {
		return name
	}
	if known, ok := t.shown.Load(name); ok {
		return known.(string)
	}
	shown := t.show(name)
	t.shown.Store(name, shown)
	return shown
}

func (t *Tree) show(name string) string {
	full := filepath.Join(t.Dir, filepath.FromSlash(name))
	rel, err := filepath.Rel(t.cwd, full)
	if err != nil || t.absolute && !within(t.cwd, full) {
		return filepath.ToSlash(full)
	}
	return filepath.ToSlash(rel)
}

// Folder is the name of the folder that p names or lies in.
func (t *Tree) Folder(p string) string {
	name, err := t.Name(p)
	if err != nil {
		return "."
	}
	if t.IsFolder(p) {
		return name
	}
	return path.Dir(name)
}

// IsFolder reports whether p names a folder.
func (t *Tree) IsFolder(p string) bool {
	name, err := t.Name(p)
	if err != nil {
		return false
	}
	info, err := fs.Stat(t.FS, name)
	return err == nil && info.IsDir()
}
