package facts

import (
	"slices"
	"strings"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
)

// findContainment finds what lets a mistake grow: loops without end, nothing
// that undoes, doors without a lock.
func (d *Document) findContainment() {
	for _, f := range d.Flows {
		d.findLoops(f)
		d.findRetries(f)
		d.findUndone(f)
		d.findEarlyReads(f)
	}
	d.findExternals()
	d.findAdapters()
	d.findWide()
	d.findHints()
}

func (d *Document) act(list string, s *Step, f Fact) {
	f.At, f.Flow, f.Step, f.Name = s.At, s.Flow, s, s.Title()
	if f.Text == "" {
		f.Text = does(s)
	}
	if f.Sure == "" {
		f.Sure = sureOf(s)
	}
	d.put(list, f)
}

// findLoops finds effects that happen as often as a list is long.
func (d *Document) findLoops(f *Flow) {
	for _, s := range f.Steps {
		if !s.Acts() || s.Model == nil {
			continue
		}
		over := s.Model.ForEach
		for up := s.Model.Parent; up != nil && over == ""; up = up.Parent {
			over = up.ForEach
		}
		if over == "" || strings.Contains(over, "[0:") || strings.Contains(over, "[:") || d.given(s, "bound") || f.limited(s) {
			continue
		}
		d.act("unlimited_loops", s, Fact{Kind: "loop", Other: over})
	}
}

// limited reports whether a limit control stands before s.
func (f *Flow) limited(s *Step) bool {
	first := f.firstControl(effects.Limit)
	return first != nil && first.Index < s.Index
}

// findRetries finds effects that are tried again without bound, or that a second
// try may do twice.
func (d *Document) findRetries(f *Flow) {
	for _, s := range f.Steps {
		if !s.Acts() || s.Model == nil {
			continue
		}
		for _, e := range s.Model.OnFailure {
			if e.Action != capabilities.Retry {
				continue
			}
			switch {
			case e.Limit == "":
				d.act("unlimited_loops", s, Fact{Kind: "retry"})
			case d.repeats(s) && !d.given(s, "idempotency"):
				d.act("unsafe_retries", s, Fact{Other: e.Limit})
			}
			break
		}
	}
}

// repeats reports whether doing s twice does more than doing it once.
func (d *Document) repeats(s *Step) bool {
	switch s.Effect {
	case effects.Money, effects.Message, effects.Execute:
		return true
	}
	op := s.Model.Target.Operation
	return op != nil && op.Method == "POST" && s.Effect != effects.Delete
}

// findUndone finds credentials, grants and created things that stay when a later
// step fails.
func (d *Document) findUndone(f *Flow) {
	if f.firstControl(effects.Rollback) != nil {
		return
	}
	var facts []Fact
	back, fallible := f.takingBack(), f.fallible()
	for _, s := range f.Steps {
		kind := given(s)
		if kind == "" || s.Model == nil || back(s) {
			continue
		}
		if later := fallible[s.Index]; later != nil {
			facts = append(facts, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Kind: kind, Other: later.Title(), Text: does(s),
				Sure: sureOf(s), Places: []Note{{later.At, "if this fails, what was given stays"}}})
		}
	}
	slices.SortStableFunc(facts, func(a, b Fact) int { return strings.Compare(a.Kind, b.Kind) })
	d.putOnce("undone", facts)
}

// given names what s leaves behind: a credential, a grant, a resource.
func given(s *Step) string {
	switch {
	case !s.Acts() || s.verb(taking):
		return ""
	case s.Effect == effects.Credential && s.verb(issuing):
		return "credential"
	case s.Effect == effects.Access && (s.verb(granting) || s.verb(issuing)):
		return "grant"
	case s.Effect == effects.Write && s.verb(issuing):
		return "resource"
	}
	return ""
}

// fallible returns for each step the first one behind it that is to do
// something, be it to check, and so may fail.
func (f *Flow) fallible() []*Step {
	next := make([]*Step, len(f.Steps))
	var later *Step
	for i := len(f.Steps) - 1; i >= 0; i-- {
		next[i] = later
		if s := f.Steps[i]; s.Acts() || s.IsDecision() || s.Control == effects.Audit {
			later = s
		}
	}
	return next
}

// findEarlyReads finds data that is read before the decision whether it may be.
func (d *Document) findEarlyReads(f *Flow) {
	check := f.firstControl(effects.Authorize)
	if check == nil {
		return
	}
	var facts []Fact
	for _, s := range f.Steps[:check.Index] {
		if s.Effect != effects.Read || s.Control != effects.None || f.feeds(s, check) || s.Model.Kind != capabilities.CallStep {
			continue
		}
		facts = append(facts, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Other: check.Title(), Text: does(s), Sure: "possible",
			Places: []Note{{check.At, "whether it may be read is decided only here"}}})
	}
	d.putOnce("early_reads", facts)
}

// feeds reports whether the decision needs what s reads.
func (f *Flow) feeds(s, decision *Step) bool {
	return slices.ContainsFunc(decision.uses, func(u use) bool { return u.from == s })
}

// findExternals finds steps that happen outside of the capability.
func (d *Document) findExternals() {
	var facts []Fact
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if s.Model == nil || !s.Model.External || !s.Acts() && s.Control == effects.None {
				continue
			}
			kind := "effect"
			if s.Control != effects.None {
				kind = "control"
			}
			facts = append(facts, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Kind: kind, Other: string(s.Control), Text: does(s), Sure: "likely"})
		}
	}
	d.putOnce("externals", facts)
}

