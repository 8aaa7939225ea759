package capabilities

import "agentrisk/internal/source"

// link turns the steps of a flow into a graph: what is stated first, then what
// the dialect does where nothing is stated.
func link(f *Flow, dialect Dialect) {
	if len(f.Steps) == 0 {
		return
	}
	byName := make(map[string]*Step, len(f.Steps))
	for i := len(f.Steps) - 1; i >= 0; i-- { // of two with one name, the first counts
		s := f.Steps[i]
		if s.Name != "" && byName[s.Name] == nil {
			byName[s.Name] = s
		}
	}
	for i := len(f.Steps) - 1; i >= 0; i-- {
		if s := f.Steps[i]; s.ID != "" {
			byName[s.ID] = s
		}
	}
	f.byName = byName
	depends := false
	for _, s := range f.Steps {
		target(s.OnSuccess, byName, s)
		target(s.OnFailure, byName, s)
		for _, name := range dependencies(s.Node) {
			if on := byName[name]; on != nil && on != s {
				s.DependsOn = append(s.DependsOn, on)
				depends = true
			}
		}
	}
	if depends {
		linkByDependence(f)
	} else {
		linkInOrder(f)
	}
	for _, s := range f.Steps {
		failByDefault(s, dialect)
	}
}

func dependencies(step source.Node) []string {
	var names []string
	for _, key := range [...]string{"dependsOn", "depends_on", "needs", "after"} {
		value := step.Get(key)
		if text := value.Text(); text != "" {
			names = append(names, text)
		}
		for _, item := range value.Items() {
			names = append(names, item.Text())
		}
	}
	return names
}

// target finds the steps that edges name.
func target(edges []Edge, byName map[string]*Step, from *Step) {
	for i := range edges {
		e := &edges[i]
		if to := byName[e.Unresolved]; e.Unresolved != "" && to != nil {
			e.To, e.Unresolved = to, ""
		}
		if e.Action == Retry && e.To == nil {
			e.To = from
		}
		if e.Action == Continue {
			e.To = next(from)
		}
	}
}

func next(s *Step) *Step {
	if s.Index < len(s.Flow.Steps) {
		return s.Flow.Steps[s.Index]
	}
	return nil
}

// linkInOrder lets every step lead to the one after it, where it does not state
// an unconditional way on.
func linkInOrder(f *Flow) {
	f.Entries = f.Steps[:1]
	for _, s := range f.Steps {
		if !decided(s.OnSuccess) {
			s.OnSuccess = append(s.OnSuccess, Edge{Action: onward(s), To: next(s)})
		}
	}
}

func onward(s *Step) Action {
	if next(s) == nil {
		return End
	}
	return Continue
}

// decided reports whether edges leave no case open. A retry always does.
func decided(edges []Edge) bool {
	for _, e := range edges {
		if len(e.Conditions) == 0 && e.Action != Retry {
			return true
		}
	}
	return false
}

// linkByDependence lets every step lead to those that depend on it; those that
// depend on none begin.
func linkByDependence(f *Flow) {
	for _, s := range f.Steps {
		if len(s.DependsOn) == 0 {
			f.Entries = append(f.Entries, s)
		}
		for _, on := range s.DependsOn {
			on.OnSuccess = append(on.OnSuccess, Edge{Action: Continue, To: s, Stated: true})
		}
	}
	for _, s := range f.Steps {
		if len(s.OnSuccess) == 0 {
			s.OnSuccess = append(s.OnSuccess, Edge{Action: End})
		}
	}
	if len(f.Entries) == 0 { // every step waits for another: the first stands for all
		f.Entries = f.Steps[:1]
	}
}

// failByDefault adds what the dialect does after a failure that no edge takes
// up. Arazzo 1.0.1 (5.8.5, Failure Action Object): the workflow ends and
// returns. The published Naftiko engine goes on with the next step. The other
// dialects do not say.
func failByDefault(s *Step, dialect Dialect) {
	if decided(s.OnFailure) {
		return
	}
	switch dialect {
	case Arazzo:
		s.OnFailure = append(s.OnFailure, Edge{Action: End})
	case Naftiko, Ikanos:
		s.OnFailure = append(s.OnFailure, Edge{Action: onward(s), To: next(s)})
	}
}
