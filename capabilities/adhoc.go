package capabilities

import "agentrisk/internal/source"

// adHoc reads documents that follow no specification: lists of steps, tools or
// operations under the names people give them.
func (r *reading) adHoc() {
	for key, value := range r.doc.Root.Pairs() {
		name := key.Text()
		if !r.part(name, key, value) && !r.header(name, value) {
			r.unknown("document", key, value)
		}
	}
}

// part reads what a document without a specification may hold.
func (r *reading) part(name string, key, value source.Node) bool {
	return r.flowPart(name, key, value) || r.exposedPart(name, key, value) ||
		r.offeredPart(name, key, value) || r.wiringPart(name, key, value)
}

func (r *reading) flowPart(name string, key, value source.Node) bool {
	d := r.doc
	switch name {
	case "steps":
		f := &Flow{Part: Part{key, value}, ID: "-", Name: d.Identity.Name}
		r.steps(f, value, nil)
		r.addFlow(f)
	case "workflow", "flow", "orchestration":
		if value.Kind() == source.Scalar {
			return false
		}
		r.workflow(value, "-")
	case "workflows", "flows":
		r.flows(value)
	case "inputs", "input", "parameters":
		d.Inputs = append(d.Inputs, r.parameters(value, name)...)
	case "outputs", "output":
		d.Outputs = append(d.Outputs, r.outputs(value)...)
	default:
		return false
	}
	return true
}

func (r *reading) exposedPart(name string, key, value source.Node) bool {
	switch name {
	case "tools", "mcp_tools", "mcpTools":
		r.looseTools(value)
	case "skills":
		a := &Adapter{Part: Part{key, value}, Kind: Skill}
		r.doc.Exposes = append(r.doc.Exposes, a)
		r.entries(a, value, SkillEntry)
	case "exposes", "expose", "adapters", "servers", "ports":
		r.adapters(value)
	case "mcp", "rest":
		r.keyedAdapter(key, value)
	default:
		return false
	}
	return true
}

// adapters reads a list of adapters, or a map from their kind.
func (r *reading) adapters(n source.Node) {
	switch n.Kind() {
	case source.Sequence:
		for _, item := range n.Items() {
			if item.Kind() == source.Mapping {
				r.adapter(item)
			} else if kind := adapterKind(item.Text()); kind != Other {
				r.doc.Exposes = append(r.doc.Exposes, &Adapter{Part: Part{item, item}, Kind: kind})
			}
		}
	case source.Mapping:
		for key, value := range n.Pairs() {
			r.keyedAdapter(key, value)
		}
	}
}

func (r *reading) keyedAdapter(key, value source.Node) {
	kind := adapterKind(key.Text())
	if kind == Other {
		r.unknown("exposes", key, value)
		return
	}
	a := &Adapter{Part: Part{key, value}, Kind: kind}
	switch value.Kind() {
	case source.Scalar:
		a.Port = value.Text()
	case source.Sequence:
		r.entries(a, value, Tool)
	default:
		r.adapterFields(a, value)
	}
	r.duplicateEntries(a)
	r.doc.Exposes = append(r.doc.Exposes, a)
}

// offeredPart reads the operations that the document itself offers. All of them
// belong to one service, which goes by the document's name.
func (r *reading) offeredPart(name string, key, value source.Node) bool {
	switch name {
	case "operations", "capabilities", "actions", "functions":
		r.offered(key, value)
	case "capability":
		if value.Kind() != source.Mapping {
			return false
		}
		for _, category := range value.Get("categories").Items() {
			r.offered(key, category.Get("operations"))
		}
		r.parts("capability", value)
	case "categories":
	case "baseUrl", "baseUri", "baseURL", "auth", "authentication":
		r.service(r.own(), name, key, value)
	case "connection":
		for key, value := range value.Pairs() {
			if !r.service(r.own(), key.Text(), key, value) {
				r.unknown("connection", key, value)
			}
		}
	case "security":
		r.own().Authentication = r.authentication(key, value)
	default:
		return false
	}
	return true
}

func (r *reading) offered(key, n source.Node) {
	c := r.own()
	if !c.Node.Exists() || len(c.Operations) == 0 {
		c.Part = Part{key, n}
	}
	for item := range r.named(n, key.Text(), "operationId", "id", "name") {
		r.operation(c, item, nil, "")
	}
	r.duplicates(c)
}

// own is the service of the operations that the document itself offers.
func (r *reading) own() *Consumed {
	for _, c := range r.doc.Consumes {
		if c.Own {
			return c
		}
	}
	c := &Consumed{Part: Part{r.doc.Identity.At, r.doc.Root}, Namespace: r.doc.name(), Own: true}
	r.doc.Consumes = append(r.doc.Consumes, c)
	return c
}

// name is what other documents call this one.
func (d *Document) name() string {
	if d.Identity.ID != "" {
		return d.Identity.ID
	}
	return d.Identity.Name
}

func (r *reading) wiringPart(name string, key, value source.Node) bool {
	switch name {
	case "consumes":
		if value.Kind() == source.Mapping {
			r.consumed(value)
			return true
		}
		for _, item := range r.list(value, name) {
			r.consumed(item)
		}
	case "imports", "shared", "combines", "sharedCapabilities", "uses", "apis", "apisComposed":
		r.looseImports(value)
	case "binds", "secrets":
		for _, item := range value.Items() {
			r.bind(item)
		}
	case "aggregates":
		for _, item := range r.list(value, name) {
			r.aggregate(item)
		}
	default:
		return false
	}
	return true
}

// looseImports reads what may be a file, or no more than the name of an API.
func (r *reading) looseImports(n source.Node) {
	for _, item := range n.Items() {
		switch {
		case item.Kind() == source.Scalar && looksLikePath(item.Text()):
			r.importOf(item, "shared")
		case item.Kind() == source.Mapping:
			for _, key := range [...]string{"shared", "path", "from", "location", "capability", "url", "file", "ref"} {
				if looksLikePath(item.Get(key).Text()) {
					r.importOf(item, "shared")
					break
				}
			}
		}
	}
}
