package tree

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"agentrisk/internal/source"
)

// Query says which files to find.
type Query struct {
	Paths   []string // files, folders and patterns, as the user calls them
	Base    string   // the folder that Include and Exclude begin at, in the tree
	Include []string // of the files in folders, only these; none: all
	Exclude []string // of the files in folders, not these
}

// File is a file to look at.
type File struct {
	Name  string // in the tree
	Named bool   // the user named the file itself: it is meant to be one of ours
}

// Found are the files of a query, in the order of their names, and what could
// not be looked at.
type Found struct {
	Files    []File
	Folders  []string        // that were looked into, and those of named files
	Problems []*source.Error // At.File is a name in the tree
}

// ownFiles hold no capabilities, but what version control and this program keep.
// Other hidden folders are looked into: agents keep their skills there.
var ownFiles = map[string]bool{".git": true, ".hg": true, ".svn": true, ".capcheck": true, ".capcheck.yaml": true}

// Find finds files. Those in folders are left out where .gitignore or
// .git/info/exclude tell git to leave them out, or where their ending is of
// another kind of file. Files that are named themselves are always found.
func (t *Tree) Find(q Query) (Found, error) {
	for _, pattern := range slices.Concat(q.Include, q.Exclude) {
		if !doublestar.ValidatePattern(pattern) {
			return Found{}, &source.Error{ID: "config", Message: "the pattern " + source.Quote(pattern) + " cannot be read"}
		}
	}
	f := &finder{tree: t, query: q, seen: map[string]bool{}, named: map[string]bool{}, folders: map[string]bool{}}
	for _, p := range q.Paths {
		if p != Stdin {
			f.path(p)
		}
	}
	out := Found{Problems: f.problems, Folders: slices.Sorted(maps.Keys(f.folders))}
	for name := range f.seen {
		out.Files = append(out.Files, File{name, f.named[name]})
	}
	slices.SortFunc(out.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Problems, func(a, b *source.Error) int { return strings.Compare(a.At.File, b.At.File) })
	return out, nil
}

type finder struct {
	tree        *Tree
	query       Query
	seen, named map[string]bool
	folders     map[string]bool
	problems    []*source.Error
}

func (f *finder) problem(name string, err error) {
	cause := err
	var at *fs.PathError
	if errors.As(err, &at) {
		cause = at.Err
	}
	f.problems = append(f.problems, &source.Error{At: source.Location{File: name}, ID: "unreadable", Message: "cannot be read: " + cause.Error(), Err: err})
}

// path finds what one path of the user means.
func (f *finder) path(p string) {
	name, err := f.tree.Name(p)
	if err != nil {
		f.problem(p, err)
		return
	}
	info, err := fs.Stat(f.tree.FS, name)
	switch {
	case err == nil && info.IsDir():
		f.walk(name, f.rulesAbove(name), func(string) bool { return true })
	case err == nil:
		f.seen[name], f.named[name], f.folders[path.Dir(name)] = true, true, true
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(name, "*?[{") && doublestar.ValidatePattern(name):
		base, _ := doublestar.SplitPattern(name)
		before := len(f.seen)
		f.walk(base, f.rulesAbove(base), func(file string) bool {
			ok, _ := doublestar.Match(name, file)
			return ok
		})
		if len(f.seen) == before {
			f.problem(name, errors.New("no file matches the pattern"))
		}
	default:
		f.problem(name, err)
	}
}

// walk finds the files in a folder that are wanted.
func (f *finder) walk(dir string, rules *ignore, wanted func(string) bool) {
	entries, err := fs.ReadDir(f.tree.FS, dir)
	if err != nil {
		f.problem(dir, err)
		return
	}
	f.folders[dir] = true
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" }) {
		rules = rules.in(f.tree.FS, dir)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if ownFiles[e.Name()] || rules.ignores(name, e.IsDir()) {
			continue
		}
		switch {
		case e.IsDir():
			if !f.excluded(name) {
				f.walk(name, rules, wanted)
			}
		case wanted(name) && f.included(name):
			f.file(name, e)
		}
	}
}

// file adds a file of a folder. A symbolic link is followed to a file inside of
// the tree; one that leads out is a problem, since what it hides is not seen.
func (f *finder) file(name string, e fs.DirEntry) {
	if e.Type()&fs.ModeSymlink != 0 {
		info, err := fs.Stat(f.tree.FS, name)
		if err != nil {
			f.problem(name, err)
			return
		}
		if !info.Mode().IsRegular() {
			return // a folder inside of the tree is found where it lies
		}
	} else if !e.Type().IsRegular() {
		return
	}
	f.seen[name] = true
}

// included reports whether a file of a folder is of a kind that may be ours, and
// not left out.
func (f *finder) included(name string) bool {
	if f.excluded(name) || len(f.query.Include) > 0 && !f.match(f.query.Include, name) {
		return false
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json", ".md", ".markdown", ".mdx", ".txt":
		return true
	}
	return false
}

func (f *finder) excluded(name string) bool { return f.match(f.query.Exclude, name) }

// match reports whether one of patterns means the file, or a folder it lies in.
func (f *finder) match(patterns []string, name string) bool {
	if base := f.query.Base; base != "" && base != "." {
		rel, inside := strings.CutPrefix(name, base+"/")
		if !inside {
			return false
		}
		name = rel
	}
	for _, pattern := range patterns {
		pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
		for _, p := range []string{pattern, pattern + "/**"} {
			if ok, _ := doublestar.Match(p, name); ok {
				return true
			}
		}
	}
	return false
}
