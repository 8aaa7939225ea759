package plan

import (
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// offer is a value that the document gives an operation.
type offer struct {
	name  string // as the document names the parameter
	in    string
	at    source.Location
	value *node
	note  string
	whole bool // put together from bindings for its parts, which are offered too
	used  bool
}

// stated lists what the document gives the operation of a step, through the
// entries that only hand the call on.
func (c *compiler) stated(b *building) []*offer {
	r := reader{scope: b.scope, at: b.step.At, own: b}
	var offers []*offer
	if b.model != nil {
		offers = r.offers(b.model.Bindings, b.model.Node)
		if o := b.intent(); o != nil {
			offers = append(offers, o)
		}
	} else {
		offers = r.offers(b.facts.Entry.Bindings, b.facts.Entry.Node)
	}
	t := targetOf(b.facts)
	for t != b.target && t.Entry != nil {
		e := t.Entry
		if len(e.Bindings) > 0 {
			inner := &scope{c: c, entry: e, outer: b.scope, inputs: r.handed(e.Inputs, offers)}
			offers = reader{scope: inner, at: b.step.At}.offers(e.Bindings, e.Node)
		}
		t = &e.Call
	}
	return offers
}

// intent is what a composition's step states as its intent, where the operation
// has a parameter of that name and allows it; else it is prose.
func (b *building) intent() *offer {
	text := b.model.Intent
	for _, p := range b.step.Operation.Params {
		if text != "" && p.Name == "intent" && slices.Contains(p.Allowed, text) {
			return &offer{name: p.Name, at: b.step.At, value: literal(text), note: "the step's intent"}
		}
	}
	return nil
}

// handed gives the inputs of what is called: what it is given by name, its own
// defaults, and where the document binds nothing at all the caller's inputs of
// the same names.
func (r reader) handed(inputs []*capabilities.Parameter, offers []*offer) map[string]*node {
	out := map[string]*node{}
	for _, o := range offers {
		out[bare(o.name)] = o.value
	}
	for _, p := range inputs {
		if _, given := out[p.Name]; given || p.Name == "" {
			continue
		}
		if v, ok := constant(p); ok {
			out[p.Name] = literal(v)
			continue
		}
		out[p.Name] = literal(nil)
		if r.scope.knows(p.Name) && (len(offers) == 0 || p.Required != nil && *p.Required) {
			if n, err := r.inputNamed(p.Name, nil); err == nil {
				out[p.Name] = n
			}
		}
	}
	return out
}

func (s *scope) knows(input string) bool {
	given := s.given()
	if given == nil {
		return s.c.hasInput(input)
	}
	_, ok := given[input]
	return ok
}

// containers are the words in front of a parameter that say where it goes.
var containers = [...]string{"body", "query", "path", "header", "headers", "params", "parameters", "payload"}

// bare takes off the word that says where a parameter goes: body.name.
func bare(name string) string {
	for _, word := range containers {
		if rest, ok := strings.CutPrefix(name, word+"."); ok && rest != "" {
			return rest
		}
	}
	return name
}

// offers reads bindings. A value with parts comes as its parts and as a whole.
func (r reader) offers(bindings []*capabilities.Binding, of source.Node) []*offer {
	c := r.scope.c
	if len(bindings) > maxArguments {
		c.fault(r.at, "too-large", fmt.Sprintf("a step binds more than %d values", maxArguments), "", "")
		return nil
	}
	var out []*offer
	wholes := map[string]bool{}
	for _, b := range bindings {
		here := r
		if b.At.Exists() {
			here.at = b.At.Location()
		}
		name := bare(b.Name)
		top, rest := name, ""
		if i := strings.IndexAny(name, ".["); i >= 0 {
			top, rest = name[:i], name[i:]
		}
		if rest != "" && !wholes[top] {
			wholes[top] = true
			if o := here.wholeOf(of, top, b.In); o != nil {
				out = append(out, o)
			}
		}
		if strings.Contains(rest, "[") { // the items of a list come as the whole alone
			continue
		}
		n, err := here.binding(b)
		if err != nil {
			c.faultOf(here.at, "value", fmt.Sprintf("the value of %q", b.Name), err)
			continue
		}
		if n == nil {
			c.warn(here.at, r.stepID(), fmt.Sprintf("nothing is known under the name %q: it is left out", b.Name))
			continue
		}
		out = append(out, &offer{name: name, in: b.In, at: here.at, value: n, note: noteOf(b, n)})
	}
	return out
}

func (r reader) stepID() string {
	if r.own == nil {
		return ""
	}
	return r.own.step.ID
}

func noteOf(b *capabilities.Binding, n *node) string {
	if b.Named {
		return "what goes by the name " + b.Name
	}
	if n.kind == kLiteral {
		return "stated in the document"
	}
	return "stated: " + source.Quote(b.Value)
}

// binding reads one value; nil where a bare name means nothing that is known.
func (r reader) binding(b *capabilities.Binding) (*node, error) {
	if !b.Named {
		if b.Node.Kind() == source.Scalar && b.Node.Text() == b.Value {
			return r.value(b.Node)
		}
		if inner := b.Node.Get("value"); inner.Kind() == source.Scalar && inner.Text() == b.Value {
			return r.value(inner)
		}
		return r.valueOf(b.Value)
	}
	if r.scope.knows(b.Name) {
		return r.inputNamed(b.Name, nil)
	}
	if from := r.scope.lastNamed(b.Name, r.own); from != nil {
		return r.quiet().result(from, []string{b.Name})
	}
	return nil, nil
}

// lastNamed is the nearest earlier step that hands on a value of this name.
func (s *scope) lastNamed(name string, before *building) *building {
	var last *building
	for _, f := range s.order {
		b := s.built[f]
		if b == before && before != nil {
			break
		}
		if b != nil && named(b.model, name) {
			last = b
		}
	}
	return last
}

// lists are the keys under which steps and entries keep what they give.
var lists = [...]string{"with", "input", "inputs", "params", "parameters", "arguments", "args", "body", "payload", "data", "requestBody", "call"}

// wholeOf puts a value with parts together from the document's own map or list.
func (r reader) wholeOf(of source.Node, top, in string) *offer {
	n := findTree(of, top)
	if !n.Exists() {
		return nil
	}
	value, err := r.tree(n, 0)
	name := top
	if name == "" {
		name = "body"
	}
	if err != nil {
		r.scope.c.faultOf(r.at, "value", fmt.Sprintf("the value of %q", name), err)
		return nil
	}
	return &offer{name: name, in: in, at: r.at, value: value, note: "stated in the document", whole: true}
}

// findTree finds the map or list that a step gives under a name; for "" the body
// as a whole, where that is a list.
func findTree(of source.Node, top string) source.Node {
	for _, key := range lists {
		n := of.Get(key)
		for _, inner := range [...]source.Node{n, n.Get("payload"), n.Get("body"), n.Get("query")} {
			if top == "" {
				if inner.Kind() == source.Sequence {
					return inner
				}
				continue
			}
			if found := inner.Get(top); found.Kind() == source.Mapping || found.Kind() == source.Sequence {
				return found
			}
			for _, item := range inner.Items() {
				if value := item.Get("value"); item.Get("name").Text() == top && value.Exists() {
					return value
				}
			}
		}
	}
	return source.Node{}
}
