package effects

import "agentrisk/capabilities"

// flowIndex is what is known of a flow as a whole.
type flowIndex struct {
	begun, done bool
	worst       Result

	named bool
	lands map[*capabilities.Step]bool // where the failure of another step leads
	made  map[string]bool             // what the steps make, by the last word of their object
	makes bool                        // any step makes something
}

func (in *InDocument) index(f *capabilities.Flow) *flowIndex {
	x := in.flows[f]
	if x == nil {
		x = &flowIndex{}
		in.flows[f] = x
	}
	return x
}

// gravest is what a flow does as a whole: the gravest of its steps. A flow that
// consists of one step is the control that this step is; of a longer one, the
// steps are looked at themselves.
func (in *InDocument) gravest(f *capabilities.Flow, depth int) Result {
	x := in.index(f)
	switch {
	case x.done:
		return x.worst
	case x.begun:
		return tooDeep(fromStep(in.doc, in.provider, f.Steps[0]))
	}
	x.begun = true
	for i, s := range f.Steps {
		r := in.step(s, depth)
		if i == 0 || graver(x.worst.Effect, r.Effect) != x.worst.Effect {
			x.worst = r
		}
	}
	if len(f.Steps) > 1 {
		x.worst.Control = None
	}
	x.done = true
	return x.worst
}

// undoes reports whether a step stands on the way of another's failure and takes
// back what a step of the flow made.
func (in *InDocument) undoes(s *capabilities.Step) bool {
	if s.Flow == nil {
		return false
	}
	x := in.index(s.Flow)
	if x.lands == nil {
		x.lands = failureTargets(s.Flow)
	}
	if !x.lands[s] {
		return false
	}
	name := in.known.lexicon.readName(stepName(s), "")
	if name.verb == nil || !takesBack(name.verb.class) {
		return false
	}
	in.findMade(x, s.Flow)
	if len(name.object) == 0 {
		return x.makes
	}
	return x.made[name.object[len(name.object)-1].singular()]
}

// findMade reads once what the steps of a flow make.
func (in *InDocument) findMade(x *flowIndex, f *capabilities.Flow) {
	if x.named {
		return
	}
	x.named, x.made = true, map[string]bool{}
	for _, s := range f.Steps {
		made := in.known.lexicon.readName(stepName(s), "")
		if made.verb == nil || takesBack(made.verb.class) || made.verb.class == "read" || made.verb.class == "check" {
			continue
		}
		x.makes = true
		if n := len(made.object); n > 0 {
			x.made[made.object[n-1].singular()] = true
		}
	}
}

// failureTargets returns the steps that the failure of another one leads to.
func failureTargets(f *capabilities.Flow) map[*capabilities.Step]bool {
	lands := map[*capabilities.Step]bool{}
	for _, s := range f.Steps {
		for _, e := range s.OnFailure {
			if e.To != nil && e.To != s {
				lands[e.To] = true
			}
		}
	}
	return lands
}

func takesBack(c class) bool {
	switch c {
	case "delete", "cancel", "revoke", "enable", "rollback", "pay", "logout":
		return true
	}
	return false
}

func stepName(s *capabilities.Step) string {
	if s.Target.Name != "" {
		return s.Target.Name
	}
	return s.Label()
}
