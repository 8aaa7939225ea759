package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/capabilities"
	"agentrisk/capabilities/effects"
	"agentrisk/capabilities/lint"
	"agentrisk/cmd/capcheck/internal/tree"
	"agentrisk/internal/report"
	"agentrisk/internal/source"
)

func (c *command) effectsCommand() *cobra.Command {
	var how scanning
	cmd := &cobra.Command{
		Use:   "effects [flags] FILE...",
		Short: "Tell what operations do, and which control they are",
		Long: `Print a JSON object a line for every operation, exposed tool and step of
capabilities, of a JSON list of operations, or of MCP tools:
{id, effect, control, basis, confidence, evidence}. An operation of a capability
is called NAMESPACE.OPERATION, a step FLOW/STEP.`,
		Example: `  capcheck effects operations.json
  capcheck effects capability.yaml | jq 'select(.effect == "money")'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return c.effects(how, args) },
	}
	cmd.Flags().StringVar(&how.config, "config", "", "configuration with more operations, in place of the nearest .capcheck.yaml")
	wordFlag(cmd, &how.dialect, "dialect", "", "dialect of the documents, in place of recognising it", words(capabilities.Dialects()))
	return cmd
}

// classified is what the verb effects works with.
type classified struct {
	*scan
	classifier *effects.Classifier
	out        bytes.Buffer
	failed     int
}

func (c *command) effects(how scanning, paths []string) error {
	if err := how.check(); err != nil {
		return err
	}
	t, err := tree.Open(c.dir, how.root, paths)
	if err != nil {
		return usage("%w", err)
	}
	defer t.Close()
	s := &scan{command: c, tree: t}
	if err := s.configure(how, paths); err != nil {
		return err
	}
	s.reader = capabilities.NewReader(t.FS, capabilities.Options{Dialect: capabilities.Dialect(how.dialect)})
	e := &classified{scan: s}
	if e.classifier, err = effects.New(ownEntries(s.config.Catalogue)...); err != nil {
		return &exit{exitUsage, err}
	}
	for _, p := range paths {
		if err := e.file(p); err != nil {
			e.failed++
			c.say("%v", s.shown(err))
		}
	}
	if err := (report.Output{}).Write(c.stdout, func(w io.Writer) error { _, err := w.Write(e.out.Bytes()); return err }); err != nil {
		return incomplete("the report cannot be written: %w", err)
	}
	if e.failed > 0 {
		return incomplete("%d of %d files could not be read as a whole: the report is incomplete", e.failed, len(paths))
	}
	return nil
}

// ownEntries are the operations of the configuration, as the classifier takes
// them: a namespace in front of the name says whose operation it is.
func ownEntries(own []lint.CatalogueEntry) []effects.Entry {
	out := make([]effects.Entry, len(own))
	for i, e := range own {
		id := e.Operation
		provider := ""
		if at := strings.LastIndexAny(id, "./"); at > 0 && at+1 < len(id) {
			provider, id = id[:at], id[at+1:]
		}
		out[i] = effects.Entry{Provider: provider, ID: id, Effect: effects.Effect(e.Effect), Control: effects.Control(e.Control)}
	}
	return out
}

// file prints what one file holds: a JSON list, or else capabilities.
func (e *classified) file(p string) error {
	f, err := e.open(p)
	if err != nil {
		return err
	}
	var docs []*capabilities.Document
	list, listErr := []effects.Listed(nil), error(nil)
	if looksLikeList(f) {
		list, listErr = effects.ReadList(f, source.Limits{})
	} else {
		docs = e.reader.ReadFile(f)
	}
	if listErr != nil {
		return listErr
	}
	for _, one := range list {
		if err := e.line(one.Key, e.classifier.Classify(one.Operation)); err != nil {
			return err
		}
	}
	var fault error
	for _, d := range docs {
		if err := e.document(d); err != nil {
			return err
		}
		if d.Incomplete || d.Dialect == capabilities.Unspecified {
			fault = unreadable(d)
		}
	}
	return fault
}

// line prints one result, with places that the user knows.
func (e *classified) line(id string, r effects.Result) error {
	r.Evidence = slices.Clone(r.Evidence)
	for i := range r.Evidence {
		if at := &r.Evidence[i].At; at.File != "" {
			at.File = e.tree.Show(at.File)
		}
	}
	return effects.WriteLine(&e.out, id, r)
}

// unreadable says why a document is not whole, or none of ours.
func unreadable(d *capabilities.Document) error {
	if len(d.Problems) > 0 {
		return d.Problems[0]
	}
	return &source.Error{At: source.Location{File: d.File.Name}, ID: "unknown", Message: "holds neither operations nor a capability: " + d.Reason}
}

func (e *classified) open(p string) (*source.File, error) {
	if p == tree.Stdin {
		return source.Read(tree.Stdin, e.command.stdin, source.Limits{})
	}
	name, err := e.tree.Name(p)
	if err != nil {
		return nil, err
	}
	return source.ReadFile(e.tree.FS, name, source.Limits{})
}

// looksLikeList reports whether a file is JSON of operations or tools rather than
// a capability, which may be written in JSON as well.
func looksLikeList(f *source.File) bool {
	text := bytes.TrimSpace(f.Text)
	if len(text) == 0 || text[0] != '[' && text[0] != '{' {
		return strings.EqualFold(filepath.Ext(f.Name), ".json")
	}
	if text[0] == '[' {
		return true
	}
	doc, err := source.ParseOne(f, source.Limits{})
	if err != nil {
		return strings.EqualFold(filepath.Ext(f.Name), ".json")
	}
	dialect, _ := capabilities.Detect(doc.Root)
	return dialect == capabilities.Unspecified || dialect == capabilities.AdHoc && doc.Root.Get("tools").Exists()
}

// document prints the operations, tools and steps of a capability.
func (e *classified) document(d *capabilities.Document) error {
	var errs []error
	in := e.classifier.In(d)
	line := func(id string, r effects.Result) { errs = append(errs, e.line(id, r)) }
	for _, service := range d.Consumes {
		for _, op := range service.Operations {
			line(joined(".", service.Namespace, either(op.ID, op.Name)), in.Operation(op))
		}
	}
	for _, adapter := range d.Exposes {
		for _, entry := range adapter.Entries {
			line(joined("/", adapter.Name, entry.Name), in.Exposed(entry))
		}
	}
	for _, flow := range d.Flows {
		for i, step := range flow.Steps {
			line(joined("/", flow.ID, either(step.ID, either(step.Name, fmt.Sprint(i+1)))), in.Step(step))
		}
	}
	return errors.Join(errs...)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// joined puts a name behind the one it belongs to, where there is one.
func joined(sign, owner, name string) string {
	if owner == "" {
		return name
	}
	return owner + sign + name
}
