package facts

import (
	"slices"

	"agentrisk/capabilities/effects"
	"agentrisk/internal/source"
)

// findControls finds needs that are not met, decisions that nothing uses, and
// records that are not written.
func (d *Document) findControls() {
	prose := d.findProse()
	d.missing("missing_authentication", func(s *Step) (Need, bool) { return s.Authentication, s.Entry != nil })
	d.missing("missing_authorization", func(s *Step) (Need, bool) { return s.Authorization, false })
	d.missing("missing_approval", func(s *Step) (Need, bool) { return s.Approval, prose[s] })
	d.missing("missing_audit", func(s *Step) (Need, bool) { return s.Audit, s.Audit.Unused != nil })
	d.late("late_authentication", func(s *Step) Need { return s.Authentication })
	d.late("late_authorization", func(s *Step) Need { return s.Authorization })
	d.late("late_approval", func(s *Step) Need { return s.Approval })
	d.findEarlyAudits()
	for _, f := range d.Flows {
		d.findUnused(f)
		d.findUnrecorded(f)
		d.findUnvalidated(f)
	}
}

// missing puts the steps that lack a control into one fact, the gravest first.
// told is true where another fact tells of the cause.
func (d *Document) missing(list string, need func(*Step) (n Need, told bool)) {
	var lacking []*Step
	for s := range d.acting {
		n, told := need(s)
		if n.State == Missing && !told && (n.Unused == nil || n.Unused.Used || n.Unused.Control == effects.Audit) {
			lacking = append(lacking, s)
		}
	}
	if len(lacking) == 0 {
		return
	}
	slices.SortStableFunc(lacking, func(a, b *Step) int { return gravity(a) - gravity(b) })
	facts := make([]Fact, len(lacking))
	for i, s := range lacking {
		facts[i] = Fact{At: s.At, Flow: s.Flow, Step: s, Text: does(s), Sure: sureOf(s), Kind: "write"}
		if s.Privileged() {
			facts[i].Kind = "privileged"
		}
	}
	facts[0].Name, facts[0].Other = lacking[0].Title(), labels(lacking)
	d.putOnce(list, facts)
}

func gravity(s *Step) int {
	weak := 0
	if s.Confidence != effects.Certain && s.Confidence != effects.Likely {
		weak = 1
	}
	return 2*slices.Index(effects.AllEffects(), s.Effect) + weak
}

// late puts the steps whose control comes only after them into one fact for each
// control.
func (d *Document) late(list string, need func(*Step) Need) {
	byControl := map[*Step][]Fact{}
	var order []*Step
	for s := range d.acting {
		n := need(s)
		if n.State != Late || n.By == nil {
			continue
		}
		if byControl[n.By] == nil {
			order = append(order, n.By)
		}
		sure := sureOf(s)
		if leadsTo(s, n.By) {
			sure = "possible"
		}
		byControl[n.By] = append(byControl[n.By], Fact{At: s.At, Flow: s.Flow, Step: s, Name: s.Title(), Other: n.By.Title(),
			Text: does(s), Sure: sure, Places: []Note{{n.By.At, "the check comes only here"}}})
	}
	for _, control := range order {
		d.putOnce(list, byControl[control])
	}
}

// leadsTo reports whether s looks like a part of the control: it sends the code
// that a login asks for, or the control is given its result.
func leadsTo(s, control *Step) bool {
	if control.Control == effects.Authenticate && s.verb(passing) {
		return true
	}
	return slices.ContainsFunc(control.uses, func(u use) bool { return u.from == s })
}

// findEarlyAudits finds audit records that are written before the effect alone.
func (d *Document) findEarlyAudits() {
	for s := range d.acting {
		if by := s.Audit.Unused; s.Audit.State == Missing && by != nil {
			d.put("early_audits", Fact{At: s.At, Flow: s.Flow, Step: s, Name: s.Title(), Other: by.Title(), Text: does(s),
				Sure: sureOf(s), Places: []Note{{by.At, "the record is written here, before"}}})
		}
	}
}

// findProse finds approvals that stand in words alone, and the steps they leave
// without one.
func (d *Document) findProse() map[*Step]bool {
	prose := map[*Step]bool{}
	for s := range d.acting {
		if s.Approval.State == NotNeeded || s.Approval.State == Present {
			continue
		}
		at, phrase, sure := d.proseOf(s)
		if phrase == "" {
			continue
		}
		prose[s] = s.Approval.State == Missing
		if !prose[s] {
			continue // that it comes late is told
		}
		h := d.handle(Place{At: at, Path: d.places[s.At-1].Path + " description", Operation: s.Operation(), Flow: s.Flow.ID, Step: s.Label, About: s})
		d.put("prose_approvals", Fact{At: h, Flow: s.Flow, Step: s, Name: s.Title(), Text: phrase, Sure: sure,
			Places: []Note{{s.At, does(s)}}})
	}
	return prose
}

