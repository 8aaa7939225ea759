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
	// GitLab) keep the name in the tree. It is called from several goroutines. Nil
	// leaves every name as it is.
	Name func(file string) string

	// Source gives the text of a file by its name in the tree, for snippets. It is
	// called from several goroutines. Nil, or a nil file, leaves the snippet out.
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

// shownFile is a file with the name that people see.
func (r *Report) shownFile(f lint.FileResult) lint.FileResult {
	f.File = r.name(f.File)
	return f
}

func (r *Report) shownStep(s lint.StepResult) lint.StepResult {
	s.File, s.Location = r.name(s.File), r.at(s.Location)
	return s
}

func (r *Report) shownIncomplete(i lint.Incomplete) lint.Incomplete {
	i.File = r.name(i.File)
	return i
}

// shownFinding is a copy of a finding with the names that people see.
func (r *Report) shownFinding(f lint.Finding) lint.Finding {
	f.Location = r.at(f.Location)
	f.Related = each(f.Related, func(x lint.Related) lint.Related { x.Location = r.at(x.Location); return x })
	f.Evidence = each(f.Evidence, func(e source.Evidence) source.Evidence { e.At = r.at(e.At); return e })
	if f.Suppression != nil {
		s := *f.Suppression
		s.Location = r.at(s.Location)
		f.Suppression = &s
	}
	return f
}

// each returns what change makes of every element; never nil.
func each[T, U any](list []T, change func(T) U) []U {
	out := make([]U, len(list))
	for i := range list {
		out[i] = change(list[i])
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
