package plan

import (
	"fmt"
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/enforce/provider"
	"agentrisk/internal/source"
)

// operation decides what the runtime does with a step, and binds a call to its
// operation.
func (c *compiler) operation(b *building) {
	b.target = lastTarget(targetOf(b.facts))
	b.step.Named = targetOf(b.facts).Text
	m := b.model
	if m == nil {
		c.bind(b)
		return
	}
	switch {
	case m.External:
		c.outside(b, "the document says that it happens outside of the capability")
	case b.holdsSteps():
		c.outside(b, "it only holds the steps below it")
	case b.target.State == capabilities.Builtin:
		c.fault(b.step.At, "builtin", fmt.Sprintf("the step %q uses %q, which this runtime does not offer", b.step.ID, b.target.Text),
			"an operation of a service", "")
	case m.Kind == capabilities.ScriptStep:
		c.fault(b.step.At, "script", fmt.Sprintf("the step %q runs code", b.step.ID), "an operation of a service", "code is not run")
	case m.Kind == capabilities.LookupStep:
		b.step.Kind = Lookup
	case m.Kind == capabilities.ProseStep:
		c.outside(b, "it names no operation")
	case m.Until != "":
		c.fault(b.step.At, "repetition", fmt.Sprintf("the step %q is repeated until something holds", b.step.ID),
			"a step that acts once, or once for each item", "")
	default:
		c.bind(b)
	}
}

// lastTarget follows entries that do no more than hand a call on.
func lastTarget(t *capabilities.Target) *capabilities.Target {
	for range maxFlowDepth {
		if t.Entry == nil || t.Entry.Flow != nil || t.Entry.Call.State == capabilities.None {
			return t
		}
		t = &t.Entry.Call
	}
	return t
}

func (b *building) holdsSteps() bool {
	if b.target.Text != "" {
		return false
	}
	for _, f := range b.scope.flow.Steps[b.facts.Index+1:] {
		if f.Model.Parent == b.model {
			return true
		}
	}
	return false
}

func (c *compiler) outside(b *building, reason string) {
	b.step.Kind, b.step.Reason = Outside, reason
	c.warn(b.step.At, b.step.ID, reason+": the runtime cannot confirm it")
}

// bind finds the operation that a step calls: one of a provider, or one that is
// simulated from what the document says of it.
func (c *compiler) bind(b *building) {
	b.step.Kind = Call
	r := b.facts.Result
	b.step.Control = r.Control
	if op, ok := c.modelled(b); ok { // its provider says whether it is a control
		op.Effect = graver(op.Effect, r.Effect)
		b.step.Operation, b.shape = op, len(op.Outputs) > 0
		if r.Warning != "" {
			c.warn(b.at(), b.step.ID, r.Warning)
		}
		return
	}
	if c.refuses(b) {
		return
	}
	b.step.Operation = c.simulated(b)
	b.shape = len(b.step.Operation.Outputs) > 0
	text := fmt.Sprintf("%s is simulated: nobody modelled it, and its answers are made up", b.step.Operation.ID)
	switch r.Control {
	case effects.None:
	case effects.Approve:
		text += "; the runtime asks a person itself"
	default:
		text += "; what it decides protects nothing"
	}
	if r.Warning != "" {
		text = r.Warning + "; " + text
	}
	c.warn(b.at(), b.step.ID, text)
	if r.Unhinted != "" {
		c.warn(b.at(), b.step.ID, fmt.Sprintf("only the document says that it does no more than %s: it counts as %s", r.Effect, b.step.Operation.Effect))
	}
	if r.Basis == effects.ByUnknown {
		c.warn(b.at(), b.step.ID, "nothing tells what it does: it counts as writing")
	}
}

// honoured is the control that an operation which nobody modelled is taken for: its
// name is the document's to choose. One that asks a person is not called at all, and
// the answer of one that decides is the runtime's own. What writes a record or takes
// something back is a writing like any other.
func honoured(c effects.Control) effects.Control {
	if c == effects.Audit || c == effects.Rollback {
		return effects.None
	}
	return c
}

// at is where the step names its operation.
func (b *building) at() source.Location {
	if t := targetOf(b.facts); t.At.Exists() {
		return t.At.Location()
	}
	return b.step.At
}

// modelled looks the operation up at the providers that may be meant.
func (c *compiler) modelled(b *building) (provider.Operation, bool) {
	if c.options.Operations == nil {
		return provider.Operation{}, false
	}
	r := b.facts.Result
	if known := providerOf(r); known != "" && r.Canonical != "" {
		return c.find(known, r.Canonical)
	}
	if r.Warning != "" { // the catalogue knows that there is no such operation
		return provider.Operation{}, false
	}
	for _, name := range c.providers(b) {
		for _, id := range [...]string{b.target.Name, b.target.Text} { // an id may have dots in it
			if op, ok := c.find(name, id); ok {
				return op, true
			}
		}
	}
	return provider.Operation{}, false
}

