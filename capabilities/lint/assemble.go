package lint

import (
	"cmp"
	"errors"
	"slices"
)

// assemble puts together what the workers found, in an order that does not
// depend on them. What was found in a document is in order already; a document may
// find something in a file that it imports.
func (l *Linter) assemble(parts []partial) Result {
	r := Result{Schema: Schema, Files: []FileResult{}, Incomplete: []Incomplete{}}
	var documents []judged
	for _, p := range parts {
		documents = append(documents, p.documents...)
		r.Incomplete = append(r.Incomplete, p.incomplete...)
	}
	slices.SortFunc(documents, func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.file.File, b.file.File), cmp.Compare(a.file.Document, b.file.Document))
	})
	steps, findings := 0, 0
	for _, d := range documents {
		steps, findings = steps+len(d.steps), findings+len(d.findings)
	}
	r.Steps, r.Findings = make([]StepResult, 0, steps), make([]Finding, 0, findings)
	for _, d := range documents {
		r.Files = append(r.Files, d.file)
		r.Steps = append(r.Steps, d.steps...)
		r.Findings = append(r.Findings, d.findings...)
	}
	if !slices.IsSortedFunc(r.Steps, compareSteps) {
		slices.SortStableFunc(r.Steps, compareSteps)
	}
	if !slices.IsSortedFunc(r.Findings, compareFindings) {
		slices.SortFunc(r.Findings, compareFindings)
	}
	number(r.Findings)
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return !l.config.Profile.AtLeast(f.Severity, f.Confidence) })
	slices.SortFunc(r.Incomplete, func(a, b Incomplete) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	r.Summary = r.summarise()
	return r
}

func compareSteps(a, b StepResult) int {
	return cmp.Or(cmp.Compare(a.File, b.File), compareLocations(a.Location, b.Location))
}

// summarise counts what a result holds.
func (r *Result) summarise() Summary {
	s := Summary{Documents: len(r.Files), Steps: len(r.Steps), Incomplete: len(r.Incomplete)}
	for i, f := range r.Files {
		if i == 0 || r.Files[i-1].File != f.File {
			s.Files++
		}
	}
	for _, step := range r.Steps {
		if !step.IsPrivileged() {
			continue
		}
		s.Privileged++
		n := step.Needs
		if n.Authentication == Present && n.Authorization == Present && n.Approval == Present && n.Audit == Present {
			s.Covered++
		}
	}
	for _, f := range r.Findings {
		if f.Suppressed {
			s.Suppressed++
			continue
		}
		s.Findings++
		switch f.Severity {
		case Error:
			s.Errors++
		case Warning:
			s.Warnings++
		default:
			s.Notes++
		}
	}
	return s
}

func incompleteOf(err error) Incomplete {
	var failed *RuleError
	if errors.As(err, &failed) {
		return Incomplete{Rule: failed.Rule, Message: failed.Message}
	}
	return Incomplete{Message: err.Error()}
}
