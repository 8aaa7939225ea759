package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agentrisk/capabilities/lint"
	"agentrisk/internal/report"
	"agentrisk/internal/report/findings"
)

var lintFormats = []string{"text", "json", "ndjson", "sarif", "junit", "github", "gitlab", "markdown", "html"}

// linting is how to judge what was found, as the flags say.
type linting struct {
	scanning
	failOn        string
	baseline      string
	writeBaseline string
	coverage      bool
	outputs       []report.Output
}

func (c *command) lintCommand() *cobra.Command {
	var (
		how     linting
		formats []string
		watch   bool
	)
	cmd := &cobra.Command{
		Use:   "lint [flags] [PATH...]",
		Short: "Lint capabilities: files, folders, patterns, or - for standard input",
		Long: `Look for what capabilities lack, in every dialect: controls that are missing,
late or unused, secrets that leak, doors left open. Without a path, look at the
folder it is started in.

In folders, files that git ignores are left out, and those that are no
capabilities are passed over. Exit with 1 when a finding is as bad as --fail-on
or worse, and with 3 when something could not be judged or there is nothing to
judge.`,
		Example: `  capcheck lint capabilities/
  capcheck lint -f sarif=out.sarif -f text --profile ci
  capcheck lint --changed-since origin/main
  capcheck lint --baseline .capcheck/baseline.json 'teams/**/*.yaml'`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if how.outputs, err = report.ParseOutputs(formats, lintFormats); err != nil {
				return usage("%w", err)
			}
			if how.failOn == "" || oneOf("severity", how.failOn, words(lint.Severities())) != nil {
				return unknown("severity", how.failOn, words(lint.Severities()))
			}
			if how.writeBaseline != "" && how.changed != "" {
				return usage("--write-baseline is for every file; it does not go with --changed-since")
			}
			if watch {
				return c.watch(cmd.Context(), how, args)
			}
			return c.lint(cmd.Context(), how, args)
		},
	}
	how.flags(cmd)
	formatFlag(cmd, &formats, lintFormats)
	flags := cmd.Flags()
	wordFlag(cmd, &how.failOn, "fail-on", string(lint.Error), "exit with 1 from this severity on", words(lint.Severities()))
	flags.StringVar(&how.baseline, "baseline", "", "findings that were there before and do not fail, as --write-baseline wrote them")
	flags.StringVar(&how.writeBaseline, "write-baseline", "", "write the findings that are not suppressed to this file, as the new baseline")
	flags.BoolVar(&how.coverage, "coverage", false, "show the coverage matrix in text for many files, too")
	flags.BoolVar(&watch, "watch", false, "lint again whenever a file changes")
	return cmd
}

// lint is one run: from the paths to the exit code.
func (c *command) lint(ctx context.Context, how linting, paths []string) error {
	s, err := c.prepare(ctx, how.scanning, paths)
	if err != nil {
		return err
	}
	defer s.tree.Close()
	r := s.run(ctx)
	r.Coverage = how.coverage
	if how.baseline != "" {
		if err := s.compare(r, how.baseline); err != nil {
			return err
		}
	}
	if err := s.nothing(r, paths); err != nil {
		return err
	}
	if err := c.write(how.outputs, lintRenderers(r)); err != nil {
		return err
	}
	c.notes(s, r)
	if lines := r.Unjudged(); len(lines) > 0 {
		for _, line := range lines[:min(len(lines), maxTold)] {
			c.say("%s", line)
		}
		return incomplete("%d could not be judged: the report is incomplete", len(lines))
	}
	if how.writeBaseline != "" {
		return c.keep(r, how.writeBaseline)
	}
	if r.Fails(lint.Severity(how.failOn)) > 0 {
		return &exit{exitFailed, nil}
	}
	return nil
}

// maxTold bounds how many of a kind are named on standard error.
const maxTold = 10

// nothing is the error that there was nothing to judge. That no file changed is
// none.
func (s *scan) nothing(r *findings.Report, paths []string) error {
	where := strings.Join(paths, ", ")
	if where == "" {
		where = "this folder"
	}
	judged := len(r.Result.Files) - len(s.passed)
	switch {
	case len(r.Result.Incomplete) > 0 || judged > 0:
		return nil
	case s.found == 0:
		return incomplete("no files to look at in %s (those that git ignores are left out)", where)
	case s.only != nil:
		return nil
	}
	return incomplete("none of %d files in %s is a capability", s.found, where)
}

// notes tells on standard error what the report does not.
func (c *command) notes(s *scan, r *findings.Report) {
	if s.only != nil {
		c.say("capcheck: %d of %d files changed, or what they import", r.Result.Summary.Files, s.found)
	}
	if n := len(s.passed); n > 0 {
		names := make([]string, n)
		for i, f := range s.passed {
			names[i] = s.tree.Show(f.File)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		more := ""
		if len(names) > maxTold {
			more = fmt.Sprintf(" and %d more", len(names)-maxTold)
			names = names[:maxTold]
		}
		c.say("capcheck: passed over, since they are no capabilities: %s%s", strings.Join(names, ", "), more)
	}
}

func lintRenderers(r *findings.Report) renderers {
	plain := func(write func(io.Writer) error) func(io.Writer, report.Terminal) error {
		return func(w io.Writer, _ report.Terminal) error { return write(w) }
	}
	return renderers{"text": r.Text, "json": plain(r.JSON), "ndjson": plain(r.NDJSON), "sarif": plain(r.SARIF), "junit": plain(r.JUnit),
		"github": plain(r.GitHub), "gitlab": plain(r.GitLab), "markdown": plain(r.Markdown), "html": plain(r.HTML)}
}
