package listing

import (
	"regexp"
	"strings"

	"agentrisk/internal/source"
)

// takeFormula compares the formula on the page with the one that listings use. A
// tool that saved the page may have broken the line.
func (r *listing) takeFormula(i int) {
	l, lower := &r.page.lines[i], r.page.lines[i].lower
	for k := i + 1; k < len(r.page.lines) && k <= i+2 && !r.page.lines[k].paragraph; k++ {
		lower += r.page.lines[k].lower
	}
	r.agent.Formula.Evidence = r.page.evidence(l, 0, len(l.text), RuleFormulaListing)
	bare := strings.NewReplacer(" ", "", "_", "", "×", "*", "·", "*", "−", "-", "–", "-").Replace(lower)
	if !strings.Contains(bare, "aivss=(cvssbase+aars)*mitigationfactor") && !strings.Contains(bare, "aivss=(cvssbase+aars)*mf") ||
		strings.Contains(bare, "aars=") && !strings.Contains(bare, "aars=(10-cvssbase)*(factorsum/10)*thm") {
		r.agent.warn(WarnFormulaText, "the formula on the page is not the one of "+r.formula.ID+": "+quote(l.text), r.page.location(l, 0, len(l.text)))
	}
}

// readTail reads the numbers that a page has glued to its formula.
func (r *listing) readTail(i int, l *pageLine) {
	for at := strings.LastIndex(l.lower, "cvss"); at > 0; at = strings.LastIndex(l.lower[:at], "cvss") {
		if len(l.lower) != len(l.text) {
			return // letters that change their length: places would not fit
		}
		items, stop := scan(l.text[at:], i)
		if stop < len(l.text)-at {
			return
		}
		if len(items) < 2 || items[0].label != labelBase || items[1].kind != itemValue {
			continue
		}
		for k := range items {
			items[k].from += at
			items[k].to += at
		}
		r.run = append(r.run, items...)
		return
	}
}

// describes is how many words a line of the description has at least; badges
// and links have fewer.
const describes = 5

// readDescription takes the prose between the title and the score's rationale.
func (r *listing) readDescription() {
	lines := r.page.lines
	start, end := 0, len(lines)
	for i, kind := range r.kinds {
		if kind == kindTitle && i < end {
			start = i + 1
		}
		if kind == kindHeading || kind == kindLayers || kind == kindFormula || i == r.first {
			end = i
			break
		}
	}
	var text []string
	d := &r.agent.Description
	for i := start; i < end; i++ {
		l := &lines[i]
		if r.kinds[i] != kindProse || len(strings.Fields(l.text)) < describes {
			continue
		}
		text = append(text, l.text)
		d.Evidence = append(d.Evidence, r.page.evidence(l, 0, len(l.text), ruleListingText)...)
	}
	if len(text) > 0 {
		r.bounded("the description", strings.Join(text, "\n"), d.Evidence)
		d.Value, d.Basis = strings.Join(text, "\n"), source.Stated
	}
}

// bounded reports a text that is too long to be kept.
func (r *listing) bounded(what, text string, evidence []source.Evidence) {
	if len(text) > maxText {
		fault := tooLong(what, maxText)
		fault.At = evidence[0].At
		r.add(fault)
	}
}

var strayForm = regexp.MustCompile(`^\W*([\p{L}][\p{L} &/_-]{2,40}?)[ ]*[:=|][ ]*([01](?:\.\d+)?|\.\d+)\b[\s|\x{2580}-\x{259f}]*$`)

// totals are rows of a table of factors that are none.
var totals = regexp.MustCompile(`^(?i:sum|total|average|mean)\b`)

// readStrays reports a line among the factors that looks like one and is none:
// a name that the formula does not know must not be dropped in silence.
func (r *listing) readStrays() {
	for i := max(r.first-1, 0); r.first >= 0 && i <= r.last+1 && i < len(r.page.lines); i++ {
		l := &r.page.lines[i]
		if r.kinds[i] != kindProse {
			continue
		}
		name, from, to := "", 0, len(l.text)
		if m := strayForm.FindStringSubmatchIndex(l.text); m != nil {
			if from, to = m[2], m[3]; !totals.MatchString(l.text[from:to]) {
				name = l.text[from:to]
			}
		} else if i > r.first && i <= r.last && r.bareValue(i+1) && len(strings.Fields(l.text)) <= 4 {
			name = l.text
		}
		if name == "" {
			continue
		}
		fault := unknownFactor(name, r.formula)
		fault.Message = "the listing's formula has no factor " + quote(name)
		fault.At = r.page.location(l, from, to)
		r.add(fault)
	}
}

// tellProse tells of numbers that stand in prose behind a factor which no other
// line gives: they are not read, but neither are they passed over in silence.
func (r *listing) tellProse() {
	for _, it := range r.prose {
		if i, ok := r.formula.Factor(string(it.label)); ok && !r.agent.Factors[i].known() {
			r.agent.warn(WarnUnread, "a number behind "+string(it.label)+" is not read: the line goes on as prose", r.page.location(&r.page.lines[it.line], it.from, it.to))
		}
	}
}

// bareValue reports whether line i holds one value and nothing else.
func (r *listing) bareValue(i int) bool {
	if i >= len(r.page.lines) || r.kinds[i] != kindNumbers {
		return false
	}
	items, _ := scan(r.page.lines[i].text, i)
	return len(items) == 1 && items[0].kind == itemValue
}
