package effects

// decide makes effect and control of a verb and what it acts on.
func (x *lexicon) decide(op Operation, verb word, method class, name *reading, rt *route) guess {
	d, nounRule := x.domainOf(op, verb, name, rt)
	rule := x.effectOf(verb.class, d)
	g := guess{effect: rule.effect, class: verb.class, rule: rule.id, verbRule: verb.verbRule, nounRule: nounRule, control: None}
	if name.also != nil {
		if other := x.effectOf(name.also.class, d); graver(other.effect, g.effect) != g.effect {
			g.effect, g.rule, g.verbRule = other.effect, other.id, name.also.verbRule
		}
	}
	if c := x.control(op, method, name, rt, &verb); c.control != None && !x.actsToo(name, d) {
		g.control, g.ctrlRule = c.control, c.id
		if c.effect != "" {
			g.effect = c.effect
		}
	}
	return g
}

// actsToo reports whether a second verb of the name changes something: what
// authorizes and deletes is no control, as a control does nothing else.
func (x *lexicon) actsToo(name *reading, d domain) bool {
	return name.also != nil && x.effectOf(name.also.class, d).effect != Read
}

// effectOf returns the first rule that fits.
func (x *lexicon) effectOf(c class, d domain) *effectRule {
	for i := range x.effects {
		if r := &x.effects[i]; fits(r.verbs, c) && fits(r.nouns, d) {
			return r
		}
	}
	return &effectRule{id: "write-any", effect: Write}
}

func fits[T comparable](list []T, one T) bool {
	if len(list) == 0 {
		return true
	}
	for _, item := range list {
		if item == one {
			return true
		}
	}
	return false
}

// domainOf decides what the verb acts on: the thing in the name, else that in
// the path, else what stands around it.
func (x *lexicon) domainOf(op Operation, verb word, name *reading, rt *route) (domain, string) {
	d, rule := name.domain, name.rule
	if !name.known && (rt.known || d == noNoun && rt.domain != noNoun) {
		d, rule = rt.domain, rt.rule
	}
	around := x.around(op, name, rt)
	if verb.class == "read" {
		if x.returnsSecret(verb, name, rt) {
			return "secret-value", "noun-credential"
		}
		return d, rule
	}
	switch {
	case d == "subscription":
		if verb.class != "create" && verb.class != "update" && verb.class != "delete" && verb.class != "enable" || around.has("money") {
			return "money", "noun-subscription"
		}
		return "plain", "noun-subscription"
	case d == "idp" && (around.has("identity") || rt.domain == "access"):
		return "access", "context-identity"
	case verb.class == "capture" && d == unknownNoun && len(name.object) == 0:
		return "money", verb.verbRule // /authorizations/{id}/capture
	case d == "plain" && verb.class == "enable" && len(name.object) == 1 && headText(name.object) == "account":
		return "user", "noun-user" // who is locked out of an account is its user
	case d == "message" && around.has("queue"):
		return "queue-message", "context-queue"
	case verb.class == "publish" && around.has("queue"):
		return "queue-message", "context-queue"
	case (d == unknownNoun || d == noNoun) && manages(verb.class):
		for _, c := range []domain{"access", "credential"} {
			if around.above(c) || c == "access" && around.provider&aroundAccess != 0 {
				return c, "context-" + string(c)
			}
		}
	}
	if d == "plain" || d == unknownNoun {
		if t := meaningful(name.tail); len(t) > 0 {
			if td, trule, known := x.head(t); known && td == "access" {
				return td, trule
			}
		}
	}
	return d, rule
}

// manages reports whether a verb changes the things around it, so that what they
// are decides: rules below a firewall, but not a charge below an authorization.
func manages(c class) bool {
	switch c {
	case "create", "update", "delete", "cancel", "enable", "generate", "assign", "apply", "submit", "revoke":
		return true
	}
	return false
}

// surroundings are the contexts that stand around an operation: above it in
// path and name, and in the words for its provider.
type surroundings struct{ path, name, provider uint8 }

