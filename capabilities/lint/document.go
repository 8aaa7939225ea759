package lint

import (
	"context"
	"fmt"
	"slices"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/lint/facts"
)

// partial is what one worker found.
type partial struct {
	documents  []judged
	incomplete []Incomplete
}

// judged is what was found in one document, in its order.
type judged struct {
	file     FileResult
	findings []Finding
	steps    []StepResult
}

// judge finds what there is to say of one document.
func (l *Linter) judge(ctx context.Context, doc *capabilities.Document, out *partial) {
	name := ""
	if doc.File != nil {
		name = doc.File.Name
	}
	defer func() {
		// A fault of ours must not read as a clean document.
		if r := recover(); r != nil {
			out.incomplete = append(out.incomplete, Incomplete{File: name, Message: fmt.Sprintf("the linter failed: %v", r)})
		}
	}()
	d := facts.Of(doc, newClassifier(l.operations, doc))
	one := judged{steps: steps(name, d),
		file: FileResult{File: name, Document: doc.Index, Dialect: string(doc.Dialect), Version: doc.Version, Conforms: d.Conforms}}
	slices.SortStableFunc(one.steps, compareSteps)
	defer func() { out.documents = append(out.documents, one) }()
	found, incomplete := l.find(ctx, d)
	for i := range incomplete {
		incomplete[i].File = name
	}
	out.incomplete = append(out.incomplete, incomplete...)
	one.findings = l.suppress(ctx, d, found, &out.incomplete)
	slices.SortFunc(one.findings, compareFindings)
}

// active returns the rules that have something to look at.
func active(rules []*rule, d *facts.Document) []*rule {
	var out []*rule
	for _, r := range rules {
		if r.off || r.User {
			continue
		}
		for _, list := range r.Over {
			if len(d.Lists[list]) > 0 {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// find runs the rules over the facts.
func (l *Linter) find(ctx context.Context, d *facts.Document) ([]Finding, []Incomplete) {
	timeout := l.config.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var findings []Finding
	var incomplete []Incomplete
	if rules := active(l.rules, d); len(rules) > 0 {
		reports, err := l.runBuiltin(ctx, d, rules)
		findings, incomplete = l.collect(d, reports, err, findings, incomplete)
	}
	for _, user := range l.users.engines {
		if user.rule.off {
			continue
		}
		reports, err := user.run(ctx, d)
		findings, incomplete = l.collect(d, reports, err, findings, incomplete)
	}
	return findings, incomplete
}

func (l *Linter) runBuiltin(ctx context.Context, d *facts.Document, rules []*rule) ([]report, error) {
	e, err := l.engines.of(rules)
	if err != nil {
		return nil, err
	}
	return e.run(ctx, input(d, rules))
}

// collect turns reports into findings, and what failed into what is incomplete.
func (l *Linter) collect(d *facts.Document, reports []report, err error, findings []Finding, incomplete []Incomplete) ([]Finding, []Incomplete) {
	if err != nil {
		return findings, append(incomplete, incompleteOf(err))
	}
	for _, one := range reports {
		r := findRule(l.rules, one.rule)
		if r == nil {
			return findings, append(incomplete, Incomplete{Rule: one.rule, Message: "a rule that is not known reported something"})
		}
		f, err := r.finding(d, one)
		if err != nil {
			incomplete = append(incomplete, incompleteOf(err))
			continue
		}
		if r.severity != "" {
			f.Severity = r.severity
		}
		findings = append(findings, f)
	}
	return findings, incomplete
}

// steps are the rows of the coverage matrix.
func steps(file string, d *facts.Document) []StepResult {
	n := 0
	for _, f := range d.Flows {
		n += len(f.Steps)
	}
	out := make([]StepResult, 0, n)
	for _, f := range d.Flows {
		for _, s := range f.Steps {
			place, _ := d.Place(s.At)
			out = append(out, StepResult{File: file, Flow: f.ID, Step: s.Label, Effect: string(s.Effect), Control: string(s.Control), Basis: string(s.Basis),
				Location: oneLineOf(d, place.Range()),
				Needs: Needs{Authentication: State(s.Authentication.State), Authorization: State(s.Authorization.State),
					Approval: State(s.Approval.State), Audit: State(s.Audit.State)},
				Where: Where{Authentication: where(s.Authentication), Authorization: where(s.Authorization),
					Approval: where(s.Approval), Audit: where(s.Audit)}})
		}
	}
	return out
}

func where(n facts.Need) string {
	switch {
	case n.State != facts.Present && n.State != facts.Late:
		return ""
	case n.By != nil:
		return n.By.Title()
	case n.Caller:
		return "adapter"
	}
	return ""
}

// IsPrivileged reports whether the effect of a row needs approval.
func (s StepResult) IsPrivileged() bool {
	return s.Control == string(effects.None) && effects.Effect(s.Effect).Privileged()
}
