package listing

import (
	"strings"

	"agentrisk/internal/source"
)

// layerText is the note of one layer while its lines are gathered.
type layerText struct {
	head  layerHead
	at    source.Location // of the heading
	tag   []source.Evidence
	lines []string
	seen  []source.Evidence
}

// layerPart is the part on the seven layers while its lines are read.
type layerPart struct {
	layers   []*layerText
	current  *layerText
	intro    bool          // inside of the sentence that introduces the part
	loose    [][]*pageLine // paragraphs before the first heading
	tags     []looseTag    // tags that stand alone before the first heading
	above    bool          // tags stand above the headings, as the first one does
	waiting  *pageLine     // the tag of the next heading, where they do
	heading  int           // line of the last heading
	footline int           // line that ends the part, -1 for none
}

// looseTag is a tag that belongs to a paragraph without a heading.
type looseTag struct {
	paragraph int
	status    Status
	line      *pageLine
}

// readLayers reads the part on the seven layers, by its headings where it has
// any, by the order of its paragraphs where they are lost.
func (r *listing) readLayers() {
	p := &layerPart{heading: r.lastLayerHeading(), footline: r.footer()}
	for i := range r.page.lines {
		if r.kinds[i] == kindLayers {
			r.readLayerLine(p, i)
		}
	}
	if len(p.layers) == 0 {
		r.layersByOrder(p.loose, p.tags)
		return
	}
	for _, t := range p.layers {
		r.closeLayer(t)
	}
}

func (r *listing) readLayerLine(p *layerPart, i int) {
	l := &r.page.lines[i]
	head, isHead := layerHeading(l.text)
	if isHead {
		r.readLayerHead(p, l, head)
		return
	}
	if status, length := tagOf(l.text); status != "" && length == len(l.text) {
		r.readLayerTag(p, l, status)
		return
	}
	switch {
	case p.current == nil && (maestroForm.MatchString(l.text) || introForm.MatchString(l.text)),
		p.current == nil && p.intro && !l.paragraph:
		p.intro = !strings.HasSuffix(l.text, ".")
	case p.current == nil:
		p.intro = false
		p.loose = addParagraph(p.loose, l)
	case i > p.heading && len(p.current.lines) > 0 && l.paragraph && i > p.footline:
		// Behind the last layer's text comes the rest of the site.
	default:
		p.current.take(r.page, l, 0)
	}
}

func (r *listing) readLayerHead(p *layerPart, l *pageLine, head layerHead) {
	if p.current != nil && len(p.current.lines) == 0 && !head.number && head.layer == p.current.head.layer {
		p.current.name(r.page, l, head)
		return
	}
	if len(p.layers) == 0 {
		p.above = len(p.loose) == 0 && len(p.tags) == 1
	}
	p.current = r.openLayer(l, head)
	p.layers = append(p.layers, p.current)
	if p.waiting != nil {
		status, _ := tagOf(p.waiting.text)
		p.current.tagged(r.page, p.waiting, status)
		p.waiting = nil
	}
}

// readLayerTag reads a line that is a tag alone.
func (r *listing) readLayerTag(p *layerPart, l *pageLine, status Status) {
	switch {
	case p.current == nil:
		p.tags = append(p.tags, looseTag{len(p.loose), status, l})
		p.waiting = nil
		if len(p.tags) == 1 && len(p.loose) == 0 {
			p.waiting = l
		}
	case p.above:
		p.waiting = l
	default:
		p.current.tagged(r.page, l, status)
	}
}

// tagged takes the tag on a line of its own, unless the heading has one.
func (t *layerText) tagged(p *page, l *pageLine, status Status) {
	if t.head.tag == "" {
		t.head.tag = status
		t.tag = p.evidence(l, 0, len(l.text), ruleLayerTag)
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
func (r *listing) layersByOrder(paragraphs [][]*pageLine, tags []looseTag) {
	if len(paragraphs) != len(layerIDs) && len(tags) == 0 {
		paragraphs = singly(paragraphs)
	}
	if len(paragraphs) != len(layerIDs) {
		if len(paragraphs) > 0 {
			l := paragraphs[0][0]
			r.agent.warn(WarnLayersUntold, "the headings of the layers are lost and the paragraphs are not seven: their text is given to no layer", r.page.location(l, 0, len(l.text)))
		}
		return
	}
	for i, p := range paragraphs {
		t := &layerText{head: layerHead{layer: i + 1}, at: r.page.location(p[0], 0, len(p[0].text))}
		for _, tag := range tags {
			if tag.paragraph == i {
				t.tagged(r.page, tag.line, tag.status)
			}
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

// singly makes a paragraph of each line.
func singly(paragraphs [][]*pageLine) [][]*pageLine {
	var single [][]*pageLine
	for _, p := range paragraphs {
		for _, l := range p {
			single = append(single, []*pageLine{l})
		}
	}
	return single
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
