package capabilities

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"agentrisk/internal/source"
)

// cache keeps what documents import, so that a run reads each file once.
type cache struct {
	mu    sync.Mutex
	files map[string]*sharedFile
	dirs  map[string]*sharedDir
}

type sharedFile struct {
	once sync.Once
	docs []*Document
	err  error
}

type sharedDir struct {
	once  sync.Once
	names []string
}

// load reads the file at name without its own imports. What it returns is
// shared, and must not be changed.
func (r *Reader) load(name string) ([]*Document, error) {
	r.shared.mu.Lock()
	if r.shared.files == nil {
		r.shared.files = map[string]*sharedFile{}
	}
	f := r.shared.files[name]
	if f == nil {
		f = &sharedFile{}
		r.shared.files[name] = f
	}
	r.shared.mu.Unlock()
	f.once.Do(func() {
		text, err := source.ReadFile(r.tree, name, r.options.Limits)
		if err != nil {
			f.err = err
			return
		}
		plain := Reader{options: Options{Limits: r.options.Limits}}
		f.docs = plain.readAlone(text)
	})
	return f.docs, f.err
}

// beside lists the files of the folder `shared` beside dir.
func (r *Reader) beside(dir string) []string {
	r.shared.mu.Lock()
	if r.shared.dirs == nil {
		r.shared.dirs = map[string]*sharedDir{}
	}
	d := r.shared.dirs[dir]
	if d == nil {
		d = &sharedDir{}
		r.shared.dirs[dir] = d
	}
	r.shared.mu.Unlock()
	d.once.Do(func() { d.names = listShared(r.tree, path.Join(dir, "shared")) })
	return d.names
}

// maxBeside bounds the files of a shared folder that are looked at.
const maxBeside = 64

func listShared(tree fs.FS, dir string) []string {
	entries, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if ext := path.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") && len(names) < maxBeside {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names
}

// locate finds the file that location, written in the file at from, means: from
// its folder, or from a folder above where it does not begin with a dot. It
// returns why there is none.
func (r *Reader) locate(from, location string) (name, reason string) {
	location = strings.TrimPrefix(location, "file://")
	switch {
	case location == "":
		return "", "no file is named"
	case strings.Contains(location, "://"):
		return "", "it lies at another address, which is not read"
	case path.IsAbs(location):
		return "", "an absolute path leads out of the tree"
	case r.tree == nil:
		return "", "there is no tree of files to look in"
	}
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		name = path.Join(dir, location)
		if !fs.ValidPath(name) {
			return "", "it leads out of the tree"
		}
		info, err := fs.Stat(r.tree, name)
		if err == nil && !info.IsDir() {
			return name, ""
		}
		if dir == "." || strings.HasPrefix(location, ".") {
			return "", "there is no such file"
		}
	}
}

// maxImports bounds the files that one document imports, directly or not.
const maxImports = 64

// resolveImports adds what the document imports. Imports of imports are followed
// too; the same import is not followed twice, which ends every cycle.
func (r *Reader) resolveImports(d *Document) {
	seen := map[string]bool{}
	for n := 0; n < len(d.Imports); n++ {
		i := d.Imports[n]
		if n >= maxImports {
			i.Reason = "more than " + itoa(maxImports) + " files are imported"
			continue
		}
		from := d.File.Name
		if file := i.At.Document(); file != nil {
			from = file.File.Name
		}
		if i.File, i.Reason = r.locate(from, i.Location); i.File == "" {
			continue
		}
		what := strings.Join([]string{i.File, i.Kind, i.Name, i.As}, "\x00")
		if seen[what] || i.File == d.File.Name {
			i.found = true
			continue
		}
		seen[what] = true
		docs, err := r.load(i.File)
		if err != nil {
			i.Reason = err.Error()
			continue
		}
		for _, from := range docs {
			r.take(d, i, from)
			d.Imports = append(d.Imports, copies(from.Imports)...)
			if from.Incomplete {
				i.Reason = "part of the file could not be read"
			}
		}
		if i.Reason == "" && !i.found {
			i.Reason = nothingFound(i, docs)
		}
	}
}

func copies(imports []*Import) []*Import {
	out := make([]*Import, len(imports))
	for n, i := range imports {
		one := *i
		out[n] = &one
	}
	return out
}

func nothingFound(i *Import, docs []*Document) string {
	if i.Name == "" {
		return "the file holds nothing that can be imported"
	}
	var names []string
	for _, d := range docs {
		for _, c := range d.Consumes {
			names = append(names, c.Namespace)
		}
		for _, b := range d.Binds {
			names = append(names, b.Namespace)
		}
	}
	reason := "the file holds no " + quote(i.Name)
	if hint := source.DidYouMean(i.Name, names); hint != "" {
		reason += ": " + hint
	}
	return reason
}

// take adds the parts of from that an import names to d.
func (r *Reader) take(d *Document, i *Import, from *Document) {
	if i.Kind == "openapi" || from.Dialect == Unspecified {
		reading := &reading{doc: &Document{File: from.File}, limits: r.options.Limits}
		if c := reading.openAPI(from.Root, i.As); c != nil {
			c.Import, i.found = i, true
			d.Consumes = append(d.Consumes, c)
		}
		return
	}
	takes := func(name string) bool { return i.Name == "" || i.Name == name }
	any := i.Kind == "shared"
	if any || i.Kind == "consumes" {
		for _, c := range from.Consumes {
			if takes(c.Namespace) {
				d.Consumes, i.found = append(d.Consumes, c.as(i, any)), true
			}
		}
	}
	if any || i.Kind == "binds" {
		for _, b := range from.Binds {
			if takes(b.Namespace) {
				one := *b
				one.Import, i.found = i, true
				one.Namespace = either(i.As, one.Namespace)
				d.Binds = append(d.Binds, &one)
			}
		}
	}
	if any || i.Kind == "aggregates" {
		for _, f := range from.Functions {
			if takes(f.Namespace) {
				one := *f
				one.Namespace, i.found = either(i.As, one.Namespace), true
				d.Functions = append(d.Functions, &one)
			}
		}
	}
	if i.Kind == "exposes" {
		for _, a := range from.Exposes {
			if takes(a.Name) {
				one := *a
				one.Import, i.found = i, true
				one.Name = either(i.As, one.Name)
				d.Exposes = append(d.Exposes, &one)
			}
		}
	}
	if any && i.Name == "" {
		i.found = true // a file imported as a whole may hold nothing but text
	}
	if i.Kind == "arazzo" {
		i.found = len(from.Flows) > 0
		d.imported = append(d.imported, from.Flows...)
	}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// as copies the service under the name that the import gives it. A file imported
// as a whole keeps its own names too, which are found by unqualified references.
func (c *Consumed) as(i *Import, whole bool) *Consumed {
	one := *c
	one.Import = i
	if i.As != "" && (!whole || c.Own) {
		one.Namespace = i.As
	}
	one.Operations = slices.Clone(c.Operations)
	for n, op := range one.Operations {
		mine := *op
		mine.Service = &one
		one.Operations[n] = &mine
	}
	return &one
}
