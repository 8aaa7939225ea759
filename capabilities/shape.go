package capabilities

import (
	"embed"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"agentrisk/internal/source"
)

//go:embed rules/*.yaml
var ruleFiles embed.FS

// rules say what the versions of one specification allow; rules/README.md tells
// how they are written.
type rules struct {
	versions []string // oldest first
	first    int      // index of the first version the rules are about
	key      string   // the key that states a document's version
	root     string
	extend   bool // fields that begin with x- are allowed everywhere
	texts    map[string]*textKind
	maps     map[string]*mapKind
	choices  map[string]*choice
	types    []*valueType // all of them, to be linked
}

type textKind struct {
	pattern *regexp.Regexp
	set     *[256]bool // in place of a pattern that is no more than a set of characters
	say     string
}

type mapKind struct {
	name         string
	fields       map[string][]field // of several, the version decides
	required     []string           // names of fields that some version requires
	exactly      bool
	alternatives []alternative
	notBoth      []string
}

type field struct {
	span
	must bool
	is   *valueType
}

type alternative struct {
	span
	must, without []string
	fields        map[string][]field
}

// span is a stretch of versions, both ends included.
type span struct{ since, until int }

func (s span) holds(version int) bool { return version >= s.since && version <= s.until }

// choice says which type a value has to be of.
type choice struct {
	has    []option              // by a key that is there
	by     string                // by the text under a key
	of     map[string]option     // for each text
	kinds  map[string]*valueType // by the type of the value: text, number, bool, map, list, none
	orElse *valueType
}

type option struct {
	span
	key string
	is  *valueType
}

// valueType is a parsed rule for a value.
type valueType struct {
	base     string // text, number, integer, bool, any, map, =, one-of, list, keyed, true, or a kind's name
	words    []string
	low      *float64
	high     *float64
	nonempty bool
	keys     string
	of       *valueType

	// What a name that base is stands for: one of them.
	text   *textKind
	kind   *mapKind
	choice *choice
}

// loadRules reads one of the embedded files. They are part of the program: a
// fault in them is one of the program, which the tests of all files rule out.
func loadRules(name string) (*rules, error) {
	text, err := ruleFiles.ReadFile("rules/" + name)
	if err != nil {
		return nil, err
	}
	f, err := source.NewFile(name, text, source.Limits{})
	if err != nil {
		return nil, err
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		return nil, err
	}
	r := &rules{texts: map[string]*textKind{}, maps: map[string]*mapKind{}, choices: map[string]*choice{}}
	if from := doc.Root.Get("extends").Text(); from != "" {
		if r, err = loadRules(from); err != nil {
			return nil, err
		}
	}
	l := ruleLoader{rules: r}
	l.load(doc.Root)
	l.link()
	return r, l.err
}

type ruleLoader struct {
	*rules
	err error
}

func (l *ruleLoader) fail(n source.Node, message string) {
	if l.err == nil {
		l.err = &source.Error{At: n.Location(), ID: "rules", Message: message}
	}
}

func (l *ruleLoader) load(root source.Node) {
	// Kinds of an extended file keep the versions they were read with: their
	// numbers are the same, for a list of versions only grows at its end.
	l.versions = nil
	for _, v := range root.Get("versions").Items() {
		l.versions = append(l.versions, v.Text())
	}
	if first := root.Get("first").Text(); first != "" {
		l.first = slices.Index(l.versions, first)
	}
	l.key, l.root = root.Get("version").Text(), root.Get("root").Text()
	l.extend, _ = root.Get("extensions").Bool()
	for key, value := range root.Get("texts").Pairs() {
		l.texts[key.Text()] = l.textKind(value)
	}
	for key, value := range root.Get("maps").Pairs() {
		l.maps[key.Text()] = l.mapKind(key.Text(), value)
	}
	for key, value := range root.Get("choices").Pairs() {
		l.choices[key.Text()] = l.choice(value)
	}
}

// characterSet matches patterns that the loop over a table replaces.
var characterSet = regexp.MustCompile(`^\^\[([A-Za-z0-9_.*-]+)\]\+\$$`)

func (l *ruleLoader) textKind(n source.Node) *textKind {
	pattern := n.Get("pattern").Text()
	k := &textKind{say: n.Get("say").Text()}
	var err error
	if k.pattern, err = regexp.Compile(pattern); err != nil || k.say == "" {
		l.fail(n, fmt.Sprintf("a kind of text needs a pattern and words for it: %v", err))
		return k
	}
	if characterSet.MatchString(pattern) {
		k.set = new([256]bool)
		for b := range 128 {
			k.set[b] = k.pattern.MatchString(string(rune(b)))
		}
	}
	return k
}

func (k *textKind) matches(text string) bool {
	if k.set == nil {
		return k.pattern.MatchString(text)
	}
	for i := range len(text) {
		if !k.set[text[i]] {
			return false
		}
	}
	return text != ""
}

