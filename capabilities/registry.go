package capabilities

import "agentrisk/internal/source"

// registry reads Naftiko Capabilities 0.1: the catalogue that compositions name.
// Each of its capabilities becomes a service of its own, since a composition
// names the capability and the operation.
func (r *reading) registry() {
	d := r.doc
	shared := &Consumed{}
	for key, value := range d.Root.Pairs() {
		switch name := key.Text(); name {
		case "baseUrl", "baseUri", "baseURL", "auth", "authentication":
			r.service(shared, name, key, value)
		case "capabilities", "sources":
		default:
			if !r.header(name, value) {
				r.unknown("document", key, value)
			}
		}
	}
	seen := map[string]source.Node{}
	for item := range r.named(d.Root.Get("capabilities"), "capabilities", "id", "name") {
		if first, again := seen[item.Name]; again {
			r.again("capability", item.Name, item.At, first)
		} else {
			seen[item.Name] = item.At
		}
		r.registered(item, shared)
	}
}

func (r *reading) registered(item named, shared *Consumed) {
	c := &Consumed{Part: item.Part, Namespace: item.Name, BaseURI: shared.BaseURI, BaseAt: shared.BaseAt,
		Authentication: shared.Authentication}
	r.doc.Consumes = append(r.doc.Consumes, c)
	for key, value := range item.Node.Pairs() {
		switch name := key.Text(); name {
		case "id", "name", "tags":
		case "description":
			c.Description = prose(value)
		case "operationIds":
			for _, id := range r.list(value, name) {
				c.Operations = append(c.Operations, &Operation{Part: Part{id, id}, ID: r.text(id, "an operation id"), Service: c})
			}
		default:
			if !r.service(c, name, key, value) {
				r.unknown("capability", key, value)
			}
		}
	}
	r.duplicates(c)
}

// header reads what documents without a section for it say of themselves at the
// root.
func (r *reading) header(name string, value source.Node) bool {
	d := r.doc
	switch name {
	case "name", "title", "label", "displayName":
		if d.Identity.Name == "" || name == "name" {
			d.Identity.Name, d.Identity.At = r.text(value, name), value
		}
	case "id", "slug":
		d.Identity.ID = r.text(value, name)
	case "description", "summary":
		if d.Identity.Description == "" || name == "description" {
			d.Identity.Description = prose(value)
		}
	case "specificationVersion":
		d.Version = value.Text()
	case "version":
		if d.Version == "" && d.Dialect == AdHoc {
			d.Version = value.Text()
		}
	case "provider", "providerId":
		if d.Identity.Provider == "" || name == "providerId" {
			d.Identity.Provider = value.Text()
		}
	case "api":
		d.Identity.API = value.Text()
	case "created":
		d.Identity.Created = value.Text()
	case "modified":
		d.Identity.Modified = value.Text()
	case "tags":
		d.Tags = r.strings(value, name)
	case "specification", "kind", "category", "persona", "personas", "image", "url", "humanURL", "labels", "annotations":
	default:
		return false
	}
	return true
}
