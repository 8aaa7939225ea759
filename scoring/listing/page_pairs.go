package listing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"agentrisk/internal/source"
)

// pair is a label with its value; a missing value has an empty one.
type pair struct {
	label label
	name  item
	value item
}

// pairUp joins labels and values of a run of items: lines that hold nothing
// else, one after the other. Pages write the label first, in one line or in two;
// a few write the value first. Where the run does not show which, the reading
// would be a guess, and is an error.
func pairUp(items []item) ([]pair, *item) {
	if len(items) == 0 {
		return nil, nil
	}
	items = headed(items)
	if valueFirst(items) {
		var pairs []pair
		for i := 0; i < len(items); i += 2 {
			pairs = append(pairs, pair{items[i+1].label, items[i+1], items[i]})
		}
		return pairs, nil
	}
	labelled := labelsLead(items)
	for len(items) > 0 && items[0].kind != itemLabel {
		if !labelled && items[0].kind == itemValue && len(items) > 1 {
			return nil, &items[0]
		}
		items = items[1:]
	}
	return labelFirst(items)
}

// headed puts each label before its value where a row of several labels heads a
// row of as many values, as in a table with a head.
func headed(items []item) []item {
	out := make([]item, 0, len(items))
	for len(items) > 0 {
		row := sameLine(items)
		values := sameLine(items[len(row):])
		if len(row) < 2 || len(row) != len(values) || !all(row, itemLabel) || !all(values, itemValue) {
			out = append(out, row...)
			items = items[len(row):]
			continue
		}
		for i := range row {
			out = append(out, row[i], values[i])
		}
		items = items[2*len(row):]
	}
	return out
}

// sameLine returns the items at the head that stand in one line.
func sameLine(items []item) []item {
	n := 0
	for n < len(items) && items[n].line == items[0].line {
		n++
	}
	return items[:n]
}

func all(items []item, kind itemKind) bool {
	return !slices.ContainsFunc(items, func(it item) bool { return it.kind != kind })
}

// valueFirst reports whether the items are value, label, value, label … to the
// end, which no other order explains.
func valueFirst(items []item) bool {
	for i, it := range items {
		if i%2 == 0 && it.kind != itemValue || i%2 == 1 && it.kind != itemLabel {
			return false
		}
	}
	return len(items)%2 == 0
}

// labelsLead reports whether some line holds a label and then its value.
func labelsLead(items []item) bool {
	for i := 1; i < len(items); i++ {
		if items[i-1].kind == itemLabel && items[i].kind != itemLabel && items[i-1].line == items[i].line {
			return true
		}
	}
	return items[0].kind == itemLabel
}

func labelFirst(items []item) ([]pair, *item) {
	var pairs []pair
	for i := 0; i < len(items); i++ {
		it := items[i]
		if it.kind == itemLabel {
			pairs = append(pairs, pair{label: it.label, name: it})
			continue
		}
		last := &pairs[len(pairs)-1]
		switch {
		case it.kind == itemBand:
			if last.label == labelBand && last.value.to == 0 {
				last.value = it
			} else if last.label == labelScore {
				pairs = append(pairs, pair{label: labelBand, name: it, value: it})
			} else if last.value.to == 0 && it.line == last.name.line {
				last.value = it // a word where a number belongs
			}
		case last.label == labelBand:
		case last.value.to == 0:
			last.value = it
		case it.line != last.value.line && last.value.line == last.name.line:
			// A number that stands alone below a complete line.
		case !restates(last.label, last.value, it):
			return pairs, &items[i]
		}
	}
	return pairs, nil
}

// restates reports whether b is the number a of a label in another form, as 60%
// is 0.60. The same number once more is no restatement: it may be the next in a
// column of values.
func restates(l label, a, b item) bool {
	x, fault := a.decimal(l)
	y, other := b.decimal(l)
	return fault == nil && other == nil && x == y && (a.divisor != b.divisor || a.line == b.line)
}

// scoreForm is the line that pages put the score in: the number, glued to the
// words, the number again and the band.
var scoreForm = regexp.MustCompile(`^(?:(\d+(?:\.\d+)?) ?)?(?i:(?:owasp )?aivss(?: score)?)[ :=·|*-]*(\d+(?:\.\d+)?)(?: ?/ ?10)?[ ·•|,()\[\]–—*:/-]*((?i:critical|high|medium|low|none))?[ )\]|*]*(?i:risk|severity)?$`)

// takeScore reads the score line, if the line is one.
func (r *listing) takeScore(l *pageLine) bool {
	m := scoreForm.FindStringSubmatchIndex(l.text)
	if m == nil {
		return false
	}
	if fault := checkClaim("aivss", l.text[m[4]:m[5]]); fault != nil {
		fault.At = r.page.location(l, m[4], m[5])
		r.add(fault)
		return true
	}
	r.takeText(&r.agent.StatedScore, l, m[4], m[5], "aivss")
	if m[2] >= 0 && l.text[m[2]:m[3]] != l.text[m[4]:m[5]] {
		r.agent.warn(WarnStatedScore, fmt.Sprintf("the page gives the score as %s and as %s", l.text[m[2]:m[3]], l.text[m[4]:m[5]]), r.page.location(l, m[2], m[5]))
	}
	if m[6] >= 0 {
		r.takeText(&r.agent.StatedBand, l, m[6], m[7], "band")
	}
	return true
}

// takeText keeps a claim of the page; two that differ are an error.
func (r *listing) takeText(to *Text, l *pageLine, i, j int, what string) {
	value := l.text[i:j]
	if to.Value != "" && !strings.EqualFold(to.Value, value) && !equalNumbers(to.Value, value) {
		r.contradicts(what, to.Evidence, value, r.page.location(l, i, j))
		return
	}
	if to.Value == "" {
		*to = Text{Value: value, Basis: source.Stated, Evidence: r.page.evidence(l, i, j, ruleListingNumber)}
	}
}

func equalNumbers(a, b string) bool {
	x, ok := parseClaim(a)
	y, other := parseClaim(b)
	return ok && other && x.exact().Cmp(y.exact()) == 0
}

func (r *listing) contradicts(what string, first []source.Evidence, value string, at source.Location) {
	where := ""
	if len(first) > 0 {
		where = fmt.Sprintf(" and %s in line %d", first[0].Quote, first[0].At.Range.Start.Line)
	}
	r.add(&source.Error{At: at, ID: "contradiction", Message: fmt.Sprintf("%s is %s here%s", what, value, where),
		Expected: "one value", Hint: "keep the one that is meant"})
}
