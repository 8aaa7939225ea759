package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/internal/report/scorecard"
	"agentrisk/internal/source"
	"agentrisk/scoring"
	"agentrisk/scoring/listing"
)

// stdinName is what messages and reports call standard input.
const stdinName = "-"

// reading is how inputs are to be read, as the flags say.
type reading struct {
	formula string
	form    string
}

func (r *reading) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.formula, "formula", "", "formula where the input leaves it open (see: aivss formulas)")
	cmd.Flags().StringVar(&r.form, "form", "", "form of the input, in place of detecting it: "+strings.Join(formNames(), ", "))
	must(cmd.RegisterFlagCompletionFunc("formula", cobra.FixedCompletions(formulaIDs(), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("form", cobra.FixedCompletions(formNames(), cobra.ShellCompDirectiveNoFileComp)))
}

// must is for what only a mistake in this program can make fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func formNames() []string {
	names := []string{}
	for _, form := range listing.Forms() {
		names = append(names, string(form))
	}
	return names
}

func formulaIDs() []string {
	ids := []string{}
	for _, f := range scoring.Formulas() {
		ids = append(ids, f.ID)
	}
	return ids
}

func (r *reading) options() (listing.Options, error) {
	opts := listing.Options{Form: listing.Form(r.form)}
	if r.form != "" && !slices.Contains(listing.Forms(), opts.Form) {
		return opts, unknown("form", r.form, formNames())
	}
	if r.formula != "" {
		f, ok := scoring.Lookup(r.formula)
		if !ok {
			return opts, unknown("formula", r.formula, formulaIDs())
		}
		opts.Formula = f
	}
	return opts, nil
}

// unknown is the error for a name that is none of the allowed ones.
func unknown(what, name string, allowed []string) error {
	if hint := source.DidYouMean(name, allowed); hint != "" {
		return usage("unknown %s %q; %s", what, name, hint)
	}
	return usage("unknown %s %q; expected one of %s", what, name, strings.Join(allowed, ", "))
}

// inputs are what the paths on the command line hold.
type inputs struct {
	agents   []*listing.Agent
	problems []scorecard.Problem
	single   bool // one file or standard input, and one agent in it
}

// read loads the agents of files, of folders, of standard input ("-") and of
// vectors that stand in place of a file.
func (c *command) read(paths []string, opts listing.Options) (*inputs, error) {
	if len(paths) == 0 {
		return nil, usage("no input; expected a file, a folder, or - for standard input")
	}
	in := &inputs{}
	folder := false
	for _, path := range paths {
		files, isFolder := in.expand(path)
		folder = folder || isFolder
		for _, name := range files {
			c.load(in, name, opts, isFolder)
		}
	}
	if len(in.agents) == 0 && len(in.problems) == 0 {
		return nil, &exit{exitIncomplete, fmt.Errorf("nothing that describes an agent in %s", strings.Join(paths, ", "))}
	}
	in.single = len(paths) == 1 && !folder && len(in.agents) == 1
	return in, nil
}

// load reads one file. In a folder, a file of another kind is passed over, and
// said to be.
func (c *command) load(in *inputs, name string, opts listing.Options, inFolder bool) {
	file, err := c.open(name)
	if err != nil {
		in.problems = append(in.problems, scorecard.Problems(name, c.tooLong(name, err))...)
		return
	}
	agents, err := listing.Load(file, opts)
	in.agents = append(in.agents, agents...)
	c.tellFormula(name, agents, opts)
	if err == nil {
		return
	}
	if inFolder && otherKind(err) {
		c.say("%s: passed over: it describes no agent", name)
		return
	}
	in.problems = append(in.problems, scorecard.Problems(name, err)...)
}

