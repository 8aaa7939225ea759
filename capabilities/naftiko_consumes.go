package capabilities

import (
	"strings"

	"agentrisk/internal/source"
)

// consumed reads an upstream service, or the import of one.
func (r *reading) consumed(n source.Node) {
	if n.Kind() == source.Scalar {
		r.importOf(n, "consumes")
		return
	}
	if isImport(n) {
		r.importOf(n, "consumes")
		return
	}
	c := &Consumed{Part: nameOf(n, []string{"namespace", "name", "id"}).Part}
	r.doc.Consumes = append(r.doc.Consumes, c)
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "namespace", "name", "id":
			if c.Namespace == "" || key.Text() == "namespace" {
				c.Namespace = r.text(value, key.Text())
			}
		case "resources":
			for item := range r.named(value, "resources", "name") {
				r.consumedResource(c, item)
			}
		case "steps":
			r.workflow(n, c.Namespace)
		case "tunnel", "openapi":
		default:
			if !r.service(c, key.Text(), key, value) {
				r.unknown("consumes", key, value)
			}
		}
	}
	r.duplicates(c)
}

// service reads what all dialects say of an upstream service.
func (r *reading) service(c *Consumed, name string, key, value source.Node) bool {
	switch name {
	case "type", "protocol":
		c.Kind = r.text(value, name)
	case "baseUri", "baseUrl", "baseURL", "base_url", "url", "host":
		c.BaseURI, c.BaseAt = r.text(value, name), value
	case "description", "summary", "title", "label", "display":
		if c.Description == "" || name == "description" {
			c.Description = prose(value)
		}
	case "authentication", "auth", "security":
		c.Authentication = r.authentication(key, value)
	case "inputParameters", "headers":
		c.Inputs = append(c.Inputs, r.parameters(value, name)...)
	case "operations":
		for item := range r.named(value, name, "id", "operationId", "name") {
			r.operation(c, item, nil, "")
		}
	default:
		return false
	}
	return true
}

func (r *reading) consumedResource(c *Consumed, item named) {
	path := item.Node.Get("path").Text()
	var shared []*Parameter
	for key, value := range item.Node.Pairs() {
		switch key.Text() {
		case "name", "path", "label", "display", "description", "tags":
		case "inputParameters":
			shared = r.parameters(value, "inputParameters")
		case "operations":
			for op := range r.named(value, "operations", "name", "id", "operationId") {
				r.operation(c, op, shared, path)
			}
		default:
			r.unknown("resource", key, value)
		}
	}
}

// operation reads an operation of a service. shared are inputs of its resource.
func (r *reading) operation(c *Consumed, item named, shared []*Parameter, path string) {
	op := &Operation{Part: item.Part, ID: item.Name, Path: path, Service: c, Inputs: shared[:len(shared):len(shared)]}
	c.Operations = append(c.Operations, op)
	for key, value := range item.Node.Pairs() {
		switch name := key.Text(); name {
		case "id", "operationId":
		case "name":
			if value != item.At {
				op.Name = r.text(value, name)
			}
		case "label", "display", "title", "summary":
			if op.Name == "" {
				op.Name = prose(value)
			}
		case "method", "verb":
			op.Method = strings.ToUpper(r.text(value, name))
		case "path", "url", "endpoint":
			op.Path = r.text(value, name)
		case "description":
			op.Description = prose(value)
		case "tags":
			op.Tags = r.strings(value, name)
		case "inputParameters", "inputs", "parameters", "input", "inputSchema":
			op.Inputs = append(op.Inputs, r.parameters(value, name)...)
		case "outputParameters", "outputs", "output":
			op.Outputs = r.outputs(value)
		case "semantics":
			op.Semantics = r.semantics(key, value)
		case "hints", "annotations":
			op.Hints = r.hints(key, value)
		case "body", "requestBody", "outputRawFormat", "outputSchema", "outputMediaType", "maxBinarySize",
			"responses", "responseBinary", "steps", "ref", "mappings", "examples", "example", "module", "api",
			"premium", "command", "cli":
		default:
			r.unknown("operation", key, value)
		}
	}
}

// duplicates tells of operations that a call cannot tell apart.
func (r *reading) duplicates(c *Consumed) {
	if len(c.Operations) < 2 {
		return
	}
	seen := make(map[string]*Operation, len(c.Operations))
	for _, op := range c.Operations {
		if first := seen[op.ID]; first != nil && op.ID != "" {
			r.again("operation", op.ID, op.At, first.At)
			continue
		}
		seen[op.ID] = op
	}
}

// again is the problem of a second part with the name of a first.
func (r *reading) again(what, name string, at, first source.Node) {
	r.problem(&source.Error{At: at.Location(), ID: "duplicate-id",
		Message: "a second " + what + " is called " + quote(name) + ", the first stands in line " + itoa(first.Start().Line),
		Hint:    "a reference reaches only one of them: give each its own name"})
}
