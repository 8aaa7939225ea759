package listing

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// The rules by which a listing page is read; evidence names them.
const (
	ruleListingTitle   = "listing-title"
	ruleListingHeading = "listing-heading"
	ruleListingBack    = "listing-back-link"
	ruleListingText    = "listing-text"
	ruleListingNumber  = "listing-number"
	ruleListingFactor  = "listing-factor"
	ruleLayerText      = "listing-layer-text"
	ruleLayerTag       = "listing-layer-tag"
	ruleLayerWords     = "listing-layer-words"
	ruleLayerOrder     = "listing-layer-order"
)

// listing reads one page of an agent listing.
type listing struct {
	collector
	page    *page
	formula *scoring.Formula
	agent   *Agent

	kinds []lineKind
	run   []item // items of the lines read last, nothing else between them
	prose []item // factors at the head of prose, a number behind them
	first int    // first and last line that name a factor, -1 for none
	last  int
}

// lineKind is what a line of the page turned out to be.
type lineKind uint8

const (
	kindProse lineKind = iota
	kindTitle
	kindNumbers // labels and values
	kindFormula
	kindHeading // of a section
	kindLayers  // in the part on the seven layers
)

// readListing reads a saved page. What the page does not show stays unknown.
func readListing(file *source.File, opts Options) (*Agent, error) {
	f, _ := scoring.Lookup("aivss-0.8-continuous")
	r := &listing{page: readPage(file), formula: f, first: -1, last: -1}
	r.agent = blank(FormListing, file.Name, choice{f, source.Derived, RuleFormulaListing, false})
	r.kinds = make([]lineKind, len(r.page.lines))
	r.readHead()
	r.readLines()
	r.endRun()
	r.readStrays()
	r.tellProse()
	r.readDescription()
	r.readLayers()
	if err := r.err(); err != nil {
		return nil, err
	}
	if !r.found() {
		return nil, Errors{&source.Error{At: source.Location{File: file.Name}, ID: ErrNotAListing, Message: "is not an agent listing",
			Expected: "a page with risk factors, a CVSS base, an AIVSS score or the seven layers",
			Hint:     "save the page of one agent as text, Markdown or HTML"}}
	}
	r.check()
	return r.agent, nil
}

func readPage(file *source.File) *page {
	ext := strings.ToLower(path.Ext(file.Name))
	if ext == ".html" || ext == ".htm" || bytes.HasPrefix(bytes.TrimLeft(file.Text, " \t\r\n"), []byte("<")) {
		return readHTMLPage(file)
	}
	return readTextPage(file)
}

// found reports whether the page says anything that only a listing says.
func (r *listing) found() bool {
	a := r.agent
	for i := range a.Factors {
		if a.Factors[i].known() {
			return true
		}
	}
	return a.Base.known() || len(a.Layers) > 0 || a.StatedScore.Value+a.StatedAARS.Value+a.StatedSum.Value != ""
}

var (
	titleForm     = regexp.MustCompile(`^(.+?) ?[—–:|-]+ ?(?i:agentic threat model)(?: ?[|·—–-].*)?$`)
	backForm      = regexp.MustCompile(`^(?:←|«|‹|⟵|<-) ?(?i:back to )?(.+)$`)
	formulaForm   = regexp.MustCompile(`(?i)\baivss ?=`)
	rationaleForm = regexp.MustCompile(`^(?i:(?:owasp )?aivss (?:score )?rationale)\W*$`)
	maestroForm   = regexp.MustCompile(`^(?i:maestro\b.*(?:threat model|layers?))$|^(?i:per-layer threats)`)
	footerForm    = regexp.MustCompile(`^(?i:maestro) ?[—–-]+ ?(?i:the )?`)
)

// readHead finds who the page is about: the title, else a heading, and the link
// back to where the agent belongs.
func (r *listing) readHead() {
	lines := r.page.lines
	for i := range lines {
		l := &lines[i]
		if m := backForm.FindStringSubmatchIndex(l.text); m != nil && r.agent.Provider.Value == "" && len(l.text) <= maxName {
			r.agent.Provider = Text{l.text[m[2]:m[3]], source.Derived, r.page.evidence(l, m[2], m[3], ruleListingBack)}
			r.kinds[i] = kindTitle
		}
		if m := titleOf(l); m != nil && r.agent.Name.Value == "" && m[3]-m[2] <= maxName {
			r.agent.Name = Text{l.text[m[2]:m[3]], source.Stated, r.page.evidence(l, m[2], m[3], ruleListingTitle)}
			r.kinds[i] = kindTitle
		}
	}
	if t := r.page.title; t != nil && r.agent.Name.Value == "" {
		if m := titleOf(t); m != nil && m[3]-m[2] <= maxName {
			r.agent.Name = Text{t.text[m[2]:m[3]], source.Stated, r.page.evidence(t, m[2], m[3], ruleListingTitle)}
		}
	}
	if r.agent.Name.Value == "" {
		r.nameByHeading()
	}
	if r.agent.Name.Value == "" {
		r.agent.warn(WarnNoName, "the page names no agent", source.Location{File: r.page.file.Name})
	}
}

