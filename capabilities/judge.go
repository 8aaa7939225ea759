package capabilities

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"agentrisk/internal/source"
)

// judge checks values against rules of one version, and keeps what it finds.
type judge struct {
	*rules
	version    int
	stated     string // the version as the document states it
	most       int    // of the violations that are told
	incomplete bool   // what is missing may have been cut off
	found      []*source.Error
	count      int                       // of the violations, those that are not told among them
	strange    map[strange]*source.Error // what was said of unknown fields, to say it again
}

// strange is a field that a kind of map does not have.
type strange struct {
	kind *mapKind
	name string
}

// subject is what a message speaks of. It is put into words when there is something
// to say, which is seldom.
type subject struct {
	name string
	item bool // an item of the list of that name
}

func (s subject) String() string {
	if s.item {
		return "an item of " + s.name
	}
	return s.name
}

// tells counts a violation, and reports whether it is one to be told.
func (j *judge) tells(id string) bool {
	if j.incomplete && (id == "required" || id == "alternatives" || id == "too-few") {
		return false
	}
	j.count++
	return len(j.found) < j.most
}

func (j *judge) say(at source.Node, id, message, expected string) {
	if j.tells(id) {
		j.found = append(j.found, &source.Error{At: at.Location(), ID: id, Message: message, Expected: expected})
	}
}

// kind checks a map.
func (j *judge) kind(n source.Node, k *mapKind, what subject) {
	if n.Kind() != source.Mapping {
		j.wrong(n, what, "a map")
		return
	}
	for key, value := range n.Pairs() {
		name := key.Text()
		variants, known := k.fields[name]
		rule := j.pick(variants)
		if rule == nil {
			if !j.extend || !strings.HasPrefix(name, "x-") {
				j.unknownField(key, k, known)
			}
			continue
		}
		j.value(value, rule.is, subject{name: name}, key)
	}
	for _, name := range k.required {
		if rule := j.pick(k.fields[name]); rule != nil && rule.must && !n.Get(name).Exists() {
			j.say(place(n), "required", what.String()+" has no "+name, name)
		}
	}
	j.alternatives(n, k, what)
	if len(k.notBoth) == 2 && n.Get(k.notBoth[0]).Exists() && n.Get(k.notBoth[1]).Exists() {
		j.say(place(n), "alternatives", what.String()+" has "+k.notBoth[0]+" and "+k.notBoth[1], "one of the two")
	}
}

func (j *judge) pick(variants []field) *field {
	for i := range variants {
		if variants[i].holds(j.version) {
			return &variants[i]
		}
	}
	return nil
}

// unknownField tells of a field that the kind of map does not have. The same one
// often stands in a hundred places.
func (j *judge) unknownField(key source.Node, k *mapKind, known bool) {
	if !j.tells("unknown-field") {
		return
	}
	which := strange{k, key.Text()}
	said := j.strange[which]
	if said == nil {
		said = j.aboutUnknown(k, which.name, known)
		if j.strange == nil {
			j.strange = map[strange]*source.Error{}
		}
		j.strange[which] = said
	}
	one := *said
	one.At = key.Location()
	j.found = append(j.found, &one)
}

func (j *judge) aboutUnknown(k *mapKind, name string, known bool) *source.Error {
	message := "field " + quote(name) + " is not known here"
	if known {
		message = "field " + quote(name) + " is not part of version " + j.versions[j.version]
	}
	var allowed []string
	for field, variants := range k.fields {
		if j.pick(variants) != nil {
			allowed = append(allowed, field)
		}
	}
	slices.Sort(allowed)
	return &source.Error{ID: "unknown-field", Message: message,
		Expected: "one of " + strings.Join(allowed, ", "), Hint: source.DidYouMean(name, allowed)}
}

