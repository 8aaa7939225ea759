package listing

import (
	"regexp"
	"strings"

	"agentrisk/internal/source"
	"agentrisk/scoring"
)

// label is what a number on a listing page is called. Factors have the key of
// the factor, the other parts the names below.
type label string

const (
	labelBase       label = "cvss-base"
	labelAARS       label = "aars"
	labelSum        label = "factor-sum"
	labelThreat     label = "threat"
	labelMitigation label = "mitigation"
	labelScore      label = "score"
	labelBand       label = "band"
)

// labelForms are the ways in which pages write each label. Of two that fit at
// one place the earlier wins, so the longer forms come first.
var labelForms = []struct {
	label label
	first string // letters that it may begin with, in lower case
	form  *regexp.Regexp
}{
	{"autonomy_of_action", "a", labelForm(`autonomy[ _-]+of[ _-]+action`)},
	{"goal_driven_planning", "g", labelForm(`goal[ _-]*driven[ _-]+planning`)},
	{"self_modification", "s", labelForm(`self[ _-]*modification`)},
	{"dynamic_tool_use", "d", labelForm(`dynamic[ _-]+tool[ _-]+use`)},
	{"persistent_memory", "p", labelForm(`persistent[ _-]+memory`)},
	{"contextual_awareness", "c", labelForm(`contextual[ _-]+awareness`)},
	{"dynamic_identity", "d", labelForm(`dynamic[ _-]+identity`)},
	{"multi_agent_interactions", "m", labelForm(`multi[ _-]*agent[ _-]+interactions?`)},
	{"non_determinism", "n", labelForm(`non[ _-]*determinism`)},
	{"opacity_and_reflexivity", "o", labelForm(`opacity[ _]*(?:&|and|\+|/)[ _]*reflexivity`)},
	{labelBase, "c", labelForm(`cvss(?:[ _-]?v?[34]\.[01])?[ _-]+base(?:[ _-]+score)?`)},
	{labelAARS, "a", labelForm(`aars(?:[ _-]+(?:uplift|score))?`)},
	{labelSum, "f", labelForm(`factor[ _-]*sum`)},
	{labelThreat, "t", labelForm(`threat(?:[ _-]+multiplier)?(?: \(thm\))?|thm`)},
	{labelMitigation, "m", labelForm(`mitigation(?:[ _-]+factor)?(?: \(mf\))?|mf`)},
	{labelScore, "ao", labelForm(`(?:owasp )?aivss(?:[ _-]+score)?`)},
	{labelBand, "srb", labelForm(`severity|risk (?:level|band)|band`)},
}

func labelForm(words string) *regexp.Regexp { return regexp.MustCompile(`^(?i:` + words + `)`) }

func (l label) isFactor() bool { return strings.Contains(string(l), "_") }

// itemKind tells what an item is.
type itemKind uint8

const (
	itemLabel itemKind = iota
	itemValue
	itemBand
)

// item is a label, a value or a band at text[from:to] of a line.
type item struct {
	kind     itemKind
	label    label
	value    string // the number as it was written, "" for one said to be unknown
	divisor  string // "", "%", "10" or "1"
	line     int
	from, to int
}

var (
	valueForm   = regexp.MustCompile(`^[×xX+]? ?(\d+(?:\.\d+)?|\.\d+)(?: ?(%)| ?/ ?(10|1)(?:\.0)?\b| ?/ ?(10|1)(?:[^\d.]|$))?(?: ?×)?`)
	absentForm  = regexp.MustCompile(`^(?i:n/a|unknown|not (?:stated|known|given|scored)|tbd|\?)`)
	bandForm    = regexp.MustCompile(`^(?i:critical|high|medium|low|none)\b`)
	betweenForm = regexp.MustCompile(`^[\s|:=·•,;()\[\]–—→*_~#\-\p{So}\x{25a0}-\x{25ff}]+`)
)

// scan cuts a line into items and returns where it stopped. Short of the end,
// something in the line is neither label nor value nor what stands between
// them: then the line is prose and says nothing, however it begins.
func scan(text string, line int) (items []item, stop int) {
	at := 0
	for at < len(text) {
		if between := betweenForm.FindString(text[at:]); between != "" {
			if at += len(between); strings.HasSuffix(between, "-") && at < len(text) && isDigitOrPoint(text[at]) {
				return items, at - 1 // a minus sign, not a dash
			}
			continue
		}
		it, ok := scanItem(text[at:])
		if !ok {
			return items, at
		}
		it.line, it.from = line, at
		at += it.to
		it.to = at
		items = append(items, it)
	}
	return items, at
}

func isDigitOrPoint(c byte) bool { return c >= '0' && c <= '9' || c == '.' }

// scanItem reads the item at the head of text; its to is the length.
func scanItem(text string) (item, bool) {
	first := text[0] | 0x20 // in lower case, if it is a letter
	for i := range labelForms {
		l := &labelForms[i]
		if strings.IndexByte(l.first, first) < 0 {
			continue
		}
		if m := l.form.FindString(text); m != "" && !continues(m, text[len(m):]) {
			return item{kind: itemLabel, label: l.label, to: len(m)}, true
		}
	}
	if isDigitOrPoint(text[0]) {
		return scanValue(text)
	}
	if m := absentForm.FindString(text); m != "" && !continues(m, text[len(m):]) {
		return item{kind: itemValue, to: len(m)}, true
	}
	if m := bandForm.FindString(text); m != "" {
		return item{kind: itemBand, value: m, to: len(m)}, true
	}
	return scanValue(text)
}

// continues reports whether a word goes on behind the match in lower case: then
// the match is a part of another word. A capital or a digit begins something
// new, since pages glue label, value and label together.
func continues(match, rest string) bool {
	return rest != "" && rest[0] >= 'a' && rest[0] <= 'z' && rest[0] != 'x'
}

func scanValue(text string) (item, bool) {
	m := valueForm.FindStringSubmatchIndex(text)
	if m == nil {
		return item{}, false
	}
	it := item{kind: itemValue, value: text[m[2]:m[3]], to: m[1]}
	switch {
	case m[4] >= 0:
		it.divisor = "%"
	case m[6] >= 0:
		it.divisor = text[m[6]:m[7]]
	case m[8] >= 0:
		it.divisor, it.to = text[m[8]:m[9]], m[9]
	}
	rest := text[it.to:]
	if rest != "" && isDigitOrPoint(rest[0]) && rest != "." {
		return item{}, false
	}
	return it, true
}

// decimal is the number that a value stands for in the units of its label.
func (it item) decimal(l label) (scoring.Decimal, *source.Error) {
	what := string(l)
	text := it.value
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	d, fault := number(what, text)
	if fault != nil {
		return 0, fault
	}
	var by scoring.Decimal
	switch {
	case it.divisor == "%" && (l.isFactor() || l == labelMitigation || l == labelThreat):
		by = 100
	case it.divisor == "10" && l.isFactor():
		by = 10
	case it.divisor == "" || it.divisor == "1" && l.isFactor() || it.divisor == "10" && (l == labelBase || l == labelSum || l == labelScore || l == labelAARS):
		return d, nil
	default:
		return 0, &source.Error{ID: "number", Message: what + " is " + quote(it.value+" / "+it.divisor), Expected: "a plain number"}
	}
	if d%by != 0 {
		return 0, &source.Error{ID: "number", Message: what + " has more than four decimals"}
	}
	return d / by, nil
}
