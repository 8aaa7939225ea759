package listing

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// SchemaAssessment names the assessment form and its version.
const SchemaAssessment = "agentrisk.assessment/v1"

// The fields of an assessment, in the order in which they are written.
var assessmentFields = []string{"schema", "name", "provider", "description", "formula",
	"cvss", "threat", "mitigation", "vulnerability", "impact", "aars", "factors", "layers", "tools"}

// Rules by which values are read; evidence names them.
const (
	ruleField    = "assessment-field"
	ruleVector   = "cvss-vector"           // the base score of a vector
	ruleMaturity = "cvss-exploit-maturity" // the threat multiplier of a vector's E
)

const (
	maxName   = 256     // bytes of a name
	maxVector = 512     // bytes of a CVSS vector
	maxText   = 1 << 16 // bytes of any other text
)

// assessment reads one assessment from its node.
type assessment struct {
	collector
	file    string
	formula *scoring.Formula
	agent   *Agent
	inRow   bool // one row of a stream: the schema need not be repeated
}

// readAssessment reads an assessment file.
func readAssessment(root source.Node, opts Options) (*Agent, error) {
	return readAssessmentNode(root, opts, false)
}

func readAssessmentNode(root source.Node, opts Options, inRow bool) (*Agent, error) {
	r := &assessment{inRow: inRow}
	if doc := root.Document(); doc != nil {
		r.file = doc.File.Name
		for _, p := range doc.Problems {
			r.add(p)
		}
	}
	if root.Kind() != source.Mapping {
		r.add(root.Wrong("the assessment", "a map of fields such as name, cvss and factors"))
		return nil, r.err()
	}
	r.checkFields(root, "assessment", assessmentFields)
	r.checkSchema(root)
	r.chooseFormula(root, opts)
	r.readTexts(root)
	r.readBase(root.Get("cvss"))
	r.readMultipliers(root)
	r.readAARS(root.Get("aars"))
	r.readFactors(root.Get("factors"))
	r.readLayers(root.Get("layers"))
	r.agent.Tools = r.readTools(root.Get("tools"))
	if err := r.err(); err != nil {
		return nil, err
	}
	if r.agent.Name.Value == "" && !inRow {
		r.agent.warn(WarnNoName, "the assessment names no agent", root.Location())
	}
	return r.agent, nil
}

// at gives a fault its place.
func (c *collector) at(n source.Node, fault *source.Error) {
	fault.At = n.Location()
	c.add(fault)
}

// checkFields reports the keys of n that are no field; what names the map.
func (c *collector) checkFields(n source.Node, what string, fields []string) {
	for key := range n.Pairs() {
		name := key.Text()
		if key.Kind() != source.Scalar {
			c.add(key.Wrong("a key of the "+what, "the name of a field"))
			continue
		}
		if contains(fields, name) {
			continue
		}
		c.at(key, &source.Error{ID: "unknown-field", Message: fmt.Sprintf("the %s has no field %s", what, quote(name)),
			Expected: "one of " + strings.Join(fields, ", "), Hint: source.DidYouMean(name, fields)})
	}
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}

func (r *assessment) checkSchema(root source.Node) {
	_, n := root.Lookup("schema")
	switch {
	case n.IsNull() && r.inRow && !n.Exists():
	case n.IsNull():
		at := root.Location()
		at.Range.End = at.Range.Start
		r.add(&source.Error{At: at, ID: "missing-field", Message: "the assessment does not name its schema",
			Expected: "schema: " + SchemaAssessment, Hint: "the schema says which version the fields belong to"})
	case !n.IsString():
		r.add(n.Wrong("schema", SchemaAssessment))
	case n.Text() != SchemaAssessment:
		r.at(n, &source.Error{ID: "unknown-schema", Message: "schema is " + quote(n.Text()), Expected: SchemaAssessment})
	}
}

// chooseFormula finds the formula and makes the blank agent that is filled.
func (r *assessment) chooseFormula(root source.Node, opts Options) {
	n := root.Get("formula")
	var keys []string
	for key := range root.Get("factors").Pairs() {
		keys = append(keys, key.Text())
	}
	c := choose(keys, opts.Formula)
	if !n.IsNull() {
		switch f, ok := scoring.Lookup(n.Text()); {
		case !n.IsString():
			r.add(n.Wrong("formula", "the id of a formula"))
		case !ok:
			r.at(n, unknownFormula(n.Text()))
		default:
			c = choice{f, source.Stated, RuleFormulaStated, false}
		}
	}
	r.formula = c.formula
	r.agent = blank(FormAssessment, r.file, c)
	if key, _ := root.Lookup("factors"); c.basis == source.Stated {
		r.agent.Formula.Evidence = evidence(n, RuleFormulaStated)
	} else if c.rule == RuleFormulaKeys {
		r.agent.Formula.Evidence[0].At = key.Location()
	}
	if c.ignored {
		key, _ := root.Lookup("factors")
		r.agent.warn(WarnFormulaOption, fmt.Sprintf("the factors belong to %s, so %s is not used", c.formula.ID, opts.Formula.ID), key.Location())
	}
}

// evidence points at a node.
func evidence(n source.Node, rule string) []source.Evidence {
	return []source.Evidence{{At: n.Location(), Quote: source.Quote(n.Text()), Rule: rule}}
}

func (r *assessment) readTexts(root source.Node) {
	r.agent.Name = r.line("name", root.Get("name"))
	r.agent.Provider = r.line("provider", root.Get("provider"))
	r.agent.Description = r.text("description", root.Get("description"), maxText)
}

// line reads a name: short, in one line, without control characters.
func (c *collector) line(what string, n source.Node) Text {
	t := c.text(what, n, maxName)
	if fault := checkName(what, []byte(t.Value)); fault != nil {
		c.at(n, fault)
	}
	return t
}

// checkName checks a name that is no longer than allowed.
func checkName(what string, name []byte) *source.Error {
	for len(name) > 0 {
		r, size := rune(name[0]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(name)
		}
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return &source.Error{ID: "control-character", Message: fmt.Sprintf("%s holds the control character %U", what, r), Expected: "one line of text"}
		}
		name = name[size:]
	}
	return nil
}

// text reads a field that holds text; null and absent are unknown.
func (c *collector) text(what string, n source.Node, limit int) Text {
	if n.IsNull() {
		return Text{Basis: source.Unknown}
	}
	if !n.IsString() {
		fault := n.Wrong(what, "text")
		if n.Kind() == source.Scalar {
			fault.Hint = "put it in quotes if it is meant as text"
		}
		c.add(fault)
		return Text{Basis: source.Unknown}
	}
	if len(n.Text()) > limit {
		c.at(n, tooLong(what, limit))
		return Text{Basis: source.Unknown}
	}
	return Text{Value: n.Text(), Basis: source.Stated, Evidence: evidence(n, ruleField)}
}

func tooLong(what string, limit int) *source.Error {
	return &source.Error{ID: "too-long", Message: fmt.Sprintf("%s is longer than %d bytes", what, limit), Hint: "shorten it"}
}
