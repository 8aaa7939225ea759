package facts

import (
	"slices"
	"strings"
)

// find fills the lists of facts.
func (d *Document) find() {
	d.Lists = map[string][]Fact{}
	d.findDocument()
	d.findControls()
	d.findScope()
	d.findSecrets()
	d.findContainment()
	d.findInputs()
}

// put adds facts to a list.
func (d *Document) put(list string, facts ...Fact) {
	if len(facts) > 0 {
		d.Lists[list] = append(d.Lists[list], facts...)
	}
}

// putOnce adds facts of one cause as one: the first, with the others as places
// that are told by their Text.
func (d *Document) putOnce(list string, facts []Fact) {
	if len(facts) == 0 {
		return
	}
	one := facts[0]
	one.Count = len(facts)
	one.Places = slices.Clone(one.Places)
	for _, f := range facts[1:] {
		one.Places = append(one.Places, Note{f.At, f.Text})
	}
	d.put(list, one)
}

// labels joins the labels of steps, the first few of them.
func labels(steps []*Step) string {
	const few = 5
	var names []string
	for _, s := range steps {
		name := s.Title()
		switch {
		case slices.Contains(names, name):
		case len(names) == few:
			return strings.Join(names, ", ") + ", …"
		default:
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Title is what a message calls the step: its label, or the name of the entry
// that calls one operation.
func (s *Step) Title() string {
	switch {
	case s.Entry != nil:
		return s.Flow.ID
	case s.Model.ID == "" && s.Model.Name == "" && s.Model.Target.Text != "":
		return s.Model.Target.Text
	}
	return s.Label
}

// Operation is the name of what the step calls, "" where it names nothing.
func (s *Step) Operation() string {
	if s.Entry == nil {
		if s.Model.Target.Name != "" {
			return s.Model.Target.Name
		}
		return s.Label
	}
	if s.Entry.Call.Name != "" {
		return s.Entry.Call.Name
	}
	return s.Flow.ID
}

// acting yields the steps that need controls.
func (d *Document) acting(yield func(*Step) bool) {
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if s.Acts() && !yield(s) {
				return
			}
		}
	}
}

// sureOf says how sure a fact is that follows from what steps do.
func sureOf(s *Step) string {
	switch s.Confidence {
	case "certain", "likely":
		return string(s.Confidence)
	}
	return "possible"
}

// does says what a step does, for the text beside a place.
func does(s *Step) string {
	by := " (by its " + string(s.Basis) + ")"
	switch s.Effect {
	case "money":
		return "moves money" + by
	case "execute":
		return "runs something" + by
	case "credential":
		return "issues or changes a credential" + by
	case "access":
		return "changes who may do what" + by
	case "message":
		return "sends something to people" + by
	case "delete":
		return "deletes" + by
	case "read":
		return "reads" + by
	}
	if s.Basis == "unknown" {
		return "may write (nothing tells what it does)"
	}
	return "writes" + by
}
