package capabilities

import (
	"path"
	"strings"

	"agentrisk/internal/source"
)

// A page is a text for people that shows a capability: Markdown with a fenced
// block or a header, or plain text that runs into YAML. What is found in it is
// parsed where it lies, so that positions are those of the page.

func isPage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdx", ".txt":
		return true
	}
	return false
}

func (r *Reader) readPage(f *source.File) []*Document {
	if docs := r.readHidden(f); docs != nil {
		return docs
	}
	return []*Document{{File: f, Dialect: Unspecified, Reason: "a page without a capability",
		Problems: []*source.Error{{At: source.Location{File: f.Name}, ID: "no-capability",
			Message: "no capability stands in this page", Expected: "YAML, best in a fenced block"}}}}
}

// readHidden reads the capabilities in the text of f; nil where there is none.
func (r *Reader) readHidden(f *source.File) []*Document {
	var docs []*Document
	shown := 0
	for _, s := range stretches(f) {
		if !mayHold(f, s) {
			continue
		}
		if shown++; shown > maxShown {
			docs = append(docs, &Document{File: f, Index: len(docs), Dialect: Unspecified, Reason: "too many capabilities in a page",
				Incomplete: true, Problems: []*source.Error{tooMany(f, s)}})
			break
		}
		inner := f.Only(s.first, s.last)
		parsed, err := source.Parse(inner, r.options.Limits)
		for _, d := range r.assemble(inner, parsed, err) {
			if d.Dialect == Unspecified && err == nil || d.Dialect == AdHoc && d.Identity.Name == "" {
				continue
			}
			d.File, d.Index = f, len(docs)
			d.Reason += ", in the text of a page"
			docs = append(docs, d)
		}
	}
	return docs
}

// maxShown bounds the capabilities that one page may show.
const maxShown = 100

func tooMany(f *source.File, s lines) *source.Error {
	return &source.Error{At: f.LineAt(s.first), ID: "too-many-documents",
		Message: "more than " + itoa(maxShown) + " capabilities stand in one page", Hint: "what follows was not read"}
}

// lines is a stretch of a file, from first up to last.
type lines struct{ first, last int }

// stretches finds what may be YAML in a page: its header, fenced blocks, and
// runs of lines that look like a map.
func stretches(f *source.File) []lines {
	var out []lines
	n := 1
	if header := headerEnd(f); header > 0 {
		out = append(out, lines{2, header})
		n = header + 1
	}
	run := 0 // first line of a run
	for ; n <= f.Lines(); n++ {
		text := f.Line(n)
		if fence := fenceOf(text); fence != "" {
			out = appendRun(out, run, n)
			run = 0
			end := closing(f, n+1, fence)
			out = append(out, lines{n + 1, end})
			n = end
			continue
		}
		switch {
		case isRootKey(text):
			if run == 0 {
				run = n
			}
		case !continuesRun(text):
			out = appendRun(out, run, n)
			run = 0
		}
	}
	return appendRun(out, run, f.Lines()+1)
}

func appendRun(out []lines, first, last int) []lines {
	if first > 0 {
		out = append(out, lines{first, last})
	}
	return out
}

// headerEnd returns the line that closes the header of a page, 0 where it has
// none.
func headerEnd(f *source.File) int {
	if f.Line(1) != "---" {
		return 0
	}
	for n := 2; n <= f.Lines(); n++ {
		if f.Line(n) == "---" {
			return n
		}
	}
	return 0
}

// fenceOf returns the marks that open a fenced block, "" where text opens none.
func fenceOf(text string) string {
	text = strings.TrimLeft(text, " ")
	for _, mark := range [...]string{"`", "~"} {
		if length := len(text) - len(strings.TrimLeft(text, mark)); length >= 3 {
			return text[:length]
		}
	}
	return ""
}

func closing(f *source.File, n int, fence string) int {
	for ; n <= f.Lines(); n++ {
		if strings.TrimSpace(f.Line(n)) == fence {
			return n
		}
	}
	return n
}

func isRootKey(text string) bool {
	key, _, found := strings.Cut(text, ":")
	if !found || key == "" || !isLetter(key[0]) || len(text) > len(key)+1 && text[len(key)+1] != ' ' {
		return false
	}
	for i := range len(key) {
		if !isWord(key[i]) && key[i] != '.' {
			return false
		}
	}
	return true
}

func continuesRun(text string) bool {
	return text == "" || strings.IndexByte(" \t#", text[0]) >= 0 || text == "-" || strings.HasPrefix(text, "- ")
}

// mayHold reports whether a stretch has a key that only capabilities have.
func mayHold(f *source.File, s lines) bool {
	for n := s.first; n < s.last; n++ {
		key, _, found := strings.Cut(strings.TrimLeft(f.Line(n), " {\"'"), ":")
		key = strings.TrimRight(key, " \"'")
		if found && (rootOnly[key] || adHocRoot[key]) {
			return true
		}
	}
	return false
}

var rootOnly = map[string]bool{"naftiko": true, "ikanos": true, "arazzo": true, "specification": true, "apiVersion": true}

// held finds capabilities that a document holds as text, in literal blocks: the
// data of a config map, a field in the header of a page.
func held(p *source.Document) []*source.File {
	var out []*source.File
	var search func(n source.Node, depth int)
	search = func(n source.Node, depth int) {
		const deepest = 4
		if first, last, ok := n.Lines(); ok {
			if len(out) < maxShown && mayHoldVersion(p.File, lines{first, last}) {
				out = append(out, p.File.Only(first, last))
			}
			return
		}
		if depth >= deepest {
			return
		}
		for _, value := range n.Pairs() {
			search(value, depth+1)
		}
		for _, item := range n.Items() {
			search(item, depth+1)
		}
	}
	search(p.Root, 0)
	return out
}

// mayHoldVersion is mayHold for keys that name a specification.
func mayHoldVersion(f *source.File, s lines) bool {
	for n := s.first; n < s.last; n++ {
		if key, _, found := strings.Cut(strings.TrimSpace(f.Line(n)), ":"); found && rootOnly[key] {
			return true
		}
	}
	return false
}
