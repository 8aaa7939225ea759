package capabilities

import (
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// adapter reads one way in which the capability is exposed, or its import.
func (r *reading) adapter(n source.Node) {
	if isImport(n) {
		r.importOf(n, "exposes")
		return
	}
	a := &Adapter{Part: nameOf(n, []string{"namespace", "type"}).Part, Kind: adapterKind(n.Get("type").Text())}
	r.doc.Exposes = append(r.doc.Exposes, a)
	r.adapterFields(a, n)
	r.duplicateEntries(a)
}

func adapterKind(name string) AdapterKind {
	switch strings.ToLower(name) {
	case "rest", "http", "api":
		return REST
	case "mcp":
		return MCP
	case "skill", "agent-skill", "agentskill":
		return Skill
	case "control":
		return Control
	}
	return Other
}

func (r *reading) adapterFields(a *Adapter, n source.Node) {
	for key, value := range n.Pairs() {
		switch name := key.Text(); name {
		case "type":
		case "namespace", "name", "serverName", "adapter":
			if a.Name == "" || name == "namespace" {
				a.Name = r.text(value, name)
			}
		case "description", "label", "display":
			if a.Description == "" || name == "description" {
				a.Description = prose(value)
			}
		case "transport", "protocol":
			a.Transport = r.text(value, name)
		case "address", "host", "baseUrl", "baseURL", "url", "basePath":
			a.Address = r.text(value, name)
		case "port":
			a.Port = r.text(value, name)
		case "authentication", "auth":
			a.Authentication = r.authentication(key, value)
		case "tools", "mcp_tools":
			r.entries(a, value, Tool)
		case "prompts":
			r.entries(a, value, Prompt)
		case "resources", "paths":
			r.exposedResources(a, value)
		case "operations":
			r.entries(a, value, RESTOperation)
		case "skills":
			r.entries(a, value, SkillEntry)
		case "skill":
			a.Entries = append(a.Entries, r.entry(nameOf(value, []string{"name"}), SkillEntry, a))
		case "groups":
			for item := range r.named(value, name, "name") {
				r.entries(a, item.Node.Get("skills"), SkillEntry)
			}
		case "path", "method": // an adapter that is one operation
			r.single(a, n)
		case "management", "observability", "maxBinarySize", "ttlMs", "cacheScope", "openapi":
		default:
			r.unknown("exposes", key, value)
		}
	}
}

func (r *reading) entries(a *Adapter, n source.Node, kind EntryKind) {
	for item := range r.named(n, string(kind)+"s", "name", "id") {
		a.Entries = append(a.Entries, r.entry(item, kind, a))
	}
}

func (r *reading) single(a *Adapter, n source.Node) {
	if len(a.Entries) > 0 {
		return
	}
	a.Entries = append(a.Entries, &Exposed{Part: Part{place(n), n}, Kind: RESTOperation, Adapter: a,
		Method: strings.ToUpper(n.Get("method").Text()), Path: n.Get("path").Text(), Call: Target{State: None}})
}

// exposedResources reads the resources of a REST adapter, each with operations
// or a forward, and those of an MCP server, each with a URI.
func (r *reading) exposedResources(a *Adapter, n source.Node) {
	for item := range r.named(n, "resources", "name") {
		node := item.Node
		switch {
		case node.Kind() == source.Scalar: // a path alone
			a.Entries = append(a.Entries, &Exposed{Part: item.Part, Kind: RESTOperation, Path: item.Name, Adapter: a,
				Call: Target{State: None}})
		case node.Get("operations").Exists() || node.Get("forward").Exists():
			r.restResource(a, item)
		case node.Get("uri").Exists() || a.Kind == MCP:
			a.Entries = append(a.Entries, r.entry(item, Resource, a))
		default:
			a.Entries = append(a.Entries, r.entry(item, RESTOperation, a))
		}
	}
}

func (r *reading) restResource(a *Adapter, item named) {
	path := item.Node.Get("path").Text()
	var shared []*Parameter
	for key, value := range item.Node.Pairs() {
		switch key.Text() {
		case "name", "path", "label", "display", "description", "tags":
		case "inputParameters":
			shared = r.parameters(value, "inputParameters")
		case "operations":
			for op := range r.named(value, "operations", "name", "id", "method") {
				e := r.entry(op, RESTOperation, a)
				if !op.Keyed && op.Node.Get("name").IsNull() && op.Node.Get("id").IsNull() {
					e.Name = item.Name // an operation without a name goes by its resource's
					if e.Flow != nil {
						e.Flow.ID, e.Flow.Name = e.Name, e.Name
					}
				}
				if e.Path == "" {
					e.Path = path
				}
				e.Inputs = append(shared[:len(shared):len(shared)], e.Inputs...)
				a.Entries = append(a.Entries, e)
			}
		case "forward":
			a.Entries = append(a.Entries, &Exposed{Part: Part{key, value}, Kind: Forward, Name: item.Name, Path: path,
				Adapter: a, Call: Target{At: value.Get("targetNamespace"), State: None,
					Namespace: value.Get("targetNamespace").Text(), Text: value.Get("targetNamespace").Text()}})
		default:
			r.unknown("resource", key, value)
		}
	}
}

// entry reads one thing that callers may ask for.
func (r *reading) entry(item named, kind EntryKind, a *Adapter) *Exposed {
	e := &Exposed{Part: item.Part, Kind: kind, Name: item.Name, Adapter: a, Call: Target{State: None}}
	for key, value := range item.Node.Pairs() {
		name := key.Text()
		if !r.entryText(e, name, value) && !r.entryCall(e, name, value) && !r.entryParts(e, item, name, key, value) {
			r.unknown(string(kind), key, value)
		}
	}
	return e
}

func (r *reading) entryText(e *Exposed, name string, value source.Node) bool {
	switch name {
	case "name", "id":
	case "label", "display", "title", "summary", "instruction":
		if e.Description == "" {
			e.Description = prose(value)
		}
	case "description":
		e.Description = prose(value)
	case "method":
		e.Method = strings.ToUpper(r.text(value, name))
	case "path", "uri":
		e.Path = r.text(value, name)
	case "tags":
		e.Tags = r.strings(value, name)
	case "outputMediaType", "mimeType", "binary", "responses", "responseBinary", "license", "compatibility", "metadata",
		"argument-hint", "user-invocable", "disable-model-invocation", "location", "file", "template",
		"server", "persona", "personas", "examples":
	default:
		return false
	}
	return true
}

// entryCall reads what the entry stands for. Of several words for it, the one
// that names most wins: a reference before an operation before a service.
func (r *reading) entryCall(e *Exposed, name string, value source.Node) bool {
	switch name {
	case "call", "ref", "from", "uses", "operationRef", "sharedTool":
		if value.Kind() == source.Mapping {
			e.Call = pairTarget(value)
		} else if !value.IsNull() {
			e.Call = referenceTarget(value)
		}
	case "operation", "operationId", "workflow", "function", "action":
		if value.Kind() == source.Scalar && !value.IsNull() {
			namespace := e.Call.Namespace
			e.Call = referenceTarget(value)
			if e.Call.Namespace == "" {
				e.Call.Namespace = namespace
			}
		}
	case "capability", "api", "import", "source", "consumes", "service":
		if value.Kind() == source.Mapping {
			value = value.Get("capability")
		}
		if text := value.Text(); text != "" && e.Call.Name == "" && strings.Contains(text, ".") && !looksLikePath(text) {
			e.Call = referenceTarget(value)
		} else if e.Call.Namespace == "" {
			e.Call.Namespace = text
		}
	default:
		return false
	}
	return true
}

func (r *reading) entryParts(e *Exposed, item named, name string, key, value source.Node) bool {
	switch name {
	case "inputParameters", "inputs", "parameters", "input", "inputSchema", "arguments", "input_schema":
		e.Inputs = append(e.Inputs, r.parameters(value, name)...)
	case "outputParameters", "outputs", "output", "mappings", "outputSchema":
		e.Outputs = append(e.Outputs, r.outputs(value)...)
	case "with", "params", "body":
		e.Bindings = append(e.Bindings, r.bindings(value, "")...)
	case "hints", "annotations":
		e.Hints = r.hints(key, value)
	case "semantics":
		e.Semantics = r.semantics(key, value)
	case "rest_adapter", "rest":
		e.Method, e.Path = strings.ToUpper(value.Get("method").Text()), value.Get("path").Text()
	case "allowed-tools":
		e.Tools = strings.Fields(strings.ReplaceAll(value.Text(), ",", " "))
	case "tools": // of a skill
		for tool := range r.named(value, name, "name") {
			t := r.entry(tool, Tool, e.Adapter)
			e.Adapter.Entries = append(e.Adapter.Entries, t)
			if !slices.Contains(e.Tools, t.Name) {
				e.Tools = append(e.Tools, t.Name)
			}
		}
	case "steps":
		f := &Flow{Part: item.Part, ID: item.Name, Name: item.Name, Owner: e}
		r.steps(f, value, nil)
		r.addFlow(f)
		e.Flow = f
	default:
		return false
	}
	return true
}

// duplicateEntries tells of entries that a caller cannot tell apart.
func (r *reading) duplicateEntries(a *Adapter) {
	if len(a.Entries) < 2 {
		return
	}
	seen := make(map[string]*Exposed, len(a.Entries))
	for _, e := range a.Entries {
		if e.Name == "" || e.Kind == RESTOperation || e.Kind == Forward {
			continue
		}
		id := string(e.Kind) + " " + e.Name
		if first := seen[id]; first != nil {
			r.again(string(e.Kind), e.Name, e.At, first.At)
			continue
		}
		seen[id] = e
	}
}