// findAdapters finds adapters whose callers are not known, and entries that pass
// on whatever is asked.
func (d *Document) findAdapters() {
	var acting, reading []Fact
	for _, a := range d.Adapters {
		if a.Auth || a.Local || len(a.Model.Entries) == 0 {
			continue
		}
		n, worst := d.offers(a)
		fact := Fact{At: a.At, Name: a.Model.Name, Other: string(a.Model.Kind), Count: n, Sure: "certain", Kind: "reads", Text: "nor of this adapter"}
		if n == 0 {
			reading = append(reading, fact)
			continue
		}
		fact.Kind = "acts"
		fact.Places = []Note{{worst.At, does(worst)}}
		acting = append(acting, fact)
	}
	d.putOnce("open_adapters", append(acting, reading...))
	for _, a := range d.Model.Exposes {
		for _, e := range a.Entries {
			if e.Kind == capabilities.Forward {
				h := d.handle(Place{At: e.At, Path: "adapter " + a.Name + " forward"})
				d.put("forwards", Fact{At: h, Name: a.Name, Other: e.Call.Text, Sure: "certain"})
			}
		}
	}
}

// offers counts what an adapter lets its callers do that needs controls, and
// returns the gravest of it.
func (d *Document) offers(a *Adapter) (n int, worst *Step) {
	count := func(s *Step) {
		if s.Acts() {
			n++
			if worst == nil || gravity(s) < gravity(worst) {
				worst = s
			}
		}
	}
	for _, s := range a.Entries {
		count(s)
	}
	for _, f := range a.flows {
		for _, s := range f.Steps {
			count(s)
		}
	}
	return n, worst
}

// findWide finds addresses that reach further than they should.
func (d *Document) findWide() {
	for _, a := range d.Adapters {
		if host := strings.Trim(a.Model.Address, "[]"); (host == "0.0.0.0" || host == "::" || host == "*") && !a.Auth {
			d.put("wide_addresses", Fact{At: a.At, Name: a.Model.Name, Kind: "address", Text: host, Sure: "possible"})
		}
	}
	for _, c := range d.Model.Consumes {
		host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(c.BaseURI, "https://"), "http://"), "/")
		for _, ref := range capabilities.References(host) {
			if ref.Syntax == capabilities.Dotted {
				continue // the name of a host
			}
			if ref.Root == capabilities.FromInput || d.inputOf(c, ref.Name) {
				at := c.BaseAt
				if !at.Exists() {
					at = c.At
				}
				d.put("wide_addresses", Fact{At: d.handle(Place{At: at, Path: "consumes " + c.Namespace + " address"}), Name: c.Namespace,
					Kind: "host", Text: c.BaseURI, Sure: "likely"})
				break
			}
		}
	}
	for _, u := range d.Model.Unknown {
		if words := split(u.Key); words == "cors" || words == "allowed origins" || words == "allow origins" {
			if anyOrigin(u) {
				d.put("wide_addresses", Fact{At: d.handle(Place{At: u.At, Path: u.Where + " " + u.Key}), Name: u.Key, Kind: "origin", Text: "*", Sure: "certain"})
			}
		}
	}
}

func (d *Document) inputOf(c *capabilities.Consumed, name string) bool {
	is := func(p *capabilities.Parameter) bool { return p.Name == name }
	if slices.ContainsFunc(c.Inputs, is) {
		return true
	}
	return slices.ContainsFunc(c.Operations, func(op *capabilities.Operation) bool { return slices.ContainsFunc(op.Inputs, is) })
}

func anyOrigin(u capabilities.Unknown) bool {
	if u.Node.Text() == "*" {
		return true
	}
	for _, item := range u.Node.Items() {
		if item.Text() == "*" {
			return true
		}
	}
	for _, value := range u.Node.Pairs() {
		if value.Text() == "*" {
			return true
		}
		for _, item := range value.Items() {
			if item.Text() == "*" {
				return true
			}
		}
	}
	return false
}

// findHints finds hints that say less than the operation does, and tools that
// delete without saying so.
func (d *Document) findHints() {
	var unmarked, conflicts []Fact
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			if op := s.targetOf().Operation; op != nil && op.Method == "GET" {
				continue // what returns a key changes nothing
			}
			if s.Contradiction != "" {
				conflicts = append(conflicts, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Text: s.Contradiction, Sure: "likely"})
			}
		}
		e := f.Entry
		if e == nil || f.Model != nil || e.Kind != capabilities.Tool || isTrue(e.Hints.Destructive) || isTrue(e.Hints.ReadOnly) {
			continue
		}
		s := f.Steps[0]
		if op := s.targetOf().Operation; s.Effect != effects.Delete && (op == nil || op.Method != "DELETE") || sureOf(s) == "possible" {
			continue
		}
		if e.Hints.Destructive != nil {
			conflicts = append(conflicts, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Text: "the document calls it not destructive, but it " + does(s), Sure: "likely"})
			continue
		}
		unmarked = append(unmarked, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Text: does(s), Sure: sureOf(s)})
	}
	d.putOnce("hint_conflicts", conflicts)
	d.putOnce("unmarked_tools", unmarked)
}

func isTrue(hint *bool) bool { return hint != nil && *hint }