// titleOf matches the title of a page; nil for any other line.
func titleOf(l *pageLine) []int {
	if !strings.Contains(l.lower, "agentic threat model") {
		return nil
	}
	return titleForm.FindStringSubmatchIndex(l.text)
}

// nameByHeading takes the first heading, unless it heads a known section.
func (r *listing) nameByHeading() {
	for i := range r.page.lines {
		l := &r.page.lines[i]
		if !l.heading {
			continue
		}
		_, isLayer := layerHeading(l.text)
		if items, _ := scan(l.text, 0); len(items) > 0 || rationaleForm.MatchString(l.text) || maestroForm.MatchString(l.text) || isLayer || len(l.text) > maxName {
			return
		}
		r.agent.Name = Text{l.text, source.Derived, r.page.evidence(l, 0, len(l.text), ruleListingHeading)}
		r.kinds[i] = kindTitle
		return
	}
}

// readLines reads what stands before the seven layers, and whatever numbers
// follow under a new heading of their own.
func (r *listing) readLines() {
	inLayers := false
	for i := range r.page.lines {
		l := &r.page.lines[i]
		_, isLayer := layerHeading(l.text)
		scored := strings.Contains(l.lower, "aivss")
		switch {
		case r.kinds[i] == kindTitle:
		case scored && rationaleForm.MatchString(l.text):
			inLayers = false
			r.kinds[i] = kindHeading
		case inLayers && footerForm.MatchString(l.text):
			inLayers = false
			r.kinds[i] = kindHeading
		case inLayers || isLayer || maestroForm.MatchString(l.text):
			inLayers = true
			r.kinds[i] = kindLayers
		case scored && formulaForm.MatchString(l.text):
			r.kinds[i] = kindFormula
			r.takeFormula(i)
			r.endRun()
			r.readTail(i, l)
		case scored && r.takeScore(l):
			r.kinds[i] = kindNumbers
		default:
			r.readLine(i, l)
			continue
		}
		r.endRun()
	}
}

// readLine reads a line of labels and values, or finds it to be prose.
func (r *listing) readLine(i int, l *pageLine) {
	items, stop := scan(l.text, i)
	if stop < len(l.text) && !explained(l.text, items, stop) {
		r.malformed(l, items, stop)
		if len(items) > 1 && items[0].kind == itemLabel && items[0].label.isFactor() && items[1].kind == itemValue {
			r.prose = append(r.prose, items[0])
		}
		r.endRun()
		return
	}
	r.kinds[i] = kindNumbers // also a line of bars or rules alone
	for _, it := range items {
		if it.kind == itemLabel && it.label.isFactor() {
			if r.first < 0 {
				r.first = i
			}
			r.last = i
		}
	}
	r.run = append(r.run, items...)
}

// explained reports whether the items are one label with its value, and a mark
// sets them apart from the words that say why.
func explained(text string, items []item, stop int) bool {
	if len(items) < 2 || items[0].kind != itemLabel || items[1].kind != itemValue {
		return false
	}
	for _, it := range items[1:] {
		if it.kind == itemLabel {
			return false
		}
	}
	word, _ := utf8.DecodeRuneInString(text[stop:])
	mark := text[items[len(items)-1].to:stop]
	return unicode.IsLetter(word) && (strings.ContainsAny(mark, ":;|(—–") || strings.Contains(mark, " - "))
}

// malformed reports a known label followed by what should be its number and is
// none. Prose that begins with the words of a label is let pass.
func (r *listing) malformed(l *pageLine, items []item, stop int) {
	if len(items) == 0 || items[len(items)-1].kind != itemLabel {
		return
	}
	label := items[len(items)-1]
	rest, _, _ := strings.Cut(l.text[stop:], "|")
	rest = strings.TrimSpace(rest)
	numeric := strings.IndexByte("0123456789.,+-", rest[0]) >= 0 && len(strings.Fields(rest)) <= 2
	separated := strings.ContainsAny(l.text[label.to:stop], ":=|") && !strings.Contains(rest, " ") &&
		(label.label.isFactor() || label.label == labelBase || label.label == labelSum || label.label == labelAARS)
	if !numeric && !separated {
		return
	}
	r.notANumber(label.label, l, stop, stop+len(rest))
}

