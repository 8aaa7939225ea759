package capabilities

import (
	"path"
	"sort"
	"strings"

	"agentrisk/internal/source"
)

// finish adds what lies in other files, and finds what references mean.
func (r *Reader) finish(d *Document) {
	r.resolveImports(d)
	targets := d.targets()
	x := &index{doc: d}
	if len(targets) > 0 {
		x = newIndex(d)
	}
	if !d.registryStated() && path.Base(path.Dir(d.File.Name)) != "shared" {
		r.addBeside(d, x, targets)
	}
	for _, t := range targets {
		x.resolve(t)
	}
	for _, e := range d.entries() {
		if e.Flow == nil && e.Call.Flow != nil {
			e.Flow = e.Call.Flow
		}
		if e.Flow == nil && e.Call.Entry != nil {
			e.Flow = e.Call.Entry.Flow
		}
	}
	sort.SliceStable(d.Problems, func(i, j int) bool {
		return d.Problems[i].At.File == d.Problems[j].At.File && d.Problems[i].At.Range.Start.Before(d.Problems[j].At.Range.Start)
	})
}

// registryStated reports whether the document's specification makes it declare
// every service itself.
func (d *Document) registryStated() bool {
	return d.Dialect == Naftiko || d.Dialect == Ikanos || d.Dialect == Arazzo || d.Dialect == Unspecified
}

func (d *Document) entries() []*Exposed {
	out := append([]*Exposed(nil), d.Functions...)
	for _, a := range d.Exposes {
		out = append(out, a.Entries...)
	}
	return out
}

func (d *Document) targets() []*Target {
	var out []*Target
	for _, e := range d.entries() {
		switch {
		case e.Call.Text == "":
			e.Call.State = None // also where the word for it is there and says nothing
		case e.Kind != Forward:
			out = append(out, &e.Call)
		}
	}
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if s.Target.State == Builtin {
				continue
			}
			if s.Target.Text == "" {
				s.Target.State = None
				continue
			}
			out = append(out, &s.Target)
		}
	}
	return out
}

// addBeside reads the files of the shared folder whose services are named by
// references that nothing else explains.
func (r *Reader) addBeside(d *Document, x *index, targets []*Target) {
	if r.tree == nil {
		return
	}
	wanted := map[string]bool{}
	for _, t := range targets {
		if t.Namespace != "" && !x.services[t.Namespace] {
			wanted[t.Namespace] = true
		}
	}
	if len(wanted) == 0 {
		return
	}
	for _, name := range r.beside(path.Dir(d.File.Name)) {
		docs, err := r.load(name)
		if err != nil {
			continue
		}
		for _, from := range docs {
			if !offers(from, wanted, d) {
				continue
			}
			i := &Import{Part: Part{d.Identity.At, d.Root}, Location: name, File: name, Kind: "registry", found: true}
			d.Imports = append(d.Imports, i)
			for _, c := range from.Consumes {
				one := c.as(i, true)
				d.Consumes = append(d.Consumes, one)
				x.add(one)
			}
		}
	}
}

// offers reports whether a document beside this one is what its references mean:
// it has a service they name, or is the registry of the same API.
func offers(from *Document, wanted map[string]bool, d *Document) bool {
	for _, c := range from.Consumes {
		if wanted[c.Namespace] {
			return true
		}
	}
	return from.Dialect == Registry && (from.Identity.API != "" && from.Identity.API == d.Identity.API ||
		from.Identity.Provider != "" && from.Identity.Provider == d.Identity.Provider)
}

// index finds operations, entries and flows by what references call them.
type index struct {
	doc      *Document
	services map[string]bool
	ops      map[string]*Operation // by namespace.id, and by method and path
	byID     map[string]*Operation // by id alone; nil where two services have it
	entries  map[string]*Exposed
	flows    map[string]*Flow
	partial  map[string]*Import // of a service: its import, if the file could be read in part only
}

func newIndex(d *Document) *index {
	x := &index{doc: d, services: map[string]bool{}, ops: map[string]*Operation{}, byID: map[string]*Operation{},
		entries: map[string]*Exposed{},
		flows:   map[string]*Flow{}, partial: map[string]*Import{}}
	for _, c := range d.Consumes {
		x.add(c)
	}
	for _, f := range d.Functions {
		x.entries[join(f.Namespace, f.Name)] = f
	}
	for _, a := range d.Exposes {
		for _, e := range a.Entries {
			for _, name := range [...]string{e.Name, join(a.Name, e.Name)} {
				if _, taken := x.entries[name]; e.Name != "" && !taken {
					x.entries[name] = e
				}
			}
		}
	}
	for _, f := range append(d.imported[:len(d.imported):len(d.imported)], d.Flows...) {
		if f.Owner == nil {
			x.flows[f.ID] = f
			if f.Name != "" {
				x.flows[f.Name] = f
			}
		}
	}
	return x
}

