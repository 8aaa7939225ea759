package effects

import "strings"

// guess is what words, method and path say of an operation.
type guess struct {
	effect     Effect
	control    Control
	basis      Basis
	confidence Confidence
	class      class
	rule       string // the effect rule
	verbRule   string
	nounRule   string
	ctrlRule   string
	method     class // the class that the method alone gives, "" without a method
}

// methodClass is what a method does by itself.
func methodClass(method string) class {
	switch strings.ToUpper(method) {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return "read"
	case "POST":
		return "create"
	case "PUT", "PATCH":
		return "update"
	case "DELETE":
		return "delete"
	}
	return ""
}

// infer reads an operation without catalogue and hints.
func (x *lexicon) infer(op Operation) guess {
	method := methodClass(op.Method)
	name := x.bestName(op, method)
	rt := x.readPath(op.Path)
	verb, by := x.verbOf(method, &name, &rt)
	if verb.class == "" && (name.domain == "report" || name.domain == "inference") && rt.domain == noNoun {
		// A name without a verb names what is returned: usage report.
		verb, by = word{text: "get", class: "read", level: weak, verbRule: "verb-none"}, ByName
	}
	if verb.class == "" {
		if g, ok := x.fromDescription(op); ok {
			return g
		}
		return x.unknown(op, &name, &rt)
	}
	g := x.decide(op, verb, method, &name, &rt)
	g.basis, g.method = by, method
	g.confidence = confidence(by, method, verb, &name, &rt)
	if by == ByName && verb.level <= lead && method == "" {
		if d, ok := x.fromDescription(op); ok && d.effect != g.effect && d.class != "" && g.control == None && x.overrules(d, g, verb) {
			return d
		}
	}
	return g
}

// bestName reads ID and Name and keeps the one that says more.
func (x *lexicon) bestName(op Operation, method class) reading {
	first := x.readName(trimGenerated(op.ID, op.Method, op.Path), op.Method)
	if op.Name == "" || op.Name == op.ID {
		return first
	}
	second := x.readName(op.Name, op.Method)
	if second.verb != nil && (first.verb == nil || first.verb.level == weak) {
		return second
	}
	return first
}

// trimGenerated takes path and method off a name that a framework made of
// function, path and method: read_item_items__id__get.
func trimGenerated(name, method, path string) string {
	if method == "" || path == "" || len(name) < 16 {
		return name
	}
	flat := squash(name)
	want := squash(path) + strings.ToLower(method)
	if n := len(flat) - len(want); n > 0 && strings.HasSuffix(flat, want) {
		return cutLetters(name, n)
	}
	return name
}

func squash(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, text)
}

// cutLetters returns the beginning of text that holds n letters and digits.
func cutLetters(text string, n int) string {
	for i := 0; i < len(text); i++ {
		if n == 0 {
			return text[:i]
		}
		if letter(text[i]) || digit(text[i]) {
			n--
		}
	}
	return text
}

// verbOf chooses between the verbs of name, path and method.
func (x *lexicon) verbOf(method class, name *reading, rt *route) (word, Basis) {
	fromName, fromPath := name.verb, rt.action
	byMethod := word{text: string(method), class: method, level: sure, verbRule: "method"}
	switch method {
	case "":
		if fromName != nil {
			return *fromName, ByName
		}
		if fromPath != nil {
			return *fromPath, ByName
		}
		return word{}, ByUnknown
	case "read":
		return readMethod(byMethod, fromName, fromPath, name)
	case "delete":
		if fromName != nil && strengthens(fromName.class) {
			return *fromName, ByMethod
		}
		return byMethod, ByMethod
	case "update":
		for _, w := range []*word{fromName, fromPath} {
			if w != nil && w.class != "read" && w.class != "check" && w.level >= lead {
				return *w, ByMethod
			}
		}
		return byMethod, ByMethod
	}
	return postMethod(byMethod, fromName, fromPath, name)
}

// strengthens reports whether a verb says more than "delete" does.
func strengthens(c class) bool {
	switch c {
	case "cancel", "revoke", "logout", "grant", "enable", "execute", "rollback":
		return true
	}
	return false
}

// readMethod reads GET: safe by its definition, unless the name says plainly
// that it is not.
func readMethod(byMethod word, fromName, fromPath *word, name *reading) (word, Basis) {
	for _, w := range []*word{fromName, fromPath} {
		if w == nil || w == fromPath && fromName != nil && fromName.class == "read" {
			continue
		}
		if w.class == "logout" || w.class == "authenticate" || w.text == "authorize" {
			return *w, ByMethod
		}
	}
	if fromName != nil && name.verbAt == 0 && fromName.level >= strong && fromName.class != "read" {
		return *fromName, ByName
	}
	if fromName != nil && fromName.class == "check" {
		return *fromName, ByMethod
	}
	return byMethod, ByMethod
}

// postMethod reads POST, which says nothing by itself but "not safe by definition".
func postMethod(byMethod word, fromName, fromPath *word, name *reading) (word, Basis) {
	switch {
	case fromName != nil && fromName.level >= lead && !(fromPath != nil && fromName.class == "create" && fromPath.class != "create" && fromPath.level >= strong):
		if fromPath != nil && fromName.class == "check" && fromPath.class != "check" && fromPath.class != "read" {
			return *fromPath, ByMethod
		}
		if fromName.level == lead && fromPath != nil && fromPath.level >= strong {
			return *fromPath, ByMethod
		}
		return *fromName, ByMethod
	case fromPath != nil:
		return *fromPath, ByMethod
	case fromName == nil && len(name.tail) > 0 && len(name.object) > 0:
		// A noun by something, without a verb, is a lookup: next runs by flow.
		return word{text: "lookup", class: "read", level: lead, verbRule: "verb-read"}, ByName
	case fromName != nil && fromName.class == "read" && fromName.level == weak && !name.bare:
		return *fromName, ByName
	}
	return byMethod, ByMethod
}

// unknown is the guess where no verb is found: it counts as write. A control may
// still be recognised by its nouns, and is one by its name then.
func (x *lexicon) unknown(op Operation, name *reading, rt *route) guess {
	c := x.control(op, "", name, rt, &word{})
	if c.control == None {
		return guess{effect: Write, control: None, basis: ByUnknown, confidence: NotKnown, rule: "unknown-counts-as-write"}
	}
	g := guess{effect: Write, control: c.control, basis: ByName, confidence: Possible, ctrlRule: c.id}
	if c.effect != "" {
		g.effect = c.effect
	}
	return g
}