func (r *listing) notANumber(what label, l *pageLine, i, j int) {
	r.add(&source.Error{At: r.page.location(l, i, j), ID: "number",
		Message: fmt.Sprintf("%s is %s, which is not a usable number", what, quote(l.text[i:j])), Expected: r.expected(what)})
}

func (r *listing) expected(l label) string {
	switch l {
	case labelBase, labelScore, labelSum, labelAARS:
		return "a number from 0 to 10"
	case labelThreat:
		return "a number from 0 to " + r.formula.Threat.High.String()
	}
	return "a number from 0 to 1"
}

// endRun takes the values of the run that has ended.
func (r *listing) endRun() {
	pairs, unclear := pairUp(r.run)
	r.run = r.run[:0]
	if unclear != nil {
		l := &r.page.lines[unclear.line]
		r.add(&source.Error{At: r.page.location(l, unclear.from, unclear.to), ID: "ambiguous-layout",
			Message:  "it cannot be told which label the number " + quote(l.text[unclear.from:unclear.to]) + " belongs to",
			Expected: "each label before its value, or each value before its label",
			Hint:     "write `name: value` in one line"})
		return
	}
	for _, p := range pairs {
		if p.value.to > 0 && p.value.value != "" {
			r.takePair(p)
		}
	}
}

// takePair takes one number into the agent.
func (r *listing) takePair(p pair) {
	l := &r.page.lines[p.value.line]
	i, j := p.value.from, p.value.to
	if p.value.kind == itemBand && p.label != labelBand {
		if p.label != labelThreat && p.label != labelMitigation {
			r.notANumber(p.label, l, i, j)
		}
		return
	}
	switch p.label {
	case labelSum:
		r.takeClaim(&r.agent.StatedSum, p)
	case labelAARS:
		r.takeClaim(&r.agent.StatedAARS, p)
	case labelScore:
		r.takeClaim(&r.agent.StatedScore, p)
	case labelBand:
		if p.value.kind == itemBand {
			r.takeText(&r.agent.StatedBand, l, i, j, "band")
		}
	default:
		r.takeValue(p, r.page.location(l, i, j))
	}
}

// takeClaim takes a number that the page says it has computed.
func (r *listing) takeClaim(to *Text, p pair) {
	l := &r.page.lines[p.value.line]
	fault := checkClaim(string(p.label), p.value.value)
	if p.value.divisor != "" && p.value.divisor != "10" {
		fault = &source.Error{ID: "number", Message: fmt.Sprintf("%s is %s", p.label, quote(l.text[p.value.from:p.value.to])), Expected: r.expected(p.label)}
	}
	if fault != nil {
		fault.At = r.page.location(l, p.value.from, p.value.to)
		r.add(fault)
		return
	}
	// Of "2.9/10" and "×1.0" the number alone is kept.
	from := p.value.from + strings.Index(l.text[p.value.from:p.value.to], p.value.value)
	r.takeText(to, l, from, from+len(p.value.value), string(p.label))
}

// takeValue takes a part that the formula computes from.
func (r *listing) takeValue(p pair, at source.Location) {
	d, fault := p.value.decimal(p.label)
	to := &r.agent.Base
	var factor *Factor
	switch {
	case fault != nil:
	case p.label == labelBase:
		_, fault = baseNumber(r.formula, d.String())
	case p.label == labelThreat:
		to = &r.agent.Threat
		_, fault = multiplierNumber(r.formula, scoring.PartThreat, d.String())
	case p.label == labelMitigation:
		to = &r.agent.Mitigation
		_, fault = multiplierNumber(r.formula, scoring.PartMitigation, d.String())
	default:
		i, _ := r.formula.Factor(string(p.label))
		factor = &r.agent.Factors[i]
		to = &factor.Value
		_, fault = factorNumber(r.formula, i, d.String())
	}
	if fault != nil {
		fault.At = at
		r.add(fault)
		return
	}
	if to.known() && factor != nil {
		r.add(&source.Error{At: at, ID: "duplicate-factor",
			Message: fmt.Sprintf("factor %s is given again, first in line %d", factor.Key, to.Evidence[0].At.Range.Start.Line), Hint: "keep the one that is meant"})
		return
	}
	if to.known() && to.Interval != scoring.Exactly(d) {
		r.contradicts(string(p.label), to.Evidence, d.String(), at)
		return
	}
	l := &r.page.lines[p.value.line]
	rule := ruleListingNumber
	if factor != nil {
		rule = ruleListingFactor
	}
	*to = Value{Interval: scoring.Exactly(d), Basis: source.Stated, Evidence: []source.Evidence{
		{At: at, Quote: source.Quote(l.text[p.value.from:p.value.to]), Rule: rule}}}
	if p.name.line == p.value.line && p.name.from < p.value.from {
		to.Evidence[0].Quote = source.Quote(l.text[p.name.from:p.value.to])
	}
}
