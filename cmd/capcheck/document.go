package main

import (
	"errors"
	"fmt"
	"slices"

	"agentrisk/capabilities"
	"agentrisk/capabilities/enforce/plan"
	"agentrisk/cmd/capcheck/internal/tree"
	"agentrisk/internal/source"
)

// opened is a capability and the folder that it was read from.
type opened struct {
	*capabilities.Document
	tree *tree.Tree
}

// capability reads the one capability of a file that is to be run. One that could
// not be read as a whole is an error: what is missing might be a control.
func (c *command) capability(how *running, file string) (*opened, error) {
	t, err := tree.Open(c.dir, how.root, []string{file})
	if err != nil {
		return nil, usage("%w", err)
	}
	doc, err := c.documentIn(t, how, file)
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return &opened{doc, t}, nil
}

func (c *command) documentIn(t *tree.Tree, how *running, file string) (*capabilities.Document, error) {
	s := &scan{command: c, tree: t}
	s.reader = capabilities.NewReader(t.FS, capabilities.Options{Dialect: capabilities.Dialect(how.dialect)})
	f, err := (&classified{scan: s}).open(file)
	if err != nil {
		return nil, &exit{exitIncomplete, s.shown(err)}
	}
	docs := s.reader.ReadFile(f)
	if how.document != 0 {
		at := slices.IndexFunc(docs, func(d *capabilities.Document) bool { return d.Index == how.document-1 })
		if at < 0 {
			return nil, usage("--document %d: %s holds %d", how.document, file, len(docs))
		}
		docs = docs[at : at+1]
	}
	ours := slices.DeleteFunc(slices.Clone(docs), func(d *capabilities.Document) bool { return d.Dialect == capabilities.Unspecified })
	switch {
	case len(ours) == 0 && len(docs) > 0:
		return nil, &exit{exitIncomplete, s.shown(unreadable(docs[0]))}
	case len(ours) == 0:
		return nil, incomplete("%s holds no capability", file)
	case len(ours) > 1:
		return nil, usage("%s holds %d capabilities; say which with --document", file, len(ours))
	case ours[0].Incomplete:
		return nil, &exit{exitIncomplete, s.shown(firstProblem(ours[0]))}
	}
	return ours[0], nil
}

func firstProblem(d *capabilities.Document) error {
	if len(d.Problems) > 0 {
		return d.Problems[0]
	}
	return &source.Error{At: source.Location{File: d.File.Name}, ID: "incomplete", Message: "could not be read as a whole"}
}

// notRunnable tells every reason why a document cannot be compiled.
func (s *session) notRunnable(doc *opened, err error) error {
	var refusal *plan.Refusal
	if !errors.As(err, &refusal) {
		return s.fail(err)
	}
	for _, fault := range refusal.Faults[:min(len(refusal.Faults), maxTold)] {
		shown := *fault
		shown.At = source.Location{File: doc.tree.Show(fault.At.File), Range: fault.At.Range}
		s.say("%v", &shown)
	}
	if slices.ContainsFunc(refusal.Faults, func(f *source.Error) bool { return f.ID == "which-flow" }) {
		return usage("say which flow with --flow")
	}
	reasons := fmt.Sprintf("%d reasons", len(refusal.Faults))
	if len(refusal.Faults) == 1 {
		reasons = "1 reason"
	}
	return incomplete("the capability cannot be run as it stands: %s", reasons)
}
