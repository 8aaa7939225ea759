package effects

import (
	"fmt"

	"agentrisk/internal/source"
)

// Classifier tells what operations do. It is read-only and may be used by
// several goroutines at once.
type Classifier struct {
	lexicon   *lexicon
	catalogue *catalogue
}

// New returns a classifier that knows the embedded catalogue and extra entries,
// which win over it. An error is a *source.Error or a fault of an extra entry.
func New(extra ...Entry) (*Classifier, error) {
	words, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	known, err := loadCatalogue()
	if err != nil {
		return nil, err
	}
	if known, err = known.with(extra); err != nil {
		return nil, err
	}
	return &Classifier{lexicon: words, catalogue: known}, nil
}

// WithoutCatalogue returns a classifier that knows words, methods and paths
// alone. It measures what is inferred of operations nobody has listed.
func WithoutCatalogue() (*Classifier, error) {
	words, err := loadLexicon()
	if err != nil {
		return nil, err
	}
	return &Classifier{lexicon: words, catalogue: &catalogue{}}, nil
}

// Classify tells what an operation does, in the fixed order: the document's
// hints, the catalogue, method and path, name, unknown.
func (c *Classifier) Classify(op Operation) Result {
	op = op.normalised()
	entry, match := c.catalogue.find(op)
	var result Result
	var told guess
	if entry != nil {
		result = known(op, entry, match)
		told = guess{effect: entry.Effect, method: methodClass(op.Method), class: "known"}
	} else {
		told = c.lexicon.infer(op)
		result = told.result(op)
	}
	c.applyHints(op, told, &result)
	return result
}

// known is the result for an operation of the catalogue.
func known(op Operation, entry *Entry, match matched) Result {
	r := Result{Effect: entry.Effect, Control: entry.Control, Basis: ByCatalogue, Confidence: Certain,
		Canonical: entry.ID, Denial: entry.Denial, Evidence: []source.Evidence{op.evidence("catalogue/" + entry.Provider + "/" + entry.ID)}}
	if entry.Alias != "" {
		r.Canonical = entry.Alias
		r.Confidence = Likely
		r.Warning = fmt.Sprintf("%s has no operation %q; the operation meant is %s", entry.Provider, entry.ID, entry.Alias)
		if entry.Alias == nothing {
			r.Canonical = ""
			r.Warning = fmt.Sprintf("%s has no operation %q, and none that does the same", entry.Provider, entry.ID)
		}
	} else if entry.ID == "" {
		r.Canonical = entry.Method + " " + entry.Path
		r.Evidence[0].Rule = "catalogue/" + entry.Provider + "/" + r.Canonical
	} else if match == byPath && op.ID != "" {
		r.Confidence = Likely
	}
	return r
}

// result turns a guess into a result with its evidence.
func (g guess) result(op Operation) Result {
	r := Result{Effect: g.effect, Control: g.control, Basis: g.basis, Confidence: g.confidence}
	r.Evidence = make([]source.Evidence, 0, 4)
	one := op.evidence("")
	for _, rule := range [...]string{g.ctrlRule, g.rule, g.verbRule, g.nounRule} {
		if one.Rule = rule; rule != "" {
			r.Evidence = append(r.Evidence, one)
		}
	}
	return r
}

// evidence quotes what the document says of the operation.
func (o Operation) evidence(rule string) source.Evidence {
	quote := o.identifier()
	if o.Method != "" && o.Path != "" && quote != o.Path {
		quote = o.Method + " " + o.Path + " " + quote
	} else if o.Method != "" {
		quote = o.Method + " " + quote
	}
	return source.Evidence{At: o.At, Quote: source.Quote(quote), Rule: rule}
}

// applyHints lets the document's own words decide, where method and verb do not
// say more.
func (c *Classifier) applyHints(op Operation, told guess, r *Result) {
	h := op.Hints
	at := source.Evidence{At: h.At}
	if h.Effect.Valid() || h.Control.Valid() {
		c.applyStated(op, told, r)
		return
	}
	switch {
	case h.Destructive != nil && *h.Destructive && (r.Effect == Read || r.Effect == Write) && r.Control == None:
		if r.Effect == Read && told.basis != ByUnknown {
			r.Contradiction = "the document calls it destructive, but " + reason(told, op) + " reads"
		}
		at.Quote, at.Rule = "destructive: true", "hint-destructive"
		r.state(Delete, at)
	case h.ReadOnly != nil && *h.ReadOnly && r.Effect == Read:
		at.Quote, at.Rule = "readOnly: true", "hint-read-only"
		r.state(Read, at)
	case h.ReadOnly != nil && *h.ReadOnly && canLower(told):
		at.Quote, at.Rule = "readOnly: true", "hint-read-only"
		r.state(Read, at)
	case h.ReadOnly != nil && *h.ReadOnly && r.Control == None:
		r.Contradiction = fmt.Sprintf("the document calls it read-only, but %s means %s", reason(told, op), r.Effect)
	case h.ReadOnly != nil && !*h.ReadOnly && r.Effect == Write && r.Basis == ByUnknown:
		at.Quote, at.Rule = "readOnly: false", "hint-read-only"
		r.state(Write, at)
	}
}

// canLower reports whether a hint may decide: nothing but the hint tells, or the
// weak word of a name.
func canLower(told guess) bool {
	return told.basis == ByUnknown || told.basis == ByDescription && told.confidence == Possible && told.effect == Write
}

// applyStated takes an effect or control that the document states outright, as
// far as it is not less than what method and verb say.
func (c *Classifier) applyStated(op Operation, told guess, r *Result) {
	at := source.Evidence{At: op.Hints.At, Quote: "effect: " + string(op.Hints.Effect), Rule: "hint-effect"}
	stated := op.Hints.Effect
	if stated.Valid() && stated.rank() > r.Effect.rank() && told.basis != ByUnknown && r.Confidence != Possible {
		r.Contradiction = fmt.Sprintf("the document says %s, but %s means %s", stated, reason(told, op), r.Effect)
	} else if stated.Valid() {
		r.state(stated, at)
	}
	if op.Hints.Control.Valid() {
		r.Control = op.Hints.Control
	}
}

// state lets the document's own word decide.
func (r *Result) state(e Effect, at source.Evidence) {
	if r.Unhinted = ""; e.rank() > r.Effect.rank() {
		r.Unhinted = r.Effect
	}
	r.Effect, r.Basis, r.Confidence = e, ByDocument, Certain
	r.Evidence = append([]source.Evidence{at}, r.Evidence...)
}

// reason names what speaks against a hint.
func reason(told guess, op Operation) string {
	switch {
	case told.class == "known":
		return "the operation catalogue"
	case told.class == "called":
		return "what it calls"
	case told.basis == ByMethod:
		return "the method " + op.Method
	case told.basis == ByDescription:
		return "its description"
	}
	return "its name"
}
