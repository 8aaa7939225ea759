package capabilities

import (
	"errors"
	"io/fs"
	"strings"

	"agentrisk/internal/source"
)

// Options say how a Reader reads.
type Options struct {
	Dialect Dialect       // "" to recognise it
	Limits  source.Limits // the zero value means the defaults
}

// Reader reads the documents of one tree of files, and what they import from it.
// It never leaves the tree: hand in os.Root.FS(), which refuses symbolic links
// that lead out. A Reader may be used by several goroutines at once.
type Reader struct {
	tree    fs.FS // nil: nothing can be imported
	options Options
	shared  cache
}

// NewReader returns a reader of tree. Without a tree, nothing can be imported.
func NewReader(tree fs.FS, options Options) *Reader {
	return &Reader{tree: tree, options: options}
}

// Read reads the file at name, a slash-separated path in the tree. The error is
// a *source.Error for a file that cannot be read as text at all; for any other
// there is at least one document, be it with a Problem.
func (r *Reader) Read(name string) ([]*Document, error) {
	if r.tree == nil {
		return nil, &source.Error{At: source.Location{File: name}, ID: "unreadable",
			Message: "cannot be read without a tree of files"}
	}
	f, err := source.ReadFile(r.tree, name, r.options.Limits)
	if err != nil {
		return nil, err
	}
	return r.ReadFile(f), nil
}

// ReadFile reads the documents of f, at least one. The name of f is its place in
// the tree, which imports are looked up from.
func (r *Reader) ReadFile(f *source.File) []*Document {
	docs := r.readAlone(f)
	for _, d := range docs {
		r.finish(d)
	}
	return docs
}

// readAlone reads the documents of f without what they import.
func (r *Reader) readAlone(f *source.File) []*Document {
	if isPage(f.Name) {
		return r.readPage(f)
	}
	parsed, err := source.Parse(f, r.options.Limits)
	docs := r.assemble(f, parsed, err)
	// A file that is no YAML document may still be a page that shows one.
	if len(docs) == 1 && docs[0].Dialect == Unspecified && docs[0].Root.Kind() != source.Mapping {
		if hidden := r.readHidden(f); known(hidden) {
			return hidden
		}
	}
	return docs
}

func known(docs []*Document) bool {
	for _, d := range docs {
		if d.Dialect != Unspecified {
			return true
		}
	}
	return false
}

// assemble makes documents of what was parsed and, after a fault, of what can be
// saved of the rest.
func (r *Reader) assemble(f *source.File, parsed []*source.Document, fault error) []*Document {
	var docs []*Document
	for _, p := range parsed {
		docs = append(docs, r.fromText(p, len(docs))...)
	}
	if fault == nil {
		if len(docs) == 0 {
			docs = append(docs, empty(f))
		}
		markTruncated(f, docs[len(docs)-1])
		return docs
	}
	return append(docs, r.broken(f, len(docs), fault))
}

func empty(f *source.File) *Document {
	return &Document{File: f, Dialect: Unspecified, Reason: "there is no text", Incomplete: true,
		Problems: []*source.Error{{At: source.Location{File: f.Name}, ID: "empty", Message: "is empty",
			Expected: "a capability"}}}
}

// fromText reads one parsed document, and the capabilities it holds as text.
func (r *Reader) fromText(p *source.Document, index int) []*Document {
	d := r.fromRoot(p, index)
	if d.Dialect != Unspecified {
		return []*Document{d}
	}
	var docs []*Document
	for _, f := range held(p) {
		inner, err := source.Parse(f, r.options.Limits)
		docs = append(docs, r.assemble(f, inner, err)...)
	}
	for i := range docs {
		docs[i].Index = index + i
	}
	if len(docs) > 0 {
		return docs
	}
	return []*Document{d}
}

func (r *Reader) fromRoot(p *source.Document, index int) *Document {
	d := &Document{File: p.File, Root: p.Root, Index: index, Problems: p.Problems}
	d.Dialect, d.Reason = Detect(p.Root)
	if forced := r.options.Dialect; forced != "" {
		d.Dialect, d.Reason = forced, "asked for"
	}
	reading := &reading{doc: d, limits: r.options.Limits}
	reading.read()
	return d
}

// broken is the document that a fault in the text interrupts.
func (r *Reader) broken(f *source.File, index int, fault error) *Document {
	d := &Document{File: f, Index: index, Dialect: Unspecified, Reason: "the text does not parse"}
	if saved := source.Salvage(f, r.options.Limits, fault); saved != nil {
		d = r.fromRoot(saved, index)
		d.File = f
	}
	d.Incomplete = true
	d.Problems = append(d.Problems, asProblem(f, fault))
	if cut := truncation(f); cut != nil {
		d.Problems = append(d.Problems, cut)
	}
	return d
}

func asProblem(f *source.File, err error) *source.Error {
	var problem *source.Error
	if errors.As(err, &problem) {
		return problem
	}
	return &source.Error{At: source.Location{File: f.Name}, ID: "syntax", Message: err.Error(), Err: err}
}

// markTruncated tells of a file that was cut off at a place where it still
// parses.
func markTruncated(f *source.File, d *Document) {
	if cut := truncation(f); cut != nil {
		d.Incomplete = true
		d.Problems = append(d.Problems, cut)
	}
}

// truncation finds the note that tools leave where they cut a file off: a
// comment near its end that says so.
func truncation(f *source.File) *source.Error {
	const lastLines = 8
	for n := f.Lines(); n > max(f.Lines()-lastLines, 0); n-- {
		line := strings.TrimLeft(f.Line(n), " \t")
		if strings.HasPrefix(line, "#") && strings.Contains(strings.ToLower(line), "truncated") {
			return &source.Error{At: f.LineAt(n), ID: "truncated", Message: "the file was cut off here",
				Expected: "the whole file", Hint: "what follows is missing, so nothing is known about it"}
		}
	}
	return nil
}
