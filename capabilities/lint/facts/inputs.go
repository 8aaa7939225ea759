package facts

import (
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// findInputs finds what reaches effects unchecked, and what reaches nothing.
func (d *Document) findInputs() {
	d.findFreeInputs()
	d.findUnusedInputs()
	d.findScriptInputs()
	d.findUntrusted()
	d.findUnbound()
}

// findFreeInputs finds commands and amounts that the caller chooses without
// bound.
func (d *Document) findFreeInputs() {
	var facts []Fact
	seen := map[*capabilities.Parameter]bool{}
	for s := range d.acting {
		for _, p := range d.reaching(s) {
			if seen[p] || p.Bounded {
				continue
			}
			kind := ""
			switch {
			case s.Effect == effects.Execute && d.words.is("command", p.Name):
				kind = "command"
			case s.Effect == effects.Money && strings.HasSuffix(split(p.Name), "amount"):
				kind = "amount"
			default:
				continue
			}
			seen[p] = true
			facts = append(facts, Fact{At: d.parameter(p, s.Flow), Flow: s.Flow, Step: s, Name: p.Name, Kind: kind, Other: s.Title(),
				Text: "nothing bounds this input either", Sure: sureOf(s), Places: []Note{{s.At, does(s)}}})
		}
	}
	d.putOnce("free_inputs", facts)
}

// findUnusedInputs finds inputs that no step is given.
func (d *Document) findUnusedInputs() {
	if d.Model.Incomplete {
		return
	}
	if !d.binds() {
		d.findInputsOfComposition()
		return
	}
	var facts []Fact
	for _, f := range d.Flows {
		if f.Model == nil || len(f.Model.Inputs) == 0 || !f.hasBindings() {
			continue
		}
		used := d.usedBy(f)
		for _, p := range f.Model.Inputs {
			if !used[p.Name] {
				facts = append(facts, Fact{At: d.parameter(p, f), Flow: f, Name: p.Name, Kind: "some", Text: "nor this one", Sure: "likely"})
			}
		}
	}
	d.putOnce("unused_inputs", facts)
}

func (d *Document) findInputsOfComposition() {
	if len(d.Flows) == 0 || len(d.Model.Inputs) == 0 {
		return
	}
	var facts []Fact
	for _, p := range d.Model.Inputs {
		facts = append(facts, Fact{At: d.parameter(p, d.Flows[0]), Flow: d.Flows[0], Name: p.Name, Kind: "none", Text: "nor this one", Sure: "certain"})
	}
	d.putOnce("unused_inputs", facts)
}

func (f *Flow) hasBindings() bool {
	for _, s := range f.Steps {
		if len(s.bindings()) > 0 {
			return true
		}
	}
	return false
}

// usedBy returns the names that anything in the flow refers to.
func (d *Document) usedBy(f *Flow) map[string]bool {
	used := map[string]bool{}
	add := func(refs []capabilities.Reference) {
		for _, ref := range refs {
			used[ref.Name] = true
			for _, part := range ref.Path {
				used[part] = true
			}
		}
	}
	for _, s := range f.Steps {
		for _, u := range s.uses {
			add([]capabilities.Reference{u.ref})
		}
		add(capabilities.References(s.Model.ForEach))
		add(capabilities.References(s.Model.Until))
		add(capabilities.References(s.Model.Script))
		for _, c := range slices.Concat(s.Model.Conditions, s.Model.Success) {
			add(c.References())
		}
		for _, e := range slices.Concat(s.Model.OnSuccess, s.Model.OnFailure) {
			for _, c := range e.Conditions {
				add(c.References())
			}
		}
		for _, o := range s.Model.Outputs {
			add(capabilities.References(o.Source))
		}
		if op := s.Model.Target.Operation; op != nil { // handed on under the same name
			for _, p := range op.Inputs {
				used[p.Name] = true
			}
			add(capabilities.References(op.Path))
		}
	}
	for _, o := range f.Model.Outputs {
		add(capabilities.References(o.Source))
	}
	return used
}

// findScriptInputs finds inputs that become part of code.
func (d *Document) findScriptInputs() {
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if s.Model == nil || s.Model.Script == "" {
				continue
			}
			for _, ref := range capabilities.References(s.Model.Script) {
				origin := d.Model.Origin(f.Model, ref)
				if origin.Input == nil && (ref.Root != capabilities.FromInput || ref.Name == "") {
					continue
				}
				d.act("script_inputs", s, Fact{Text: "becomes part of the code", Other: ref.Text, Sure: "likely"})
				break
			}
		}
	}
}

// findUntrusted finds words of other people that reach an effect.
func (d *Document) findUntrusted() {
	var facts []Fact
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if !s.Privileged() {
				continue
			}
			for _, u := range s.uses {
				if u.from == nil || u.from.Index >= s.Index || !d.untrusted(u.from) || identifier(u) {
					continue
				}
				facts = append(facts, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Other: u.from.Title(), Text: does(s), Sure: "possible",
					Places: []Note{{u.from.At, "reads what other people wrote"}}})
				break
			}
		}
	}
	d.putOnce("untrusted_content", facts)
}

func (d *Document) untrusted(s *Step) bool {
	return s.Effect == effects.Read && s.Control == effects.None && d.words.is("untrusted", s.Operation())
}

// identifier reports whether the value is an id, a number or a status rather
// than words that somebody wrote.
func identifier(u use) bool {
	name := u.ref.Name
	if len(u.ref.Path) > 0 {
		name = u.ref.Path[len(u.ref.Path)-1]
	}
	switch lastWord(split(name)) {
	case "id", "ids", "key", "number", "count", "status", "cursor", "type", "at", "date", "sha", "index", "slug", "version", "state", "name", "href", "url":
		return true
	}
	return false
}

func lastWord(text string) string { return text[strings.LastIndexByte(text, ' ')+1:] }

// findUnbound finds values that the document should declare and does not: they
// arrive as an empty text.
func (d *Document) findUnbound() {
	if d.Model.Incomplete {
		return
	}
	var facts []Fact
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			for _, u := range s.uses {
				if !u.origin.Unbound || s.Entry != nil && len(s.Entry.Inputs) == 0 {
					continue
				}
				h := d.handle(Place{At: u.binding.At, Path: d.places[s.At-1].Path + " value " + u.binding.Name, Operation: s.Operation(), Flow: f.ID, Step: s.Label, About: s})
				facts = append(facts, Fact{At: h, Flow: f, Step: s, Name: u.binding.Name, Other: u.ref.Text, Text: u.ref.Text + " is not declared", Sure: "likely"})
			}
		}
	}
	d.putOnce("unbound_values", facts)
}
