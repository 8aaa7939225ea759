package effects

import (
	"strings"

	"agentrisk/internal/source"
)

// normalised reads what names may hold besides a name: a method and a path, or a
// reference of a workflow to a description elsewhere.
func (o Operation) normalised() Operation {
	o.Method = strings.ToUpper(strings.TrimSpace(o.Method))
	if methodClass(o.Method) == "" {
		o.Method = ""
	}
	if i := strings.LastIndexByte(o.Path, '#'); i > 0 && !strings.Contains(o.Path[i:], "/") {
		o.Path = o.Path[:i] // Kong names plugins behind a fragment
	}
	for _, name := range [...]*string{&o.ID, &o.Name} {
		if method, path, ok := methodAndPath(*name); ok {
			if o.Method == "" {
				o.Method = method
			}
			if o.Path == "" {
				o.Path = path
			}
			*name = ""
		} else if strings.HasPrefix(*name, "/") && o.Path == "" {
			o.Path, *name = *name, ""
		} else {
			*name = bareName(*name)
		}
	}
	return o
}

// methodAndPath reads names such as "POST /v1/charges" and JSON pointers into an
// OpenAPI description: …#/paths/~1v1~1charges/post.
func methodAndPath(name string) (method, path string, ok bool) {
	if _, after, found := strings.Cut(name, "#/paths/"); found {
		i := strings.LastIndexByte(after, '/')
		if i <= 0 {
			return "", "", false
		}
		path = source.Unescape(after[:i])
		method = strings.ToUpper(after[i+1:])
		return method, path, methodClass(method) != ""
	}
	method, path, found := strings.Cut(strings.TrimSpace(name), " ")
	if found && methodClass(method) != "" && strings.HasPrefix(strings.TrimSpace(path), "/") {
		return strings.ToUpper(method), strings.TrimSpace(path), true
	}
	return "", "", false
}

// bareName takes the source off a workflow's reference:
// $sourceDescriptions.payments.createRefund.
func bareName(name string) string {
	if after, ok := strings.CutPrefix(name, "$sourceDescriptions."); ok {
		if _, op, ok := strings.Cut(after, "."); ok {
			return op
		}
	}
	return name
}