// tellFormula says where --formula has no effect: the input is for another one.
// Where its factors tell, the report has a warning already.
func (c *command) tellFormula(name string, agents []*listing.Agent, opts listing.Options) {
	for _, a := range agents {
		warned := slices.ContainsFunc(a.Warnings, func(w listing.Warning) bool { return w.ID == listing.WarnFormulaOption })
		if opts.Formula != nil && a.Formula.Value != opts.Formula.ID && !warned {
			c.say("%s: --formula %s is not used: the input is for %s", name, opts.Formula.ID, a.Formula.Value)
			return
		}
	}
}

// tooLong points a stream that is too long to be held to the way that holds none.
func (c *command) tooLong(name string, err error) error {
	var e *source.Error
	if name != stdinName && errors.As(err, &e) && e.ID == "too-large" && c.looksLikeStream(name) {
		e.Hint = "as a stream, with -f csv alone, any length goes through"
	}
	return err
}

// otherKind reports whether a file is none of the forms, rather than a bad one.
func otherKind(err error) bool {
	var e *source.Error
	return errors.As(err, &e) && (e.ID == listing.ErrUnknownForm || e.ID == listing.ErrNotAListing)
}

func (c *command) open(name string) (*source.File, error) {
	switch {
	case name == stdinName:
		return source.Read(stdinName, c.stdin, source.Limits{})
	case strings.HasPrefix(name, "AIVSS:"), strings.HasPrefix(name, "CVSS:"):
		return source.NewFile("vector", []byte(name), source.Limits{})
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	return source.Read(filepath.ToSlash(name), f, source.Limits{})
}

func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &source.Error{At: source.Location{File: name}, ID: "unreadable", Message: "cannot be read: " + err.Error(), Err: err}
}

// expand lists the files behind a path, those of a folder in the order of their
// names. Hidden folders are left out, and symbolic links in a folder are not
// followed.
func (in *inputs) expand(path string) (files []string, folder bool) {
	info, err := os.Stat(path)
	if path == stdinName || err != nil || !info.IsDir() {
		return []string{path}, false // a missing file is reported when it is opened
	}
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			in.problems = append(in.problems, scorecard.Problems(name, unreadable(name, err))...)
			return nil
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && name != path
		switch {
		case hidden && entry.IsDir():
			return filepath.SkipDir
		case !hidden && entry.Type().IsRegular() && readable(name):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		in.problems = append(in.problems, scorecard.Problems(path, err)...)
	}
	return files, true
}

// readable reports whether a folder's file has an ending that a reader takes.
func readable(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json", ".ndjson", ".jsonl", ".csv", ".txt", ".md", ".markdown", ".html", ".htm":
		return true
	}
	return false
}

// cards scores what was read. An agent whose numbers its formula does not allow
// becomes a problem.
func (in *inputs) cards() []*scorecard.Card {
	cards := make([]*scorecard.Card, 0, len(in.agents))
	for _, a := range in.agents {
		card, err := scorecard.Build(a)
		if err != nil {
			in.problems = append(in.problems, scorecard.Problems(a.File, err)...)
			continue
		}
		cards = append(cards, card)
	}
	return cards
}

// report prints the problems and returns the error that they mean, if any.
func (c *command) problems(problems []scorecard.Problem) error {
	for _, p := range problems {
		c.say("%s", p)
	}
	switch len(problems) {
	case 0:
		return nil
	case 1:
		return &exit{exitIncomplete, nil}
	}
	return &exit{exitIncomplete, fmt.Errorf("%d problems: the report is incomplete", len(problems))}
}

// one reads an input that must hold exactly one agent.
func (c *command) one(path string, opts listing.Options) (*scorecard.Card, *listing.Agent, error) {
	in, err := c.read([]string{path}, opts)
	if err != nil {
		return nil, nil, err
	}
	cards := in.cards()
	if err := c.problems(in.problems); err != nil {
		return nil, nil, err
	}
	if len(cards) != 1 {
		return nil, nil, usage("%s holds %d agents; expected one", path, len(cards))
	}
	return cards[0], in.agents[0], nil
}