// proseOf returns where the words about s speak of an approval.
func (d *Document) proseOf(s *Step) (at source.Node, phrase, sure string) {
	sure = sureOf(s)
	if s.Entry != nil {
		at, phrase = d.phrase(s.Entry.Node, s.Entry.Description)
		return at, phrase, sure
	}
	if at, phrase = d.phrase(s.Model.Node, s.Model.Description, s.Model.Intent); phrase != "" {
		return at, phrase, sure
	}
	if f := s.Flow; len(f.Steps) == 1 || d.onlyPrivileged(s) {
		at, phrase = d.phrase(f.Model.Node, f.Model.Description)
	}
	return at, phrase, "possible" // the words are about the flow as a whole
}

func (d *Document) onlyPrivileged(s *Step) bool {
	for _, other := range s.Flow.Steps {
		if other != s && other.Privileged() {
			return false
		}
	}
	return true
}

// phrase finds words about approval in texts, and the field of n they stand in.
func (d *Document) phrase(n source.Node, texts ...string) (source.Node, string) {
	for _, text := range texts {
		phrase := d.words.says("approval", text)
		if phrase == "" {
			continue
		}
		for _, value := range n.Pairs() {
			if value.Text() == text {
				return value, phrase
			}
		}
		return n, phrase
	}
	return source.Node{}, ""
}

// findUnused finds decisions that nothing in the flow depends on.
func (d *Document) findUnused(f *Flow) {
	if !slices.ContainsFunc(f.Steps, (*Step).Acts) {
		return
	}
	var unused []Fact
	for _, s := range f.controls {
		switch s.Control {
		case effects.Authorize, effects.Approve, effects.ValidateCredential:
			if s.Used || d.handedOn(s) {
				continue
			}
			unused = append(unused, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Kind: d.canDecide(), Other: s.Denial,
				Text: "nothing depends on this decision either", Sure: sureOf(s)})
		}
	}
	slices.SortStableFunc(unused, func(a, b Fact) int { return decisionRank(a.Step) - decisionRank(b.Step) })
	d.putOnce("unused_decisions", unused)
}

func decisionRank(s *Step) int {
	return slices.Index([]effects.Control{effects.Authorize, effects.Approve, effects.ValidateCredential}, s.Control)
}

func (d *Document) canDecide() string {
	if d.Decides {
		return "ignored"
	}
	return "no-conditions"
}

// handedOn reports whether the only step of its flow is the decision itself: a
// tool that answers a question is used by whoever asks it.
func (d *Document) handedOn(s *Step) bool { return len(s.Flow.Steps) == 1 }

// findUnrecorded finds flows whose audit record is not written when a step
// before it fails or denies.
func (d *Document) findUnrecorded(f *Flow) {
	var places []Note
	var first *Step
	for _, s := range f.Steps {
		if s.Model == nil || s.Control == effects.Audit || !s.IsDecision() && !s.Acts() {
			continue
		}
		if f.reaches[s.Index]&audits == 0 || f.recordsFailure(s) {
			continue
		}
		text := "a failure here leaves no record"
		if s.IsDecision() {
			text = "a denial here leaves no record"
		}
		places = append(places, Note{s.At, text})
		if first == nil {
			first = s
		}
	}
	if first == nil {
		return
	}
	audit := f.firstControl(effects.Audit)
	d.put("unrecorded_failures", Fact{At: audit.At, Flow: f, Step: audit, Name: audit.Title(), Other: first.Title(),
		Count: len(places), Places: places, Sure: sureOf(audit)})
}

// firstControl returns the first step that is a control of this kind, nil for
// none.
func (f *Flow) firstControl(control effects.Control) *Step { return f.heads[control] }

// recordsFailure reports whether a record is written after s failed.
func (f *Flow) recordsFailure(s *Step) bool {
	ways := f.graph.failure[s.Index]
	for _, to := range ways {
		if to == exit || f.Steps[to].Control != effects.Audit && !f.record[to] {
			return false
		}
	}
	return len(ways) > 0
}

// findUnvalidated finds privileged calls that share one validation of the key:
// between two calls the key may have been revoked.
func (d *Document) findUnvalidated(f *Flow) {
	var valid *Step
	fresh := false
	var calls []Fact
	for _, s := range f.Steps {
		switch {
		case s.Control == effects.ValidateCredential:
			valid, fresh = s, true
		case s.Privileged() && valid != nil && !fresh:
			calls = append(calls, Fact{At: s.At, Flow: f, Step: s, Name: s.Title(), Other: valid.Title(), Text: does(s), Sure: sureOf(s),
				Places: []Note{{valid.At, "the key is validated here alone"}}})
		case s.Privileged():
			fresh = false
		}
	}
	d.putOnce("unvalidated_calls", calls)
}
