package facts

import "agentrisk/internal/source"

// Comment adds a fact about a comment of the document.
func (d *Document) Comment(list string, at source.Location, f Fact) {
	f.At = d.handle(Place{Location: at, Path: "comment " + f.Name})
	f.Sure = "certain"
	if d.comments == nil {
		d.comments = map[string][]Fact{}
	}
	d.comments[list] = append(d.comments[list], f)
}

// Comments returns the document with the facts about its comments alone: they
// are judged after all the others.
func (d *Document) Comments() *Document {
	only := *d
	only.Lists = d.comments
	return &only
}
