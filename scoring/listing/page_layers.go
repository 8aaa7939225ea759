package listing

import (
	"regexp"
	"strings"

	"agentrisk/internal/source"
)

// layerNames are the names of the seven layers as pages write them.
var layerNames = [...]*regexp.Regexp{
	layerForm(`foundation models?`), layerForm(`data operations?`), layerForm(`agent frameworks?`),
	layerForm(`deployment (?:&|and) infrastructure`), layerForm(`evaluation (?:&|and) observability`),
	layerForm(`security (?:&|and) compliance`), layerForm(`agent ecosystem`),
}

func layerForm(name string) *regexp.Regexp {
	return regexp.MustCompile(`^(?i:` + name + `)(?: ?[(—–-]? ?(?i:cross-cutting)\)?)?`)
}

var (
	layerNumber  = regexp.MustCompile(`^[\s*_|(\[]*(?:(?i:layer) ?|L)([1-7])(?:[\s·•:.)\]|—–-]+|$|(?-i:[A-Z]))`)
	layerBetween = regexp.MustCompile(`^[\s·•:.)\]|—–*_-]+`)
	tagForm      = regexp.MustCompile(`^[\s·|:()\[\]*_—–-]*[⚠✓✔✅☑⛔✗✘○●–—]?[\s()\[\]*_]*(?i:(not[ -]certain(?: from (?:the )?listing)?)|(mapped)|(not[ -]applicable|n/a))[\s)\]*_.]*`)
	wordsForm    = regexp.MustCompile(`^[\s*_>"“]*(?i:(not certain(?: from (?:the |this )?listing)?)\b|(not applicable)\b)`)
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
// alone counts where nothing but a tag follows it; the number alone likewise.
func layerHeading(text string) (layerHead, bool) {
	var h layerHead
	at := 0
	// Cheap: the headings begin with few letters.
	if begin := strings.TrimLeft(text, " *_|(["); begin == "" || strings.IndexByte("lfdaes", begin[0]|0x20) < 0 {
		return h, false
	}
	if m := layerNumber.FindStringSubmatchIndex(text); m != nil {
		h.layer = int(text[m[2]] - '0')
		at = m[3] + len(layerBetween.FindString(text[m[3]:]))
	}
	named := 0
	for i, name := range layerNames {
		if m := name.FindString(text[at:]); m != "" {
			named, at = i+1, at+len(m)
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
	return h, h.number && named > 0 && (strings.TrimSpace(separator) != "" || h.tag != "")
}

// tagOf reads a tag at the head of text and returns its length. Words that go
// on as a sentence are the beginning of the layer's text, not a tag.
func tagOf(text string) (Status, int) {
	const longest = 64 // a tag stands at the head
	m := tagForm.FindStringSubmatchIndex(text[:min(len(text), longest)])
	if m == nil {
		return "", 0
	}
	if rest := text[m[1]:]; rest != "" && !strings.ContainsRune(")]|:·", []rune(rest)[0]) {
		return "", 0
	}
	return statusOf(m), m[1]
}

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

// statusByWords reads the status of a layer from how its text begins; empty
// where the text begins otherwise.
func statusByWords(text string) (Status, source.Basis) {
	if m := wordsForm.FindStringSubmatchIndex(text); m != nil {
		return statusOf(m), source.Derived
	}
	return "", source.Unknown
}

// layerText is the note of one layer while its lines are gathered.
type layerText struct {
	head  layerHead
	at    source.Location // of the heading
	tag   []source.Evidence
	lines []string
	seen  []source.Evidence
}

// readLayers reads the part on the seven layers, by its headings where it has
// any, by the order of its paragraphs where they are lost.
func (r *listing) readLayers() {
	var layers []*layerText
	var loose [][]*pageLine // paragraphs before the first heading
	var current *layerText
	tags := map[int]Status{} // by paragraph, where tags stand alone
	var tagLines []*pageLine
	last, footer := r.lastLayerHeading(), r.footer()
	intro := false // inside of the sentence that introduces the part
	for i := range r.page.lines {
		l := &r.page.lines[i]
		if r.kinds[i] != kindLayers {
			continue
		}
		head, isHead := layerHeading(l.text)
		status, tagLength := tagOf(l.text)
		switch {
		case isHead && current != nil && len(current.lines) == 0 && !head.number && head.layer == current.head.layer:
			current.name(r.page, l, head)
		case isHead:
			current = r.openLayer(l, head)
			layers = append(layers, current)
		case current == nil && (maestroForm.MatchString(l.text) || introForm.MatchString(l.text)):
			intro = !strings.HasSuffix(l.text, ".")
		case current == nil && intro && !l.paragraph:
			intro = !strings.HasSuffix(l.text, ".")
		case status != "" && tagLength == len(l.text) && current != nil:
			if current.head.tag == "" {
				current.head.tag = status
				current.tag = r.page.evidence(l, 0, len(l.text), ruleLayerTag)
			}
		case status != "" && tagLength == len(l.text):
			tags[len(loose)] = status
			tagLines = append(tagLines, l)
		case current == nil:
			intro = false
			loose = addParagraph(loose, l)
		case i > last && len(current.lines) > 0 && l.paragraph && i > footer:
			// Behind the last layer's text comes the rest of the site.
		default:
			current.take(r.page, l, 0)
		}
	}
	if len(layers) == 0 {
		r.layersByOrder(loose, tags, tagLines)
		return
	}
	for _, t := range layers {
		r.closeLayer(t)
	}
}

// lastLayerHeading returns the line of the last heading of a layer.
func (r *listing) lastLayerHeading() int {
	last := -1
	for i := range r.page.lines {
		if _, ok := layerHeading(r.page.lines[i].text); ok && r.kinds[i] == kindLayers {
			last = i
		}
	}
	return last
}

// footer returns the line that ends the part on the layers, -1 for none.
func (r *listing) footer() int {
	footer := -1
	for i, kind := range r.kinds {
		if kind == kindHeading && footerForm.MatchString(r.page.lines[i].text) {
			footer = i
		}
	}
	return footer
}

// name takes the name, and the tag behind it, that stand below a heading of the
// number alone.
func (t *layerText) name(p *page, l *pageLine, head layerHead) {
	if head.tag != "" && t.head.tag == "" {
		t.head.tag = head.tag
		t.tag = p.evidence(l, head.tagged[0], head.tagged[1], ruleLayerTag)
	}
}

func (r *listing) openLayer(l *pageLine, head layerHead) *layerText {
	t := &layerText{head: head, at: r.page.location(l, 0, len(l.text))}
	if head.clash {
		r.add(&source.Error{At: t.at, ID: "contradiction", Message: "number and name of this layer are those of two layers: " + quote(l.text),
			Expected: "one of L1 Foundation Models … L7 Agent Ecosystem"})
	}
	if head.tag != "" {
		t.tag = r.page.evidence(l, head.tagged[0], head.tagged[1], ruleLayerTag)
	}
	if head.rest < len(l.text) {
		t.take(r.page, l, head.rest)
	}
	return t
}

// take adds the line from byte at on to the text.
func (t *layerText) take(p *page, l *pageLine, at int) {
	text := strings.Trim(l.text[at:], " |")
	if text == "" {
		return
	}
	from := at + strings.Index(l.text[at:], text)
	t.lines = append(t.lines, text)
	t.seen = append(t.seen, p.evidence(l, from, from+len(text), ruleLayerText)...)
}

// addParagraph adds a line to the last paragraph, or begins one.
func addParagraph(all [][]*pageLine, l *pageLine) [][]*pageLine {
	if len(all) == 0 || l.paragraph {
		return append(all, []*pageLine{l})
	}
	all[len(all)-1] = append(all[len(all)-1], l)
	return all
}

// layersByOrder gives seven paragraphs to the seven layers. Any other number
// cannot be told apart.
func (r *listing) layersByOrder(paragraphs [][]*pageLine, tags map[int]Status, tagLines []*pageLine) {
	var single [][]*pageLine
	for _, p := range paragraphs {
		for _, l := range p {
			single = append(single, []*pageLine{l})
		}
	}
	if len(paragraphs) != len(layerIDs) && len(tags) == 0 {
		paragraphs = single
	}
	if len(paragraphs) != len(layerIDs) {
		if len(paragraphs) > 0 {
			l := paragraphs[0][0]
			r.agent.warn(WarnLayersUntold, "the headings of the layers are lost and the paragraphs are not seven: their text is given to no layer", r.page.location(l, 0, len(l.text)))
		}
		return
	}
	for i, p := range paragraphs {
		t := &layerText{head: layerHead{layer: i + 1, tag: tags[i]}, at: r.page.location(p[0], 0, len(p[0].text))}
		if tags[i] != "" {
			t.tag = r.page.evidence(tagLines[0], 0, len(tagLines[0].text), ruleLayerTag)
			tagLines = tagLines[1:]
		}
		for _, l := range p {
			t.take(r.page, l, 0)
		}
		r.closeLayer(t)
		note := &r.agent.Layers[len(r.agent.Layers)-1]
		for j := range note.Evidence {
			if note.Evidence[j].Rule == ruleLayerText {
				note.Evidence[j].Rule = ruleLayerOrder
			}
		}
	}
}

// closeLayer turns what was gathered into a note. A tag states the status. Where
// it is lost the text tells: pages begin a layer that is not certain with these
// very words, so any other text speaks of the agent.
func (r *listing) closeLayer(t *layerText) {
	id := layerIDs[t.head.layer-1]
	for _, other := range r.agent.Layers {
		if other.Layer == id {
			r.add(&source.Error{At: t.at, ID: "duplicate-layer", Message: "layer " + id + " stands here again", Hint: "keep one"})
			return
		}
	}
	note := LayerNote{Layer: id, Basis: source.Unknown, Text: strings.Join(t.lines, "\n"), Evidence: t.seen}
	r.bounded("the text of "+id, note.Text, t.seen)
	words, basis := statusByWords(note.Text)
	switch {
	case t.head.tag != "":
		note.Status, note.Basis = t.head.tag, source.Stated
		if words != "" && words != note.Status {
			r.agent.warn(WarnLayerTag, "layer "+id+" is tagged "+string(note.Status)+", but its text says "+string(words), t.at)
		}
	case words != "":
		note.Status, note.Basis = words, basis
	case note.Text != "":
		note.Status, note.Basis = Mapped, source.Derived
	}
	if note.Basis == source.Derived {
		note.Evidence = append(note.Evidence, source.Evidence{At: t.seen[0].At, Quote: t.seen[0].Quote, Rule: ruleLayerWords})
	}
	note.Evidence = append(note.Evidence, t.tag...)
	r.agent.Layers = append(r.agent.Layers, note)
}
