package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"agentrisk/capabilities"
	"agentrisk/capabilities/lint"
	"agentrisk/cmd/capcheck/internal/tree"
	"agentrisk/internal/report/findings"
	"agentrisk/internal/source"
)

// scanning is what to look at and how, as the flags say.
type scanning struct {
	config    string
	profile   string
	dialect   string
	root      string
	stdinName string
	changed   string
	today     string
	noIgnores bool
}

func (s *scanning) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.config, "config", "", "configuration, in place of the nearest .capcheck.yaml above the paths")
	wordFlag(cmd, &s.profile, "profile", "", "which findings are told", words(lint.Profiles()))
	wordFlag(cmd, &s.dialect, "dialect", "", "dialect of the documents, in place of recognising it", words(capabilities.Dialects()))
	flags.StringVar(&s.root, "root", "", "folder that nothing is read outside of (default: the project that the paths lie in)")
	flags.StringVar(&s.stdinName, "stdin-name", tree.Stdin, "name of what is read from standard input")
	flags.StringVar(&s.changed, "changed-since", "", "look only at files that differ from where this branch left a git revision")
	flags.StringVar(&s.today, "now", "", "day on which suppressions are judged (YYYY-MM-DD; default: today)")
	flags.BoolVar(&s.noIgnores, "no-ignores", false, "take no notice of suppressions")
}

func (s *scanning) check() error {
	if err := oneOf("profile", s.profile, words(lint.Profiles())); err != nil {
		return err
	}
	return oneOf("dialect", s.dialect, words(capabilities.Dialects()))
}

// scan is one run over files: what it looks at, and what it makes of them.
type scan struct {
	*command
	tree   *tree.Tree
	config lint.Config
	linter *lint.Linter
	reader *capabilities.Reader
	files  []tree.File
	found  int             // files before those that did not change were left out
	stdin  *source.File    // nil where it is not read
	only   map[string]bool // the files that changed; nil: all are looked at

	done     atomic.Int64
	mutex    sync.Mutex
	passed   []lint.FileResult // documents in folders that are no capabilities
	problems []lint.Incomplete
}

// prepare finds the tree, its configuration and the files.
func (c *command) prepare(ctx context.Context, how scanning, paths []string) (*scan, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if err := how.check(); err != nil {
		return nil, err
	}
	t, err := tree.Open(c.dir, how.root, paths)
	if err != nil {
		return nil, usage("%w", err)
	}
	s := &scan{command: c, tree: t}
	base, err := s.readConfig(how, paths)
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	ready := make(chan error, 1) // the rules are made ready while files are looked for
	go func() { ready <- s.makeLinter(how, len(paths) > 1 || t.IsFolder(paths[0])) }()
	s.reader = capabilities.NewReader(t.FS, capabilities.Options{Dialect: capabilities.Dialect(how.dialect)})
	err = s.find(ctx, how, paths, base)
	if err := cmp.Or(<-ready, err); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return s, nil
}

// shown gives the place of an error the name that the user knows.
func (s *scan) shown(err error) error {
	var at *source.Error
	if !errors.As(err, &at) || at.At.File == "" {
		return err
	}
	out := *at
	out.At.File = s.tree.Show(at.At.File)
	return &out
}

// find finds the files, and reads standard input.
func (s *scan) find(ctx context.Context, how scanning, paths []string, base string) error {
	out, err := s.tree.Find(tree.Query{Paths: paths, Base: base, Include: s.config.Include, Exclude: s.config.Exclude})
	if err != nil {
		return &exit{exitUsage, err}
	}
	s.files, s.found = out.Files, len(out.Files)
	for _, p := range out.Problems {
		s.problems = append(s.problems, lint.Incomplete{File: p.At.File, Message: p.Detail()})
	}
	if slices.Contains(paths, tree.Stdin) {
		name, err := s.tree.Name(how.stdinName)
		if how.stdinName == tree.Stdin {
			name, err = tree.Stdin, nil
		}
		if err != nil {
			return usage("%w", err)
		}
		if s.stdin, err = source.Read(name, s.command.stdin, source.Limits{}); err != nil {
			s.problems = append(s.problems, problemOf(name, err))
		}
		s.found++
	}
	if how.changed != "" {
		if s.only, err = s.tree.Changed(ctx, how.changed); err != nil {
			return &exit{exitIncomplete, err}
		}
		if s.rulesChanged(base) {
			s.only = nil
		}
	}
	return nil
}

// rulesChanged reports whether the configuration or the rules of one's own are
// among what changed: then every file is judged differently.
func (s *scan) rulesChanged(base string) bool {
	for name := range s.only {
		rel := name
		if base != "." {
			rel = strings.TrimPrefix(name, base+"/")
		}
		if rel == lint.ConfigName || strings.HasPrefix(rel, lint.RulesFolder+"/") {
			return true
		}
	}
	return false
}

