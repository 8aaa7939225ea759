package findings

import (
	"agentrisk/capabilities/lint"
	"agentrisk/internal/source"
)

// Report is a result and what is needed to show it.
type Report struct {
	Result  lint.Result
	Rules   []lint.Rule // every rule that was there to fire
	Version string      // of the program

	// Name turns the name of a file in its tree into the one that people see.
	// Forms that address files from the root of a repository (SARIF, GitHub,
	// GitLab) keep the name in the tree. Nil leaves every name as it is.
	Name func(file string) string

	// Source gives the text of a file by its name in the tree, for snippets. Nil,
	// or a nil file, leaves the snippet out.
	Source func(file string) *source.File

	// Known are the fingerprints of a baseline: findings that were there before.
	// They are counted and do not fail. Nil: there is no baseline.
	Known map[string]bool

	Coverage bool // the text form shows the coverage matrix of many files, too
}

// Open reports whether a finding asks for attention: neither suppressed nor in
// the baseline.
func (r *Report) Open(f *lint.Finding) bool { return !f.Suppressed && !r.Known[f.Fingerprint] }

// Fails returns how many open findings are as bad as floor or worse.
func (r *Report) Fails(floor lint.Severity) int {
	n := 0
	for i := range r.Result.Findings {
		if f := &r.Result.Findings[i]; r.Open(f) && f.Severity.AtLeast(floor) {
			n++
		}
	}
	return n
}

// open returns the findings that ask for attention, in order.
func (r *Report) open() []*lint.Finding {
	var out []*lint.Finding
	for i := range r.Result.Findings {
		if f := &r.Result.Findings[i]; r.Open(f) {
			out = append(out, f)
		}
	}
	return out
}

// counts are the numbers of a summary line.
type counts struct {
	errors, warnings, notes, suppressed, known int
}

func (r *Report) count() counts {
	var n counts
	for i := range r.Result.Findings {
		f := &r.Result.Findings[i]
		switch {
		case f.Suppressed:
			n.suppressed++
		case r.Known[f.Fingerprint]:
			n.known++
		case f.Severity == lint.Error:
			n.errors++
		case f.Severity == lint.Warning:
			n.warnings++
		default:
			n.notes++
		}
	}
	return n
}

// name is the name of a file as people see it.
func (r *Report) name(file string) string {
	if r.Name == nil || file == "" {
		return file
	}
	return r.Name(file)
}

// at is a place as people see it.
func (r *Report) at(l source.Location) source.Location {
	l.File = r.name(l.File)
	return l
}

// rule returns what is known of a rule; for one that is not known, its id alone.
func (r *Report) rule(id string) lint.Rule {
	for i := range r.Rules {
		if r.Rules[i].ID == id {
			return r.Rules[i]
		}
	}
	return lint.Rule{ID: id, Name: id, Title: id, Severity: lint.Error, Confidence: lint.Certain}
}

// shown is a copy of the result with the names that people see.
func (r *Report) shown() lint.Result {
	out := r.Result
	out.Files = each(out.Files, func(f *lint.FileResult) { f.File = r.name(f.File) })
	out.Steps = each(out.Steps, func(s *lint.StepResult) {
		s.File, s.Location = r.name(s.File), r.at(s.Location)
	})
	out.Incomplete = each(out.Incomplete, func(i *lint.Incomplete) { i.File = r.name(i.File) })
	out.Findings = each(out.Findings, func(f *lint.Finding) {
		f.Location = r.at(f.Location)
		f.Related = each(f.Related, func(x *lint.Related) { x.Location = r.at(x.Location) })
		f.Evidence = each(f.Evidence, func(e *source.Evidence) { e.At = r.at(e.At) })
		if f.Suppression != nil {
			s := *f.Suppression
			s.Location = r.at(s.Location)
			f.Suppression = &s
		}
	})
	return out
}

// each returns a copy of list with every element changed; never nil.
func each[T any](list []T, change func(*T)) []T {
	out := make([]T, len(list))
	copy(out, list)
	for i := range out {
		change(&out[i])
	}
	return out
}

// Unjudged says, a line each, what could not be judged.
func (r *Report) Unjudged() []string {
	out := make([]string, len(r.Result.Incomplete))
	for i, one := range r.Result.Incomplete {
		out[i] = r.incompleteText(one)
	}
	return out
}
