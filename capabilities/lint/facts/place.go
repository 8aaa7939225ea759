package facts

import (
	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// Handle stands for a place of a document. Handles count from 1; 0 is none.
type Handle int

// Place is what a finding points at.
type Place struct {
	At        source.Node     // Missing where only Location is known
	Location  source.Location // where At is Missing
	Path      string          // keys that lead to it, without line numbers
	Operation string          // the operation it is about, "" for none
	Flow      string          // the flow and step it lies in, "" for none
	Step      string
	About     *Step // nil where it is about no step
}

// Range returns the place in the text. A place without one is its document.
func (p Place) Range() source.Location {
	if p.At.Exists() {
		return p.At.Location()
	}
	return p.Location
}

func (d *Document) handle(p Place) Handle {
	if !p.At.Exists() && p.Location.File == "" {
		p.Location = d.start()
	}
	d.places = append(d.places, p)
	return Handle(len(d.places))
}

// start is where a finding about the document as a whole points at.
func (d *Document) start() source.Location {
	if at := d.Model.Identity.At; at.Exists() {
		return at.Location()
	}
	at := source.Position{Line: 1, Column: 1}
	return source.Location{File: fileName(d.Model), Range: source.Range{Start: at, End: at}}
}

// textAt returns the words at a place of the document's file.
func (d *Document) textAt(l source.Location) string {
	f := d.Model.File
	if f == nil || f.Name != l.File {
		return ""
	}
	return source.Quote(string(f.Text[f.Offset(l.Range.Start):f.Offset(l.Range.End)]))
}

func fileName(m *capabilities.Document) string {
	if m.File == nil {
		return ""
	}
	return m.File.Name
}

// Place returns what h stands for, and whether it stands for anything.
func (d *Document) Place(h Handle) (Place, bool) {
	if h < 1 || int(h) > len(d.places) {
		return Place{}, false
	}
	return d.places[h-1], true
}

// StepAt returns the step that a handle is about, nil for none.
func (d *Document) StepAt(h Handle) *Step {
	place, ok := d.Place(h)
	if !ok {
		return nil
	}
	return place.About
}
