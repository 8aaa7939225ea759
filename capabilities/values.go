package capabilities

import (
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// parameters reads inputs: a list of maps with a name, a list of names, a map by
// name, or a JSON Schema of an object.
func (r *reading) parameters(n source.Node, what string) []*Parameter {
	if n.Get("properties").Kind() == source.Mapping {
		return r.schemaParameters(n)
	}
	if n.Len() == 0 {
		if !n.IsNull() && n.Kind() == source.Scalar {
			r.problem(n.Wrong(what, "a list or a map"))
		}
		return nil
	}
	out := make([]*Parameter, 0, n.Len())
	for item := range r.named(n, what, "name", "id", "key") {
		out = append(out, r.parameter(item))
	}
	return out
}

func (r *reading) parameter(item named) *Parameter {
	p := &Parameter{Part: item.Part, Name: item.Name}
	if item.Node.Kind() == source.Scalar {
		if item.Keyed { // name: type, or name: description
			p.Value = item.Node.Text()
		}
		return p
	}
	for key, value := range item.Node.Pairs() {
		switch key.Text() {
		case "name", "id", "key":
		case "in":
			p.In = strings.ToLower(r.text(value, "in"))
		case "type":
			p.Type = typeOf(value)
		case "description", "title", "label", "display", "summary":
			if p.Description == "" {
				p.Description = prose(value)
			}
		case "required":
			if value.Kind() != source.Sequence {
				p.Required = r.flag(value, "required")
			}
		case "optional":
			if optional := r.flag(value, "optional"); optional != nil {
				required := !*optional
				p.Required = &required
			}
		case "value", "default", "const":
			p.Value = value.Text()
		case "format", "pattern":
			p.Format, p.Bounded = r.text(value, key.Text()), true
		case "enum":
			p.Enum, p.Bounded = r.strings(value, "enum"), true
		case "maximum", "maxLength", "maxItems", "max":
			p.Bounded = true
		case "items", "properties", "example", "examples", "minimum", "minLength", "minItems", "min", "schema",
			"additionalProperties", "nullable":
		default:
			r.unknown("parameter", key, value)
		}
	}
	return p
}

// schemaParameters reads the properties of a JSON Schema.
func (r *reading) schemaParameters(schema source.Node) []*Parameter {
	required := map[string]bool{}
	for _, name := range schema.Get("required").Items() {
		required[name.Text()] = true
	}
	var out []*Parameter
	for key, value := range schema.Get("properties").Pairs() {
		p := r.parameter(named{Part{key, value}, key.Text(), true})
		must := required[p.Name]
		p.Required = &must
		out = append(out, p)
	}
	return out
}

func typeOf(n source.Node) string {
	if n.Kind() == source.Sequence {
		for _, item := range n.Items() {
			if item.Text() != "null" {
				return item.Text()
			}
		}
	}
	return n.Text()
}

// outputs reads what is handed on: a map from name to expression, a list of maps
// or of names, or typed parameters with parts of their own. What lies deeper
// comes with the path to it as its name.
func (r *reading) outputs(n source.Node) []*Output {
	var out []*Output
	r.addOutputs(&out, n, "")
	return out
}

func (r *reading) addOutputs(out *[]*Output, n source.Node, prefix string) {
	for item := range r.named(n, "outputs", "name", "target", "targetName", "id") {
		r.addOutput(out, item, prefix)
	}
}

func (r *reading) addOutput(out *[]*Output, item named, prefix string) {
	o := &Output{Part: item.Part, Name: join(prefix, item.Name)}
	switch item.Node.Kind() {
	case source.Scalar:
		if item.Keyed {
			o.Source = item.Node.Text()
		}
		*out = append(*out, o)
		return
	case source.Sequence:
		*out = append(*out, o)
		return
	}
	before := len(*out)
	for key, value := range item.Node.Pairs() {
		switch key.Text() {
		case "type":
			o.Type = typeOf(value)
		case "source", "value", "mapping", "path", "from", "const", "expression":
			if value.Kind() == source.Scalar {
				o.Source = value.Text()
			}
		case "properties":
			r.addOutputs(out, value, o.Name)
		case "items":
			r.addItems(out, value, o.Name+"[]")
		case "description", "label", "display", "summary", "required", "format", "example", "examples", "nullable", "enum":
		default:
			if value != item.At {
				r.addOutput(out, named{Part{key, value}, key.Text(), true}, o.Name)
			}
		}
	}
	if o.Source != "" || len(*out) == before {
		*out = slices.Insert(*out, before, o)
	}
}

// addItems reads the parts of a list's items.
func (r *reading) addItems(out *[]*Output, n source.Node, prefix string) {
	switch {
	case n.Kind() == source.Sequence:
		r.addOutputs(out, n, prefix)
	case n.Get("type").Kind() == source.Scalar:
		r.addOutput(out, named{Part: Part{place(n), n}}, prefix)
	case n.Kind() == source.Mapping:
		r.addOutputs(out, n, prefix)
	}
}

func join(prefix, name string) string {
	if prefix == "" || name == "" {
		return prefix + name
	}
	return prefix + "." + name
}

// bindings reads the values given to parameters: a map by name, whose deeper
// values come with the path to them as their name, or a list of names.
func (r *reading) bindings(n source.Node, in string) []*Binding {
	var out []*Binding
	r.addBindings(&out, n, in, "")
	return out
}

func (r *reading) addBindings(out *[]*Binding, n source.Node, in, prefix string) {
	switch n.Kind() {
	case source.Mapping:
		for key, value := range n.Pairs() {
			r.addBinding(out, Part{key, value}, in, join(prefix, key.Text()))
		}
	case source.Sequence:
		for _, item := range n.Items() {
			if name := nameOf(item, []string{"name"}); prefix == "" && name.Name != "" {
				r.addListed(out, name, in)
				continue
			}
			r.addBinding(out, Part{place(item), item}, in, prefix+"[]")
		}
	case source.Scalar:
		if !n.IsNull() {
			*out = append(*out, &Binding{Part: Part{n, n}, Name: prefix, In: in, Value: n.Text()})
		}
	}
}

func (r *reading) addBinding(out *[]*Binding, p Part, in, name string) {
	if p.Node.Kind() == source.Scalar {
		*out = append(*out, &Binding{Part: p, Name: name, In: in, Value: p.Node.Text()})
		return
	}
	r.addBindings(out, p.Node, in, name)
}

// addListed reads one item of a list of values: a bare name, which stands for
// whatever the flow knows under it, or a map of name and value.
func (r *reading) addListed(out *[]*Binding, item named, in string) {
	b := &Binding{Part: item.Part, Name: item.Name, In: in}
	switch {
	case item.Node.Kind() == source.Scalar:
		b.Named = true
	default:
		if where := item.Node.Get("in").Text(); where != "" {
			b.In = where
		}
		for _, key := range [...]string{"value", "source", "from", "default"} {
			value := item.Node.Get(key)
			if value.Kind() == source.Scalar {
				b.Value = value.Text()
				break
			}
			if value.Exists() {
				r.addBindings(out, value, b.In, b.Name)
				return
			}
		}
	}
	*out = append(*out, b)
}

// authentication reads how a caller proves who it is.
func (r *reading) authentication(at, n source.Node) *Authentication {
	a := &Authentication{Part: Part{at, n}}
	switch n.Kind() {
	case source.Scalar:
		if n.IsNull() {
			return nil
		}
		a.Type = authType(n.Text(), "")
		return a
	case source.Sequence:
		for _, item := range n.Items() {
			if first := r.authentication(at, item); first != nil {
				return first
			}
		}
		return nil
	}
	a.Type = authType(n.Get("type").Text(), n.Get("scheme").Text())
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "type", "description":
		case "scopes":
			a.Scopes = r.scopes(value)
		default:
			r.addBinding(&a.Fields, Part{key, value}, "", key.Text())
		}
	}
	return a
}

