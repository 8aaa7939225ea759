package listing

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"agentrisk/internal/source"
)

// htmlPage reads an HTML page token by token. The tokenizer gives the raw bytes
// of each token, so their sum is the offset in the file.
type htmlPage struct {
	page   *page
	b      lineBuilder
	skip   []byte // element that is being passed over
	nested int    // how often it is open
	title  bool
	cell   bool // inside a table cell blocks do not end the line: the row does
	nav    int  // open navigation, where links stand apart
}

func readHTMLPage(file *source.File) *page {
	r := &htmlPage{page: &page{file: file}}
	z := html.NewTokenizer(bytes.NewReader(file.Text))
	for offset := 0; ; {
		kind := z.Next()
		raw := z.Raw()
		start := offset
		offset += len(raw)
		switch kind {
		case html.ErrorToken:
			// The reader is in memory, so this is the end. What an unclosed
			// tag left over holds no text.
			r.flush()
			return r.page
		case html.TextToken:
			r.text(start, offset)
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(z, kind == html.SelfClosingTagToken, start, offset)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.close(name, start, offset)
		}
	}
}

func (r *htmlPage) text(start, end int) {
	if r.skip != nil {
		return
	}
	text := r.page.file.Text[:end]
	for at := start; at < end; {
		if text[at] == '&' {
			at = addEntity(&r.b, text, at)
			continue
		}
		c, size := utf8.DecodeRune(text[at:])
		r.b.add(c, at, at+size)
		at += size
	}
}

func (r *htmlPage) open(z *html.Tokenizer, selfClosing bool, start, end int) {
	name, hasAttributes := z.TagName()
	tag := atom.Lookup(name)
	void := selfClosing || isVoid(tag)
	if r.skip != nil {
		if !void && bytes.Equal(name, r.skip) {
			r.nested++
		}
		return
	}
	if hidden := hasAttributes && isHidden(z); !void && (hidden || isUnseen(tag)) {
		r.skip, r.nested = bytes.Clone(name), 1
		return
	}
	switch {
	case tag == atom.Td || tag == atom.Th:
		r.b.add('|', start, end)
		r.b.add(' ', start, end)
		r.cell = true
	case r.cell && isBlock(tag) && tag != atom.Tr:
		r.b.add(' ', start, end)
	case tag == atom.A && r.nav > 0:
		r.flush()
	case isBlock(tag):
		r.cell = false
		r.flush()
		if tag == atom.Nav {
			r.nav++
		}
		r.b.line.heading = isHeading(tag)
		r.title = tag == atom.Title
	}
}

func (r *htmlPage) close(name []byte, start, end int) {
	if r.skip != nil {
		if bytes.Equal(name, r.skip) {
			if r.nested--; r.nested == 0 {
				r.skip = nil
			}
		}
		return
	}
	switch tag := atom.Lookup(name); {
	case tag == atom.Td || tag == atom.Th:
		r.b.add(' ', start, end)
		r.cell = false
	case r.cell && isBlock(tag) && tag != atom.Tr && tag != atom.Table:
		r.b.add(' ', start, end)
	case tag == atom.A && r.nav > 0:
		r.flush()
	case isBlock(tag):
		r.cell = false
		r.flush()
		if tag == atom.Nav {
			r.nav--
		}
		r.title = false
	}
}

// flush ends the line.
func (r *htmlPage) flush() {
	line, ok := r.b.done()
	if !ok {
		return
	}
	line.paragraph = true
	if r.title {
		r.page.title = &line
		return
	}
	r.page.lines = append(r.page.lines, line)
}

// isHidden reports whether the attributes keep the element from being seen.
func isHidden(z *html.Tokenizer) bool {
	hidden := false
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "hidden":
			hidden = true
		case "style":
			style := bytes.ReplaceAll(bytes.ToLower(value), []byte(" "), nil)
			hidden = hidden || bytes.Contains(style, []byte("display:none"))
		}
	}
	return hidden
}

func isUnseen(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Iframe, atom.Textarea, atom.Select, atom.Object:
		return true
	}
	return false
}

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}

func isHeading(tag atom.Atom) bool {
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// isBlock reports whether a tag begins a new line: what browsers render so.
func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Button, atom.Caption, atom.Dd, atom.Details,
		atom.Dialog, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form,
		atom.Head, atom.Header, atom.Hr, atom.Html, atom.Legend, atom.Li, atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre,
		atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Title, atom.Tr, atom.Ul:
		return true
	}
	return isHeading(tag)
}
