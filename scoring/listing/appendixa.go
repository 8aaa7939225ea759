package listing

import (
	"fmt"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// Reported is what the JSON report of AIVSS v0.8 says of a vulnerability beyond
// its assessment.
type Reported struct {
	SystemName    string
	SystemVersion string
	ID            string
	Title         string
	Category      string // OWASP category
}

const (
	ruleReport      = "appendix-a"
	ruleReportField = "appendix-a-field"
)

// The fields of the report's parts; those it requires come first.
var (
	reportFields   = reportPart{"the report", []string{"metadata", "vulnerabilities"}, nil}
	metadataFields = reportPart{"metadata", []string{"system_name", "assessment_date", "assessor_id"}, []string{"system_version", "notes"}}
	vulnFields     = reportPart{"the vulnerability", []string{"id", "owasp_category", "cvss_base", "amplification_factors", "threat_multiplier", "scores"}, []string{"title", "description"}}
	baseFields     = reportPart{"cvss_base", []string{"vector_string", "score"}, nil}
	scoresFields   = reportPart{"scores", []string{"factor_sum", "aars", "mitigation_factor", "aivss"}, []string{"severity"}}
)

// reportPart names the fields of one object of the report.
type reportPart struct {
	what               string
	required, optional []string
}

// report reads the JSON report of AIVSS v0.8, Appendix A.
type report struct {
	collector
	formula  *scoring.Formula
	file     string
	meta     Reported
	warnings []Warning // about the report as a whole
}

// readAppendixA reads a report into one agent a vulnerability.
func readAppendixA(doc *source.Document, opts Options) ([]*Agent, error) {
	f, _ := scoring.Lookup("aivss-0.8")
	r := &report{formula: f, file: doc.File.Name}
	for _, p := range doc.Problems {
		r.add(p)
	}
	root := doc.Root
	if !r.object(root, reportFields, &r.warnings) {
		return nil, r.err()
	}
	meta := root.Get("metadata")
	if meta.Exists() && r.object(meta, metadataFields, &r.warnings) {
		r.meta.SystemName = r.line("system_name", meta.Get("system_name")).Value
		r.meta.SystemVersion = r.line("system_version", meta.Get("system_version")).Value
	}
	list := root.Get("vulnerabilities")
	if list.Exists() && (list.Kind() != source.Sequence || list.Len() == 0) {
		r.add(list.Wrong("vulnerabilities", "a list of at least one vulnerability"))
	}
	var agents []*Agent
	seen := map[string]bool{}
	for _, item := range list.Items() {
		a := r.vulnerability(item)
		if a == nil {
			continue
		}
		if seen[a.Reported.ID] {
			r.at(item.Get("id"), &source.Error{ID: "duplicate-id", Message: "vulnerability " + quote(a.Reported.ID) + " stands here again"})
		}
		seen[a.Reported.ID] = true
		agents = append(agents, a)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	for _, a := range agents {
		a.checkStated()
	}
	agents[0].Warnings = append(r.warnings, agents[0].Warnings...)
	return agents, nil
}

// object checks that n is a map with the fields that the part requires. Fields
// that the report's form does not have are warned about.
func (r *report) object(n source.Node, part reportPart, warnings *[]Warning) bool {
	if n.Kind() != source.Mapping {
		r.add(n.Wrong(part.what, "a map with "+strings.Join(part.required, ", ")))
		return false
	}
	for _, name := range part.required {
		if n.Get(name).IsNull() {
			at := n.Location()
			at.Range.End = at.Range.Start
			r.add(&source.Error{At: at, ID: "missing-field", Message: part.what + " has no " + name, Expected: "the fields " + strings.Join(part.required, ", ")})
		}
	}
	for key := range n.Pairs() {
		name := key.Text()
		if !contains(part.required, name) && !contains(part.optional, name) {
			*warnings = append(*warnings, Warning{WarnUnread, fmt.Sprintf("%s has a field %s, which the report's form does not define; it is not read", part.what, quote(name)), key.Location()})
		}
	}
	return true
}

func (r *report) vulnerability(n source.Node) *Agent {
	a := blank(FormAppendixA, r.file, choice{r.formula, source.Derived, ruleReport, false})
	a.Formula.Evidence[0].At = n.Location()
	if !r.object(n, vulnFields, &a.Warnings) {
		return nil
	}
	reported := r.meta
	reported.ID = r.line("id", n.Get("id")).Value
	reported.Title = r.line("title", n.Get("title")).Value
	reported.Category = r.line("owasp_category", n.Get("owasp_category")).Value
	a.Reported = &reported
	a.Name = Text{reported.SystemName + ": " + reported.ID, source.Derived, evidence(n.Get("id"), ruleReport)}
	a.Description = r.text("description", n.Get("description"), maxText)
	r.readBase(a, n.Get("cvss_base"))
	r.readFactors(a, n.Get("amplification_factors"))
	if m := n.Get("threat_multiplier"); m.Exists() {
		r.multiplier(a, &a.Threat, scoring.PartThreat, "threat_multiplier", m)
	}
	r.readScores(a, n.Get("scores"))
	return a
}

func (r *report) readBase(a *Agent, n source.Node) {
	if !n.Exists() || !r.object(n, baseFields, &a.Warnings) {
		return
	}
	vector, score := n.Get("vector_string"), n.Get("score")
	stated, ok := r.decimal("cvss_base.score", score, func(text string) (scoring.Decimal, *source.Error) { return baseNumber(r.formula, text) })
	text := r.text("vector_string", vector, maxVector).Value
	if text == "" {
		return
	}
	c, fault := baseVector(text)
	if fault != nil {
		r.at(vector, fault)
		return
	}
	a.takeVector(r.formula, text, c, Value{Interval: scoring.Exactly(c.Base), Evidence: evidence(vector, ruleReportField)})
	if ok && stated != c.Base {
		a.warn(WarnStatedBase, fmt.Sprintf("the base score is stated as %s, but its vector gives %s", stated, c.Base), score.Location())
	}
}

// decimal reads a number by way of parse, which knows what is allowed.
func (r *report) decimal(what string, n source.Node, parse func(string) (scoring.Decimal, *source.Error)) (scoring.Decimal, bool) {
	if !n.Exists() {
		return 0, false // its absence has been reported
	}
	if !n.IsNumber() {
		r.add(n.Wrong(what, "a number"))
		return 0, false
	}
	d, fault := parse(n.Text())
	if fault != nil {
		r.at(n, fault)
		return 0, false
	}
	return d, true
}

func (r *report) readFactors(a *Agent, n source.Node) {
	if !n.Exists() {
		return
	}
	if n.Kind() != source.Mapping {
		r.add(n.Wrong("amplification_factors", "a map from factor to value"))
		return
	}
	for key, value := range n.Pairs() {
		i, ok := r.formula.Factor(key.Text())
		if !ok {
			r.at(key, unknownFactor(key.Text(), r.formula))
			continue
		}
		d, ok := r.decimal("factor "+key.Text(), value, func(text string) (scoring.Decimal, *source.Error) { return factorNumber(r.formula, i, text) })
		if ok {
			a.Factors[i].Value = reportValue(d, value)
		}
	}
	var missing []string
	for i := range a.Factors {
		if key := a.Factors[i].Key; !n.Get(key).Exists() {
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		r.at(n, &source.Error{ID: "missing-field", Message: "amplification_factors has no " + strings.Join(missing, ", "), Expected: "all ten factors of aivss-0.8"})
	}
}

func reportValue(d scoring.Decimal, n source.Node) Value {
	return Value{Interval: scoring.Exactly(d), Basis: source.Stated, Evidence: evidence(n, ruleReportField)}
}

// multiplier reads a multiplier. Of a mitigation factor the report's form allows
// more than the formula's text does.
func (r *report) multiplier(a *Agent, to *Value, key, what string, n source.Node) {
	between := false
	d, ok := r.decimal(what, n, func(text string) (scoring.Decimal, *source.Error) {
		d, fault := multiplierNumber(r.formula, key, text)
		if m := multiplierOf(r.formula, key); fault != nil && key == scoring.PartMitigation && m.Low <= d && d <= m.High {
			between, fault = true, nil
		}
		return d, fault
	})
	if between {
		a.warn(WarnBetweenLevels, fmt.Sprintf("a mitigation factor of %s lies between the levels that v0.8's text allows; its report form takes any value from 0.67 to 1", d), n.Location())
	}
	if ok {
		*to = reportValue(d, n)
	}
}

// readScores keeps what the report has computed, to compare with what follows.
func (r *report) readScores(a *Agent, n source.Node) {
	if !n.Exists() || !r.object(n, scoresFields, &a.Warnings) {
		return
	}
	if m := n.Get("mitigation_factor"); m.Exists() {
		r.multiplier(a, &a.Mitigation, scoring.PartMitigation, "mitigation_factor", m)
	}
	r.claim(&a.StatedSum, "factor_sum", n)
	r.claim(&a.StatedAARS, "aars", n)
	r.claim(&a.StatedScore, "aivss", n)
	if a.StatedBand = r.line("severity", n.Get("severity")); a.StatedBand.Value == "" {
		return
	}
	if _, err := scoring.ParseBand(a.StatedBand.Value); err != nil {
		r.at(n.Get("severity"), &source.Error{ID: "unknown-name", Message: "severity is " + quote(a.StatedBand.Value),
			Expected: "one of None, Low, Medium, High, Critical", Hint: source.DidYouMean(a.StatedBand.Value, []string{"None", "Low", "Medium", "High", "Critical"}), Err: err})
	}
}

func (r *report) claim(to *Text, name string, scores source.Node) {
	n := scores.Get(name)
	switch text := n.Text(); {
	case !n.Exists(): // its absence has been reported
	case !n.IsNumber():
		r.add(n.Wrong(name, "a number from 0 to 10"))
	default:
		if d, err := scoring.ParseDecimal(text); err == nil && strings.ContainsAny(text, "eE") {
			text = d.String()
		}
		if fault := checkClaim(name, text); fault != nil {
			r.at(n, fault)
			return
		}
		*to = Text{Value: text, Basis: source.Stated, Evidence: evidence(n, ruleReportField)}
	}
}
