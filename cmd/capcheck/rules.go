package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/lint"
	"agentrisk/capabilities/lint/ruletest"
	"agentrisk/cmd/capcheck/internal/tree"
	"agentrisk/internal/report"
	"agentrisk/internal/report/findings"
	"agentrisk/internal/source"
)

func (c *command) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List and show rules; test and begin rules of your own",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.rulesListCommand(), c.rulesShowCommand(), c.rulesTestCommand(), c.rulesNewCommand())
	return cmd
}

// allRules are the rules of the program and those of the project that it was
// started in, or that paths lie in.
func (c *command) allRules(how scanning, paths []string) ([]lint.Rule, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	t, err := tree.Open(c.dir, how.root, paths)
	if err != nil {
		return nil, usage("%w", err)
	}
	defer t.Close()
	s := &scan{command: c, tree: t}
	if err := s.configure(how, paths); err != nil {
		return nil, err
	}
	return s.linter.Rules(), nil
}

// ruleOf returns the rule of an id or name.
func (c *command) ruleOf(how scanning, name string, paths []string) (lint.Rule, error) {
	rules, err := c.allRules(how, paths)
	if err != nil {
		return lint.Rule{}, err
	}
	var names []string
	for _, r := range rules {
		if strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) {
			return r, nil
		}
		names = append(names, r.ID, r.Name)
	}
	hint := "capcheck rules list shows them"
	if near := source.DidYouMean(name, names); near != "" {
		hint = near
	}
	return lint.Rule{}, usage("there is no rule %q; %s", name, hint)
}

func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	rules, _ := lint.Rules() // without rules there is nothing to offer
	for _, r := range rules {
		out = append(out, r.ID+"\t"+r.Title)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func showRule(c *command, r lint.Rule) error { return findings.RuleText(c.stdout, c.style(), r) }

func (c *command) rulesListCommand() *cobra.Command {
	var (
		how     scanning
		formats []string
		group   string
	)
	allowed := []string{"text", "json", "markdown"}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rules, those of your own among them",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			outputs, err := report.ParseOutputs(formats, allowed)
			if err != nil {
				return usage("%w", err)
			}
			rules, err := c.allRules(how, nil)
			if err != nil {
				return err
			}
			var groups []string
			for _, r := range rules {
				if !slices.Contains(groups, r.Group) {
					groups = append(groups, r.Group)
				}
			}
			if err := oneOf("group", group, groups); err != nil {
				return err
			}
			rules = slices.DeleteFunc(rules, func(r lint.Rule) bool { return group != "" && r.Group != group })
			table := findings.RuleTable(rules, c.width)
			return c.write(outputs, renderers{
				"text":     func(w io.Writer, _ report.Terminal) error { return table.Text(w) },
				"markdown": func(w io.Writer, _ report.Terminal) error { return table.Markdown(w) },
				"json":     func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, rules) },
			})
		},
	}
	formatFlag(cmd, &formats, allowed)
	cmd.Flags().StringVar(&group, "group", "", "only the rules of this group")
	cmd.Flags().StringVar(&how.config, "config", "", "configuration, in place of the nearest .capcheck.yaml")
	return cmd
}

func (c *command) rulesShowCommand() *cobra.Command {
	var (
		how     scanning
		formats []string
	)
	allowed := []string{"text", "json"}
	cmd := &cobra.Command{
		Use:               "show ID",
		Short:             "Show one rule: why it matters, what to do, when it is wrong",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRules,
		RunE: func(_ *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, allowed)
			if err != nil {
				return usage("%w", err)
			}
			rule, err := c.ruleOf(how, args[0], nil)
			if err != nil {
				return err
			}
			return c.write(outputs, renderers{
				"text": func(w io.Writer, term report.Terminal) error { return findings.RuleText(w, term, rule) },
				"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, rule) },
			})
		},
	}
	formatFlag(cmd, &formats, allowed)
	cmd.Flags().StringVar(&how.config, "config", "", "configuration, in place of the nearest .capcheck.yaml")
	return cmd
}

// rulesFolder is where rules of one's own lie: the folder of the argument, or
// that of the project.
func (c *command) rulesFolder(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return filepath.FromSlash(lint.RulesFolder)
}

func (c *command) rulesTestCommand() *cobra.Command {
	var formats []string
	allowed := []string{"text", "json"}
	cmd := &cobra.Command{
		Use:   "test [FOLDER]",
		Short: "Run the tests of rules of your own, with the lines they cover",
		Long: `Run the tests that lie beside rules of your own, as confined as the rules are
when linting. Exit with 1 when a test fails or a rule has none. The folder is
.capcheck/rules where none is given.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outputs, err := report.ParseOutputs(formats, allowed)
			if err != nil {
				return usage("%w", err)
			}
			return c.testRules(cmd.Context(), c.rulesFolder(args), outputs)
		},
	}
	formatFlag(cmd, &formats, allowed)
	return cmd
}

func (c *command) testRules(ctx context.Context, folder string, outputs []report.Output) error {
	dir := c.abs(folder)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return incomplete("there is no folder %s (capcheck rules new begins a rule)", folder)
	}
	r, err := ruletest.Run(ctx, os.DirFS(dir), ruletest.Options{Name: filepath.ToSlash(folder)})
	if err != nil {
		return &exit{exitUsage, err}
	}
	err = c.write(outputs, renderers{
		"text": func(w io.Writer, _ report.Terminal) error { return testText(w, r) },
		"json": func(w io.Writer, _ report.Terminal) error { return report.WriteJSON(w, r) },
	})
	switch {
	case err != nil:
		return err
	case len(r.Tests) == 0:
		return incomplete("there is no test in %s", folder)
	case !r.Passed():
		return &exit{exitFailed, nil}
	}
	return nil
}

// testText writes what failed, what no test reaches, and the numbers.
func testText(w io.Writer, r ruletest.Report) error {
	var b strings.Builder
	for _, t := range r.Tests {
		if !t.Passed {
			fmt.Fprintf(&b, "failed: %s:%d %s: %s\n", t.File, t.Line, t.Name, report.Printable(t.Message))
		}
	}
	for _, file := range r.Untested {
		fmt.Fprintf(&b, "without a test: %s\n", file)
	}
	for _, gap := range r.Uncovered {
		fmt.Fprintf(&b, "not covered: %s:%d-%d\n", gap.File, gap.First, gap.Last)
	}
	fmt.Fprintf(&b, "%d tests, %d failed, %.1f %% of the lines covered\n", len(r.Tests), r.Failed, r.Coverage)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *command) rulesNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "new ID NAME [FOLDER]",
		Short:   "Begin a rule of your own: the rule and its test",
		Example: "  capcheck rules new ACME001 no_weekend_payments",
		Args:    cobra.RangeArgs(2, 3),
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := lint.Scaffold(args[0], args[1])
			if err != nil {
				return &exit{exitUsage, err}
			}
			return c.newRule(c.rulesFolder(args[2:]), files)
		},
	}
}

// newRule writes the files of a rule; one that is there already is left alone.
func (c *command) newRule(folder string, files map[string]string) error {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	dir := c.abs(folder)
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return usage("%s is there already", path.Join(filepath.ToSlash(folder), name))
		}
	}
	for _, name := range names {
		full := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(full), 0o755)
		if err == nil {
			err = os.WriteFile(full, []byte(files[name]), 0o644)
		}
		if err != nil {
			return incomplete("the rule cannot be written: %w", err)
		}
		if _, err := fmt.Fprintln(c.stdout, path.Join(filepath.ToSlash(folder), name)); err != nil {
			return err
		}
	}
	return nil
}