const (
	aroundAccess uint8 = 1 << iota
	aroundCredential
	aroundMoney
	aroundQueue
	aroundIdentity
)

func contextBit(d domain) uint8 {
	switch d {
	case "access":
		return aroundAccess
	case "credential":
		return aroundCredential
	case "money":
		return aroundMoney
	case "queue":
		return aroundQueue
	case "identity":
		return aroundIdentity
	}
	return 0
}

func (s surroundings) has(d domain) bool { return (s.path|s.name|s.provider)&contextBit(d) != 0 }

// above reports whether the context stands in the path or name itself.
func (s surroundings) above(d domain) bool { return (s.path|s.name)&contextBit(d) != 0 }

func (x *lexicon) around(op Operation, name *reading, rt *route) (s surroundings) {
	for _, t := range rt.tokens {
		if t.word != nil {
			s.path |= contextBit(t.word.context)
		}
	}
	for i, t := range name.tokens {
		if t.word != nil && i != name.verbAt {
			s.name |= contextBit(t.word.context)
		}
	}
	var buf [12]token
	for _, t := range x.split(buf[:0], op.Provider) {
		if t.word != nil {
			s.provider |= contextBit(t.word.context)
		}
	}
	// What stands around says whether there are queues or payments here, but a
	// flow about access does not make all of its steps change access.
	for _, t := range x.split(buf[:0], op.Context) {
		if t.word != nil {
			s.provider |= contextBit(t.word.context) & (aroundMoney | aroundQueue)
		}
	}
	return s
}

// returned are the credentials whose reading hands out their value. The rest
// (session, certificate, factor) is described, not handed out.
var returned = map[string]bool{"secret": true, "password": true, "token": true, "key": true, "credential": true,
	"passcode": true, "otp": true, "passphrase": true, "apikey": true, "code": true, "material": true}

// returnsSecret reports whether a reading operation hands out a credential: one
// thing in the singular, not a list, and not an entry of a list by its id.
func (x *lexicon) returnsSecret(verb word, name *reading, rt *route) bool {
	if describes(verb.text) || name.verb != nil && describes(name.verb.text) || name.known && name.plural {
		return false
	}
	if name.domain == "login-code" || rt.domain == "login-code" {
		return !rt.plural
	}
	if name.known && headText(name.object) == "password" && !said(name.object, "change") {
		return true
	}
	if len(rt.last) > 0 {
		last := rt.last[len(rt.last)-1].text
		if rt.domain == "credential" {
			return rt.final && !rt.plural && returned[last] && !said(rt.last, "public")
		}
		return !rt.final && (rt.domain == unknownNoun || last == "data") && fits(rt.contexts[:], "credential")
	}
	if name.domain != "credential" || len(name.object) == 0 || !returned[headText(name.object)] {
		return false
	}
	return !said(name.object, "public") && verb.level == sure || verb.text == "reveal"
}

// describes reports whether a verb tells about things rather than handing them out.
func describes(verb string) bool {
	switch verb {
	case "list", "search", "find", "check", "describe", "count", "query", "lookup", "introspect":
		return true
	}
	return false
}

// headText returns the last word that does not hand on: secret of secret value.
func headText(tokens []token) string {
	for len(tokens) > 1 && tokens[len(tokens)-1].word != nil && tokens[len(tokens)-1].word.inherit {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens[len(tokens)-1].text
}

func said(tokens []token, text string) bool {
	for _, t := range tokens {
		if t.text == text {
			return true
		}
	}
	return false
}

// confidence says how sure a guess is.
func confidence(by Basis, method class, verb word, name *reading, rt *route) Confidence {
	switch {
	case method == "read" || method == "delete":
		return Likely
	case verb.level <= weak:
		return Possible
	case by == ByMethod && (name.known || rt.known):
		return Likely
	case verb.level >= strong && name.known:
		return Likely
	}
	return Possible
}
