package facts

import (
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/internal/source"
)

// findSecrets finds secrets that stand in the text or flow to where they do not
// belong.
func (d *Document) findSecrets() {
	d.findSecretOutputs()
	d.findLiterals()
	d.findSecretURLs()
	d.findSinks()
	d.findPlainHTTP()
}

func (d *Document) secret(name string) bool { return d.words.is("secret", name) }

// findSecretOutputs finds secrets among what the capability hands to its caller.
func (d *Document) findSecretOutputs() {
	var facts []Fact
	seen := map[source.Node]bool{} // an output of the document may be one of its flow
	add := func(outputs []*capabilities.Output, path string, f *Flow) {
		for _, o := range outputs {
			if seen[o.At] || !d.secret(o.Name) && !d.secret(lastName(o.Source)) || o.Type == "boolean" {
				continue
			}
			seen[o.At] = true
			place := Place{At: o.At, Path: path + " output " + o.Name}
			fact := Fact{Name: o.Name, Text: "a secret too", Other: o.Source, Flow: f, Sure: "likely"}
			if f != nil {
				place.Flow = f.ID
			}
			fact.At = d.handle(place)
			facts = append(facts, fact)
		}
	}
	add(d.Model.Outputs, "document", nil)
	for _, f := range d.Flows {
		if f.Model != nil {
			add(f.Model.Outputs, "flow "+f.ID, f)
		}
		if f.Entry != nil && f.Model == nil {
			add(f.Entry.Outputs, "flow "+f.ID, f)
		}
	}
	d.putOnce("secret_outputs", facts)
}

// findLiterals finds secrets written into the document.
func (d *Document) findLiterals() {
	check := func(b *capabilities.Binding, path string, named bool) {
		sure := ""
		switch {
		case knownSecret(b.Value):
			sure = "certain"
		case named && literal(b.Value):
			sure = "likely"
		default:
			return
		}
		d.put("literal_secrets", Fact{At: d.handle(Place{At: b.At, Path: path + " value " + b.Name}), Name: b.Name, Sure: sure})
	}
	auth := func(a *capabilities.Authentication, path string) {
		if a == nil {
			return
		}
		for _, b := range a.Fields {
			check(b, path+" authentication", d.secret(b.Name) || b.Name == "value" && a.Type == "apikey")
		}
	}
	for _, c := range d.Model.Consumes {
		auth(c.Authentication, "consumes "+c.Namespace)
		for _, p := range c.Inputs {
			check(&capabilities.Binding{Part: p.Part, Name: p.Name, Value: p.Value}, "consumes "+c.Namespace, d.secret(p.Name) || authorizationHeader(p.Name))
		}
	}
	for _, a := range d.Adapters {
		auth(a.Model.Authentication, "adapter "+a.Model.Name)
	}
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			for _, b := range s.bindings() {
				check(b, d.places[s.At-1].Path, d.secret(b.Name) || authorizationHeader(b.Name))
			}
		}
	}
}

func authorizationHeader(name string) bool {
	return strings.EqualFold(name, "authorization") || strings.EqualFold(name, "x-api-key")
}

// knownSecret reports whether a value has the published form of a secret.
func knownSecret(value string) bool {
	for _, prefix := range [...]string{"sk_live_", "sk_test_", "rk_live_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-",
		"AKIA", "ASIA", "AIza", "sk-ant-", "sk-proj-", "npm_", "SG.", "-----BEGIN"} {
		if i := strings.Index(value, prefix); i >= 0 && len(value)-i >= len(prefix)+12 && !placeholder(value) {
			return strings.HasPrefix(prefix, "-----") && strings.Contains(value, "PRIVATE KEY") || !strings.HasPrefix(prefix, "-----")
		}
	}
	return strings.HasPrefix(value, "eyJ") && strings.Count(value, ".") == 2 && len(value) > 40
}

// literal reports whether a value that is named as a secret is one, and no
// reference, name of a variable or example.
func literal(value string) bool {
	value = strings.TrimSpace(value)
	for _, scheme := range [...]string{"Bearer ", "Basic ", "Token ", "SSWS "} {
		value = strings.TrimPrefix(value, scheme)
	}
	if len(value) < 8 || placeholder(value) || len(capabilities.References(value)) > 0 || strings.ContainsAny(value, " $<>{}\n") {
		return false
	}
	if strings.ToUpper(value) == value && strings.ContainsRune(value, '_') {
		return false // the name of a variable
	}
	digits := strings.ContainsAny(value, "0123456789")
	return digits || len(value) >= 20 && !strings.ContainsAny(value, "-_.")
}

func placeholder(value string) bool {
	v := strings.ToLower(value)
	for _, word := range [...]string{"example", "your", "xxxx", "changeme", "change-me", "placeholder", "redacted", "****", "dummy", "sample", "<", "todo", "....", "insert"} {
		if strings.Contains(v, word) {
			return true
		}
	}
	return false
}