// alternatives checks that enough of a map's alternatives fit.
func (j *judge) alternatives(n source.Node, k *mapKind, what subject) {
	if len(k.alternatives) == 0 {
		return
	}
	fits, near := 0, []*source.Error(nil)
	for _, a := range k.alternatives {
		if !a.holds(j.version) {
			continue
		}
		if !has(n, a.must, true) || !has(n, a.without, false) {
			continue
		}
		trial := judge{rules: j.rules, version: j.version, stated: j.stated, most: math.MaxInt}
		for name, variants := range a.fields {
			if key, value := n.Lookup(name); value.Exists() {
				if rule := trial.pick(variants); rule != nil {
					trial.value(value, rule.is, subject{name: name}, key)
				}
			}
		}
		if len(trial.found) == 0 {
			fits++
		} else if near == nil || len(trial.found) < len(near) {
			near = trial.found
		}
	}
	switch {
	case fits == 0 && near != nil:
		for _, one := range near {
			if j.tells(one.ID) {
				j.found = append(j.found, one)
			}
		}
	case fits == 0:
		j.say(place(n), "alternatives", what.String()+" lacks what makes it complete", j.wanted(k))
	case fits > 1 && k.exactly:
		j.say(place(n), "alternatives", what.String()+" states more than one of what excludes each other", "only one of them")
	}
}

func has(n source.Node, fields []string, want bool) bool {
	for _, name := range fields {
		if n.Get(name).Exists() != want {
			return false
		}
	}
	return true
}

// wanted says in words what would fit.
func (j *judge) wanted(k *mapKind) string {
	var out []string
	for _, a := range k.alternatives {
		if a.holds(j.version) {
			out = append(out, wantedBy(a))
		}
	}
	return strings.Join(out, "; or ")
}

func wantedBy(a alternative) string {
	out := strings.Join(a.must, " and ")
	if len(a.without) > 0 {
		out = strings.TrimSpace(out + " without " + strings.Join(a.without, " or "))
	}
	return out
}

func (j *judge) wrong(n source.Node, what subject, expected string) {
	at := n
	if n.Kind() != source.Scalar {
		at = place(n)
	}
	j.say(at, "wrong-type", what.String()+" is "+n.Describe(), expected)
}

// value checks one value. key is where a message points at if the value is empty.
func (j *judge) value(n source.Node, t *valueType, what subject, key source.Node) {
	switch t.base {
	case "any":
	case "version": // whether it is known was judged before
		if !isText(n) || n.Text() != j.stated {
			j.wrong(n, what, quote(j.stated))
		}
	case "text":
		j.text(n, t, what)
	case "number", "integer":
		j.number(n, t, what)
	case "bool", "true":
		if value, ok := n.Bool(); !ok || t.base == "true" && !value {
			j.wrong(n, what, map[string]string{"bool": "true or false", "true": "true"}[t.base])
		}
	case "map":
		if n.Kind() != source.Mapping {
			j.wrong(n, what, "a map")
		}
	case "=", "one-of":
		j.word(n, t, what)
	case "list":
		j.list(n, t, what)
	case "keyed":
		j.keyed(n, t, what)
	default:
		j.named(n, t, what, key)
	}
}

// named checks a value against a kind of text or map, or a choice.
func (j *judge) named(n source.Node, t *valueType, what subject, key source.Node) {
	if k := t.text; k != nil {
		if !isText(n) {
			j.wrong(n, what, k.say)
		} else if !k.matches(n.Text()) {
			j.say(n, "not-allowed", what.String()+" is "+quote(n.Text()), k.say)
		}
		return
	}
	if t.kind != nil {
		j.kind(n, t.kind, what)
		return
	}
	j.choose(n, t.choice, what, key)
}

func (j *judge) choose(n source.Node, c *choice, what subject, key source.Node) {
	if rule := c.kinds[kindName(n)]; rule != nil {
		j.value(n, rule, what, key)
		return
	}
	if n.Kind() != source.Mapping || c.by == "" && c.orElse == nil && len(c.has) == 0 {
		j.wrong(n, what, strings.Join(c.expected(j.version), ", "))
		return
	}
	for _, o := range c.has {
		if o.holds(j.version) && n.Get(o.key).Exists() {
			j.value(n, o.is, what, key)
			return
		}
	}
	if c.orElse != nil {
		j.value(n, c.orElse, what, key)
		return
	}
	by := n.Get(c.by)
	o, known := c.of[by.Text()]
	switch {
	case !by.Exists():
		j.say(place(n), "required", what.String()+" has no "+c.by, c.by)
	case !known || !o.holds(j.version) || !isText(by):
		j.say(by, "not-allowed", c.by+" is "+quote(by.Text()), "one of "+strings.Join(c.expected(j.version), ", "))
	default:
		j.value(n, o.is, what, key)
	}
}

