package capabilities

import (
	"strings"

	"agentrisk/internal/source"
)

// openAPI reads the operations of an OpenAPI description, 2.0 or 3.x, as far as
// flows refer to them: id, method, path, summary, parameters, server and
// security. nil where root is no such description.
func (r *reading) openAPI(root source.Node, namespace string) *Consumed {
	if !root.Get("openapi").Exists() && !root.Get("swagger").Exists() {
		return nil
	}
	c := &Consumed{Part: Part{place(root), root}, Namespace: namespace, Kind: "http",
		Description: root.Get("info").Get("title").Text()}
	for _, server := range root.Get("servers").Items() {
		c.BaseAt = server.Get("url")
		c.BaseURI = c.BaseAt.Text()
		break
	}
	if host := root.Get("host"); c.BaseURI == "" && host.Text() != "" {
		c.BaseURI, c.BaseAt = "https://"+host.Text()+root.Get("basePath").Text(), host
	}
	schemes := root.Get("components").Get("securitySchemes")
	if !schemes.Exists() {
		schemes = root.Get("securityDefinitions")
	}
	for key, scheme := range schemes.Pairs() {
		c.Authentication = r.authentication(key, scheme)
		break
	}
	for path, item := range root.Get("paths").Pairs() {
		shared := item.Get("parameters")
		for method, op := range item.Pairs() {
			if isMethod(method.Text()) && op.Kind() == source.Mapping {
				c.Operations = append(c.Operations, r.openAPIOperation(c, path.Text(), method, op, shared))
			}
		}
	}
	return c
}

func (r *reading) openAPIOperation(c *Consumed, path string, method, n, shared source.Node) *Operation {
	op := &Operation{Part: Part{method, n}, Method: strings.ToUpper(method.Text()), Path: path, Service: c,
		Name: n.Get("summary").Text(), Description: n.Get("description").Text()}
	if id := n.Get("operationId"); id.Text() != "" {
		op.At, op.ID = id, id.Text()
	} else {
		op.ID = op.Method + " " + op.Path
	}
	for _, list := range [...]source.Node{shared, n.Get("parameters")} {
		for _, item := range list.Items() {
			if name := item.Get("name"); name.Text() != "" {
				op.Inputs = append(op.Inputs, &Parameter{Part: Part{name, item}, Name: name.Text(),
					In: item.Get("in").Text(), Type: item.Get("schema").Get("type").Text()})
			}
		}
	}
	return op
}

func isMethod(name string) bool {
	switch strings.ToUpper(name) {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE":
		return true
	}
	return false
}