func (l *ruleLoader) mapKind(name string, n source.Node) *mapKind {
	k := &mapKind{name: name, fields: l.fields(n.Get("fields"))}
	for key := range n.Get("fields").Pairs() {
		if slices.ContainsFunc(k.fields[key.Text()], func(f field) bool { return f.must }) {
			k.required = append(k.required, key.Text())
		}
	}
	k.exactly, _ = n.Get("exactly").Bool()
	k.notBoth = names(n.Get("not-both"))
	for _, item := range n.Get("alternatives").Items() {
		k.alternatives = append(k.alternatives, alternative{span: l.span(item), must: names(item.Get("must")),
			without: names(item.Get("without")), fields: l.fields(item.Get("fields"))})
	}
	return k
}

func names(n source.Node) []string {
	var out []string
	for _, item := range n.Items() {
		out = append(out, item.Text())
	}
	return out
}

func (l *ruleLoader) fields(n source.Node) map[string][]field {
	out := make(map[string][]field, n.Len())
	for key, value := range n.Pairs() {
		variants := []source.Node{value}
		if value.Kind() == source.Sequence {
			variants = nil
			for _, item := range value.Items() {
				variants = append(variants, item)
			}
		}
		for _, v := range variants {
			out[key.Text()] = append(out[key.Text()], l.field(v))
		}
	}
	return out
}

func (l *ruleLoader) field(n source.Node) field {
	f := field{span: l.span(n)}
	rule := n
	if n.Kind() == source.Mapping {
		rule = n.Get("is")
	}
	words := strings.Fields(rule.Text())
	if len(words) > 0 && words[0] == "must" {
		f.must, words = true, words[1:]
	}
	f.is = l.valueType(rule, words)
	return f
}

func (l *ruleLoader) span(n source.Node) span {
	s := span{0, math.MaxInt}
	for _, end := range [...]struct {
		key string
		to  *int
	}{{"since", &s.since}, {"until", &s.until}} {
		if version := n.Get(end.key); version.Exists() {
			if *end.to = slices.Index(l.versions, version.Text()); *end.to < 0 {
				l.fail(version, "version "+version.Text()+" is not listed")
			}
		}
	}
	return s
}

func (l *ruleLoader) valueType(at source.Node, words []string) *valueType {
	if len(words) == 0 {
		l.fail(at, "a rule is empty")
		return &valueType{base: "any"}
	}
	t := &valueType{base: strings.TrimSuffix(words[0], "+"), nonempty: strings.HasSuffix(words[0], "+")}
	l.types = append(l.types, t)
	rest := words[1:]
	switch t.base {
	case "=", "one-of":
		t.words = rest
	case "list":
		t.of = l.valueType(at, rest)
	case "keyed":
		if len(rest) < 2 {
			l.fail(at, "keyed needs a kind of key and one of value")
			return t
		}
		t.keys, t.of = rest[0], l.valueType(at, rest[1:])
	case "text", "number", "integer":
		if len(rest) > 0 {
			t.low, t.high = l.bounds(at, rest[0])
		}
	}
	if t.base == "=" {
		t.words = []string{strings.Join(rest, " ")}
	}
	return t
}

// link finds what names stand for. Kinds of an extended file may be those of the file
// that extends it, so that it waits until both are read.
func (l *ruleLoader) link() {
	for _, t := range l.types {
		t.text, t.kind, t.choice = l.texts[t.base], l.maps[t.base], l.choices[t.base]
	}
}

func (l *ruleLoader) bounds(at source.Node, text string) (low, high *float64) {
	from, to, found := strings.Cut(text, "..")
	for _, end := range [...]struct {
		text string
		to   **float64
	}{{from, &low}, {to, &high}} {
		if end.text == "" {
			continue
		}
		value, err := strconv.ParseFloat(end.text, 64)
		if err != nil || !found {
			l.fail(at, "bounds are written low..high")
			return nil, nil
		}
		*end.to = &value
	}
	return low, high
}

func (l *ruleLoader) choice(n source.Node) *choice {
	c := &choice{by: n.Get("by").Text(), of: map[string]option{}, kinds: map[string]*valueType{}}
	one := func(value source.Node) option {
		rule := value
		if value.Kind() == source.Mapping {
			rule = value.Get("is")
		}
		return option{span: l.span(value), is: l.valueType(rule, strings.Fields(rule.Text()))}
	}
	for key, value := range n.Pairs() {
		switch key.Text() {
		case "by":
		case "has":
			for has, value := range value.Pairs() {
				o := one(value)
				o.key = has.Text()
				c.has = append(c.has, o)
			}
		case "of":
			for text, value := range value.Pairs() {
				c.of[text.Text()] = one(value)
			}
		case "else":
			c.orElse = one(value).is
		default:
			c.kinds[key.Text()] = one(value).is
		}
	}
	return c
}
