package listing

import (
	"fmt"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

var valueFields = []string{"value", "why", "source"}

// entry is a value with the reason and the source that its author gave. The
// node is where the value itself stands.
type entry struct {
	node        source.Node
	why, source string
}

// entry opens `{value, why, source}`; anything else is the value itself.
func (r *assessment) entry(what string, n source.Node) entry {
	if n.Kind() != source.Mapping {
		return entry{node: n}
	}
	r.checkFields(n, what, valueFields)
	e := entry{node: n.Get("value"),
		why:    r.text("why of "+what, n.Get("why"), maxText).Value,
		source: r.text("source of "+what, n.Get("source"), maxText).Value}
	if !e.node.Exists() {
		r.at(n, &source.Error{ID: "missing-field", Message: what + " has no value", Expected: "value: a number or unknown"})
	}
	return e
}

// unknown reports whether the entry says nothing or says "unknown".
func (e entry) unknown() bool {
	return e.node.IsNull() || e.node.IsString() && e.node.Text() == unknownWord
}

// stated is the value of an entry that gives a number.
func (e entry) stated(d scoring.Decimal) Value {
	return Value{Interval: scoring.Exactly(d), Basis: source.Stated, Why: e.why, Source: e.source, Evidence: evidence(e.node, ruleField)}
}

// keepWords leaves a value unknown but keeps what its author said of it.
func (e entry) keepWords(v *Value) {
	v.Why, v.Source = e.why, e.source
	if e.node.Exists() {
		v.Evidence = evidence(e.node, ruleField)
	}
}

func (r *assessment) readBase(n source.Node) {
	e := r.entry("cvss", n)
	switch {
	case e.unknown():
		e.keepWords(&r.agent.Base)
	case e.node.IsNumber():
		d, fault := baseNumber(r.formula, e.node.Text())
		if fault != nil {
			r.at(e.node, fault)
			return
		}
		r.agent.Base = e.stated(d)
	case e.node.IsString():
		c, fault := baseVector(e.node.Text())
		if fault != nil {
			r.at(e.node, fault)
			return
		}
		r.agent.takeVector(r.formula, e.node.Text(), c, e.stated(c.Base))
	default:
		r.add(e.node.Wrong("cvss", "a vector, a number from 0 to 10 or unknown"))
	}
}

// takeVector takes over base and threat from a CVSS vector. A threat that the
// input states itself is read later and stands.
func (a *Agent) takeVector(f *scoring.Formula, vector string, c scoring.CVSS, base Value) {
	a.Vector = Text{Value: vector, Basis: source.Stated, Evidence: base.Evidence}
	base.Basis = source.Derived
	base.Evidence = withRule(base.Evidence, ruleVector)
	a.Base = base
	if threat := c.Maturity.Threat(f); f.Threat != nil && c.Maturity != scoring.MaturityNotDefined {
		a.Threat = Value{Interval: threat, Basis: source.Derived, Evidence: withRule(base.Evidence, ruleMaturity)}
	}
}

func withRule(evidence []source.Evidence, rule string) []source.Evidence {
	out := make([]source.Evidence, len(evidence))
	for i, e := range evidence {
		e.Rule = rule
		out[i] = e
	}
	return out
}

func (r *assessment) readMultipliers(root source.Node) {
	r.readMultiplier(scoring.PartThreat, root.Get("threat"), &r.agent.Threat)
	r.readMultiplier(scoring.PartMitigation, root.Get("mitigation"), &r.agent.Mitigation)
	r.readMultiplier("vulnerability", root.Get("vulnerability"), &r.agent.Vulnerability)
	r.readMultiplier("impact", root.Get("impact"), &r.agent.Impact)
}

func (r *assessment) readMultiplier(key string, n source.Node, to *Value) {
	if !n.Exists() {
		return
	}
	e := r.entry(key, n)
	var d scoring.Decimal
	var fault *source.Error
	switch {
	case e.unknown():
		// Said to be unknown: that stands against what a vector implies.
		*to = unknownMultiplier(r.formula, key)
		e.keepWords(to)
		return
	case e.node.IsNumber():
		d, fault = multiplierNumber(r.formula, key, e.node.Text())
	case e.node.IsString():
		d, fault = multiplierName(r.formula, key, e.node.Text())
	default:
		r.add(e.node.Wrong(key, "the name of a level, a number or unknown"))
		return
	}
	if fault != nil {
		r.at(e.node, fault)
		return
	}
	if multiplierOf(r.formula, key) != nil {
		*to = e.stated(d)
	}
}

// readAARS reads an AARS that is stated beside the factors. Only the averaging
// formulas compute from it.
func (r *assessment) readAARS(n source.Node) {
	e := r.entry("aars", n)
	if e.unknown() {
		return
	}
	if !e.node.IsNumber() {
		r.add(e.node.Wrong("aars", "a number from 0 to 10"))
		return
	}
	d, fault := aarsNumber(r.formula, e.node.Text())
	if fault != nil {
		r.at(e.node, fault)
		return
	}
	r.agent.AARS = e.stated(d)
}

func (r *assessment) readFactors(n source.Node) {
	if n.IsNull() {
		return
	}
	if n.Kind() != source.Mapping {
		r.add(n.Wrong("factors", "a map from factor to value"))
		return
	}
	for key, value := range n.Pairs() {
		if key.Kind() != source.Scalar {
			r.add(key.Wrong("a key of factors", "the name of a factor"))
			continue
		}
		i, ok := r.formula.Factor(key.Text())
		if !ok {
			r.at(key, unknownFactor(key.Text(), r.formula))
			continue
		}
		r.readFactor(i, value)
	}
}

func (r *assessment) readFactor(i int, n source.Node) {
	to := &r.agent.Factors[i]
	e := r.entry("factor "+to.Key, n)
	if r.formula.Kind == scoring.KindProfile {
		r.readMetric(i, e)
		return
	}
	switch {
	case e.unknown():
		e.keepWords(&to.Value)
	case e.node.IsNumber():
		d, fault := factorNumber(r.formula, i, e.node.Text())
		if fault != nil {
			r.at(e.node, fault)
			return
		}
		to.Value = e.stated(d)
	default:
		fault := e.node.Wrong("factor "+to.Key, "a number, unknown, or {value, why, source}")
		if e.node.IsString() {
			fault.Message = fmt.Sprintf("factor %s is the text %s", to.Key, quote(e.node.Text()))
			fault.Hint = source.DidYouMean(e.node.Text(), []string{unknownWord})
			if _, err := scoring.ParseDecimal(e.node.Text()); err == nil {
				fault.Hint = "write the number without quotes"
			}
		}
		r.add(fault)
	}
}

// readMetric reads a letter of the 1.0 candidate.
func (r *assessment) readMetric(i int, e entry) {
	to := &r.agent.Factors[i]
	if e.unknown() {
		e.keepWords(&to.Value)
		return
	}
	if !e.node.IsString() {
		r.add(e.node.Wrong("metric "+to.Key, "a letter or unknown"))
		return
	}
	letter, fault := letterLevel(&r.formula.Factors[i], e.node.Text())
	if fault != nil {
		r.at(e.node, fault)
		return
	}
	to.Letter = letter
	if to.Value = e.stated(0); letter == "X" {
		to.Basis = source.Unknown
	}
}

var (
	layerFields = []string{"status", "note"}
	layerIDs    = []string{"L1", "L2", "L3", "L4", "L5", "L6", "L7"}
	statuses    = []string{string(Mapped), string(NotCertain), string(NotApplicable)}
)

// readLayers reads notes per layer: text, or `{status, note}`.
func (r *assessment) readLayers(n source.Node) {
	if n.IsNull() {
		return
	}
	if n.Kind() != source.Mapping {
		r.add(n.Wrong("layers", "a map from L1 … L7 to a note"))
		return
	}
	r.checkFields(n, "list of layers", layerIDs)
	for _, id := range layerIDs {
		if value := n.Get(id); !value.IsNull() {
			r.agent.Layers = append(r.agent.Layers, r.readLayer(id, value))
		}
	}
}

func (r *assessment) readLayer(id string, n source.Node) LayerNote {
	note := LayerNote{Layer: id, Basis: source.Unknown}
	var tag []source.Evidence
	text := n
	if n.Kind() == source.Mapping {
		r.checkFields(n, "layer "+id, layerFields)
		text = n.Get("note")
		if status := n.Get("status"); !status.IsNull() {
			if !status.IsString() || !contains(statuses, status.Text()) {
				r.at(status, &source.Error{ID: "unknown-name", Message: "status of " + id + " is " + quote(status.Text()),
					Expected: "one of " + strings.Join(statuses, ", "), Hint: source.DidYouMean(status.Text(), statuses)})
			}
			note.Status, note.Basis = Status(status.Text()), source.Stated
			tag = evidence(status, ruleField)
		}
	}
	t := r.text("note of "+id, text, maxText)
	note.Text, note.Evidence = t.Value, append(t.Evidence, tag...)
	if note.Status == "" {
		note.Status, note.Basis = statusByWords(note.Text)
	}
	return note
}

var toolFields = []string{"name", "description"}

// readTools reads a list of names, or of `{name, description}`.
func (c *collector) readTools(n source.Node) []Tool {
	if n.IsNull() {
		return nil
	}
	if n.Kind() != source.Sequence {
		c.add(n.Wrong("tools", "a list of tools"))
		return nil
	}
	var tools []Tool
	for _, item := range n.Items() {
		name, description := item, source.Node{}
		if item.Kind() == source.Mapping {
			c.checkFields(item, "tool", toolFields)
			name, description = item.Get("name"), item.Get("description")
		}
		if name.IsNull() {
			c.at(item, &source.Error{ID: "missing-field", Message: "a tool has no name", Expected: "name: text"})
			continue
		}
		t := c.line("name of a tool", name)
		d := c.text("description of a tool", description, maxText)
		tools = append(tools, Tool{Name: t.Value, Description: d.Value, Evidence: append(t.Evidence, d.Evidence...)})
	}
	return tools
}
