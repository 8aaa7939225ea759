package capabilities

import "agentrisk/internal/source"

// kubernetes reads documents with apiVersion, kind, metadata and spec. What they
// hold below spec, or at the root, are the parts of ad hoc documents.
func (r *reading) kubernetes() {
	d := r.doc
	for key, value := range d.Root.Pairs() {
		switch name := key.Text(); name {
		case "apiVersion":
			d.Version = value.Text()
		case "kind":
			d.Identity.Kind = value.Text()
		case "metadata":
			r.metadata(value)
		case "info":
			r.info(value)
		case "spec":
			r.parts("spec", value)
		default:
			if !r.part(name, key, value) {
				r.unknown("document", key, value)
			}
		}
	}
}

func (r *reading) metadata(n source.Node) {
	for key, value := range n.Pairs() {
		switch name := key.Text(); name {
		case "namespace", "documentation", "source", "version", "domain", "owner", "uid", "maturity", "status":
		default:
			if !r.header(name, value) {
				r.unknown("metadata", key, value)
			}
		}
	}
}

// parts reads the parts of a section.
func (r *reading) parts(where string, n source.Node) {
	if n.Kind() != source.Mapping {
		if !n.IsNull() {
			r.problem(n.Wrong(where, "a map"))
		}
		return
	}
	for key, value := range n.Pairs() {
		if name := key.Text(); !r.part(name, key, value) && !r.header(name, value) {
			r.unknown(where, key, value)
		}
	}
}
