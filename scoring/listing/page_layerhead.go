package listing

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"agentrisk/internal/source"
)

// layerNames are the names of the seven layers as pages write them.
var layerNames = [...]*regexp.Regexp{
	layerForm(`foundation models?`), layerForm(`data operations?`), layerForm(`agent frameworks?`),
	layerForm(`deployment (?:&|and) infrastructure`), layerForm(`evaluation (?:&|and) observability`),
	layerForm(`security (?:&|and) compliance`), layerForm(`agent ecosystem`),
}

func layerForm(name string) *regexp.Regexp {
	return regexp.MustCompile(`^(?i:` + name + `)(?: ?[(—–-]? ?(?i:cross-cutting)\)?)?(?: ?[(\[]L[1-7][)\]])?`)
}

var (
	layerNumber  = regexp.MustCompile(`^(?:(?i:layer) ?|L)([1-7])(?:[\s·•:.()\[\]|—–-]+|$|(?-i:[A-Z]))`)
	layerBetween = regexp.MustCompile(`^[\s·•:.()\[\]|—–*_-]+`)
	layerLead    = regexp.MustCompile(`^[\s*_|(\[\p{So}]+`)
	tagForm      = regexp.MustCompile(`^[\s·|:()\[\]*_—–-]*(?i:status ?[:=] ?)?[⚠✓✔✅☑⛔✗✘○●–—]?[\s()\[\]*_]*(?i:(not[ -]certain(?: from (?:the )?listing)?)|(mapped)|(not[ -]applicable|n/a))[\s)\]*_.]*`)
	wordsForm    = regexp.MustCompile(`^[\s*_>"“]*(?i:(not certain(?: from (?:the |this )?listing)?)\b|(not applicable)\b)`)
	hiddenForm   = regexp.MustCompile(`^[^.;]{1,60}[:|)\]—–-][\s*_]*(?i:(not certain from (?:the |this )?listing)\b|(not applicable)\b)`)
	introForm    = regexp.MustCompile(`(?i)^per-layer threats|\blayers tagged\b`)
)

// layerHead is the heading of a layer: which one, its tag if any, and where the
// text behind them begins.
type layerHead struct {
	layer  int  // 1 to 7
	number bool // the heading gives it as a number
	tag    Status
	tagged [2]int // place of the tag in the line
	rest   int
	clash  bool // number and name are those of two layers
}

// layerHeading reads a heading such as "L3 · Agent Frameworks✓ mapped". The name
// alone counts where nothing but a tag follows it; the number alone also where a
// colon, a bar or a dash sets it apart from the text.
func layerHeading(text string) (layerHead, bool) {
	var h layerHead
	at := len(layerLead.FindString(text))
	// Cheap: the headings begin with few letters.
	if at == len(text) || strings.IndexByte("lfdaes", text[at]|0x20) < 0 {
		return h, false
	}
	nameEnd := 0
	if m := layerNumber.FindStringSubmatchIndex(text[at:]); m != nil {
		h.layer = int(text[at+m[2]] - '0')
		numberEnd := at + m[3]
		nameEnd = numberEnd
		at = numberEnd + len(layerBetween.FindString(text[numberEnd:]))
	}
	named := 0
	for i, name := range layerNames {
		if m := name.FindString(text[at:]); m != "" {
			named, at = i+1, at+len(m)
			nameEnd = at
		}
	}
	if h.layer == 0 && named == 0 {
		return h, false
	}
	h.clash = h.layer > 0 && named > 0 && h.layer != named
	if h.number = h.layer > 0; !h.number {
		h.layer = named
	}
	h.rest = at
	if status, m := tagOf(text[at:]); status != "" {
		h.tag, h.tagged, h.rest = status, [2]int{at, at + m}, at+m
	}
	behind := text[h.rest:]
	if strings.Trim(behind, " |:·—–-*_()[]") == "" {
		h.rest = len(text)
		return h, true
	}
	separator := layerBetween.FindString(behind)
	h.rest += len(separator)
	if h.number && named > 0 {
		return h, strings.TrimSpace(separator) != "" || h.tag != ""
	}
	// "L3: text" and "Agent Frameworks: text" are headings too, but only the mark
	// tells them from prose about the layer.
	return h, h.tag != "" || strings.ContainsAny(text[nameEnd:h.rest], ":|·—–)")
}

// tagOf reads a tag at the head of text and returns its length. Words that go
// on as a sentence are the beginning of the layer's text, not a tag.
func tagOf(text string) (Status, int) {
	const longest = 64 // a tag stands at the head
	m := tagForm.FindStringSubmatchIndex(text[:min(len(text), longest)])
	if m == nil {
		return "", 0
	}
	if m[1] < len(text) {
		next, _ := utf8.DecodeRuneInString(text[m[1]:])
		glued := unicode.IsUpper(next) && strings.ContainsAny(text[:m[1]], tagSigns)
		if !glued && !strings.ContainsRune(")]|:·", next) {
			return "", 0
		}
	}
	return statusOf(m), m[1]
}

// tagSigns mark a tag, so that what is glued to its end is the layer's text.
const tagSigns = "⚠✓✔✅☑⛔✗✘○●"

// statusOf tells which of the two or three groups of a form has matched.
func statusOf(m []int) Status {
	statuses := []Status{NotCertain, Mapped, NotApplicable}
	if len(m) == 6 {
		statuses = []Status{NotCertain, NotApplicable}
	}
	for i, s := range statuses {
		if m[2+2*i] >= 0 {
			return s
		}
	}
	return ""
}

// statusByWords reads the status of a layer from how its text begins, be it
// behind the rest of a heading; empty where the text begins otherwise.
func statusByWords(text string) (Status, source.Basis) {
	for _, form := range []*regexp.Regexp{wordsForm, hiddenForm} {
		if m := form.FindStringSubmatchIndex(text); m != nil {
			return statusOf(m), source.Derived
		}
	}
	return "", source.Unknown
}
