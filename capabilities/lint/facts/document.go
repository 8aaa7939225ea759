package facts

import (
	"agentrisk/capabilities"
	"agentrisk/internal/source"
)

// findDocument finds faults of the text and of the references in it.
func (d *Document) findDocument() {
	for _, p := range d.Model.Problems {
		h := d.handle(Place{Location: p.At, Path: "problem " + p.ID})
		d.put("problems", Fact{At: h, Kind: p.ID, Text: p.Message, Other: p.Expected, Name: p.Hint, Sure: "certain"})
	}
	if d.Model.Dialect == capabilities.Unspecified && !d.Model.Incomplete {
		d.put("unknown_dialects", Fact{At: d.At, Text: d.Model.Reason, Sure: "certain"})
	}
	d.findViolations()
	d.findTargets()
	d.findDuplicates()
	d.findImports()
}

// findViolations judges the document by the rules of its own version. What a
// rule of its own tells of is left to it.
func (d *Document) findViolations() {
	const most = 20 // of the violations that are told one by one; the others are counted
	verdict, violations, count := capabilities.ConformBriefly(d.Model, most)
	d.Conforms = verdict == capabilities.Conforms
	facts := make([]Fact, 0, len(violations))
	for _, v := range violations {
		h := d.handle(Place{Location: v.At, Path: "violation " + v.ID + " " + v.Message})
		facts = append(facts, Fact{At: h, Kind: v.ID, Text: v.Detail(), Sure: "certain"})
	}
	d.putOnce("violations", facts)
	if count > 0 {
		d.Lists["violations"][0].Count = count
	}
}

// findTargets finds references to steps and operations that do not exist.
func (d *Document) findTargets() {
	var dangling, unmatched []Fact
	wrong := map[string]int{}
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if s.Warning != "" && d.isFirst(wrong, s) {
				d.put("wrong_ids", Fact{At: d.target(s), Flow: f, Step: s, Name: s.Operation(), Other: s.Canonical, Text: s.Warning, Sure: "likely"})
			}
			if t := s.targetOf(); t.State == capabilities.Unmatched && !d.Model.Incomplete {
				unmatched = append(unmatched, Fact{At: d.target(s), Flow: f, Step: s, Name: t.Text, Other: d.nearest(s), Text: t.Text + " does not exist", Sure: "certain"})
			}
			if s.Model == nil {
				continue
			}
			for _, edges := range [...][]capabilities.Edge{s.Model.OnSuccess, s.Model.OnFailure} {
				for _, e := range edges {
					if e.Unresolved != "" {
						h := d.handle(Place{At: e.At, Path: d.places[s.At-1].Path + " goto " + e.Unresolved, Flow: f.ID, Step: s.Label, About: s})
						dangling = append(dangling, Fact{At: h, Flow: f, Step: s, Name: e.Unresolved, Other: nearestStep(e.Unresolved, f),
							Kind: "step", Text: "there is no step " + e.Unresolved, Sure: "certain"})
					}
				}
			}
			dangling = append(dangling, d.danglingValues(f, s)...)
		}
	}
	d.putOnce("dangling", append(dangling, d.danglingOutputs()...))
	d.putOnce("unmatched", unmatched)
}

func (d *Document) isFirst(seen map[string]int, s *Step) bool {
	seen[s.Operation()]++
	return seen[s.Operation()] == 1
}

// target is the place where a step names its operation.
func (d *Document) target(s *Step) Handle {
	at := s.targetOf().At
	if !at.Exists() {
		return s.At
	}
	return d.handle(Place{At: at, Path: d.places[s.At-1].Path + " operation", Operation: s.Operation(), Flow: s.Flow.ID, Step: s.Label, About: s})
}

func (s *Step) targetOf() capabilities.Target {
	if s.Entry != nil {
		return s.Entry.Call
	}
	return s.Model.Target
}

// nearestStep returns the step that may have been meant. Looking is dear, so that
// it is done for small flows alone.
func nearestStep(name string, f *Flow) string {
	const many = 100
	if len(f.Steps) > many {
		return ""
	}
	var names []string
	for _, s := range f.Steps {
		names = append(names, s.Label)
	}
	return source.Nearest(name, names)
}