// findSecretURLs finds secrets in paths and queries, which servers and proxies
// write to their logs.
func (d *Document) findSecretURLs() {
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			for _, b := range s.bindings() {
				if in := strings.ToLower(b.In); in == "query" || in == "path" {
					if d.secret(b.Name) && !plainValue(b.Value) || d.secretReference(b) {
						h := d.handle(Place{At: b.At, Path: d.places[s.At-1].Path + " value " + b.Name, Operation: s.Operation(), Flow: f.ID, Step: s.Label, About: s})
						d.put("secret_urls", Fact{At: h, Flow: f, Step: s, Name: b.Name, Kind: in, Sure: "likely"})
					}
				}
			}
		}
	}
	for _, c := range d.Model.Consumes {
		path := "consumes " + c.Namespace
		if a := c.Authentication; a != nil {
			for _, b := range a.Fields {
				if b.Name == "placement" && strings.EqualFold(b.Value, "query") {
					h := d.handle(Place{At: b.At, Path: path + " authentication placement"})
					d.put("secret_urls", Fact{At: h, Name: c.Namespace, Kind: "placement", Sure: "certain"})
				}
			}
		}
		d.secretInURL(c.BaseURI, Place{At: c.BaseAt, Path: path + " address"})
		for _, op := range c.Operations {
			d.secretInURL(op.Path, Place{At: op.At, Path: path + " operation " + op.ID, Operation: op.ID})
		}
	}
}

// plainValue reports whether a value is a switch or a number, and so no secret
// whatever its name.
func plainValue(value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no":
		return true
	}
	return value != "" && strings.Trim(value, "0123456789") == ""
}

func (d *Document) secretInURL(url string, place Place) {
	for _, ref := range capabilities.References(url) {
		name := ref.Name
		if len(ref.Path) > 0 {
			name = ref.Path[len(ref.Path)-1]
		}
		if d.secret(name) {
			d.put("secret_urls", Fact{At: d.handle(place), Name: name, Kind: "address", Sure: "likely"})
			return
		}
	}
}

// secretReference reports whether a value is taken from what is named as a
// secret.
func (d *Document) secretReference(b *capabilities.Binding) bool {
	for _, ref := range b.References() {
		if ref.Root == capabilities.FromSecret {
			return true
		}
		name := ref.Name
		if len(ref.Path) > 0 {
			name = ref.Path[len(ref.Path)-1]
		}
		if d.secret(name) {
			return true
		}
	}
	return false
}

// findSinks finds secrets that are sent to a log, to people or into a script.
// What proves the caller's own right in a header is no leak.
func (d *Document) findSinks() {
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			kind := sink(s)
			if kind == "" {
				continue
			}
			for _, b := range s.bindings() {
				if strings.EqualFold(b.In, "header") || authorizationHeader(b.Name) || !d.secretReference(b) {
					continue
				}
				h := d.handle(Place{At: b.At, Path: d.places[s.At-1].Path + " value " + b.Name, Operation: s.Operation(), Flow: f.ID, Step: s.Label, About: s})
				sure := sureOf(s)
				if s.Entry != nil {
					sure = "possible" // the caller has it already
				}
				d.put("secret_sinks", Fact{At: h, Flow: f, Step: s, Name: b.Name, Other: s.Title(), Kind: kind, Text: b.Value,
					Sure: sure, Places: []Note{{s.At, does(s)}}})
			}
		}
	}
}

func sink(s *Step) string {
	switch {
	case s.Control == effects.Audit:
		return "log"
	case s.Effect == effects.Message:
		return "message"
	case s.Model != nil && s.Model.Kind == capabilities.ScriptStep:
		return "script"
	}
	return ""
}

// findPlainHTTP finds upstream services that are called without encryption.
func (d *Document) findPlainHTTP() {
	var facts []Fact
	for _, c := range d.Model.Consumes {
		rest, plain := strings.CutPrefix(strings.ToLower(c.BaseURI), "http://")
		if !plain {
			continue
		}
		host, _, _ := strings.Cut(rest, "/")
		if !strings.HasPrefix(host, "[") {
			host, _, _ = strings.Cut(host, ":")
		}
		if loopback(host) || strings.HasPrefix(host, "{{") || strings.HasPrefix(host, "host.docker.internal") {
			continue
		}
		sure := "certain"
		if !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".svc") {
			sure = "possible" // a name inside of one network
		}
		at := c.BaseAt
		if !at.Exists() {
			at = c.At
		}
		facts = append(facts, Fact{At: d.handle(Place{At: at, Path: "consumes " + c.Namespace + " address"}), Name: c.Namespace,
			Text: c.BaseURI, Sure: sure})
	}
	d.putOnce("plain_http", facts)
}
