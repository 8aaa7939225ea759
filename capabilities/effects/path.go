package effects

import "strings"

// route is the path of an operation understood.
type route struct {
	tokens   []token // the words of all static parts
	last     []token // those of the last static part
	action   *word   // the verb that the last part is, nil where it is a thing
	final    bool    // no parameter follows the last static part
	domain   domain
	rule     string
	known    bool
	plural   bool
	contexts [3]domain // what the parts colour below them
}

// maxPath bounds what is read of a path.
const maxPath = 400

// readPath understands a path or a full address.
func (x *lexicon) readPath(path string) route {
	var rt route
	if len(path) > maxPath {
		path = path[:maxPath]
	}
	if i := strings.Index(path, "://"); i >= 0 {
		_, after, ok := strings.Cut(path[i+3:], "/")
		if !ok {
			return rt
		}
		path = after
	}
	path, _, _ = strings.Cut(path, "?")
	var parts [16]string
	names := parts[:0]
	for part := range strings.SplitSeq(path, "/") {
		if len(names) == len(parts) {
			break
		}
		if part != "" {
			names = append(names, part)
		}
	}
	rt.tokens = make([]token, 0, 12)
	for i, part := range names {
		x.readPart(&rt, part, i)
	}
	x.judgeRoute(&rt, names)
	return rt
}

func (x *lexicon) readPart(rt *route, part string, at int) {
	// Custom verbs: /documents:batchGet.
	if name, verb, ok := strings.Cut(part, ":"); ok && name != "" && verb != "" {
		x.readPart(rt, name, at)
		x.readPart(rt, verb, at)
		return
	}
	if isParameter(part) {
		rt.final = false
		return
	}
	part = strings.TrimSuffix(part, ".json")
	from := len(rt.tokens)
	rt.tokens = x.split(rt.tokens, part)
	if len(rt.tokens) == from {
		return // a version
	}
	rt.last, rt.final = rt.tokens[from:], true
}

func isParameter(part string) bool {
	return strings.ContainsAny(part, "{}$<>*") || part[0] == ':' || digit(part[0]) && !strings.ContainsAny(part, "abcdefghijklmnopqrstuvwxyz")
}

func (x *lexicon) judgeRoute(rt *route, names []string) {
	rt.domain = noNoun
	if len(rt.last) == 0 {
		return
	}
	var thing []token
	before := rt.tokens[:len(rt.tokens)-len(rt.last)]
	if rt.final {
		if last := meaningful(rt.last); len(last) > 0 {
			rt.action = actionOf(last, names)
			thing = last[1:]
		}
	}
	if rt.action == nil {
		thing = rt.last
	} else if len(thing) == 0 {
		thing = before
	}
	if thing = meaningful(thing); len(thing) > 0 {
		rt.domain, rt.rule, rt.known = x.head(thing)
		if p := x.phraseAt(rt.tokens); p != nil && rt.action == nil {
			rt.domain, rt.rule, rt.known = p.domain, p.rule, true // /user/registration
		}
		rt.plural = isPlural(thing[len(thing)-1].text)
	}
	rt.contexts = contexts(before)
}

// actionOf returns the verb that a last part is: /cards/{id}/freeze. A word that
// is a thing as well counts behind a parameter and in the singular:
// /payments/{id}/refund, but not /payments/refund or /payments/{id}/refunds.
func actionOf(last []token, names []string) *word {
	w := last[0].word
	if len(names) < 2 || w == nil || w.class == "" || w.text != last[0].text {
		return nil
	}
	behind := names[len(names)-2]
	switch {
	case len(last) > 1 && w.level < strong, w.level == weak:
		return nil
	case w.domain == "":
		return w
	case nounFirst[w.domain] && w.level < strong || !isParameter(behind):
		return nil
	}
	return w
}

// nounFirst are the domains whose words are things rather than actions at the
// end of a path: /payments/{id}/charge is an action, /emails/{id}/message none.
var nounFirst = map[domain]bool{"message": true, "report": true, "plain": true, "workitem": true}

func contexts(tokens []token) (found [3]domain) {
	n := 0
	for _, t := range tokens {
		if t.word != nil && t.word.context != "" && n < len(found) {
			found[n] = t.word.context
			n++
		}
	}
	return found
}