// danglingValues finds values taken from steps that do not exist.
func (d *Document) danglingValues(f *Flow, s *Step) []Fact {
	var facts []Fact
	for _, u := range s.uses {
		if u.ref.Root == capabilities.FromStep && u.from == nil && u.ref.Name != "" {
			h := d.handle(Place{At: u.binding.At, Path: d.places[s.At-1].Path + " value " + u.binding.Name, Flow: f.ID, Step: s.Label, About: s})
			facts = append(facts, Fact{At: h, Flow: f, Step: s, Name: u.ref.Name, Other: nearestStep(u.ref.Name, f), Kind: "value",
				Text: "there is no step " + u.ref.Name, Sure: "certain"})
		}
	}
	return facts
}

// danglingOutputs finds outputs taken from steps that do not exist.
func (d *Document) danglingOutputs() []Fact {
	var facts []Fact
	check := func(outputs []*capabilities.Output, f *Flow) {
		for _, o := range outputs {
			for _, ref := range capabilities.References(o.Source) {
				known := ref.Root == capabilities.FromStep || ref.Root == capabilities.FromName && len(ref.Path) > 0 && d.Model.Dialect == capabilities.Composition
				if known && ref.Name != "" && f.named[ref.Name] == nil {
					h := d.handle(Place{At: o.At, Path: "flow " + f.ID + " output " + o.Name, Flow: f.ID})
					facts = append(facts, Fact{At: h, Flow: f, Name: ref.Name, Other: nearestStep(ref.Name, f), Kind: "output",
						Text: "there is no step " + ref.Name, Sure: "certain"})
				}
			}
		}
	}
	for _, f := range d.Flows {
		if f.Model != nil {
			check(f.Model.Outputs, f)
		}
	}
	if len(d.Flows) == 1 && d.Flows[0].Model != nil {
		check(d.Model.Outputs, d.Flows[0])
	}
	return facts
}

// findDuplicates finds names that stand for two things.
func (d *Document) findDuplicates() {
	var facts []Fact
	type key struct {
		owner any
		name  string
	}
	seen := map[key]capabilities.Part{}
	check := func(owner any, kind, of, name string, p capabilities.Part) {
		if name == "" {
			return
		}
		key := key{owner, name}
		first, again := seen[key]
		if !again {
			seen[key] = p
			return
		}
		scope := kind
		if kind != "flow" {
			scope += " of " + of
		}
		earlier := d.handle(Place{At: first.At, Path: scope + " " + name})
		facts = append(facts, Fact{At: d.handle(Place{At: p.At, Path: scope + " " + name + " again"}), Name: name, Kind: scope,
			Text: "stands here again", Sure: "certain", Places: []Note{{earlier, "stands here first"}}})
	}
	for _, f := range d.Model.Flows {
		if f.Owner == nil {
			check(d, "flow", "", f.ID, f.Part)
		}
		for _, s := range f.Steps {
			check(f, "step", f.ID, s.ID, s.Part)
		}
	}
	for _, c := range d.Model.Consumes {
		for _, op := range c.Operations {
			if c.Import == nil {
				check(c, "operation", c.Namespace, op.ID, op.Part)
			}
		}
	}
	for _, a := range d.Model.Exposes {
		for _, e := range a.Entries {
			check(a, string(e.Kind), a.Name, e.Name, e.Part)
		}
	}
	if len(facts) == 0 { // the reader knows of parts that are not looked at here
		for _, p := range d.Model.Problems {
			if p.ID == "duplicate-id" {
				facts = append(facts, Fact{At: d.handle(Place{Location: p.At, Path: "problem " + p.ID}), Name: d.textAt(p.At), Kind: "name", Text: p.Message, Sure: "certain"})
			}
		}
	}
	d.putOnce("duplicates", facts)
}

// findImports finds files that were asked for and could not be read.
func (d *Document) findImports() {
	var facts []Fact
	for _, i := range d.Model.Imports {
		if i.Reason != "" {
			h := d.handle(Place{At: i.At, Path: "import " + i.Location})
			facts = append(facts, Fact{At: h, Name: i.Location, Other: i.Reason, Text: i.Reason, Sure: "certain"})
		}
	}
	d.putOnce("unread_imports", facts)
}

// nearest returns the operation that a step may have meant.
func (d *Document) nearest(s *Step) string {
	t := s.targetOf()
	return d.Model.Nearest(&t)
}