func (x *index) add(c *Consumed) {
	x.services[c.Namespace] = true
	if c.Import != nil && c.Import.Reason != "" {
		x.partial[c.Namespace] = c.Import
	}
	for _, op := range c.Operations {
		if name := join(c.Namespace, op.ID); x.ops[name] == nil {
			x.ops[name] = op
		}
		if op.Path != "" {
			if name := c.Namespace + " " + op.Method + " " + op.Path; x.ops[name] == nil {
				x.ops[name] = op
			}
		}
		if other, taken := x.byID[op.ID]; taken && other != nil && other.Service != c {
			x.byID[op.ID] = nil
		} else if !taken {
			x.byID[op.ID] = op
		}
	}
}

// resolve finds what a reference means, or says why it is not found.
func (x *index) resolve(t *Target) {
	if x.find(t) {
		t.State = Resolved
		return
	}
	d := x.doc
	t.State, t.Reason = x.unresolved(t)
	if t.State == Unmatched && d.Incomplete {
		t.State, t.Reason = Unread, "part of the file could not be read"
	}
}

func (x *index) find(t *Target) bool {
	if t.Path != "" {
		t.Operation = x.ops[t.Namespace+" "+t.Method+" "+t.Path]
	}
	if t.Operation == nil {
		t.Operation = x.ops[join(t.Namespace, t.Name)]
	}
	if t.Operation == nil {
		t.Operation = x.ops[t.Text]
	}
	if t.Operation == nil && (t.Namespace == "" || !x.services[t.Namespace] && !x.doc.registryStated()) {
		t.Operation = x.byID[t.Name]
	}
	if t.Operation == nil {
		t.Operation = x.throughResource(t)
	}
	if t.Operation != nil {
		return true
	}
	if t.Entry = x.entries[t.Text]; t.Entry == nil || &t.Entry.Call == t {
		t.Entry = nil
	}
	t.Flow = x.flows[t.Text]
	if t.Flow == nil && (t.Namespace == "orchestration" || t.Namespace == "workflows") {
		t.Flow = x.flows[t.Name]
	}
	if t.Flow == nil && t.Entry == nil { // a service that is a workflow: governance.run
		t.Flow = x.flows[t.Namespace]
	}
	return t.Entry != nil || t.Flow != nil
}

// throughResource finds an operation named with its resource between service and
// operation: crm/contacts/delete-contact.
func (x *index) throughResource(t *Target) *Operation {
	i := strings.IndexAny(t.Namespace, "./")
	if i <= 0 || x.services[t.Namespace] || !x.services[t.Namespace[:i]] {
		return nil
	}
	op := x.ops[join(t.Namespace[:i], t.Name)]
	if op != nil {
		t.Namespace = t.Namespace[:i]
	}
	return op
}

// unresolved says why nothing was found.
func (x *index) unresolved(t *Target) (Resolution, string) {
	d := x.doc
	if x.services[t.Namespace] && t.Namespace != "" {
		if i := x.partial[t.Namespace]; i != nil {
			return Unread, quote(i.Location) + " was not read to its end"
		}
		return Unmatched, quote(t.Namespace) + " has no operation " + quote(t.Name)
	}
	for _, i := range d.Imports {
		if i.found && i.Reason == "" || i.Kind == "binds" {
			continue
		}
		if named := either(i.As, i.Name); named == t.Namespace || named == "" || t.Namespace == "" {
			if strings.Contains(i.Location, "://") {
				may := "it lies in "
				if t.Namespace == "" {
					may = "it may lie in "
				}
				return External, may + quote(i.Location) + ", which is not read"
			}
			return Unread, quote(i.Location) + " was not read: " + i.Reason
		}
	}
	if len(x.services) == 0 {
		return Undeclared, "the document declares no operations to look it up in"
	}
	if d.registryStated() {
		if t.Namespace == "" {
			return Unmatched, "no service has an operation " + quote(t.Name)
		}
		return Unmatched, "no service is called " + quote(t.Namespace)
	}
	return Undeclared, "nothing the document declares is called " + quote(either(t.Namespace, t.Name))
}

// maxCandidates bounds the names that a misspelt reference is compared with.
const maxCandidates = 500

// Nearest returns the reference that may have been meant by one that was not
// found, "" where none is near.
func (d *Document) Nearest(t *Target) string {
	var own, all []string
	for n, c := range d.Consumes {
		if n >= maxCandidates {
			break
		}
		for _, op := range c.Operations {
			if len(all) < maxCandidates {
				all = append(all, join(c.Namespace, op.ID))
			}
			if c.Namespace == t.Namespace && len(own) < maxCandidates {
				own = append(own, join(c.Namespace, op.ID))
			}
		}
	}
	for _, f := range d.Functions {
		all = append(all, join(f.Namespace, f.Name))
	}
	if len(own) > 0 {
		return source.Nearest(join(t.Namespace, t.Name), own)
	}
	return source.Nearest(t.Text, all)
}
