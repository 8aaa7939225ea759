package capabilities

import (
	"strings"

	"agentrisk/internal/source"
)

// naftiko reads the versioned specification: under its first name, in which parts
// are lists of maps with a name, and as Ikanos, in which they are maps by name.
// Files mix the two, so both are read everywhere.
func (r *reading) naftiko() {
	d := r.doc
	for key, value := range d.Root.Pairs() {
		switch key.Text() {
		case "naftiko", "ikanos":
			d.Version = value.Text()
		case "info":
			r.info(value)
		case "capability":
			r.capabilitySection(value)
		default:
			if !r.section(key.Text(), key, value) {
				r.unknown("document", key, value)
			}
		}
	}
}

func (r *reading) capabilitySection(n source.Node) {
	if n.Kind() != source.Mapping {
		r.problem(n.Wrong("capability", "a map"))
		return
	}
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "description":
			if r.doc.Identity.Description == "" {
				r.doc.Identity.Description = prose(value)
			}
		case "orchestration":
			r.flows(value)
		case "workflow":
			r.workflow(value, "-")
		default:
			if !r.section(key.Text(), key, value) {
				r.unknown("capability", key, value)
			}
		}
	}
}

// section reads a part that may stand at the root or below capability.
func (r *reading) section(name string, key, value source.Node) bool {
	switch name {
	case "consumes":
		for _, item := range r.list(value, name) {
			r.consumed(item)
		}
	case "exposes":
		for _, item := range r.list(value, name) {
			r.adapter(item)
		}
	case "aggregates":
		for _, item := range r.list(value, name) {
			r.aggregate(item)
		}
	case "binds", "externalRefs":
		for _, item := range r.list(value, name) {
			r.bind(item)
		}
	case "imports":
		r.imports(value)
	default:
		return false
	}
	return true
}

func (r *reading) info(n source.Node) {
	id := &r.doc.Identity
	if n.Kind() != source.Mapping {
		r.problem(n.Wrong("info", "a map"))
	}
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "label", "display", "title", "name":
			if id.Name == "" {
				id.Name, id.At = r.text(value, key.Text()), value
			}
		case "description", "summary":
			if id.Description == "" || key.Text() == "description" {
				id.Description = prose(value)
			}
		case "created":
			id.Created = value.Text()
		case "modified":
			id.Modified = value.Text()
		case "tags":
			r.doc.Tags = r.strings(value, "tags")
		case "provider":
			id.Provider = value.Text()
		case "version", "stakeholders", "related", "persona":
		default:
			r.unknown("info", key, value)
		}
	}
}

// imports reads a list of files, or of maps that name a file.
func (r *reading) imports(n source.Node) {
	for _, item := range r.list(n, "imports") {
		r.importOf(item, "shared")
	}
}

// importOf reads one import. kind says what is expected in the file.
func (r *reading) importOf(n source.Node, kind string) *Import {
	i := &Import{Part: Part{place(n), n}, Kind: kind}
	r.doc.Imports = append(r.doc.Imports, i)
	if n.Kind() != source.Mapping {
		i.Location = r.text(n, "an import")
		return i
	}
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "from", "location", "path", "url", "file", "ref", "uri", "$ref", "shared":
			i.Location, i.At = r.text(value, key.Text()), value
		case "import":
			i.Name = r.text(value, "import")
		case "as", "name", "namespace", "id":
			i.As = r.text(value, key.Text())
		case "type", "description", "api":
		case "capability":
			i.Location, i.At = r.text(value, "capability"), value
		default:
			r.unknown("import", key, value)
		}
	}
	if i.Location == "" && looksLikePath(i.Name) {
		i.Location, i.Name = i.Name, ""
	}
	return i
}

func looksLikePath(s string) bool {
	return strings.Contains(s, "/") || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml") || strings.HasSuffix(s, ".json")
}

func isImport(n source.Node) bool {
	if n.Get("import").Exists() {
		return true
	}
	if n.Get("type").Exists() || n.Get("namespace").Exists() || n.Get("resources").Exists() {
		return false
	}
	return n.Get("from").Exists() || n.Get("location").Exists() || n.Get("ref").Exists()
}

func (r *reading) bind(n source.Node) {
	if n.Get("import").Exists() || n.Get("from").Exists() {
		r.importOf(n, "binds")
		return
	}
	b := &Bind{Part: nameOf(n, []string{"namespace", "name"}).Part}
	r.doc.Binds = append(r.doc.Binds, b)
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "namespace", "name":
			b.Namespace = r.text(value, key.Text())
		case "location", "uri":
			b.Location = r.text(value, key.Text())
		case "description":
			b.Description = prose(value)
		case "keys":
			for name, source := range value.Pairs() {
				b.Keys = append(b.Keys, BindKey{Part{name, source}, name.Text(), source.Text()})
			}
		case "type", "resolution":
		default:
			r.unknown("bind", key, value)
		}
	}
}

// aggregate reads functions that tools and operations refer to.
func (r *reading) aggregate(n source.Node) {
	if isImport(n) {
		r.importOf(n, "aggregates")
		return
	}
	namespace := n.Get("namespace").Text()
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "namespace", "label", "display", "name", "description":
		case "functions", "flows":
			for item := range r.named(value, key.Text(), "name") {
				f := r.entry(item, Function, nil)
				f.Namespace = namespace
				r.doc.Functions = append(r.doc.Functions, f)
			}
		default:
			r.unknown("aggregate", key, value)
		}
	}
}