// find tries an id as it is and with the mark of the first of several request
// forms, which the published descriptions carry: authenticate[0].
func (c *compiler) find(name, id string) (provider.Operation, bool) {
	bare, _, _ := strings.Cut(id, "[")
	for _, one := range [...]string{id, bare, bare + "[0]"} {
		if op, ok := c.options.Operations.Find(name, one); ok {
			return op, true
		}
	}
	return provider.Operation{}, false
}

// providerOf is the provider of the catalogue's entry that a result comes from,
// "" for none. Its evidence names it: catalogue/provider/id.
func providerOf(r effects.Result) string {
	for _, e := range r.Evidence {
		if rest, ok := strings.CutPrefix(e.Rule, "catalogue/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			return name
		}
	}
	return ""
}

// providers are the names under which the operation's service may go, the surest
// first.
func (c *compiler) providers(b *building) []string {
	t := b.target
	names := []string{providerOf(b.facts.Result)}
	if t.Operation != nil && t.Operation.Service != nil && !t.Operation.Service.Own {
		names = append(names, t.Operation.Service.Namespace)
	}
	names = append(names, t.Namespace, c.doc.Identity.Provider, c.doc.Identity.API, c.described())
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	return names
}

// described is the one description that the document takes its operations from,
// "" where there are several.
func (c *compiler) described() string {
	name := ""
	for _, i := range c.doc.Imports {
		if i.Kind == "openapi" && name != "" {
			return ""
		}
		if i.Kind == "openapi" {
			name = i.As
		}
	}
	return name
}

// refuses tells of an operation that does not exist: the catalogue says so, its
// service was read and does not offer it, or its provider is known and does not.
func (c *compiler) refuses(b *building) bool {
	t, r := b.target, b.facts.Result
	known := c.idsOf(b)
	about := fmt.Sprintf("the step %q calls %q", b.step.ID, source.Quote(t.Text))
	switch {
	case r.Warning != "" && r.Canonical == "":
		c.fault(b.at(), "unknown-operation", about+": "+r.Warning, nearest(t.Name, known), source.DidYouMean(t.Name, known))
	case r.Canonical != "":
		return false
	case t.State == capabilities.Unmatched:
		offered := c.offered(t)
		c.fault(b.at(), "unknown-operation", about+", which is not there: "+t.Reason, nearest(t.Name, offered), source.DidYouMean(t.Name, offered))
	case len(known) > 0 && t.Operation == nil:
		c.fault(b.at(), "unknown-operation", about+", which the provider does not offer", nearest(t.Name, known), source.DidYouMean(t.Name, known))
	default:
		return false
	}
	return true
}

// idsOf lists what the provider of an operation offers, where somebody modelled
// it.
func (c *compiler) idsOf(b *building) []string {
	if c.options.Operations == nil {
		return nil
	}
	for _, name := range c.providers(b) {
		if ids := c.options.Operations.IDs(name); len(ids) > 0 {
			return ids
		}
	}
	return nil
}

// offered lists the operations that the document declares, of the service named
// or else of all.
func (c *compiler) offered(t *capabilities.Target) []string {
	var own, all []string
	for _, s := range c.doc.Consumes {
		for _, op := range s.Operations {
			all = append(all, op.ID)
			if s.Namespace == t.Namespace {
				own = append(own, op.ID)
			}
		}
	}
	if len(own) > 0 {
		return own
	}
	return all
}

// nearest says what was expected in place of name: the candidates that share
// most of their words with it, or the first of them.
func nearest(name string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	words := wordsOf(name)
	score := func(candidate string) (n int) {
		for _, word := range wordsOf(candidate) {
			if slices.Contains(words, word) {
				n++
			}
		}
		return n
	}
	sorted := slices.Clone(candidates)
	slices.SortStableFunc(sorted, func(a, b string) int { return score(b) - score(a) })
	const most = 5
	if score(sorted[0]) > 0 {
		sorted = slices.DeleteFunc(sorted, func(id string) bool { return score(id) == 0 })
	}
	sorted = slices.Compact(sorted)
	if len(sorted) > most {
		return "one of " + strings.Join(sorted[:most], ", ") + fmt.Sprintf(" or %d more", len(candidates)-most)
	}
	return "one of " + strings.Join(sorted, ", ")
}

// wordsOf takes a name apart at capitals, marks and digits, in lower case.
func wordsOf(name string) []string {
	var out []string
	start := 0
	for i := 1; i <= len(name); i++ {
		if i < len(name) && isLetter(name[i]) && name[i] != '_' && !(isUpper(name[i]) && !isUpper(name[i-1])) {
			continue
		}
		if word := strings.ToLower(strings.Trim(name[start:i], "_-./[]0123456789 ")); len(word) > 1 {
			out = append(out, word)
		}
		start = i
	}
	return out
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// graver returns the effect that counts where a provider and the document differ.
func graver(a, b effects.Effect) effects.Effect {
	for _, e := range effects.AllEffects() {
		if e == a || e == b {
			return e
		}
	}
	return effects.Write
}
