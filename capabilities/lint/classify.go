package lint

import (
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// operations tells what operations do, the user's own among them.
type operations struct {
	known *effects.Classifier
	own   *effects.Classifier // knows those that the user names with a namespace
	named map[string]bool     // their full names, in lower case
}

// newOperations adds the user's own entries. An entry without a namespace stands
// for every operation of its name; one with a namespace for that alone.
func newOperations(entries []CatalogueEntry) (*operations, error) {
	o := &operations{named: map[string]bool{}}
	var bare, full []effects.Entry
	for _, e := range entries {
		namespace, id := splitOperation(e.Operation)
		entry := effects.Entry{ID: id, Provider: e.Provider, Effect: effects.Effect(e.Effect), Control: effects.Control(e.Control)}
		if namespace == "" {
			bare = append(bare, entry)
			continue
		}
		full = append(full, entry)
		o.named[strings.ToLower(namespace+"."+id)] = true
	}
	var err error
	if o.known, err = effects.New(bare...); err != nil {
		return nil, err
	}
	if o.own = o.known; len(full) == 0 {
		return o, nil
	}
	o.own, err = effects.New(append(full, bare...)...)
	return o, err
}

// splitOperation takes the namespace off an operation's name.
func splitOperation(name string) (namespace, id string) {
	if i := strings.LastIndexAny(name, "./"); i > 0 && i+1 < len(name) {
		return name[:i], name[i+1:]
	}
	return "", name
}

// of returns what knows the operation that t refers to.
func (o *operations) of(t *capabilities.Target) *effects.Classifier {
	if len(o.named) > 0 && (o.named[strings.ToLower(t.Namespace+"."+t.Name)] || o.named[strings.ToLower(t.Text)]) {
		return o.own
	}
	return o.known
}

// classifier tells what the steps and entries of one document do.
type classifier struct {
	*operations
	doc *capabilities.Document
	in  map[*effects.Classifier]*effects.InDocument
}

func newClassifier(o *operations, d *capabilities.Document) classifier {
	return classifier{operations: o, doc: d, in: make(map[*effects.Classifier]*effects.InDocument, 2)}
}

// within returns what knows the operation that t refers to, in this document.
func (c classifier) within(t *capabilities.Target) *effects.InDocument {
	known := c.of(t)
	in := c.in[known]
	if in == nil {
		in = known.In(c.doc)
		c.in[known] = in
	}
	return in
}

// Step tells what a step does.
func (c classifier) Step(s *capabilities.Step) effects.Result { return c.within(&s.Target).Step(s) }

// Entry tells what an exposed entry that calls one operation does.
func (c classifier) Entry(e *capabilities.Exposed) effects.Result {
	return c.within(&e.Call).Exposed(e)
}