func problemOf(name string, err error) lint.Incomplete {
	var at *source.Error
	if errors.As(err, &at) {
		return lint.Incomplete{File: name, Message: at.Detail()}
	}
	return lint.Incomplete{File: name, Message: err.Error()}
}

// run judges every file.
func (s *scan) run(ctx context.Context) *findings.Report {
	result := s.linter.LintEach(ctx, s.loads())
	if s.progress != nil {
		s.progress("\r\x1b[K")
	}
	s.complete(&result)
	if ctx.Err() != nil {
		result.Incomplete = append(result.Incomplete, lint.Incomplete{Message: "the run was interrupted"})
		result.Summary.Incomplete++
	}
	return &findings.Report{Result: result, Rules: s.linter.Rules(), Version: version(), Name: s.tree.Show, Source: s.text}
}

// loads yields what reads each file; the linter calls it on its own goroutines.
func (s *scan) loads() iter.Seq[lint.Load] {
	return func(yield func(lint.Load) bool) {
		if s.stdin != nil && !yield(func() []*capabilities.Document { return s.reader.ReadFile(s.stdin) }) {
			return
		}
		for _, f := range s.files {
			if !yield(func() []*capabilities.Document { return s.load(f) }) {
				return
			}
		}
	}
}

// load reads one file. One that cannot be read as text is a document with that
// problem, one that cannot be opened makes the run incomplete.
func (s *scan) load(f tree.File) []*capabilities.Document {
	s.tell()
	docs, err := s.reader.Read(f.Name)
	if err != nil {
		var problem *source.Error
		if !errors.As(err, &problem) || problem.ID == "unreadable" {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			s.problems = append(s.problems, problemOf(f.Name, err))
			return nil
		}
		docs = []*capabilities.Document{unread(f.Name, problem)}
	}
	if s.only != nil && !s.changed(f.Name, docs) {
		return nil
	}
	if !f.Named && !slices.ContainsFunc(docs, isOurs) {
		s.pass(docs)
		return nil
	}
	return docs
}

// unread is the document of a file that is no text.
func unread(name string, problem *source.Error) *capabilities.Document {
	empty, _ := source.NewFile(name, nil, source.Limits{})
	return &capabilities.Document{File: empty, Dialect: capabilities.Unspecified, Reason: "the file is no text",
		Incomplete: true, Problems: []*source.Error{problem}}
}

// changed reports whether a file, or one that it imports, is among those that
// changed. An import that was not found may be one that is gone.
func (s *scan) changed(name string, docs []*capabilities.Document) bool {
	if s.only[name] {
		return true
	}
	for _, d := range docs {
		for _, i := range d.Imports {
			if s.only[i.File] || i.File == "" && i.Reason != "" && len(s.only) > 0 {
				return true
			}
		}
	}
	return false
}

// isOurs reports whether a document found in a folder has to be judged: it is a
// capability, or may be one that is broken.
func isOurs(d *capabilities.Document) bool {
	if d.Dialect != capabilities.Unspecified || d.Incomplete {
		return true
	}
	return slices.ContainsFunc(d.Problems, func(p *source.Error) bool { return p.ID != "no-capability" && p.ID != "duplicate-key" })
}

// pass notes documents of another kind.
func (s *scan) pass(docs []*capabilities.Document) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, d := range docs {
		s.passed = append(s.passed, lint.FileResult{File: d.File.Name, Document: d.Index, Dialect: string(d.Dialect), Version: d.Version})
	}
}

// tell tells a person from time to time how far the work is.
func (s *scan) tell() {
	const every = 50
	if n := s.done.Add(1); s.progress != nil && n%every == 0 {
		s.progress(fmt.Sprintf("\r%d of %d files", n, len(s.files)))
	}
}

// complete adds to a result what the linter did not see: files of another kind,
// and what could not be opened.
func (s *scan) complete(r *lint.Result) {
	r.Files = append(r.Files, s.passed...)
	slices.SortFunc(r.Files, func(a, b lint.FileResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Document, b.Document))
	})
	r.Incomplete = append(r.Incomplete, s.problems...)
	slices.SortFunc(r.Incomplete, func(a, b lint.Incomplete) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	names := map[string]bool{}
	for _, f := range r.Files {
		names[f.File] = true
	}
	r.Summary.Files, r.Summary.Documents, r.Summary.Incomplete = len(names), len(r.Files), len(r.Incomplete)
}

// text gives the text of a file for snippets.
func (s *scan) text(name string) *source.File {
	if s.stdin != nil && s.stdin.Name == name {
		return s.stdin
	}
	f, err := source.ReadFile(s.tree.FS, name, source.Limits{})
	if err != nil {
		return nil
	}
	return f
}