// scopes reads a list, a map by scope, or one text with spaces between them.
func (r *reading) scopes(n source.Node) []string {
	switch n.Kind() {
	case source.Mapping:
		var out []string
		for key := range n.Pairs() {
			out = append(out, key.Text())
		}
		return out
	case source.Scalar:
		return strings.Fields(n.Text())
	}
	return r.strings(n, "scopes")
}

var apart = strings.NewReplacer("-", "", "_", "", " ", "")

// authType brings the ways of writing the same type together.
func authType(stated, scheme string) string {
	name := apart.Replace(strings.ToLower(stated))
	switch name {
	case "http":
		if scheme = strings.ToLower(scheme); scheme != "" {
			return authType(scheme, "")
		}
	case "apikey", "key":
		return "apikey"
	case "bearer", "bearertoken", "token", "jwt":
		return "bearer"
	case "oauth2", "oauth", "oidc", "openidconnect":
		return "oauth2"
	case "basic", "digest":
		return name
	case "none", "anonymous", "public":
		return "none"
	}
	return strings.ToLower(stated)
}

func (r *reading) semantics(at, n source.Node) Semantics {
	s := Semantics{At: at}
	if n.Kind() != source.Mapping {
		r.problem(n.Wrong("semantics", "a map"))
	}
	for key, value := range n.Pairs() {
		switch name := key.Text(); name {
		case "safe":
			s.Safe = r.flag(value, name)
		case "idempotent":
			s.Idempotent = r.flag(value, name)
		case "cacheable":
			s.Cacheable = r.flag(value, name)
		default:
			r.unknown("semantics", key, value)
		}
	}
	return s
}

// hints reads the hints of a tool, in the words of this specification or of MCP.
func (r *reading) hints(at, n source.Node) Hints {
	h := Hints{At: at}
	if n.Kind() != source.Mapping {
		r.problem(n.Wrong("hints", "a map"))
	}
	for key, value := range n.Pairs() {
		switch name := key.Text(); name {
		case "readOnly", "readOnlyHint", "read_only", "readonly":
			h.ReadOnly = r.flag(value, name)
		case "destructive", "destructiveHint":
			h.Destructive = r.flag(value, name)
		case "idempotent", "idempotentHint":
			h.Idempotent = r.flag(value, name)
		case "openWorld", "openWorldHint", "open_world":
			h.OpenWorld = r.flag(value, name)
		case "title":
		default:
			r.unknown("hints", key, value)
		}
	}
	return h
}