// expected lists what a choice allows, in words.
func (c *choice) expected(version int) []string {
	var out []string
	for name := range c.kinds {
		out = append(out, name)
	}
	for name, o := range c.of {
		if o.holds(version) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		out = append(out, "a map")
	}
	slices.Sort(out)
	return out
}

func kindName(n source.Node) string {
	switch {
	case n.IsNull():
		return "none"
	case n.Kind() == source.Mapping:
		return "map"
	case n.Kind() == source.Sequence:
		return "list"
	case isText(n):
		return "text"
	case n.IsNumber():
		return "number"
	}
	return "bool"
}

// isText reports whether n is text. A date is text to every reader that has no
// type for it, the specification's own engine among them.
func isText(n source.Node) bool { return n.IsString() || n.Tag() == "!!timestamp" }

func (j *judge) text(n source.Node, t *valueType, what subject) {
	if !isText(n) {
		j.wrong(n, what, "text")
		return
	}
	if t.low == nil && t.high == nil {
		return
	}
	length := float64(utf8.RuneCountInString(n.Text()))
	if t.low != nil && length < *t.low {
		j.say(n, "not-allowed", what.String()+" is empty", fmt.Sprintf("at least %v characters", *t.low))
	}
	if t.high != nil && length > *t.high {
		j.say(n, "not-allowed", fmt.Sprintf("%s has %v characters", what, length), fmt.Sprintf("at most %v", *t.high))
	}
}

func (j *judge) number(n source.Node, t *valueType, what subject) {
	value, ok := numberOf(n)
	if !ok || t.base == "integer" && value != math.Trunc(value) {
		j.wrong(n, what, map[string]string{"number": "a number", "integer": "a whole number"}[t.base])
		return
	}
	if t.low != nil && value < *t.low || t.high != nil && value > *t.high {
		expected := "at least "
		if t.low != nil {
			expected += strconv.FormatFloat(*t.low, 'g', -1, 64)
		}
		if t.high != nil {
			expected += " and at most " + strconv.FormatFloat(*t.high, 'g', -1, 64)
		}
		j.say(n, "not-allowed", what.String()+" is "+n.Text(), expected)
	}
}

func numberOf(n source.Node) (float64, bool) {
	if !n.IsNumber() {
		return 0, false
	}
	text := strings.ReplaceAll(n.Text(), "_", "")
	if whole, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(whole), true
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil && !math.IsNaN(value)
}

func (j *judge) word(n source.Node, t *valueType, what subject) {
	switch {
	case !isText(n):
		j.wrong(n, what, "one of "+strings.Join(t.words, ", "))
	case !slices.Contains(t.words, n.Text()) && j.tells("not-allowed"):
		j.found = append(j.found, &source.Error{At: n.Location(), ID: "not-allowed", Message: what.String() + " is " + quote(n.Text()),
			Expected: "one of " + strings.Join(t.words, ", "), Hint: source.DidYouMean(n.Text(), t.words)})
	}
}

func (j *judge) list(n source.Node, t *valueType, what subject) {
	if n.Kind() != source.Sequence {
		j.wrong(n, what, "a list")
		return
	}
	if t.nonempty && n.Len() == 0 {
		j.say(n, "too-few", what.String()+" is empty", "at least one item")
	}
	of := subject{name: what.String(), item: true}
	for _, item := range n.Items() {
		j.value(item, t.of, of, item)
	}
}

func (j *judge) keyed(n source.Node, t *valueType, what subject) {
	if n.Kind() != source.Mapping {
		j.wrong(n, what, "a map by name")
		return
	}
	if t.nonempty && n.Len() == 0 {
		j.say(n, "too-few", what.String()+" is empty", "at least one pair")
	}
	keys := j.texts[t.keys]
	for key, value := range n.Pairs() {
		if keys != nil && !keys.matches(key.Text()) {
			j.say(key, "not-allowed", "a key of "+what.String()+" is "+quote(key.Text()), keys.say)
		}
		j.value(value, t.of, subject{name: key.Text()}, key)
	}
}
